//! Tokens for the client itself (RFC 6749 section 4.4).

use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::endpoint::TokenType;
use serde_json::{Value, json};

use crate::mutual_tls::client_with_issued_certificate;
use crate::provider::{issuer, new_client};
use crate::refusal::response_body_error;
use crate::resource_indicators::access_token_claims;

const API: &str = "https://api.example.com/";

#[tokio::test]
async fn an_access_token_for_the_provider_itself() {
    let client = new_client(service()).await.unwrap();
    let tokens = client.client_credentials_grant().scope("profile").await;
    let tokens = tokens.unwrap();
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert!(tokens.id_token().is_none());
    let token = client
        .token_introspection(tokens.access_token())
        .await
        .unwrap();
    assert_eq!(
        token.client_id(),
        Some(client.client_metadata().client_id.as_str())
    );
    assert_eq!(token.sub(), None);
}

#[tokio::test]
async fn a_jwt_access_token_bound_to_a_dpop_key() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let client = new_client(service()).dpop_key(key).await.unwrap();
    let parameters = [("resource", API), ("scope", "read write unknown")];
    let tokens = client
        .client_credentials_grant()
        .parameters(parameters)
        .await
        .unwrap();
    assert_eq!(tokens.token_type(), TokenType::DPoP);
    assert_eq!(tokens.scope(), Some("read write"));
    let claims = access_token_claims(&tokens);
    assert_eq!(claims["iss"], issuer());
    assert_eq!(claims["aud"], API);
    assert_eq!(
        claims["client_id"],
        client.client_metadata().client_id.as_str()
    );
    assert_eq!(claims["cnf"]["jkt"].as_str(), tokens.dpop_thumbprint());
}

#[tokio::test]
async fn a_jwt_access_token_bound_to_a_certificate() {
    let client = client_with_issued_certificate(json!({
        "tls_client_certificate_bound_access_tokens": true,
        "grant_types": ["client_credentials"],
        "response_types": [],
    }));
    let client = client.await.unwrap();
    let parameters = [("resource", API), ("scope", "read")];
    let tokens = client
        .client_credentials_grant()
        .parameters(parameters)
        .await
        .unwrap();
    assert!(access_token_claims(&tokens)["cnf"]["x5t#S256"].is_string());
}

#[tokio::test]
async fn with_private_key_jwt() {
    let key = SigningKey::generate(SignatureAlgorithm::Ed25519).unwrap();
    let client = new_client(json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": crate::provider::key_set([key.public_jwk()]),
        "grant_types": ["client_credentials"],
        "response_types": [],
    }));
    let client = client.private_key(key).await.unwrap();
    let parameters = [("resource", API), ("scope", "write")];
    let tokens = client
        .client_credentials_grant()
        .parameters(parameters)
        .await
        .unwrap();
    assert_eq!(access_token_claims(&tokens)["scope"], "write");
}

#[tokio::test]
async fn an_unknown_resource_is_an_invalid_target() {
    let client = new_client(service()).await.unwrap();
    let parameters = [("resource", "https://unknown.example.com/")];
    let error = client
        .client_credentials_grant()
        .parameters(parameters)
        .await
        .unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_target"));
}

#[tokio::test]
async fn a_client_that_did_not_register_for_it_is_refused() {
    let client = new_client(json!({"token_endpoint_auth_method": "client_secret_post"}));
    let client = client.await.unwrap();
    let error = client.client_credentials_grant().scope("profile").await;
    let error = error.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_request"));
}

fn service() -> Value {
    json!({
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["client_credentials"],
        "response_types": [],
    })
}
