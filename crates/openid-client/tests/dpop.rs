//! DPoP over TLS, with nonces required: no line of it is the application's.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use openid_client::http::{Body, BoxFuture, Bytes, Method};
use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::keyring::RemoteKey;
use openid_client::oauth_core::endpoint::TokenType;
use openid_client::oauth_core::error::{KeyFault, Misuse};
use openid_client::oauth_core::key::{KeyJob, KeyReference, KeyResult};
use openid_client::{Client, DPoPKey, Error, TokenSet, oauth_core};
use test_provider::server::{Scheme, Server};
use test_provider::{ClientRegistration, DPoPBehaviour, Endpoint, Provider};

use self::support::in_process::{REDIRECT_URI, begin, browse};

fn key() -> SigningKey {
    SigningKey::generate(SignatureAlgorithm::ES256).unwrap()
}

async fn server() -> Server {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let provider = server.provider();
    provider.register(ClientRegistration::public("app").redirect_uri(REDIRECT_URI));
    provider.treat_dpop(DPoPBehaviour::NonceRequired);
    server
}

async fn client(server: &Server) -> Client {
    Client::discover(server.url(), "app")
        .root_certificate_pem(server.ca_certificate_pem())
        .dpop_key(key())
        .await
        .unwrap()
}

async fn log_in(client: &Client, server: &Server) -> TokenSet {
    let (url, pending) = begin(client).await;
    assert!(url.query_pairs().any(|(name, _)| name == "dpop_jkt"));
    let callback = browse(server.provider(), url);
    client
        .authorization_code_grant(pending, callback)
        .await
        .unwrap()
}

fn misuse(error: Error) -> Misuse {
    match error {
        Error::Core(oauth_core::Error::Misuse(misuse)) => misuse,
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_session_with_nonces_needs_nothing_but_a_key() {
    let server = server().await;
    let client = client(&server).await;
    let tokens = log_in(&client, &server).await;
    assert_eq!(tokens.token_type(), TokenType::DPoP);
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.sub(), "alice");
    let tokens = client.refresh_token_grant(&tokens).await.unwrap();

    let url = server.provider().url(Endpoint::Resource) + "?page=2";
    let response = client
        .fetch_protected_resource(&tokens, Method::PUT, &url)
        .body("hello")
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let answer = response.into_body().collect(10_000).await.unwrap();
    let answer = str::from_utf8(&answer).unwrap();
    for part in [
        r#""method":"PUT""#,
        r#""query":"page=2""#,
        r#""body":"hello""#,
    ] {
        assert!(answer.contains(part), "{answer}");
    }
    // Login with one nonce, refresh with the same; UserInfo with one, the resource with the same.
    let served = |endpoint| server.provider().served(endpoint);
    assert_eq!(served(Endpoint::Token), 3);
    assert_eq!(served(Endpoint::UserInfo), 2);
    assert_eq!(served(Endpoint::Resource), 1);
}

#[tokio::test]
async fn a_body_that_can_be_made_again_is_and_another_is_not_lost_silently() {
    let server = server().await;
    let client = client(&server).await;
    let tokens = log_in(&client, &server).await;
    let url = server.provider().url(Endpoint::Resource);
    let post = || client.fetch_protected_resource(&tokens, Method::POST, &url);

    let error = post().body_once(Body::from(Bytes::from("once"))).await;
    assert_eq!(misuse(error.unwrap_err()), Misuse::BodySpent);
    let response = post().body_once(Body::from(Bytes::from("once"))).await;
    assert_eq!(response.unwrap().status(), 200);

    // Another client has no nonce yet.
    let client = self::client(&server).await;
    let tokens = log_in(&client, &server).await;
    let made = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let response = client
        .fetch_protected_resource(&tokens, Method::POST, &url)
        .repeatable_body(move || {
            let number = count.fetch_add(1, Ordering::SeqCst);
            Body::from(Bytes::from(format!("made {number}")))
        })
        .await
        .unwrap();
    let answer = response.into_body().collect(10_000).await.unwrap();
    assert!(str::from_utf8(&answer).unwrap().contains("made 1"));
    assert_eq!(made.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn each_user_may_have_a_key_of_their_own() {
    let server = server().await;
    let shared = client(&server).await;
    let alice = shared.with_dpop_key(key()).unwrap();
    let bob = shared.with_dpop_key(key()).unwrap();
    let tokens = log_in(&alice, &server).await;
    let url = server.provider().url(Endpoint::Resource);
    let own = alice.fetch_protected_resource(&tokens, Method::GET, &url);
    assert_eq!(own.await.unwrap().status(), 200);
    let other = bob.fetch_protected_resource(&tokens, Method::GET, &url);
    let misuse = misuse(other.await.unwrap_err());
    let thumbprint = |client: &Client| {
        let key = client.configuration().dpop_key().unwrap();
        key.thumbprint().to_owned()
    };
    assert_eq!(
        misuse,
        Misuse::AnotherDPoPKey {
            expected: thumbprint(&alice),
            found: Some(thumbprint(&bob)),
        }
    );

    let (_, pending) = begin(&alice).await;
    let resumed = bob.authorization_code_grant(pending, "/cb?code=c&state=s");
    assert_eq!(
        self::misuse(resumed.await.unwrap_err()),
        Misuse::AnotherConfiguration { member: "DPoP key" }
    );
}

/// A key in another place, which counts how often it is used.
struct Elsewhere {
    key: SigningKey,
    used: AtomicUsize,
}

impl RemoteKey for Elsewhere {
    fn use_key(&self, job: KeyJob) -> BoxFuture<'_, Result<KeyResult, KeyFault>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.used.fetch_add(1, Ordering::SeqCst);
            let KeyJob::Sign {
                algorithm, input, ..
            } = job
            else {
                panic!("{job:?}");
            };
            let signature = self.key.sign(algorithm, &input).unwrap();
            Ok(KeyResult::Signature(signature))
        })
    }
}

#[tokio::test]
async fn the_key_may_be_elsewhere() {
    let server = server().await;
    let elsewhere = Arc::new(Elsewhere {
        key: key(),
        used: AtomicUsize::new(0),
    });
    let reference = KeyReference::new("hsm/7", SignatureAlgorithm::ES256);
    let public = elsewhere.key.public_jwk().unwrap();
    let key = DPoPKey::new(reference, &public).unwrap();
    let client = Client::discover(server.url(), "app")
        .root_certificate_pem(server.ca_certificate_pem())
        .remote_dpop_key(key, Arc::clone(&elsewhere))
        .await
        .unwrap();
    let tokens = log_in(&client, &server).await;
    assert_eq!(tokens.dpop_thumbprint(), Some(&*public.thumbprint()));
    // Refused for want of a nonce, and again.
    assert_eq!(elsewhere.used.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_shared_secret_proves_nothing() {
    let key = SigningKey::hmac(&[7; 32]).unwrap();
    let metadata = openid_client::ServerMetadata::new("https://id.example.com");
    let built = Client::from_metadata(metadata, "app").dpop_key(key).build();
    assert_eq!(
        misuse(built.unwrap_err()),
        Misuse::InvalidArgument {
            argument: "dpop_key",
            expected: "an asymmetric key",
            found: "HS256".to_owned(),
        }
    );
}
