//! ID Tokens under each signature algorithm, and the checks on them.

use openid_client::Error;
use openid_client::core::error::Artefact;
use openid_client::core::error::Reason;
use openid_client::core::error::Rejection;

use crate::login::ByHand;
use crate::login::callback_of;
use crate::provider;
use crate::provider::REDIRECT_URI;
use crate::provider::client_expecting;
use crate::refusal::claim_mismatch;
use crate::refusal::rejection;
use crate::user_agent::UserAgent;

#[tokio::test]
async fn rs256() {
    assert_accepted("client-rs256", "RS256").await;
}

#[tokio::test]
async fn ps256() {
    assert_accepted("client-ps256", "PS256").await;
}

#[tokio::test]
async fn es256() {
    assert_accepted("client-es256", "ES256").await;
}

#[tokio::test]
async fn ed25519() {
    assert_accepted("client-ed25519", "Ed25519").await;
}

#[tokio::test]
async fn eddsa() {
    assert_accepted("client-eddsa", "EdDSA").await;
}

#[tokio::test]
async fn without_a_registered_algorithm_the_listed_ones_do() {
    let client = provider::client("client-es256").await.unwrap();
    let (pending, callback) = callback_of(&client, "alice").await;
    let tokens = client.authorization_code_grant(pending, &callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn another_algorithm_than_the_registered_one_is_refused() {
    for (client_id, registered, found) in [
        ("client-es256", "RS256", "ES256"),
        ("client-rs256", "PS256", "RS256"),
        ("client-ps256", "RS256", "PS256"),
        ("client-eddsa", "Ed25519", "EdDSA"),
        ("client-ed25519", "EdDSA", "Ed25519"),
    ] {
        let error = log_in(client_id, registered).await.unwrap_err();
        assert_eq!(
            rejection(&error, "OAUTH_INVALID_RESPONSE"),
            refused(Reason::Algorithm {
                expected: vec![registered.to_owned()],
                found: found.to_owned(),
            })
        );
    }
}

#[tokio::test]
async fn another_nonce_is_refused() {
    let client = provider::client("client-none").await.unwrap();
    let ByHand { url, mut checks } = ByHand::begin(&client);
    checks.expected_nonce = Some(client.random_nonce().unwrap());
    let callback = UserAgent::new().log_in(url, "alice").await;
    let error = client
        .authorization_code_grant_with_checks(&callback, REDIRECT_URI, checks)
        .await
        .unwrap_err();
    assert_eq!(
        rejection(&error, "OAUTH_JWT_CLAIM_COMPARISON_FAILED"),
        refused(claim_mismatch("nonce", None))
    );
}

#[tokio::test]
async fn a_nonce_that_was_not_sent_is_refused() {
    let client = provider::client("client-none").await.unwrap();
    let ByHand { url, mut checks } = ByHand::begin(&client);
    checks.expected_nonce = None;
    let callback = UserAgent::new().log_in(url, "alice").await;
    let error = client
        .authorization_code_grant_with_checks(&callback, REDIRECT_URI, checks)
        .await
        .unwrap_err();
    assert_eq!(
        rejection(&error, "OAUTH_JWT_CLAIM_COMPARISON_FAILED"),
        refused(Reason::ClaimMismatch {
            claim: "nonce",
            expected: Some("none".to_owned()),
            found: None,
        })
    );
}

async fn assert_accepted(client_id: &str, algorithm: &str) {
    let subject = log_in(client_id, algorithm).await.unwrap();
    assert_eq!(subject, "alice");
}

/// The subject of an ID Token that `algorithm` must have signed.
async fn log_in(client_id: &str, algorithm: &str) -> Result<String, Error> {
    let client = client_expecting(client_id, algorithm).await?;
    let (pending, callback) = callback_of(&client, "alice").await;
    let tokens = client.authorization_code_grant(pending, &callback).await?;
    Ok(tokens.id_token().unwrap().sub().to_owned())
}

const fn refused(reason: Reason) -> Rejection {
    Rejection {
        artefact: Artefact::IdToken,
        reason,
    }
}
