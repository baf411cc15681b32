//! The content of an authorization response, and the response modes.

use openid_client::oauth_core::authorization::{ResponseMode, ResponseType};
use openid_client::oauth_core::error::{Artefact, Reason, Rejection};
use openid_client::{AuthorizationRequest, Callback, Client, PendingLogin, Url};
use serde_json::json;

use crate::provider::new_client;
use crate::refusal::{authorization_response_error, claim_mismatch, rejection};
use crate::user_agent::UserAgent;

#[tokio::test]
async fn a_code_by_form_post() {
    let client = new_client(json!({})).await.unwrap();
    let request = client.authorization_request();
    let request = request.response_mode(ResponseMode::FormPost);
    let (pending, callback) = posted(request).await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn a_code_in_the_fragment() {
    let client = new_client(json!({})).await.unwrap();
    let request = client.authorization_request();
    let request = request.response_mode(ResponseMode::Fragment);
    let (pending, callback) = redirected(request).await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn code_and_id_token_in_the_fragment() {
    let client = client("code id_token").await;
    let request = client.authorization_request();
    let request = request.response_type(ResponseType::CodeIdToken);
    let (pending, callback) = redirected(request).await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    let tokens = tokens.unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    assert!(callback.fragment().unwrap().contains("id_token="));
}

#[tokio::test]
async fn code_and_id_token_by_form_post() {
    let client = client("code id_token").await;
    let request = client.authorization_request();
    let request = request.response_type(ResponseType::CodeIdToken);
    let (pending, callback) = posted(request.response_mode(ResponseMode::FormPost)).await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn code_and_id_token_that_do_not_belong_together_are_refused() {
    let client = client("code id_token").await;
    let request = client.authorization_request();
    let request = request.response_type(ResponseType::CodeIdToken);
    let (pending, mut callback) = redirected(request).await;
    let fragment = callback.fragment().unwrap().replace("code=", "code=x");
    callback.set_fragment(Some(&fragment));
    let error = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(
        rejection(&error.unwrap_err(), "OAUTH_JWT_CLAIM_COMPARISON_FAILED"),
        Rejection::new(Artefact::IdToken, claim_mismatch("c_hash", None))
    );
}

#[tokio::test]
async fn an_id_token_alone_in_the_fragment() {
    let client = client("id_token").await;
    let request = client.authorization_request();
    let request = request.response_type(ResponseType::IdToken);
    let (pending, callback) = redirected(request).await;
    let callback = Callback::from_url(callback.as_str()).unwrap();
    let response = client.implicit_authentication(pending, &callback).await;
    assert_eq!(response.unwrap().id_token().sub(), "alice");
}

#[tokio::test]
async fn an_id_token_alone_by_form_post() {
    let client = client("id_token").await;
    let request = client.authorization_request();
    let request = request.response_type(ResponseType::IdToken);
    let (pending, callback) = posted(request.response_mode(ResponseMode::FormPost)).await;
    let response = client.implicit_authentication(pending, &callback).await;
    assert_eq!(response.unwrap().id_token().sub(), "alice");
}

#[tokio::test]
async fn an_error_by_form_post() {
    let client = new_client(json!({})).await.unwrap();
    let (url, pending) = client
        .authorization_request()
        .response_mode(ResponseMode::FormPost)
        .prompt("none")
        .await
        .unwrap();
    let (_, form) = UserAgent::new().open(url).await.page().form();
    let callback = Callback::from_form_post(&form.encode());
    let error = client.authorization_code_grant(pending, &callback).await;
    let error = error.unwrap_err();
    assert_eq!(authorization_response_error(&error).error, "login_required");
}

#[tokio::test]
async fn an_answer_by_another_way_than_asked_for_is_refused() {
    let client = new_client(json!({})).await.unwrap();
    let request = client.authorization_request();
    let request = request.response_mode(ResponseMode::FormPost);
    let (pending, callback) = posted(request.clone()).await;
    // The response to the same request with another response mode.
    let asked_for_in_query = request.response_mode(ResponseMode::Query);
    let (in_query, _) = redirected(asked_for_in_query).await;
    let error = client.authorization_code_grant(in_query, &callback).await;
    let (expected, found) = ("query", "form_post");
    assert_eq!(
        rejection(&error.unwrap_err(), "OAUTH_INVALID_RESPONSE").reason,
        Reason::ResponseMode { expected, found }
    );
    drop(pending);
}

/// Registers a client with this response type.
async fn client(response_type: &str) -> Client {
    let metadata = json!({
        "response_types": [response_type],
        "grant_types": ["implicit", "authorization_code"],
    });
    new_client(metadata).await.unwrap()
}

/// Logs alice in. The callback is a redirect.
pub(crate) async fn redirected(request: AuthorizationRequest) -> (PendingLogin, Url) {
    let (url, pending) = request.await.unwrap();
    (pending, UserAgent::new().log_in(url, "alice").await)
}

/// Logs alice in. The callback is a POST request.
pub(crate) async fn posted(request: AuthorizationRequest) -> (PendingLogin, Callback) {
    let (url, pending) = request.await.unwrap();
    let body = UserAgent::new().log_in_to_post(url, "alice").await;
    (pending, Callback::from_form_post(&body))
}
