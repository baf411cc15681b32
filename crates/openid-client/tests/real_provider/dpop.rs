//! Tokens that are bound to a key of the client (RFC 9449).

use std::sync::Arc;

use openid_client::http::Method;
use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::endpoint::TokenType;
use openid_client::oauth_core::error::Misuse;
use openid_client::oauth_core::key::KeyReference;
use openid_client::{Client, DPoPKey};
use serde_json::{Value, json};

use crate::client_assertion::{Vault, older_name};
use crate::id_token::algorithm_of;
use crate::login::{ByHand, callback_of, log_in, tokens};
use crate::provider::{REDIRECT_URI, again, issuer_without_nonces, new_client};
use crate::recorder::Recorder;
use crate::refusal::{challenge, misuse, response_body_error};
use crate::user_agent::UserAgent;

#[tokio::test]
async fn with_nonces() {
    let (client, recorder) = Recorder::new_client(bound());
    let client = client.dpop_key(key()).await.unwrap();
    session(&client).await;
    // The authorization server and the resource server each require a nonce once.
    assert_eq!(recorder.count("/token"), 2);
    assert_eq!(recorder.count("/me"), 2);
    session(&client).await;
    assert_eq!(recorder.count("/token"), 3);
    assert_eq!(recorder.count("/me"), 3);
}

#[tokio::test]
async fn without_nonces() {
    let (client, recorder) = Recorder::new_client_at(issuer_without_nonces(), bound());
    let client = client.dpop_key(key()).await.unwrap();
    session(&client).await;
    assert_eq!(recorder.count("/without-nonces/token"), 1);
    assert_eq!(recorder.count("/without-nonces/me"), 1);
}

/// Tests of a session with a key of each kind.
macro_rules! with_a_key_for {
    ($($test:ident: $algorithm:ident,)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                let key = SigningKey::generate(SignatureAlgorithm::$algorithm).unwrap();
                let client = new_client(bound()).dpop_key(key).await.unwrap();
                session(&client).await;
            }
        )+
    };
}

with_a_key_for! {
    rs256: RS256,
    ps256: PS256,
    es384: ES384,
    es512: ES512,
    ed25519: Ed25519,
    eddsa: EdDSA,
}

#[tokio::test]
async fn a_key_kept_elsewhere_may_call_ed25519_by_its_older_name() {
    let key = SigningKey::generate(SignatureAlgorithm::Ed25519).unwrap();
    let reference = KeyReference::new("proofs", SignatureAlgorithm::Ed25519);
    let dpop_key = DPoPKey::new(reference, &key.public_jwk().unwrap()).unwrap();
    let dpop_key = dpop_key.modify_assertion(older_name());
    let (client, recorder) = Recorder::new_client(bound());
    let client = client.remote_dpop_key(dpop_key, Arc::new(Vault(key)));
    session(&client.await.unwrap()).await;
    assert_eq!(algorithm_of(&recorder.proof("/token")), "EdDSA");
}

#[tokio::test]
async fn a_refresh_token_is_bound_as_well() {
    let client = new_client(bound()).dpop_key(key()).await.unwrap();
    let before = log_in(&client, "alice", "openid offline_access").await;
    let after = client.refresh_token_grant(&before).await.unwrap();
    assert_eq!(after.dpop_thumbprint(), before.dpop_thumbprint());
    client.fetch_user_info(&after).await.unwrap();

    let thief = again(&client).dpop_key(key()).await.unwrap();
    let error = thief.refresh_token_grant(&before).await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_protected_resource_is_posted_to() {
    let client = new_client(bound()).dpop_key(key()).await.unwrap();
    let tokens = tokens(&client).await;
    let url = client.server_metadata().userinfo_endpoint.clone().unwrap();
    let response = client
        .fetch_protected_resource(&tokens, Method::POST, url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("scope=openid")
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect(10_000).await.unwrap();
    let user: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(user, json!({"sub": "alice"}));
}

#[tokio::test]
async fn the_code_is_bound_to_the_key_of_the_request() {
    let client = new_client(bound()).dpop_key(key()).await.unwrap();
    let (pending, callback) = callback_of(&client, "alice").await;
    let thief = again(&client).dpop_key(key()).await.unwrap();
    let error = thief.authorization_code_grant(pending, &callback).await;
    let member = "DPoP key";
    assert_eq!(
        misuse(&error.unwrap_err()),
        &Misuse::AnotherConfiguration { member }
    );

    // Without the client's check, the server refuses the code.
    let ByHand { mut url, checks } = ByHand::begin(&client);
    let thumbprint = client.configuration().dpop_key().unwrap().thumbprint();
    url.query_pairs_mut().append_pair("dpop_jkt", thumbprint);
    let callback = UserAgent::new().log_in(url, "alice").await;
    let error = thief
        .authorization_code_grant_with_checks(&callback)
        .redirect_uri(REDIRECT_URI)
        .checks(checks)
        .await
        .unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_stolen_token_is_of_no_use_without_the_key() {
    let client = new_client(bound()).dpop_key(key()).await.unwrap();
    let tokens = tokens(&client).await;
    let thief = again(&client).dpop_key(key()).await.unwrap();
    let stolen = tokens.access_token().clone();
    let login = tokens.id_token().unwrap();
    let error = thief
        .fetch_user_info(stolen)
        .expected_subject(login)
        .await
        .unwrap_err();
    assert_eq!(challenge(&error), (401, "dpop", Some("invalid_token")));
}

#[tokio::test]
async fn a_client_that_promised_proofs_is_refused_without_one() {
    let client = new_client(bound()).await.unwrap();
    let (pending, callback) = callback_of(&client, "alice").await;
    let error = client.authorization_code_grant(pending, &callback).await;
    let error = error.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_grant"));
}

fn bound() -> Value {
    json!({"dpop_bound_access_tokens": true})
}

fn key() -> SigningKey {
    SigningKey::generate(SignatureAlgorithm::ES256).unwrap()
}

async fn session(client: &Client) {
    let tokens = tokens(client).await;
    assert_eq!(tokens.token_type(), TokenType::DPoP);
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.sub(), "alice");
}
