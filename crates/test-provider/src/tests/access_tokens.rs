//! Access tokens for a resource server, as JWTs and by introspection.

use super::*;
use crate::{ClientAuthentication, PeerCertificate};

const API: &str = "https://api.example.com";

/// Redeems a code with a certificate, and introspects the access token with it.
fn introspected(provider: &Provider) -> (String, Map<String, Value>) {
    let method = ClientAuthentication::TlsClientAuth(b"certificate".to_vec());
    let client = ClientRegistration::new(CLIENT_ID, method).redirect_uri(REDIRECT_URI);
    provider.register(client.id_token_signed_response_alg(SignatureAlgorithm::ES256));
    let post = |path: &str, pairs: &[(&str, &str)]| {
        let mut request = Request::post(format!("{ISSUER}/mtls{path}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form(pairs)))
            .unwrap();
        let certificate = PeerCertificate(b"certificate".to_vec());
        request.extensions_mut().insert(certificate);
        json(&provider.handle(&request, NOW))
    };
    let code = code(provider, NOW);
    let tokens = post(
        "/token",
        &[
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", REDIRECT_URI),
            ("code", &code),
            ("code_verifier", VERIFIER),
        ],
    );
    let access_token = text(&tokens, "access_token");
    let parameters = [("client_id", CLIENT_ID), ("token", &access_token)];
    let response = post("/introspect", &parameters);
    (access_token, response)
}

#[test]
fn an_access_token_is_a_jwt_where_the_provider_says_so() {
    let provider = Provider::new(ISSUER);
    provider.issue_jwt_access_tokens(API);
    let (token, response) = introspected(&provider);
    let unverified = jose::jws::Unverified::parse(&token).unwrap();
    assert_eq!(unverified.header().typ(), Some("at+jwt"));
    let keys = key_set(&provider);
    let key = keys.select(unverified.header()).unwrap();
    let verified = unverified
        .verify(key.verifying_key(), SignatureAlgorithm::ES256)
        .unwrap();
    let claims: Map<String, Value> = serde_json::from_slice(verified.payload()).unwrap();
    for (claim, expected) in [
        ("iss", serde_json::json!(ISSUER)),
        ("aud", serde_json::json!(API)),
        ("sub", serde_json::json!("alice")),
        ("client_id", serde_json::json!(CLIENT_ID)),
        ("exp", serde_json::json!(NOW + 3_600)),
        ("iat", serde_json::json!(NOW)),
    ] {
        assert_eq!(claims[claim], expected, "{claim}");
    }
    assert!(claims.contains_key("jti") && claims.contains_key("scope"));
    // RFC 8705 sections 3.1 and 3.2.
    let thumbprint = jose::HashAlgorithm::Sha256.digest(b"certificate");
    let cnf = serde_json::json!({ "x5t#S256": jose::base64url::encode(&thumbprint) });
    assert_eq!(claims["cnf"], cnf);
    assert_eq!((&response["cnf"], &response["aud"]), (&cnf, &claims["aud"]));
}

#[test]
fn an_opaque_one_is_introspected() {
    let provider = Provider::new(ISSUER);
    provider.issue_opaque_access_tokens(API);
    let (token, response) = introspected(&provider);
    assert!(!token.contains('.'));
    assert_eq!(response["aud"], API);
    assert_eq!(response["token_type"], "Bearer");
    assert!(response["cnf"]["x5t#S256"].is_string());
    let provider = Provider::new(ISSUER);
    let (_, response) = introspected(&provider);
    assert!(!response.contains_key("aud"));
}
