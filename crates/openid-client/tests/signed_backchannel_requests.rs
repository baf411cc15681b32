//! Backchannel authentication requests are signed with the key for requests.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::{Client, Hint};
use serde_json::json;
use test_provider::{ClientAuthentication, ClientRegistration};

use self::support::in_process::{ISSUER, InProcess};

fn key(kid: &str) -> SigningKey {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    key.with_kid(kid)
}

/// The provider lists the key's algorithm, and refuses what this client does not sign.
#[tokio::test]
async fn every_backchannel_request_is_signed_where_the_server_lists_the_algorithm() {
    let (first, second, signs) = (key("1"), key("2"), key("s"));
    let public: Vec<_> = [&first, &second, &signs]
        .map(|key| key.public_jwk().unwrap().to_json())
        .into();
    let method = ClientAuthentication::PrivateKeyJwt(json!({ "keys": public }).to_string());
    let transport = InProcess::new();
    let registration = ClientRegistration::new("app", method).fapi();
    transport.provider.register(registration);
    let builder = |authenticates| {
        Client::discover(ISSUER, "app")
            .http_client(Arc::clone(&transport))
            .private_key(authenticates)
    };
    let hint = || Hint::LoginHint("bob".to_owned());

    let client = builder(first).request_object_key(signs).await.unwrap();
    let begun = client.initiate_backchannel_authentication(hint()).await;
    assert!(begun.unwrap().expires_in > Duration::ZERO);

    let client = builder(second).await.unwrap();
    let refused = client.initiate_backchannel_authentication(hint()).await;
    let refused = format!("{:?}", refused.unwrap_err());
    assert!(
        refused.contains("FAPI requires a signed request"),
        "{refused}"
    );
}
