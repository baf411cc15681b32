//! Authorization requests as JWTs (JAR, RFC 9101), by value and pushed.

use std::time::Duration;

use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::error::Misuse;
use openid_client::oauth_core::key::KeyReference;
use openid_client::{Keyring, RequestObject};
use serde_json::{Value, json};

use crate::client_assertion::older_name;
use crate::id_token::algorithm_of;
use crate::login::finish;
use crate::provider;
use crate::provider::{again, key_set, merged, new_client};
use crate::recorder::Recorder;
use crate::refusal::{authorization_response_error, misuse, response_body_error};
use crate::user_agent::UserAgent;

/// Tests of a login of a client that must sign its requests.
macro_rules! signed_by {
    ($($test:ident: $algorithm:ident,)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                let key = SigningKey::generate(SignatureAlgorithm::$algorithm).unwrap();
                let client = new_client(metadata(&key)).request_object_key(key);
                let client = client.await.unwrap();
                let request = client.authorization_request().max_age(Duration::from_secs(60));
                let (url, pending) = request.await.unwrap();
                let outside: Vec<_> = url.query_pairs().map(|(name, _)| name).collect();
                assert_eq!(outside, ["client_id", "response_type", "scope", "request"]);
                let callback = UserAgent::new().log_in(url, "alice").await;
                let tokens = client.authorization_code_grant(pending, &callback).await;
                assert!(tokens.unwrap().id_token().unwrap().auth_time().is_some());
            }
        )+
    };
}

signed_by! {
    rs256: RS256,
    ps256: PS256,
    es256: ES256,
    es512: ES512,
    ed25519: Ed25519,
}

#[tokio::test]
async fn with_json_in_it() {
    let key = key();
    let client = new_client(metadata(&key)).request_object_key(key);
    let client = client.await.unwrap();
    let claims = json!({"id_token": {"email": {"essential": true}}});
    let Value::Object(claims) = claims else {
        unreachable!()
    };
    let request = client.authorization_request().claims(claims);
    let request = request.resource("https://api.example.com/");
    let request = request.resource("https://mail.example.com/");
    let tokens = finish(&client, request, "alice").await.unwrap();
    let claims = tokens.id_token().unwrap().claims();
    assert_eq!(claims["email"], "alice@example.com");
}

#[tokio::test]
async fn pushed() {
    let key = key();
    let (client, recorder) = Recorder::new_client(metadata(&key));
    let client = client.request_object_key(key).await.unwrap();
    let request = client.authorization_request().pushed();
    let tokens = finish(&client, request, "alice").await.unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let (_, form) = recorder.one_request("/request");
    assert_eq!(algorithm_of(form.first("request").unwrap()), "ES256");
    assert!(!form.contains("redirect_uri"));
}

#[tokio::test]
async fn under_another_key_it_is_an_invalid_request_object() {
    let ours = key();
    let registered = new_client(metadata(&ours)).await.unwrap();
    let client = again(&registered).request_object_key(key()).await.unwrap();
    let (url, pending) = client.authorization_request().await.unwrap();
    let callback = UserAgent::new().open(url).await.application();
    let error = client.authorization_code_grant(pending, &callback).await;
    let error = error.unwrap_err();
    let error = authorization_response_error(&error);
    assert_eq!(error.error, "invalid_request_object");

    let request = client.authorization_request().pushed();
    let error = request.await.unwrap_err();
    assert_eq!(response_body_error(&error), (400, "invalid_request_object"));
}

#[tokio::test]
async fn without_one_a_client_that_promised_it_is_refused() {
    let client = new_client(metadata(&key())).await.unwrap();
    let error = client.authorization_request().await.unwrap_err();
    assert_eq!(
        misuse(&error),
        &Misuse::MissingArgument {
            argument: "request_object",
            purpose: "a client that has registered to sign its authorization requests",
        }
    );

    // The same client without its setting. The provider still requires a signed request.
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
        Some("Request Object must be used by this client")
    );
}

#[tokio::test]
async fn it_may_call_ed25519_by_its_older_name() {
    let key = SigningKey::generate(SignatureAlgorithm::Ed25519).unwrap();
    let reference = KeyReference::new("requests", SignatureAlgorithm::Ed25519);
    let (client, recorder) = Recorder::new_client(json!({
        "request_object_signing_alg": "EdDSA",
        "jwks": key_set([key.public_jwk().map(|key| key.minimal())]),
    }));
    let mut keyring = Keyring::new();
    keyring.insert(reference.name.clone(), key);
    let client = client.keyring(keyring).await.unwrap();
    let request_object = RequestObject::new(reference).unwrap();
    let request_object = request_object.modify_assertion(older_name());
    let request = client.authorization_request().pushed();
    let request = request.request_object(request_object);
    let tokens = finish(&client, request, "alice").await.unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let (_, form) = recorder.one_request("/request");
    assert_eq!(algorithm_of(form.first("request").unwrap()), "EdDSA");
}

/// Tests of a request that is encrypted to the provider, by a client that has registered the
/// algorithms.
macro_rules! encrypted_by {
    ($($test:ident: $alg:literal, $enc:literal;)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                let key = key();
                let encryption = json!({
                    "request_object_encryption_alg": $alg,
                    "request_object_encryption_enc": $enc,
                });
                let (client, recorder) = Recorder::new_client(merged(metadata(&key), encryption));
                let client = client.request_object_key(key).await.unwrap();
                let request = client.authorization_request().pushed();
                let tokens = finish(&client, request, "alice").await.unwrap();
                assert_eq!(tokens.id_token().unwrap().sub(), "alice");
                let (_, form) = recorder.one_request("/request");
                assert_eq!(form.first("request").unwrap().split('.').count(), 5);

                // The request also works by value, through the browser.
                let request = client.authorization_request();
                let tokens = finish(&client, request, "alice").await.unwrap();
                assert_eq!(tokens.id_token().unwrap().sub(), "alice");
            }
        )+
    };
}

encrypted_by! {
    encrypted_by_rsa_oaep: "RSA-OAEP", "A256CBC-HS512";
    encrypted_by_rsa_oaep_512: "RSA-OAEP-512", "A128GCM";
    encrypted_by_ecdh_es: "ECDH-ES", "A256GCM";
    encrypted_by_ecdh_es_a256kw: "ECDH-ES+A256KW", "A128CBC-HS256";
}

fn key() -> SigningKey {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    key.with_kid("ours")
}

fn metadata(key: &SigningKey) -> Value {
    json!({
        "require_signed_request_object": true,
        "request_object_signing_alg": key.algorithm_default().as_str(),
        "jwks": key_set([key.public_jwk()]),
    })
}
