//! The FAPI profiles. The provider applies to each client the profile that it has registered.

use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::authorization::{ResponseMode, ResponseType};
use openid_client::oauth_core::client_auth::PrivateKeyJwt;
use openid_client::oauth_core::key::{KeyReference, ModifyAssertion};
use openid_client::{
    AuthorizationRequest, Client, ClientAuthentication, ClientBuilder, Keyring, NewClient, Policy,
};
use serde_json::{Value, json};

use crate::authorization_response::redirected;
use crate::login::finish;
use crate::mutual_tls::client_with_issued_certificate;
use crate::provider::{key_set, merged, new_client};
use crate::refusal::{authorization_response_error, response_body_error};
use crate::user_agent::UserAgent;

#[tokio::test]
async fn fapi_2_0_security_profile_with_dpop() {
    let client = dpop_client(profile_2_0(), &[]).await.unwrap();
    session(&client, client.authorization_request().pushed()).await;
}

#[tokio::test]
async fn fapi_2_0_security_profile_with_mutual_tls() {
    let bound = json!({"tls_client_certificate_bound_access_tokens": true});
    let client = client_with_issued_certificate(merged(profile_2_0(), bound));
    let client = client.await.unwrap();
    session(&client, client.authorization_request().pushed()).await;
}

#[tokio::test]
async fn fapi_2_0_message_signing_with_dpop() {
    let request_object = key("request object");
    let client = dpop_client(signed_messages(), &[&request_object]);
    let client = client.request_object_key(request_object).await.unwrap();
    message_signing(&client).await;
}

#[tokio::test]
async fn fapi_2_0_message_signing_with_mutual_tls() {
    let request_object = key("request object");
    let client = client_with_issued_certificate(merged(
        signed_messages(),
        json!({
            "tls_client_certificate_bound_access_tokens": true,
            "jwks": key_set([request_object.public_jwk()]),
        }),
    ));
    let client = client.request_object_key(request_object).await.unwrap();
    message_signing(&client).await;
}

#[tokio::test]
async fn fapi_2_0_takes_no_assertion_for_the_token_endpoint() {
    let reference = KeyReference::new("assertion", ALGORITHM);
    let method = PrivateKeyJwt::new(reference.clone()).unwrap();
    let method = method.modify_assertion(ModifyAssertion::new(|_, claims| {
        let issuer = claims["aud"].as_str().unwrap();
        claims["aud"] = json!(format!("{issuer}/token"));
    }));
    let assertion = SigningKey::generate(ALGORITHM).unwrap();
    let metadata = json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": key_set([assertion.public_jwk()]),
    });
    let mut keyring = Keyring::new();
    keyring.insert(reference.name, assertion);
    let client = new_client(merged(profile_2_0(), metadata))
        .authentication(ClientAuthentication::PrivateKeyJwt(method))
        .keyring(keyring)
        .await
        .unwrap();
    let request = client.authorization_request().pushed();
    let error = request.await.unwrap_err();
    assert_eq!(response_body_error(&error), (401, "invalid_client"));
}

#[tokio::test]
async fn fapi_1_0_advanced_with_a_detached_signature() {
    let client = fapi_1_0("code id_token").await.unwrap();
    let request = client.authorization_request();
    let request = request.response_type(ResponseType::CodeIdToken);
    let (pending, callback) = redirected(request).await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    let tokens = tokens.unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.sub(), "alice");
}

#[tokio::test]
async fn fapi_1_0_advanced_with_jarm() {
    let client = fapi_1_0("code").await.unwrap();
    let request = client.authorization_request();
    let request = request.response_mode(ResponseMode::Jwt);
    let (pending, callback) = redirected(request.pushed()).await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn fapi_1_0_advanced_takes_no_code_without_a_signature() {
    let client = fapi_1_0("code").await.unwrap();
    let (url, pending) = client.authorization_request().await.unwrap();
    let callback = UserAgent::new().open(url).await.application();
    let error = client.authorization_code_grant(pending, &callback).await;
    let error = error.unwrap_err();
    let error = authorization_response_error(&error);
    assert_eq!(error.error, "invalid_request");
    assert_eq!(
        error.error_description.as_deref(),
        Some("requested response_mode is not allowed for this client or request")
    );
}

/// Logs in and uses tokens that are bound.
async fn session(client: &Client, request: AuthorizationRequest) {
    let tokens = finish(client, request, "alice").await.unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.sub(), "alice");
    let introspected = client.token_introspection(tokens.access_token()).await;
    assert!(introspected.unwrap().cnf().is_some());
}

/// Logs in with a signed request and a signed response, and fetches a signed introspection
/// response.
async fn message_signing(client: &Client) {
    let request = client.authorization_request().pushed();
    let request = request.response_mode(ResponseMode::Jwt);
    let (pending, callback) = redirected(request).await;
    let parameters: Vec<_> = callback.query_pairs().map(|(name, _)| name).collect();
    assert_eq!(parameters, ["response"]);
    let tokens = client.authorization_code_grant(pending, &callback).await;
    let tokens = tokens.unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let introspected = client.token_introspection(tokens.access_token()).await;
    let introspected = introspected.unwrap();
    assert_eq!(introspected.sub(), Some("alice"));
    assert!(introspected.cnf().is_some());
}

/// The algorithm with which clients of FAPI 2.0 sign.
const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::ES256;

fn key(kid: &str) -> SigningKey {
    SigningKey::generate(ALGORITHM).unwrap().with_kid(kid)
}

fn profile_2_0() -> Value {
    json!({
        "fapi_profile": "2.0",
        "require_pushed_authorization_requests": true,
        "id_token_signed_response_alg": "ES256",
    })
}

/// Returns the metadata for FAPI 2.0 Message Signing section 5.
fn signed_messages() -> Value {
    let metadata = json!({
        "require_signed_request_object": true,
        "request_object_signing_alg": "ES256",
        "authorization_signed_response_alg": "ES256",
        "introspection_signed_response_alg": "ES256",
    });
    merged(profile_2_0(), metadata)
}

/// Registers a client that authenticates with assertions, and whose tokens are bound to a key. It
/// also registers the other keys with which it signs.
fn dpop_client(metadata: Value, others: &[&SigningKey]) -> ClientBuilder<NewClient> {
    let assertion = key("assertion");
    let others = others.iter().map(|key| key.public_jwk());
    let keys = others.chain([assertion.public_jwk()]);
    let more = json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "dpop_bound_access_tokens": true,
        "jwks": key_set(keys),
    });
    new_client(merged(metadata, more))
        .private_key(assertion)
        .dpop_key(key("dpop"))
}

/// Registers a client that authenticates with a certificate, signs its requests, and receives
/// signed responses.
fn fapi_1_0(response_type: &str) -> ClientBuilder<NewClient> {
    let request_object = SigningKey::generate(SignatureAlgorithm::PS256).unwrap();
    let mut policy = Policy::default();
    policy.enable_detached_signature_response_checks();
    client_with_issued_certificate(json!({
        "fapi_profile": "1.0 Final",
        "response_types": [response_type],
        "grant_types": ["authorization_code", "implicit"],
        "tls_client_certificate_bound_access_tokens": true,
        "id_token_signed_response_alg": "PS256",
        "authorization_signed_response_alg": "PS256",
        "require_signed_request_object": true,
        "request_object_signing_alg": "PS256",
        "jwks": key_set([request_object.public_jwk()]),
    }))
    .request_object_key(request_object)
    .policy(policy)
}
