//! Introspection of tokens (RFC 7662), also signed and encrypted (RFC 9701).

use openid_client::Client;
use openid_client::jose::KeyFamily;
use openid_client::jose::jwe::{ContentEncryption, DecryptionKey, KeyManagement};
use openid_client::oauth_core::error::{Artefact, Reason, Rejection};
use serde_json::{Value, json};

use crate::login::{log_in, tokens};
use crate::provider;
use crate::provider::{again, key_set, new_client};
use crate::recorder::Recorder;
use crate::refusal::{refused_client, rejection};

#[tokio::test]
async fn access_and_refresh_tokens() {
    let client = new_client(metadata(json!({}))).await.unwrap();
    let tokens = log_in(&client, "alice", "openid offline_access").await;
    let refresh_token = tokens.refresh_token().unwrap();
    for token in [tokens.access_token(), refresh_token] {
        let token = client.token_introspection(token).await.unwrap();
        assert!(token.active());
        assert_eq!(token.sub(), Some("alice"));
        assert_eq!(
            token.client_id(),
            Some(client.client_metadata().client_id.as_str())
        );
        assert_eq!(token.scope(), Some("openid offline_access"));
    }
}

#[tokio::test]
async fn an_unknown_token_is_not_active() {
    let client = new_client(metadata(json!({}))).await.unwrap();
    let token = client.token_introspection("not-a-token").await.unwrap();
    assert!(!token.active());
    assert_eq!(token.members().len(), 1);
}

/// Tests of signed responses to a client that has registered the algorithm.
macro_rules! signed_by {
    ($($test:ident: $algorithm:literal,)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                let metadata = metadata(json!({"introspection_signed_response_alg": $algorithm}));
                let (client, recorder) = Recorder::new_client(metadata);
                assert_introspected(&client.await.unwrap()).await;
                let accepted = recorder.accepted("/token/introspection");
                assert_eq!(accepted, "application/token-introspection+jwt");
            }
        )+
    };
}

signed_by! {
    signed_by_rs256: "RS256",
    signed_by_ps256: "PS256",
    signed_by_es384: "ES384",
    signed_by_eddsa: "EdDSA",
    signed_by_hs512: "HS512",
}

#[tokio::test]
async fn encrypted_to_a_public_key() {
    let key = DecryptionKey::generate(KeyFamily::X25519)
        .unwrap()
        .with_kid("ours");
    let client = new_client(metadata(json!({
        "introspection_signed_response_alg": "ES256",
        "introspection_encrypted_response_alg": "ECDH-ES",
        "introspection_encrypted_response_enc": "A256GCM",
        "jwks": key_set([key.public_jwk()]),
    })));
    let client = client.decryption_key(key).await.unwrap();
    assert_introspected(&client).await;
}

#[tokio::test]
async fn encrypted_to_the_client_secret() {
    let registered = new_client(metadata(json!({
        "introspection_signed_response_alg": "ES256",
        "introspection_encrypted_response_alg": "dir",
        "introspection_encrypted_response_enc": "A128CBC-HS256",
    })));
    let registered = registered.await.unwrap();
    let secret = registered.client_metadata().client_secret.as_ref().unwrap();
    let (alg, enc) = (KeyManagement::Direct, ContentEncryption::A128CbcHs256);
    let key = DecryptionKey::from_client_secret(secret.expose(), alg, enc).unwrap();
    let client = again(&registered).decryption_key(key).await.unwrap();
    assert_introspected(&client).await;
}

#[tokio::test]
async fn another_algorithm_than_the_registered_one_is_refused() {
    let metadata = metadata(json!({"introspection_signed_response_alg": "RS256"}));
    let registered = new_client(metadata).await.unwrap();
    let mut metadata = registered.client_metadata().clone();
    metadata.introspection_signed_response_alg = Some("ES256".into());
    let client = provider::client(&metadata.client_id).client_metadata(metadata);
    let error = client
        .await
        .unwrap()
        .token_introspection("not-a-token")
        .await;
    assert_eq!(
        rejection(&error.unwrap_err(), "OAUTH_INVALID_RESPONSE"),
        Rejection::new(
            Artefact::IntrospectionResponse,
            Reason::Algorithm {
                expected: vec!["ES256".to_owned()],
                found: "RS256".to_owned(),
            }
        )
    );
}

#[tokio::test]
async fn a_wrong_secret_is_an_invalid_client_with_a_challenge() {
    let registered = new_client(metadata(json!({}))).await.unwrap();
    let mut metadata = registered.client_metadata().clone();
    metadata.client_secret = Some("another".into());
    let client = provider::client(&metadata.client_id).client_metadata(metadata);
    let error = client
        .await
        .unwrap()
        .token_introspection("not-a-token")
        .await;
    let error = error.unwrap_err();
    assert_eq!(
        refused_client(&error),
        (401, "basic", "client_secret_basic")
    );
}

fn metadata(more: Value) -> Value {
    let method = json!({"token_endpoint_auth_method": "client_secret_basic"});
    provider::merged(method, more)
}

async fn assert_introspected(client: &Client) {
    let tokens = tokens(client).await;
    let token = client.token_introspection(tokens.access_token()).await;
    let token = token.unwrap();
    assert!(token.active());
    assert_eq!(token.sub(), Some("alice"));
}
