//! Claims from the UserInfo endpoint, about the person who logged in and nobody else.

use openid_client::core::endpoint::ExpectedSubject;
use openid_client::core::error::Artefact;
use openid_client::core::error::Reason;
use openid_client::core::error::Rejection;

use crate::login::log_in;
use crate::provider;
use crate::refusal::challenge;
use crate::refusal::rejection;

const SCOPE: &str = "openid profile email";

#[tokio::test]
async fn the_person_who_logged_in() {
    let client = provider::client("client-none").await.unwrap();
    let tokens = log_in(&client, "alice", SCOPE).await;
    // The provider leaves these claims to UserInfo.
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

#[tokio::test]
async fn another_subject_is_refused() {
    let client = provider::client("client-none").await.unwrap();
    let alice = log_in(&client, "alice", SCOPE).await;
    let bob = log_in(&client, "bob", SCOPE).await;
    let error = client
        .fetch_user_info_about(alice.id_token().unwrap(), bob.access_token().clone())
        .await
        .unwrap_err();
    assert_eq!(
        rejection(&error, "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"),
        Rejection {
            artefact: Artefact::UserInfoResponse,
            reason: Reason::AttributeMismatch {
                member: "sub",
                expected: Some("alice".to_owned()),
                found: Some("bob".to_owned()),
            },
        }
    );
}

#[tokio::test]
async fn a_subject_may_be_left_unchecked_by_name() {
    let client = provider::client("client-none").await.unwrap();
    let tokens = log_in(&client, "bob", SCOPE).await;
    let bob = client
        .fetch_user_info_about(
            ExpectedSubject::DangerUnchecked,
            tokens.access_token().clone(),
        )
        .await
        .unwrap();
    assert_eq!(bob.email_verified(), Some(false));
}

#[tokio::test]
async fn a_forged_token_is_answered_with_a_challenge() {
    let client = provider::client("client-none").await.unwrap();
    let subject = ExpectedSubject::Equals("alice".to_owned());
    let error = client
        .fetch_user_info_about(subject, "not-a-token")
        .await
        .unwrap_err();
    assert_eq!(challenge(&error), (401, "bearer", Some("invalid_token")));
}
