//! Refreshes, and whether the new tokens continue the login.

use openid_client::oauth_core::error::{Artefact, Reason, Rejection};
use openid_client::oauth_core::flow::RefreshTokenGrant;
use openid_client::{Client, TokenSet};
use serde_json::json;

use crate::login::log_in;
use crate::provider;
use crate::provider::{CLIENT_SECRET, new_client, registered_with};
use crate::refusal::{claim_mismatch, rejection, response_body_error};

const SCOPE: &str = "openid offline_access";

#[tokio::test]
async fn the_same_person_gets_new_tokens() {
    let client = provider::client("client-none").await.unwrap();
    let before = log_in(&client, "alice", SCOPE).await;
    let after = client.refresh_token_grant(&before).await.unwrap();

    assert_ne!(after.access_token(), before.access_token());
    let (old, new) = (before.id_token().unwrap(), after.id_token().unwrap());
    assert!(new.iat() >= old.iat());
    assert_eq!(
        (new.iss(), new.sub(), new.aud()),
        (old.iss(), old.sub(), old.aud())
    );
    // The provider rotates the refresh tokens of public clients.
    assert_ne!(
        after.refresh_token().unwrap(),
        before.refresh_token().unwrap()
    );
    let again = client.refresh_token_grant(&after).await.unwrap();
    assert_eq!(again.id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn a_client_with_a_secret_refreshes() {
    let client = provider::client("client-basic")
        .client_metadata(registered_with("client_secret_basic"))
        .client_secret(CLIENT_SECRET)
        .await
        .unwrap();
    let tokens = log_in(&client, "alice", SCOPE).await;
    let tokens = client.refresh_token_grant(&tokens).await.unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn a_login_without_openid_refreshes_in_plain_oauth() {
    let client = provider::client("client-none").await.unwrap();
    let before = log_in(&client, "alice", "offline_access").await;
    let after = client.refresh_token_grant(&before).await.unwrap();
    assert_ne!(after.access_token(), before.access_token());
    assert!(after.id_token().is_none());
}

#[tokio::test]
async fn an_id_token_of_another_person_is_refused() {
    let client = provider::client("client-none").await.unwrap();
    let alice = log_in(&client, "alice", SCOPE).await;
    let bob = log_in(&client, "bob", SCOPE).await;
    let swapped = grant(&client, &bob).previous(alice.id_token().unwrap());
    let error = client.run(swapped).await.unwrap_err();
    assert_eq!(
        rejection(&error, "OAUTH_JWT_CLAIM_COMPARISON_FAILED"),
        Rejection::new(
            Artefact::IdToken,
            claim_mismatch("sub", Some(("alice", "bob")))
        )
    );
}

#[tokio::test]
async fn an_id_token_with_nothing_to_hold_it_against_is_refused() {
    let client = provider::client("client-none").await.unwrap();
    let tokens = log_in(&client, "alice", SCOPE).await;
    let error = client.run(grant(&client, &tokens)).await.unwrap_err();
    let member = "id_token".into();
    assert_eq!(
        rejection(&error, "OAUTH_INVALID_RESPONSE"),
        Rejection::new(Artefact::TokenResponse, Reason::Unexpected { member })
    );
}

#[tokio::test]
async fn a_refresh_token_used_twice_is_an_invalid_grant() {
    let client = provider::client("client-none").await.unwrap();
    let tokens = log_in(&client, "alice", SCOPE).await;
    client.refresh_token_grant(&tokens).await.unwrap();
    let error = client.refresh_token_grant(&tokens).await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_refresh_token_of_another_client_is_an_invalid_grant() {
    let client = provider::client("client-none").await.unwrap();
    let tokens = log_in(&client, "alice", SCOPE).await;
    let thief = new_client(json!({})).await.unwrap();
    let error = thief.run(grant(&thief, &tokens)).await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_wider_scope_than_granted_is_an_invalid_scope() {
    let client = provider::client("client-none").await.unwrap();
    let tokens = log_in(&client, "alice", SCOPE).await;
    let wider = grant(&client, &tokens).scope("openid email");
    let error = client.run(wider).await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_scope"));
}

/// Returns a refresh without the login that it continues.
fn grant(client: &Client, tokens: &TokenSet) -> RefreshTokenGrant {
    let refresh_token = tokens.refresh_token().unwrap().clone();
    RefreshTokenGrant::new(client.configuration().clone(), refresh_token)
}
