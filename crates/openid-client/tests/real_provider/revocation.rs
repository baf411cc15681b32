//! Revocation of tokens (RFC 7009).

use serde_json::json;

use crate::login::log_in;
use crate::provider::new_client;
use crate::refusal::{challenge, response_body_error};

const SCOPE: &str = "openid offline_access";

#[tokio::test]
async fn an_access_token() {
    let client = new_client(json!({})).await.unwrap();
    let tokens = log_in(&client, "alice", SCOPE).await;
    client.fetch_user_info(&tokens).await.unwrap();
    client
        .token_revocation(tokens.access_token())
        .await
        .unwrap();
    let error = client.fetch_user_info(&tokens).await.unwrap_err();
    assert_eq!(challenge(&error), (401, "bearer", Some("invalid_token")));
    // The provider also revokes the other tokens of the login (RFC 7009 section 2.1).
    let error = client.refresh_token_grant(&tokens).await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_refresh_token_with_all_that_came_from_it() {
    let client = new_client(json!({})).await.unwrap();
    let tokens = log_in(&client, "alice", SCOPE).await;
    let refresh_token = tokens.refresh_token().unwrap();
    client.token_revocation(refresh_token).await.unwrap();
    let error = client.refresh_token_grant(&tokens).await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
    let error = client.fetch_user_info(&tokens).await.unwrap_err();
    assert_eq!(challenge(&error), (401, "bearer", Some("invalid_token")));
}

#[tokio::test]
async fn revoking_an_unknown_token_succeeds() {
    let client = new_client(json!({})).await.unwrap();
    client.token_revocation("not-a-token").await.unwrap();
}

#[tokio::test]
async fn the_token_of_another_client_is_not_ones_own_to_revoke() {
    let secret = json!({"token_endpoint_auth_method": "client_secret_post"});
    let (ours, other) = (new_client(json!({})), new_client(secret));
    let (ours, other) = (ours.await.unwrap(), other.await.unwrap());
    let tokens = log_in(&ours, "alice", SCOPE).await;
    let error = other
        .token_revocation(tokens.access_token())
        .await
        .unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_request"));
    ours.fetch_user_info(&tokens).await.unwrap();
}
