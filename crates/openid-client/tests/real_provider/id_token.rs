//! ID Tokens with each signature algorithm, and the checks on them.

use openid_client::Client;
use openid_client::jose::jws::Unverified;
use openid_client::oauth_core::error::{Artefact, Reason, Rejection};
use serde_json::json;

use crate::login::{ByHand, finish, tokens};
use crate::provider;
use crate::provider::{REDIRECT_URI, new_client};
use crate::refusal::{claim_mismatch, rejection};
use crate::user_agent::UserAgent;

/// Tests of a login of a client that has registered the algorithm.
macro_rules! signed_by {
    ($($test:ident: $algorithm:literal,)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                let tokens = tokens(&registered($algorithm).await).await;
                let id_token = tokens.id_token().unwrap();
                assert_eq!(id_token.sub(), "alice");
                assert_eq!(algorithm_of(id_token.jwt().expose().as_str()), $algorithm);
            }
        )+
    };
}

signed_by! {
    rs256: "RS256",
    rs384: "RS384",
    rs512: "RS512",
    ps256: "PS256",
    ps384: "PS384",
    ps512: "PS512",
    es256: "ES256",
    es384: "ES384",
    es512: "ES512",
    ed25519: "Ed25519",
    eddsa: "EdDSA",
    hs256: "HS256",
    hs384: "HS384",
    hs512: "HS512",
}

#[tokio::test]
async fn without_a_registered_algorithm_the_listed_ones_do() {
    let registered = registered("ES256").await;
    let client = provider::client(&registered.client_metadata().client_id);
    let tokens = tokens(&client.await.unwrap()).await;
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn another_algorithm_than_the_registered_one_is_refused() {
    for (expected, found) in [
        ("RS256", "ES256"),
        ("PS256", "RS256"),
        ("RS256", "PS256"),
        ("Ed25519", "EdDSA"),
        ("EdDSA", "Ed25519"),
        ("HS256", "HS384"),
    ] {
        let registered = registered(found).await;
        let mut metadata = registered.client_metadata().clone();
        metadata.id_token_signed_response_alg = Some(expected.into());
        let client = provider::client(&metadata.client_id).client_metadata(metadata);
        assert_eq!(
            refusal(&client.await.unwrap()).await,
            Reason::Algorithm {
                expected: vec![expected.to_owned()],
                found: found.to_owned(),
            }
        );
    }
}

#[tokio::test]
async fn a_shared_secret_is_accepted_only_where_it_is_registered() {
    let registered = registered("HS256").await;
    let mut metadata = registered.client_metadata().clone();
    metadata.id_token_signed_response_alg = None;
    let client = provider::client(&metadata.client_id).client_metadata(metadata);
    let client = client.await.unwrap();
    let listed = &client
        .server_metadata()
        .id_token_signing_alg_values_supported;
    assert!(listed.as_ref().unwrap().contains(&"HS256".to_owned()));
    let Reason::Algorithm { expected, found } = refusal(&client).await else {
        panic!("another check refused it");
    };
    assert!(expected.iter().all(|listed| !listed.starts_with("HS")));
    assert_eq!(found, "HS256");
}

#[tokio::test]
async fn another_nonce_is_refused() {
    let client = provider::client("client-none").await.unwrap();
    let ByHand { url, mut checks } = ByHand::begin(&client);
    checks.expected_nonce = Some(client.random_nonce().unwrap());
    let callback = UserAgent::new().log_in(url, "alice").await;
    let error = client
        .authorization_code_grant_with_checks(&callback)
        .redirect_uri(REDIRECT_URI)
        .checks(checks)
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
        .authorization_code_grant_with_checks(&callback)
        .redirect_uri(REDIRECT_URI)
        .checks(checks)
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

/// Registers a client whose ID Tokens are signed with this algorithm.
async fn registered(algorithm: &str) -> Client {
    let metadata = json!({"id_token_signed_response_alg": algorithm});
    new_client(metadata).await.unwrap()
}

/// Returns the `alg` in the header of a JWT.
pub(crate) fn algorithm_of(jwt: &str) -> String {
    Unverified::parse(jwt).unwrap().header().alg().to_string()
}

/// Returns the reason for which the ID Token of a login is refused.
async fn refusal(client: &Client) -> Reason {
    let request = client.authorization_request();
    let error = finish(client, request, "alice").await.unwrap_err();
    let Rejection {
        artefact, reason, ..
    } = rejection(&error, "OAUTH_INVALID_RESPONSE");
    assert_eq!(artefact, Artefact::IdToken);
    reason
}

const fn refused(reason: Reason) -> Rejection {
    Rejection::new(Artefact::IdToken, reason)
}
