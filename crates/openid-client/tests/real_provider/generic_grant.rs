//! Grants without a method in the API (RFC 6749 section 4.5).

use openid_client::oauth_core::endpoint::TokenType;
use openid_client::oauth_core::flow::GenericGrant;
use serde_json::json;

use crate::login::{log_in, tokens};
use crate::provider::new_client;
use crate::refusal::response_body_error;

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

#[tokio::test]
async fn a_token_is_exchanged_for_another() {
    let app = new_client(json!({})).await.unwrap();
    let received = log_in(&app, "alice", "openid email").await;
    let service = json!({
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": [TOKEN_EXCHANGE],
        "response_types": [],
    });
    let service = new_client(service).await.unwrap();
    let exchanged = service
        .generic_grant(TOKEN_EXCHANGE)
        .parameter("subject_token", received.access_token().expose().as_str())
        .parameter("subject_token_type", ACCESS_TOKEN)
        .scope("email")
        .await
        .unwrap();
    assert_eq!(exchanged.token_type(), TokenType::Bearer);
    assert_eq!(exchanged.issued_token_type(), Some(ACCESS_TOKEN));
    assert_eq!(exchanged.scope(), Some("email"));
    assert!(exchanged.id_token().is_none());
    let token = service.token_introspection(exchanged.access_token());
    let token = token.await.unwrap();
    assert_eq!(token.sub(), Some("alice"));
    let service_id = service.client_metadata().client_id.as_str();
    assert_eq!(token.client_id(), Some(service_id));
}

#[tokio::test]
async fn an_unknown_token_is_not_exchanged() {
    let client = new_client(json!({"grant_types": [TOKEN_EXCHANGE], "response_types": []}));
    let client = client.await.unwrap();
    let configuration = client.configuration().clone();
    let grant = GenericGrant::token_exchange(configuration, "not-a-token", ACCESS_TOKEN);
    let error = client.run(grant).await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_grant_that_the_provider_does_not_know_is_refused() {
    let client = new_client(json!({})).await.unwrap();
    let received = tokens(&client).await;
    let assertion = received.id_token().unwrap().jwt().expose().as_str();
    let grant = GenericGrant::jwt_bearer(client.configuration().clone(), assertion);
    let error = client.run(grant).await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "unsupported_grant_type"));
}
