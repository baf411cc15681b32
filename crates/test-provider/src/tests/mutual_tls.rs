//! Clients that authenticate with a certificate, at the endpoints that ask for one.

use super::*;
use crate::{ClientAuthentication, PeerCertificate};

fn token(provider: &Provider, path: &str, certificate: Option<&[u8]>) -> Response<Bytes> {
    let code = code(provider, NOW);
    let body = form(&[
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ]);
    let mut request = Request::post(format!("{ISSUER}{path}"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(body))
        .unwrap();
    if let Some(der) = certificate {
        request
            .extensions_mut()
            .insert(PeerCertificate(der.to_vec()));
    }
    provider.handle(&request, NOW)
}

#[test]
fn the_registered_certificate_is_needed_where_it_is_asked_for() {
    let provider = Provider::new(ISSUER);
    let method = ClientAuthentication::TlsClientAuth(b"registered".to_vec());
    provider.register(ClientRegistration::new(CLIENT_ID, method).redirect_uri(REDIRECT_URI));
    for (path, certificate, why) in [
        ("/mtls/token", None, "the client shows no certificate"),
        (
            "/mtls/token",
            Some(b"another" as &[u8]),
            "the client certificate is not the registered one",
        ),
        // This path does not ask for a certificate.
        (
            "/token",
            Some(b"registered"),
            "the client shows no certificate",
        ),
    ] {
        let response = token(&provider, path, certificate);
        let document = json(&response);
        assert_eq!(document["error"], "invalid_client");
        assert_eq!(document["error_description"], why);
    }
    let response = token(&provider, "/mtls/token", Some(b"registered"));
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(provider.certificates_shown(Endpoint::Token), 3);

    let access_token = text(&json(&response), "access_token");
    let response = user_info(&provider, &access_token, NOW);
    let description = &json(&response)["error_description"];
    assert_eq!(description, "the token is bound to another certificate");
}
