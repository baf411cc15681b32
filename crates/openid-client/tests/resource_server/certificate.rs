//! Tokens that are bound to a certificate.

use std::sync::Arc;

use openid_client::http::{Bytes, Request};
use openid_client::jose::base64url;
use openid_client::resource_server::PeerCertificate;
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint};

use crate::support::in_process::now;
use crate::world::{World, bearer};

/// A token that the provider binds to the certificate of its client.
fn bound_token(world: &World) -> String {
    let provider = &world.provider.provider;
    let der = b"certificate".to_vec();
    let method = ClientAuthentication::SelfSignedTlsClientAuth(der.clone());
    provider.register(ClientRegistration::new("machine", method));
    let url = provider
        .url(Endpoint::Token)
        .replace("/token", "/mtls/token");
    let form = "grant_type=client_credentials&client_id=machine&scope=read";
    let mut request = Request::post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(form))
        .unwrap();
    request
        .extensions_mut()
        .insert(test_provider::PeerCertificate(der));
    let response = provider.handle(&request, now());
    let text = std::str::from_utf8(response.body()).unwrap();
    let (_, rest) = text.split_once("\"access_token\":\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_certificate_of_the_connection_must_be_the_one_of_the_token() {
    let world = World::protected().await;
    let token = bound_token(&world);
    let payload = base64url::decode(token.split('.').nth(1).unwrap()).unwrap();
    assert!(String::from_utf8(payload).unwrap().contains("x5t#S256"));
    for (certificate, expected) in [
        (Some(b"certificate" as &[u8]), (200, None)),
        (Some(b"another"), (401, Some("invalid_token"))),
        (None, (401, Some("invalid_token"))),
    ] {
        let mut request = bearer("/items", &token);
        if let Some(der) = certificate {
            let certificate = PeerCertificate(Arc::from(der));
            request.extensions_mut().insert(certificate);
        }
        assert_eq!(world.call(request).await.error(), expected);
    }
}
