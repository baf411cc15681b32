//! Callbacks, and the refusals before a request is sent.

use openid_client::oauth_core::error::{Artefact, Reason, Rejection};
use openid_client::{Client, Url};

use crate::login::callback_of;
use crate::provider;
use crate::provider::issuer;
use crate::refusal::{authorization_response_error, rejection};
use crate::user_agent::UserAgent;

#[tokio::test]
async fn access_denied_is_reported() {
    let client = provider::client("client-none").await.unwrap();
    let request = client.authorization_request();
    let (url, pending) = request.await.unwrap();
    let callback = UserAgent::new().refuse(url).await;
    let error = client
        .authorization_code_grant(pending, &callback)
        .await
        .unwrap_err();
    let error = authorization_response_error(&error);
    assert_eq!(error.error, "access_denied");
    assert_eq!(
        error.error_description.as_deref(),
        Some("the end-user aborted the interaction")
    );
}

#[tokio::test]
async fn login_required_is_reported() {
    let client = provider::client("client-none").await.unwrap();
    let request = client.authorization_request();
    let (url, pending) = request.prompt("none").await.unwrap();
    let callback = UserAgent::new().open(url).await.application();
    let error = client
        .authorization_code_grant(pending, &callback)
        .await
        .unwrap_err();
    assert_eq!(authorization_response_error(&error).error, "login_required");
}

#[tokio::test]
async fn another_issuer_is_refused() {
    let reason = reason_for(|callback| replaced(callback, "iss", "https://attacker.example"));
    assert_eq!(
        reason.await,
        Reason::ParameterMismatch {
            parameter: "iss",
            expected: Some(issuer()),
            found: Some("https://attacker.example".to_owned()),
        }
    );
}

#[tokio::test]
async fn a_missing_issuer_is_refused() {
    let reason = reason_for(|callback| without(callback, "iss"));
    let member = "iss".into();
    assert_eq!(reason.await, Reason::Missing { member });
}

#[tokio::test]
async fn another_state_is_refused() {
    let reason = reason_for(|callback| replaced(callback, "state", "another"));
    assert_eq!(reason.await, STATE_MISMATCH);
}

#[tokio::test]
async fn a_missing_state_is_refused() {
    let reason = reason_for(|callback| without(callback, "state"));
    let member = "state".into();
    assert_eq!(reason.await, Reason::Missing { member });
}

#[tokio::test]
async fn the_callback_of_another_login_is_refused() {
    let client = provider::client("client-none").await.unwrap();
    let (pending, _) = callback_of(&client, "alice").await;
    let (_, callback) = callback_of(&client, "bob").await;
    assert_eq!(refusal(&client, pending, &callback).await, STATE_MISMATCH);
}

#[tokio::test]
async fn a_second_code_is_refused() {
    let reason = reason_for(|mut callback| {
        callback.query_pairs_mut().append_pair("code", "another");
        callback
    });
    let member = "code".into();
    assert_eq!(reason.await, Reason::Duplicate { member });
}

#[tokio::test]
async fn the_fragment_is_refused() {
    let reason = reason_for(|mut callback| {
        let query = callback.query().map(str::to_owned);
        callback.set_fragment(query.as_deref());
        callback.set_query(None);
        callback
    });
    let (expected, found) = ("query", "fragment");
    assert_eq!(reason.await, Reason::ResponseMode { expected, found });
}

/// Returns the reason for which a changed callback is refused.
async fn reason_for(change: impl FnOnce(Url) -> Url) -> Reason {
    let client = provider::client("client-none").await.unwrap();
    let (pending, callback) = callback_of(&client, "alice").await;
    refusal(&client, pending, &change(callback)).await
}

async fn refusal(client: &Client, pending: openid_client::PendingLogin, callback: &Url) -> Reason {
    let error = client
        .authorization_code_grant(pending, callback)
        .await
        .unwrap_err();
    let Rejection {
        artefact, reason, ..
    } = rejection(&error, "OAUTH_INVALID_RESPONSE");
    assert_eq!(artefact, Artefact::AuthorizationResponse);
    reason
}

fn replaced(callback: Url, name: &str, value: &str) -> Url {
    let mut callback = without(callback, name);
    callback.query_pairs_mut().append_pair(name, value);
    callback
}

fn without(mut callback: Url, name: &str) -> Url {
    let before = callback.clone();
    let pairs = before.query_pairs();
    assert_eq!(pairs.filter(|(found, _)| found == name).count(), 1);
    callback
        .query_pairs_mut()
        .clear()
        .extend_pairs(pairs.filter(|(found, _)| found != name));
    callback
}

/// The state is secret, so the reason contains neither the expected nor the found value.
const STATE_MISMATCH: Reason = Reason::ParameterMismatch {
    parameter: "state",
    expected: None,
    found: None,
};
