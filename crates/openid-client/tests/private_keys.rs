//! Client authentication with a private key, in memory and elsewhere.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use openid_client::http::BoxFuture;
use openid_client::jose::jwe::{ContentEncryption, KeyManagement};
use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::keyring::RemoteKey;
use openid_client::oauth_core::client_auth::PrivateKeyJwt;
use openid_client::oauth_core::error::{KeyFault, Misuse};
use openid_client::oauth_core::key::{KeyJob, KeyReference, KeyResult};
use openid_client::oauth_core::names::KeyName;
use openid_client::{
    Client, ClientAuthentication, ClientMetadata, DPoPKey, Error, Keyring, TokenSet, oauth_core,
};
use test_provider::ClientRegistration;

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI};

#[tokio::test]
async fn a_login_with_a_key_in_memory() {
    for algorithm in [SignatureAlgorithm::ES256, SignatureAlgorithm::Ed25519] {
        let key = SigningKey::generate(algorithm).unwrap().with_kid("k1");
        let transport = provider_knowing(&key);
        let tokens = log_in(&transport, |client| client.private_key(key))
            .await
            .unwrap();
        assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    }
}

#[tokio::test]
async fn a_login_with_a_key_kept_elsewhere() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256)
        .unwrap()
        .with_kid("k1");
    let transport = provider_knowing(&key);
    let remote = Arc::new(Elsewhere(Some(key)));
    let tokens = log_in(&transport, |client| {
        client
            .keyring(remote_ring(remote.clone()))
            .authentication(by_name())
    })
    .await
    .unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let tokens = log_in(&transport, |client| {
        client.remote_private_key(reference(), remote)
    })
    .await
    .unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn another_clients_key_is_refused_by_the_server() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256)
        .unwrap()
        .with_kid("k1");
    let transport = provider_knowing(&key);
    let other = SigningKey::generate(SignatureAlgorithm::ES256)
        .unwrap()
        .with_kid("k1");
    let error = log_in(&transport, |client| client.private_key(other))
        .await
        .unwrap_err();
    let Some(oauth_core::Error::ResponseBody(refusal)) = error.core() else {
        panic!("expected the server's refusal, found {error:?}");
    };
    assert_eq!(refusal.status, 401);
    assert_eq!(refusal.error, "invalid_client");
}

#[tokio::test]
async fn a_key_that_fails_ends_the_login_with_its_cause() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let transport = provider_knowing(&key);
    let remote = Arc::new(Elsewhere(None));
    let error = log_in(&transport, |client| {
        client
            .keyring(remote_ring(remote))
            .authentication(by_name())
    })
    .await
    .unwrap_err();
    assert_eq!(key_fault(&error), "the vault is shut");
}

#[tokio::test]
async fn a_key_that_is_not_there_is_named() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let transport = provider_knowing(&key);
    let error = log_in(&transport, |client| client.authentication(by_name()))
        .await
        .unwrap_err();
    assert_eq!(key_fault(&error), "the keyring has no key of this name");
    assert_eq!(error.to_string(), "key `vault` could not be used");
}

/// A keyring that is added later keeps the keys that were given for a single use.
#[tokio::test]
async fn a_key_of_the_client_is_not_replaced_by_its_name() {
    let generate = || SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let key = generate().with_kid("k1");
    let transport = provider_knowing(&key);
    let mut keyring = Keyring::new();
    for name in ["client authentication", "request objects", "dpop"] {
        keyring.insert(KeyName::new(name), generate());
    }
    let tokens = log_in(&transport, |client| {
        client
            .private_key(key)
            .dpop_key(generate())
            .keyring(keyring)
    });
    assert!(tokens.await.unwrap().dpop_thumbprint().is_some());

    let own = "openid-client/dpop";
    let mut keyring = Keyring::new();
    keyring.insert(KeyName::new(own), generate());
    let reference = || KeyReference::new(own, SignatureAlgorithm::ES256);
    let public = generate().public_jwk().unwrap();
    let dpop_key = DPoPKey::new(reference(), &public).unwrap();
    let remote = || Arc::new(Elsewhere(None));
    let builder = || Client::discover(ISSUER, "app");
    for builder in [
        builder().keyring(keyring),
        builder().remote_private_key(reference(), remote()),
        builder().remote_dpop_key(dpop_key, remote()),
    ] {
        let error = builder.await.unwrap_err();
        let Some(oauth_core::Error::Misuse(misuse)) = error.core() else {
            panic!("{error}");
        };
        let expected = Misuse::InvalidArgument {
            argument: "keyring",
            expected: "keys whose names do not begin with `openid-client/`",
            found: own.to_owned(),
        };
        assert_eq!(misuse, &expected);
    }
}

#[tokio::test]
async fn a_key_that_never_answers_is_given_up() {
    struct Silent;
    impl RemoteKey for Silent {
        fn use_key(&self, _: KeyJob) -> BoxFuture<'_, Result<KeyResult, KeyFault>> {
            Box::pin(std::future::pending())
        }
    }
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let transport = provider_knowing(&key);
    let error = log_in(&transport, |client| {
        client
            .keyring(remote_ring(Arc::new(Silent)))
            .authentication(by_name())
            .timeout(Duration::from_millis(100))
    })
    .await
    .unwrap_err();
    assert_eq!(key_fault(&error), "no answer within 0.1 s");
}

#[tokio::test]
async fn a_shared_secret_is_no_private_key() {
    let transport = InProcess::new();
    let key = SigningKey::hmac(&[7; 32]).unwrap();
    let error = log_in(&transport, |client| client.private_key(key))
        .await
        .unwrap_err();
    assert_symmetric(&error);
}

#[tokio::test]
async fn every_authorization_request_is_signed_with_the_key_for_them() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256)
        .unwrap()
        .with_kid("requests");
    let transport = InProcess::new();
    let registration = ClientRegistration::public("app").redirect_uri(REDIRECT_URI);
    transport.provider.register(
        registration
            .keys(set_of(&key))
            .require_signed_request_object(),
    );
    let client = Client::discover(ISSUER, "app")
        .http_client(Arc::clone(&transport))
        .request_object_key(key)
        .redirect_uri(REDIRECT_URI)
        .await
        .unwrap();
    for request in [
        client.authorization_request(),
        client.authorization_request().pushed(),
    ] {
        let (url, pending) = request.await.unwrap();
        let callback = transport.browse(url);
        let tokens = client.authorization_code_grant(pending, callback).await;
        assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
    }
}

/// The key to encrypt to is the provider's, found in its key set.
#[tokio::test]
async fn a_request_object_is_encrypted_when_the_client_has_registered_that() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let transport = InProcess::new();
    let registration = ClientRegistration::public("app").redirect_uri(REDIRECT_URI);
    let registration = registration
        .keys(set_of(&key))
        .request_object_encryption(KeyManagement::RsaOaep256, ContentEncryption::A256GCM);
    transport.provider.register(registration);
    let mut metadata = ClientMetadata::default();
    metadata.request_object_encryption_alg = Some("RSA-OAEP-256".to_owned());
    metadata.request_object_encryption_enc = Some("A256GCM".to_owned());
    let client = Client::discover(ISSUER, "app")
        .http_client(Arc::clone(&transport))
        .client_metadata(metadata)
        .request_object_key(key)
        .redirect_uri(REDIRECT_URI)
        .await
        .unwrap();
    let (url, pending) = client.authorization_request().await.unwrap();
    assert!(!url.as_str().contains("state"));
    let callback = transport.browse(url);
    let tokens = client.authorization_code_grant(pending, callback).await;
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}

#[tokio::test]
async fn a_shared_secret_signs_no_request() {
    let transport = InProcess::new();
    let key = SigningKey::hmac(&[7; 32]).unwrap();
    let error = log_in(&transport, |client| client.request_object_key(key))
        .await
        .unwrap_err();
    assert_symmetric(&error);
}

#[test]
fn a_keyring_shows_names_only() {
    let mut keyring = remote_ring(Arc::new(Elsewhere(None)));
    keyring.insert(KeyName::new("local"), SigningKey::hmac(&[7; 32]).unwrap());
    assert_eq!(
        format!("{keyring:?}"),
        r#"Keyring[KeyName("local"), KeyName("vault")]"#
    );
}

/// A key behind an await.
struct Elsewhere(Option<SigningKey>);

impl RemoteKey for Elsewhere {
    fn use_key(&self, job: KeyJob) -> BoxFuture<'_, Result<KeyResult, KeyFault>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let KeyJob::Sign {
                key,
                algorithm,
                input,
            } = job
            else {
                panic!("expected a signature to be asked for, found {job:?}");
            };
            match &self.0 {
                Some(signing) => Ok(KeyResult::Signature(
                    signing.sign(algorithm, &input).unwrap(),
                )),
                None => Err(KeyFault {
                    key,
                    source: Some(Arc::new(std::io::Error::other("the vault is shut"))),
                }),
            }
        })
    }
}

fn remote_ring(key: Arc<dyn RemoteKey>) -> Keyring {
    let mut keyring = Keyring::new();
    keyring.insert_remote(KeyName::new("vault"), key);
    keyring
}

fn by_name() -> ClientAuthentication {
    ClientAuthentication::PrivateKeyJwt(PrivateKeyJwt::new(reference()).unwrap())
}

fn reference() -> KeyReference {
    KeyReference::new("vault", SignatureAlgorithm::ES256).kid("k1")
}

fn provider_knowing(key: &SigningKey) -> Arc<InProcess> {
    let transport = InProcess::new();
    let authentication = test_provider::ClientAuthentication::PrivateKeyJwt(set_of(key));
    let registration = ClientRegistration::new("app", authentication);
    transport
        .provider
        .register(registration.redirect_uri(REDIRECT_URI));
    transport
}

/// The public key, as a JWK Set.
fn set_of(key: &SigningKey) -> String {
    let jwk = key.public_jwk().unwrap().to_json();
    serde_json::json!({ "keys": [jwk] }).to_string()
}

fn assert_symmetric(error: &Error) {
    let Some(oauth_core::Error::Misuse(misuse)) = error.core() else {
        panic!("expected misuse, found {error:?}");
    };
    assert_eq!(
        *misuse,
        Misuse::InvalidArgument {
            argument: "key",
            expected: "a key with an asymmetric algorithm",
            found: "HS256".to_owned(),
        }
    );
}

type Builder = openid_client::ClientBuilder<openid_client::IssuerOnly>;

async fn log_in(
    transport: &Arc<InProcess>,
    set_up: impl FnOnce(Builder) -> Builder,
) -> Result<TokenSet, Error> {
    let client = Client::discover(ISSUER, "app").http_client(Arc::clone(transport));
    let client = set_up(client).await?;
    let request = client.authorization_request().redirect_uri(REDIRECT_URI);
    let (url, pending) = request.await?;
    client
        .authorization_code_grant(pending, transport.browse(url))
        .await
}

/// What the key store said.
fn key_fault(error: &Error) -> String {
    match error.core() {
        Some(oauth_core::Error::Key(fault)) => fault.source.as_ref().unwrap().to_string(),
        _ => panic!("expected a key's fault, found {error:?}"),
    }
}
