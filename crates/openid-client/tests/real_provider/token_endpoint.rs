//! Refusals by the token endpoint when a code is redeemed.

use openid_client::Client;
use openid_client::oauth_core::authorization::AuthorizationCodeGrantChecks;
use serde_json::json;

use crate::login::{ByHand, callback_of};
use crate::provider;
use crate::provider::{REDIRECT_URI, new_client};
use crate::refusal::response_body_error;
use crate::user_agent::UserAgent;

#[tokio::test]
async fn a_code_redeemed_twice_is_an_invalid_grant() {
    let client = provider::client("client-none").await.unwrap();
    let (pending, callback) = callback_of(&client, "alice").await;
    let once = client.authorization_code_grant(pending.clone(), &callback);
    assert_eq!(once.await.unwrap().id_token().unwrap().sub(), "alice");
    let error = client
        .authorization_code_grant(pending, &callback)
        .await
        .unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
}

#[tokio::test]
async fn another_verifier_is_an_invalid_grant() {
    let error = refusal(REDIRECT_URI, |client, checks| {
        checks.pkce_code_verifier = Some(client.random_pkce_code_verifier().unwrap());
    });
    assert_eq!(error.await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_missing_verifier_is_an_invalid_grant() {
    let error = refusal(REDIRECT_URI, |_, checks| checks.pkce_code_verifier = None);
    assert_eq!(error.await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn another_redirect_uri_is_an_invalid_grant() {
    let error = refusal("https://app.example.com/elsewhere", |_, _| {});
    assert_eq!(error.await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn the_code_of_another_client_is_an_invalid_grant() {
    let client = provider::client("client-none").await.unwrap();
    let ByHand { url, checks } = ByHand::begin(&client);
    let callback = UserAgent::new().log_in(url, "alice").await;
    let thief = new_client(json!({})).await.unwrap();
    let error = thief
        .authorization_code_grant_with_checks(&callback)
        .redirect_uri(REDIRECT_URI)
        .checks(checks)
        .await
        .unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
}

/// Returns the status and the `error` of a login that is finished with a change.
async fn refusal(
    redirect_uri: &str,
    change: impl FnOnce(&Client, &mut AuthorizationCodeGrantChecks),
) -> (u16, String) {
    let client = provider::client("client-none").await.unwrap();
    let ByHand { url, mut checks } = ByHand::begin(&client);
    change(&client, &mut checks);
    let callback = UserAgent::new().log_in(url, "alice").await;
    let error = client
        .authorization_code_grant_with_checks(&callback)
        .redirect_uri(redirect_uri)
        .checks(checks)
        .await
        .unwrap_err();
    let (status, error) = response_body_error(&error);
    (status, error.to_owned())
}
