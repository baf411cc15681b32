//! Claims from the UserInfo endpoint, which must be about the user who logged in.

use openid_client::oauth_core::endpoint::ExpectedSubject;
use openid_client::oauth_core::error::{Artefact, Reason, Rejection};
use serde_json::json;

use crate::login::log_in;
use crate::provider;
use crate::provider::new_client;
use crate::recorder::Recorder;
use crate::refusal::{challenge, rejection};

const SCOPE: &str = "openid profile email";

#[tokio::test]
async fn the_person_who_logged_in() {
    let client = provider::client("client-none").await.unwrap();
    let tokens = log_in(&client, "alice", SCOPE).await;
    // The provider returns these claims only at the UserInfo endpoint.
    assert!(!tokens.id_token().unwrap().claims().contains_key("email"));

    let alice = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(alice.sub(), "alice");
    assert_eq!(alice.name(), Some("Alice Adams"));
    assert_eq!(alice.email(), Some("alice@example.com"));
    assert_eq!(alice.email_verified(), Some(true));
}

#[tokio::test]
async fn no_claim_comes_that_was_not_asked_for() {
    let client = provider::client("client-none").await.unwrap();
    let tokens = log_in(&client, "bob", "openid").await;
    let bob = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(bob.sub(), "bob");
    assert_eq!(bob.claims().keys().collect::<Vec<_>>(), ["sub"]);
}

/// Tests of signed responses to a client that has registered the algorithm.
macro_rules! signed_by {
    ($($test:ident: $algorithm:literal,)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                let metadata = json!({"userinfo_signed_response_alg": $algorithm});
                let (client, recorder) = Recorder::new_client(metadata);
                let client = client.await.unwrap();
                let tokens = log_in(&client, "alice", SCOPE).await;
                let alice = client.fetch_user_info(&tokens).await.unwrap();
                assert_eq!(alice.sub(), "alice");
                assert_eq!(alice.name(), Some("Alice Adams"));
                assert_eq!(recorder.accepted("/me"), "application/jwt");
            }
        )+
    };
}

signed_by! {
    signed_by_rs256: "RS256",
    signed_by_ps384: "PS384",
    signed_by_es512: "ES512",
    signed_by_ed25519: "Ed25519",
    signed_by_hs256: "HS256",
}

#[tokio::test]
async fn a_response_that_is_not_signed_is_refused_where_signing_is_registered() {
    let registered = new_client(json!({})).await.unwrap();
    let mut metadata = registered.client_metadata().clone();
    metadata.userinfo_signed_response_alg = Some("ES256".into());
    let client = provider::client(&metadata.client_id).client_metadata(metadata);
    let client = client.await.unwrap();
    let tokens = log_in(&client, "alice", SCOPE).await;
    let error = client.fetch_user_info(&tokens).await.unwrap_err();
    let expected = "ES256".to_owned();
    assert_eq!(
        rejection(&error, "OAUTH_JWT_USERINFO_EXPECTED"),
        Rejection::new(Artefact::UserInfoResponse, Reason::NotSigned { expected })
    );
}

#[tokio::test]
async fn another_algorithm_than_the_registered_one_is_refused() {
    let metadata = json!({"userinfo_signed_response_alg": "RS256"});
    let registered = new_client(metadata).await.unwrap();
    let mut metadata = registered.client_metadata().clone();
    metadata.userinfo_signed_response_alg = Some("PS256".into());
    let client = provider::client(&metadata.client_id).client_metadata(metadata);
    let client = client.await.unwrap();
    let tokens = log_in(&client, "alice", SCOPE).await;
    let error = client.fetch_user_info(&tokens).await.unwrap_err();
    assert_eq!(
        rejection(&error, "OAUTH_INVALID_RESPONSE"),
        Rejection::new(
            Artefact::UserInfoResponse,
            Reason::Algorithm {
                expected: vec!["PS256".to_owned()],
                found: "RS256".to_owned(),
            }
        )
    );
}

#[tokio::test]
async fn another_subject_is_refused() {
    let client = provider::client("client-none").await.unwrap();
    let alice = log_in(&client, "alice", SCOPE).await;
    let bob = log_in(&client, "bob", SCOPE).await;
    let error = client
        .fetch_user_info(&bob)
        .expected_subject(alice.id_token().unwrap())
        .await
        .unwrap_err();
    assert_eq!(
        rejection(&error, "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"),
        Rejection::new(
            Artefact::UserInfoResponse,
            Reason::AttributeMismatch {
                member: "sub",
                expected: Some("alice".to_owned()),
                found: Some("bob".to_owned()),
            }
        )
    );
}

#[tokio::test]
async fn a_subject_may_be_left_unchecked_by_name() {
    let client = provider::client("client-none").await.unwrap();
    let tokens = log_in(&client, "bob", SCOPE).await;
    let bob = client
        .fetch_user_info(tokens.access_token().clone())
        .expected_subject(ExpectedSubject::DangerUnchecked)
        .await
        .unwrap();
    assert_eq!(bob.email_verified(), Some(false));
}

#[tokio::test]
async fn a_forged_token_is_answered_with_a_challenge() {
    let client = provider::client("client-none").await.unwrap();
    let error = client
        .fetch_user_info("not-a-token")
        .expected_subject("alice")
        .await
        .unwrap_err();
    assert_eq!(challenge(&error), (401, "bearer", Some("invalid_token")));
}
