//! Client assertions: JWTs by the client's key or secret that authenticate it (RFC 7523).

use std::sync::Arc;

use openid_client::http::BoxFuture;
use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::keyring::RemoteKey;
use openid_client::oauth_core::client_auth::PrivateKeyJwt;
use openid_client::oauth_core::error::KeyFault;
use openid_client::oauth_core::key::{KeyJob, KeyReference, KeyResult, ModifyAssertion};
use openid_client::{ClientAuthentication, ClientBuilder, Keyring, NewClient};
use serde_json::{Value, json};

use crate::client_authentication::{WRONG_SECRET, refusal};
use crate::id_token::algorithm_of;
use crate::login::tokens;
use crate::provider;
use crate::provider::{again, key_set, new_client};
use crate::recorder::Recorder;
use crate::refusal::response_body_error;

/// Tests of assertions by a key that the client has registered.
macro_rules! private_key_jwt {
    ($($test:ident: $algorithm:ident,)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                let key = SigningKey::generate(SignatureAlgorithm::$algorithm).unwrap();
                let key = key.with_kid("ours");
                let (client, recorder) = Recorder::new_client(private_key_metadata(&key));
                assert_asserted(client.private_key(key), &recorder, stringify!($algorithm)).await;
            }
        )+
    };
}

private_key_jwt! {
    private_key_jwt_rs256: RS256,
    private_key_jwt_rs512: RS512,
    private_key_jwt_ps256: PS256,
    private_key_jwt_ps384: PS384,
    private_key_jwt_es256: ES256,
    private_key_jwt_es384: ES384,
    private_key_jwt_es512: ES512,
    private_key_jwt_ed25519: Ed25519,
}

/// Tests of assertions by the secret that the client received at registration.
macro_rules! client_secret_jwt {
    ($($test:ident: $algorithm:literal,)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                let metadata = json!({
                    "token_endpoint_auth_method": "client_secret_jwt",
                    "token_endpoint_auth_signing_alg": $algorithm,
                });
                let (client, recorder) = Recorder::new_client(metadata);
                assert_asserted(client, &recorder, $algorithm).await;
            }
        )+
    };
}

client_secret_jwt! {
    client_secret_jwt_hs256: "HS256",
    client_secret_jwt_hs384: "HS384",
    client_secret_jwt_hs512: "HS512",
}

#[tokio::test]
async fn an_assertion_may_call_ed25519_by_its_older_name() {
    let key = SigningKey::generate(SignatureAlgorithm::Ed25519).unwrap();
    let unbound = key.public_jwk().map(|key| key.minimal());
    let (client, recorder) = Recorder::new_client(json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": key_set([unbound]),
    }));
    let reference = KeyReference::new("a key", SignatureAlgorithm::Ed25519);
    let mut keyring = Keyring::new();
    keyring.insert(reference.name.clone(), key);
    let method = PrivateKeyJwt::new(reference).unwrap();
    let method = ClientAuthentication::PrivateKeyJwt(method.modify_assertion(older_name()));
    let client = client.authentication(method).keyring(keyring);
    assert_asserted(client, &recorder, "EdDSA").await;
}

/// Replaces `Ed25519` by `EdDSA`, for servers that know only that name.
pub(crate) fn older_name() -> ModifyAssertion {
    ModifyAssertion::new(|header, _| {
        header.insert("alg".to_owned(), "EdDSA".into());
    })
}

/// A key that this process can use, but does not hold.
pub(crate) struct Vault(pub(crate) SigningKey);

impl RemoteKey for Vault {
    fn use_key(&self, job: KeyJob) -> BoxFuture<'_, Result<KeyResult, KeyFault>> {
        Box::pin(async move {
            let KeyJob::Sign {
                algorithm, input, ..
            } = job
            else {
                panic!("{job:?}");
            };
            let signature = self.0.sign(algorithm, &input).unwrap();
            Ok(KeyResult::Signature(signature))
        })
    }
}

#[tokio::test]
async fn private_key_jwt_with_a_key_that_is_kept_elsewhere() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let (client, recorder) = Recorder::new_client(private_key_metadata(&key));
    let reference = KeyReference::new("vault", SignatureAlgorithm::ES256);
    let client = client.remote_private_key(reference, Arc::new(Vault(key)));
    assert_asserted(client, &recorder, "ES256").await;
}

#[tokio::test]
async fn an_assertion_under_another_secret_is_an_invalid_client() {
    let metadata = json!({"token_endpoint_auth_method": "client_secret_jwt"});
    let registered = new_client(metadata).await.unwrap();
    let client = provider::client(&registered.client_metadata().client_id);
    let error = refusal(client.client_secret_jwt(WRONG_SECRET)).await;
    assert_eq!(response_body_error(&error), (401, "invalid_client"));
}

#[tokio::test]
async fn an_assertion_under_another_key_of_the_same_name_is_an_invalid_client() {
    let key = || {
        SigningKey::generate(SignatureAlgorithm::ES256)
            .unwrap()
            .with_kid("ours")
    };
    let ours = key();
    let registered = new_client(private_key_metadata(&ours)).private_key(ours);
    let registered = registered.await.unwrap();
    let error = refusal(again(&registered).private_key(key())).await;
    assert_eq!(response_body_error(&error), (401, "invalid_client"));
}

fn private_key_metadata(key: &SigningKey) -> Value {
    json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": key_set([key.public_jwk()]),
    })
}

/// Asserts that a login succeeds with only an assertion, signed with this algorithm.
async fn assert_asserted(client: ClientBuilder<NewClient>, recorder: &Recorder, algorithm: &str) {
    let client = client.await.unwrap();
    tokens(&client).await;
    let (authorization, form) = recorder.token_request();
    assert_eq!(authorization, None);
    assert_eq!(
        form.first("client_assertion_type"),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    assert!(!form.contains("client_secret"));
    let assertion = form.first("client_assertion").unwrap();
    assert_eq!(algorithm_of(assertion), algorithm);
}
