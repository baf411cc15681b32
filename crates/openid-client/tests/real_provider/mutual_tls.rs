//! Client authentication with a TLS certificate, and tokens that are bound to one (RFC 8705).
//!
//! The provider asks for certificates on a separate port, to which the aliases in its metadata
//! point. A request that succeeds here was sent to that port.

use openid_client::jose::Jwk;
use openid_client::{Client, ClientBuilder, NewClient, TokenSet};
use serde_json::{Value, json};
use test_provider::server::SelfSignedCertificate;

use crate::login::{finish, tokens};
use crate::provider;
use crate::provider::{again, file, merged, new_client};
use crate::refusal::{challenge, response_body_error};
use crate::resource_indicators::access_token_claims;

#[tokio::test]
async fn tls_client_auth() {
    session(&client_with_issued_certificate(json!({})).await.unwrap()).await;
}

#[tokio::test]
async fn self_signed_tls_client_auth() {
    let certificate = SelfSignedCertificate::generate();
    let client = new_client(self_signed_metadata(&certificate));
    let client = client.client_certificate_pem(certificate.pem(), certificate.key_pem());
    session(&client.await.unwrap()).await;
}

#[tokio::test]
async fn tls_client_auth_by_another_name_is_an_invalid_client() {
    let client = client_with_issued_certificate(json!({
        "tls_client_auth_subject_dn": "CN=another client",
    }));
    let client = client.await.unwrap();
    let error = finish(&client, client.authorization_request(), "alice").await;
    let error = error.unwrap_err();
    assert_eq!(response_body_error(&error), (401, "invalid_client"));
}

#[tokio::test]
async fn tls_client_auth_with_an_unknown_certificate_is_an_invalid_client() {
    let registered = client_with_issued_certificate(json!({})).await.unwrap();
    let certificate = SelfSignedCertificate::generate();
    let client = again(&registered)
        .client_certificate_pem(certificate.pem(), certificate.key_pem())
        .await
        .unwrap();
    let error = finish(&client, client.authorization_request(), "alice").await;
    let error = error.unwrap_err();
    assert_eq!(response_body_error(&error), (401, "invalid_client"));
}

#[tokio::test]
async fn self_signed_tls_client_auth_with_another_certificate_is_an_invalid_client() {
    let (ours, another) = (
        SelfSignedCertificate::generate(),
        SelfSignedCertificate::generate(),
    );
    let client = new_client(self_signed_metadata(&ours));
    let client = client.client_certificate_pem(another.pem(), another.key_pem());
    let client = client.await.unwrap();
    let error = finish(&client, client.authorization_request(), "alice").await;
    let error = error.unwrap_err();
    assert_eq!(response_body_error(&error), (401, "invalid_client"));
}

#[tokio::test]
async fn a_public_client_has_tokens_bound_to_its_certificate() {
    let certificate = SelfSignedCertificate::generate();
    let metadata = json!({"tls_client_certificate_bound_access_tokens": true});
    let client = new_client(metadata)
        .client_certificate_pem(certificate.pem(), certificate.key_pem())
        .await
        .unwrap();
    session(&client).await;
}

#[tokio::test]
async fn a_stolen_token_is_of_no_use_without_the_certificate() {
    let client = client_with_issued_certificate(bound()).await.unwrap();
    let tokens = tokens(&client).await;
    let thief = provider::client("client-none").await.unwrap();
    let (login, stolen) = (tokens.id_token().unwrap(), tokens.access_token().clone());
    let error = thief.fetch_user_info(stolen).expected_subject(login).await;
    let error = error.unwrap_err();
    assert_eq!(challenge(&error), (401, "bearer", Some("invalid_token")));
}

#[tokio::test]
async fn the_access_token_names_the_certificate() {
    let client = client_with_issued_certificate(bound()).await.unwrap();
    // The provider introspects only opaque tokens.
    let opaque = tokens(&client).await;
    let request = client.authorization_request().scope("read");
    let request = request.resource("https://api.example.com/");
    let tokens = finish(&client, request, "alice").await.unwrap();
    let thumbprint = access_token_claims(&tokens)["cnf"]["x5t#S256"].clone();
    assert_eq!(thumbprint.as_str().unwrap().len(), 43);
    let introspected = client.token_introspection(opaque.access_token()).await;
    let introspected = introspected.unwrap();
    let confirmation = introspected.cnf().unwrap();
    assert_eq!(confirmation.x5t_s256, thumbprint.as_str());
}

/// Registers a client with the certificate that was made for this run.
pub(crate) fn client_with_issued_certificate(metadata: Value) -> ClientBuilder<NewClient> {
    let method = json!({
        "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_subject_dn": "CN=a client",
    });
    let (certificate, key) = (file("tls-client.pem"), file("tls-client-key.pem"));
    new_client(merged(method, metadata)).client_certificate_pem(certificate, key)
}

fn bound() -> Value {
    json!({"tls_client_certificate_bound_access_tokens": true})
}

fn self_signed_metadata(certificate: &SelfSignedCertificate) -> Value {
    let mut key = Jwk::from_pem(certificate.pem()).unwrap().to_json();
    let lines = certificate.pem().lines();
    let base64: String = lines.filter(|line| !line.starts_with('-')).collect();
    key.insert("x5c".to_owned(), json!([base64]));
    json!({
        "token_endpoint_auth_method": "self_signed_tls_client_auth",
        "tls_client_certificate_bound_access_tokens": true,
        "jwks": {"keys": [key]},
    })
}

/// Sends every request that uses the certificate.
async fn session(client: &Client) {
    let request = client.authorization_request().pushed().prompt("consent");
    let request = request.scope("openid offline_access");
    let tokens = finish(client, request, "alice").await.unwrap();
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.sub(), "alice");
    let tokens: TokenSet = client.refresh_token_grant(&tokens).await.unwrap();
    let token = tokens.access_token();
    assert!(client.token_introspection(token).await.unwrap().active());
    client.token_revocation(token).await.unwrap();
    assert!(!client.token_introspection(token).await.unwrap().active());
}
