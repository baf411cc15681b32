//! Requests for claims about the user and the authentication.

use std::time::Duration;

use openid_client::oauth_core::wire::JsonObject;
use serde_json::{Value, json};

use crate::login::{finish, tokens};
use crate::provider::new_client;
use crate::user_agent::UserAgent;

#[tokio::test]
async fn single_claims_come_where_they_were_asked_for() {
    let client = new_client(json!({})).await.unwrap();
    let claims = object(json!({
        "id_token": {"email": {"essential": true}},
        "userinfo": {"name": null},
    }));
    let request = client.authorization_request().claims(claims);
    let tokens = finish(&client, request, "alice").await.unwrap();
    let id_token = tokens.id_token().unwrap().claims();
    assert_eq!(id_token["email"], "alice@example.com");
    assert!(!id_token.contains_key("name"));
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.name(), Some("Alice Adams"));
    assert_eq!(user.email(), None);
}

#[tokio::test]
async fn a_wanted_context_class_is_in_the_id_token() {
    let client = new_client(json!({})).await.unwrap();
    let request = client.authorization_request();
    let request = request.acr_values("urn:example:gold urn:example:bronze");
    let tokens = finish(&client, request, "alice").await.unwrap();
    assert_eq!(tokens.id_token().unwrap().acr(), Some("urn:example:gold"));
}

#[tokio::test]
async fn after_max_age_the_person_proves_again_who_they_are() {
    let client = new_client(json!({})).await.unwrap();
    let mut browser = UserAgent::new();
    let (url, pending) = client.authorization_request().await.unwrap();
    let callback = browser.log_in(url, "alice").await;
    let first = client.authorization_code_grant(pending, &callback).await;
    let first = first.unwrap();

    // The authentication is recent enough, so the provider does not ask the user.
    let request = client
        .authorization_request()
        .max_age(Duration::from_secs(3600));
    let (url, pending) = request.await.unwrap();
    let callback = browser.open(url).await.application();
    let second = client.authorization_code_grant(pending, &callback).await;
    let second = second.unwrap().id_token().unwrap().auth_time().unwrap();
    assert!(second <= first.id_token().unwrap().iat());

    tokio::time::sleep(Duration::from_millis(1100)).await;
    let request = client
        .authorization_request()
        .max_age(Duration::from_secs(0));
    let (url, pending) = request.await.unwrap();
    let callback = browser.log_in(url, "alice").await;
    let third = client.authorization_code_grant(pending, &callback).await;
    let third = third.unwrap().id_token().unwrap().auth_time().unwrap();
    assert!(third > second);
}

#[tokio::test]
async fn a_default_max_age_is_registered() {
    let metadata = json!({"default_max_age": 60, "require_auth_time": true});
    let client = new_client(metadata).await.unwrap();
    assert_eq!(client.client_metadata().default_max_age, Some(60));
    let tokens = tokens(&client).await;
    assert!(tokens.id_token().unwrap().auth_time().is_some());
}

#[tokio::test]
async fn a_hint_names_who_is_expected() {
    let client = new_client(json!({})).await.unwrap();
    let alice = tokens(&client).await;
    let hint = alice.id_token().unwrap().jwt().expose().as_str();
    // Bob has a session, but the request is for alice.
    let mut browser = UserAgent::new();
    let (url, _) = client.authorization_request().await.unwrap();
    browser.log_in(url, "bob").await;
    let request = client.authorization_request().id_token_hint(hint);
    let (url, pending) = request.prompt("none").await.unwrap();
    let callback = browser.open(url).await.application();
    let error = client.authorization_code_grant(pending, &callback).await;
    let error = error.unwrap_err();
    let error = crate::refusal::authorization_response_error(&error);
    assert_eq!(error.error, "login_required");
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}
