//! How the client proves who it is to the token endpoint.
//!
//! The provider takes a secret by either method, whichever is registered: what was sent shows that
//! it went the right way.

use openid_client::ClientAuthentication;
use openid_client::ClientBuilder;
use openid_client::Error;
use openid_client::IssuerOnly;
use openid_client::Keyring;
use openid_client::NewClient;
use openid_client::Parameters;
use openid_client::core::assertion::ModifyAssertion;
use openid_client::core::client_auth::PrivateKeyJwt;
use openid_client::core::key::KeyName;
use openid_client::core::key::KeyReference;
use openid_client::jose::SignatureAlgorithm;
use openid_client::jose::SigningKey;
use serde_json::Value;
use serde_json::json;

use crate::id_token::algorithm_of;
use crate::login::finish;
use crate::login::tokens;
use crate::provider;
use crate::provider::CLIENT_SECRET;
use crate::provider::again;
use crate::provider::key_set;
use crate::provider::new_client;
use crate::provider::registered_with;
use crate::recorder::Recorder;
use crate::refusal::challenge;
use crate::refusal::response_body_error;

const WRONG_SECRET: &str = "the secret of somebody else, which is long enough";

#[tokio::test]
async fn none() {
    let (authorization, form) = sent("client-none", |client| client).await;
    assert_eq!(authorization, None);
    assert_eq!(credentials(&form), [("client_id", "client-none")]);
}

#[tokio::test]
async fn client_secret_basic() {
    let (authorization, form) = sent("client-basic", |client| {
        client
            .client_metadata(registered_with("client_secret_basic"))
            .client_secret(CLIENT_SECRET)
    })
    .await;
    assert!(authorization.unwrap().starts_with("Basic "));
    assert_eq!(credentials(&form), []);
}

#[tokio::test]
async fn client_secret_post() {
    let (authorization, form) = sent("client-post", |client| {
        client
            .client_metadata(registered_with("client_secret_post"))
            .client_secret(CLIENT_SECRET)
    })
    .await;
    assert_eq!(authorization, None);
    assert_eq!(
        credentials(&form),
        [
            ("client_id", "client-post"),
            ("client_secret", CLIENT_SECRET)
        ]
    );
}

#[tokio::test]
async fn a_secret_without_a_method_is_posted() {
    let (authorization, form) =
        sent("client-post", |client| client.client_secret(CLIENT_SECRET)).await;
    assert_eq!(authorization, None);
    assert_eq!(form.first("client_secret"), Some(CLIENT_SECRET));
}

/// An assertion under a key that the client has registered.
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

/// An assertion under the secret that the client got when it registered itself.
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
    let name = KeyName::new("a key");
    let mut keyring = Keyring::new();
    keyring.insert(name.clone(), key);
    let method = PrivateKeyJwt::new(KeyReference {
        name,
        algorithm: SignatureAlgorithm::Ed25519,
        key_id: None,
    });
    let method = method
        .unwrap()
        .modify_assertion(ModifyAssertion::new(|header, _| {
            header.insert("alg".to_owned(), "EdDSA".into());
        }));
    let method = ClientAuthentication::PrivateKeyJwt(method);
    let client = client.authentication(method).keyring(keyring);
    assert_asserted(client, &recorder, "EdDSA").await;
}

#[tokio::test]
async fn a_wrong_secret_by_basic_is_answered_with_a_challenge() {
    let client = provider::client("client-basic")
        .client_metadata(registered_with("client_secret_basic"))
        .client_secret(WRONG_SECRET);
    let error = refusal(client).await;
    assert_eq!(challenge(&error), (401, "basic", Some("invalid_client")));
}

#[tokio::test]
async fn a_wrong_secret_by_post_is_an_invalid_client() {
    let error = refusal(provider::client("client-post").client_secret(WRONG_SECRET)).await;
    assert_eq!(response_body_error(&error), (401, "invalid_client"));
}

#[tokio::test]
async fn a_missing_secret_is_an_invalid_client() {
    let error = refusal(provider::client("client-basic")).await;
    assert_eq!(response_body_error(&error), (401, "invalid_client"));
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

/// A login that succeeds with nothing but an assertion under this algorithm to say who the client is.
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

/// `Authorization` header and form of the token request of a login that succeeds.
async fn sent(
    client_id: &str,
    set_up: impl FnOnce(ClientBuilder<IssuerOnly>) -> ClientBuilder<IssuerOnly>,
) -> (Option<String>, Parameters) {
    let (client, recorder) = Recorder::client(client_id);
    let client = set_up(client).await.unwrap();
    let tokens = tokens(&client).await;
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    assert_eq!(tokens.id_token().unwrap().aud(), [client_id]);
    recorder.token_request()
}

/// The parameters that say who the client is.
fn credentials(form: &Parameters) -> Vec<(&str, &str)> {
    form.iter()
        .filter(|(name, _)| name.starts_with("client_"))
        .collect()
}

async fn refusal(client: ClientBuilder<IssuerOnly>) -> Error {
    let client = client.await.unwrap();
    let request = client.authorization_request();
    finish(&client, request, "alice").await.unwrap_err()
}
