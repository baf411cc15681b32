//! Access tokens for a chosen resource server (RFC 8707).

use openid_client::oauth_core::flow::RefreshTokenGrant;
use openid_client::{Client, TokenSet};
use serde_json::{Value, json};

use crate::login::{callback_of, finish};
use crate::provider::{issuer, new_client};
use crate::refusal::{authorization_response_error, response_body_error};
use crate::user_agent::UserAgent;

const API: &str = "https://api.example.com/";
const MAIL: &str = "https://mail.example.com/";

#[tokio::test]
async fn one_resource_server() {
    let client = new_client(json!({})).await.unwrap();
    let request = client.authorization_request().scope("read write");
    let tokens = finish(&client, request.resource(API), "alice")
        .await
        .unwrap();
    let claims = access_token_claims(&tokens);
    assert_eq!(claims["iss"], issuer());
    assert_eq!(claims["aud"], API);
    assert_eq!(claims["sub"], "alice");
    assert_eq!(claims["scope"], "read write");
    assert_eq!(tokens.scope(), Some("read write"));
}

#[tokio::test]
async fn one_of_two_with_the_code_and_the_other_by_refresh() {
    let client = new_client(json!({})).await.unwrap();
    let request = client.authorization_request().prompt("consent");
    let request = request.scope("openid offline_access read send");
    let (url, pending) = request.resource(API).resource(MAIL).await.unwrap();
    let callback = UserAgent::new().log_in(url, "alice").await;
    let callback = openid_client::Callback::from_url(callback.as_str()).unwrap();
    let grant = pending.resume(client.configuration(), &callback).unwrap();
    let tokens = client.run(grant.parameter("resource", API)).await.unwrap();
    assert_eq!(access_token_claims(&tokens)["aud"], API);
    assert_eq!(access_token_claims(&tokens)["scope"], "read");
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");

    let refreshed = refresh(&client, &tokens).parameter("resource", MAIL);
    let refreshed = client.run(refreshed).await.unwrap();
    let claims = access_token_claims(&refreshed);
    assert_eq!(claims["aud"], MAIL);
    assert_eq!(claims["scope"], "read send");
}

#[tokio::test]
async fn an_unknown_one_is_an_invalid_target() {
    let client = new_client(json!({})).await.unwrap();
    let request = client.authorization_request();
    let request = request.resource("https://unknown.example.com/");
    let (url, pending) = request.clone().await.unwrap();
    let callback = UserAgent::new().open(url).await.application();
    let error = client.authorization_code_grant(pending, &callback).await;
    let error = error.unwrap_err();
    assert_eq!(authorization_response_error(&error).error, "invalid_target");

    let error = request.pushed().await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_target"));
}

#[tokio::test]
async fn one_that_was_not_granted_is_an_invalid_target() {
    let client = new_client(json!({})).await.unwrap();
    let (pending, callback) = callback_of(&client, "alice").await;
    let callback = openid_client::Callback::from_url(callback.as_str()).unwrap();
    let grant = pending.resume(client.configuration(), &callback).unwrap();
    let error = client.run(grant.parameter("resource", MAIL)).await;
    let error = error.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_target"));
}

fn refresh(client: &Client, tokens: &TokenSet) -> RefreshTokenGrant {
    let refresh_token = tokens.refresh_token().unwrap().clone();
    RefreshTokenGrant::new(client.configuration().clone(), refresh_token)
        .previous(tokens.id_token().unwrap())
}

/// Returns the claims that a resource server reads in the access token (RFC 9068).
pub(crate) fn access_token_claims(tokens: &TokenSet) -> Value {
    let payload = tokens.access_token().expose().split('.').nth(1).unwrap();
    let payload = openid_client::jose::base64url::decode(payload).unwrap();
    serde_json::from_slice(&payload).unwrap()
}
