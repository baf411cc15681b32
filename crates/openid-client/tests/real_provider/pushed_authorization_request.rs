//! Pushed authorization requests (PAR, RFC 9126).

use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::error::{Misuse, Reason};
use serde_json::json;

use crate::login::finish;
use crate::provider;
use crate::provider::new_client;
use crate::recorder::Recorder;
use crate::refusal::{
    authorization_response_error, misuse, refused_client, rejection, response_body_error,
};
use crate::user_agent::UserAgent;

#[tokio::test]
async fn the_browser_carries_a_reference() {
    let client = new_client(json!({"require_pushed_authorization_requests": true}));
    let client = client.await.unwrap();
    let request = client.authorization_request().pushed();
    let (url, pending) = request.await.unwrap();
    let carried: Vec<_> = url.query_pairs().map(|(name, _)| name).collect();
    assert_eq!(carried, ["client_id", "request_uri"]);
    let callback = UserAgent::new().log_in(url, "alice").await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn a_reference_is_good_for_one_login() {
    let client = new_client(json!({})).await.unwrap();
    let request = client.authorization_request().pushed();
    let (url, pending) = request.await.unwrap();
    UserAgent::new().log_in(url.clone(), "alice").await;
    let callback = UserAgent::new().open(url).await.application();
    let query = callback.query().unwrap();
    assert!(query.starts_with("error=invalid_request_uri&"), "{query}");
    // The server has removed the request with its state, so the error could be forged.
    let error = client.authorization_code_grant(pending, &callback).await;
    let member = "state".into();
    assert_eq!(
        rejection(&error.unwrap_err(), "OAUTH_INVALID_RESPONSE").reason,
        Reason::Missing { member }
    );
}

#[tokio::test]
async fn the_client_authenticates_itself() {
    let metadata = json!({"token_endpoint_auth_method": "client_secret_basic"});
    let (client, recorder) = Recorder::new_client(metadata);
    let client = client.await.unwrap();
    let request = client.authorization_request().pushed();
    let tokens = finish(&client, request, "alice").await.unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let (authorization, _) = recorder.one_request("/request");
    assert!(authorization.unwrap().starts_with("Basic "));
}

#[tokio::test]
async fn a_wrong_secret_is_an_invalid_client_with_a_challenge() {
    let metadata = json!({"token_endpoint_auth_method": "client_secret_basic"});
    let registered = new_client(metadata).await.unwrap();
    let mut metadata = registered.client_metadata().clone();
    metadata.client_secret = Some("another".into());
    let client = provider::client(&metadata.client_id).client_metadata(metadata);
    let request = client.await.unwrap().authorization_request().pushed();
    let error = request.await.unwrap_err();
    assert_eq!(
        refused_client(&error),
        (401, "basic", "client_secret_basic")
    );
}

#[tokio::test]
async fn a_fault_of_the_request_is_known_before_the_browser_leaves() {
    let client = new_client(json!({})).await.unwrap();
    let request = client.authorization_request().pushed();
    let elsewhere = request.redirect_uri("https://app.example.com/elsewhere");
    let error = elsewhere.await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_request"));
}

#[tokio::test]
async fn without_it_a_client_that_promised_it_is_refused() {
    let client = new_client(json!({"require_pushed_authorization_requests": true}));
    let client = client.await.unwrap();
    let error = client.authorization_request().await.unwrap_err();
    assert_eq!(
        misuse(&error),
        &Misuse::MissingArgument {
            argument: "pushed",
            purpose: "a client that has registered to push its authorization requests",
        }
    );

    // The same client without its setting. The provider still requires a pushed request.
    let client = provider::client(&client.client_metadata().client_id);
    let client = client.await.unwrap();
    let (url, pending) = client.authorization_request().await.unwrap();
    let callback = UserAgent::new().open(url).await.application();
    let error = client.authorization_code_grant(pending, &callback).await;
    let error = error.unwrap_err();
    let error = authorization_response_error(&error);
    assert_eq!(error.error, "invalid_request");
    assert_eq!(
        error.error_description.as_deref(),
        Some("Pushed Authorization Request must be used")
    );
}

#[tokio::test]
async fn with_a_dpop_proof_the_code_is_bound_to_the_key() {
    let (client, recorder) = Recorder::new_client(json!({"dpop_bound_access_tokens": true}));
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let client = client.dpop_key(key).await.unwrap();
    let request = client.authorization_request().pushed();
    let tokens = finish(&client, request, "alice").await.unwrap();
    assert!(tokens.dpop_thumbprint().is_some());
    // The nonce of this endpoint is valid at the token endpoint of the same server.
    assert_eq!(recorder.count("/request"), 2);
    assert_eq!(recorder.count("/token"), 1);
}
