//! A logout token is accepted once by a client, and once by all clients that share a store.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use openid_client::http::Bytes;
use openid_client::oauth_core::error::{Artefact, Reason};
use openid_client::store::{Entry, Lease, MemoryStore, Revision, StoreFuture, TokenStore};
use openid_client::{Client, Error, Secret, logout_failed};
use test_provider::{ClientRegistration, Misbehaviour};

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI, log_in, now};

/// Returns a provider where a user has logged in, with one client for each store.
async fn logged_in(stores: &[Option<Arc<dyn TokenStore>>]) -> (Arc<InProcess>, Vec<Client>) {
    let transport = InProcess::new();
    let app = ClientRegistration::public("app").redirect_uri(REDIRECT_URI);
    let app = app.backchannel_logout_uri("https://app.example.com/logout");
    transport.provider.register(app);
    let mut clients = Vec::new();
    for store in stores {
        let builder = Client::discover(ISSUER, "app").http_client(Arc::clone(&transport));
        let builder = match store {
            Some(store) => builder.logout_token_store(Arc::clone(store)),
            None => builder,
        };
        clients.push(builder.await.unwrap());
    }
    log_in(clients.first().unwrap(), &transport).await.unwrap();
    (transport, clients)
}

fn body(transport: &InProcess) -> Bytes {
    let request = transport.provider.logout_request("app", now()).unwrap();
    request.into_body()
}

#[track_caller]
fn assert_replayed<T>(result: Result<T, Error>) {
    let error = result.err().unwrap();
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::LogoutToken);
    assert_eq!(rejection.reason, Reason::Replayed { claim: "jti" });
    assert_eq!(error.code(), Some("OAUTH_TOKEN_REPLAYED"));
    assert_eq!(logout_failed(error.code()).status(), 400);
}

#[tokio::test]
async fn a_token_is_accepted_once() {
    let (transport, clients) = logged_in(&[None, None]).await;
    let [client, other] = clients.try_into().unwrap();
    let (first, second) = (body(&transport), body(&transport));
    client.verify_logout_token(&first).await.unwrap();
    assert_replayed(client.verify_logout_token(&first).await);
    client.verify_logout_token(&second).await.unwrap();
    assert_replayed(
        client
            .with_policy(openid_client::Policy::default())
            .verify_logout_token(&second)
            .await,
    );
    // Clients without a store do not share their memory.
    other.verify_logout_token(&first).await.unwrap();
}

#[tokio::test]
async fn a_token_is_accepted_once_by_all_that_share_a_store() {
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let shared = [Some(Arc::clone(&store)), Some(store)];
    let (transport, clients) = logged_in(&shared).await;
    let [client, other] = clients.try_into().unwrap();
    let body = body(&transport);
    client.verify_logout_token(&body).await.unwrap();
    assert_replayed(other.verify_logout_token(&body).await);
}

/// A store that only leases, and what it was asked for last.
#[derive(Default)]
struct Recording(Mutex<Option<Duration>>);

impl TokenStore for Recording {
    fn load<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Entry>> {
        unreachable!()
    }
    fn save<'a>(
        &'a self,
        _: &'a str,
        _: Secret,
        _: Option<Revision>,
        _: Duration,
    ) -> StoreFuture<'a, Option<Revision>> {
        unreachable!()
    }
    fn take<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Secret>> {
        unreachable!()
    }
    fn lease<'a>(&'a self, _: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        *self.0.lock().unwrap() = Some(lifetime);
        Box::pin(async { Ok(Some(Lease::new(1))) })
    }
    fn release<'a>(&'a self, _: &'a str, _: Lease) -> StoreFuture<'a, ()> {
        unreachable!()
    }
}

/// The clocks of two instances differ by as much as is tolerated, and the store takes its time.
#[tokio::test]
async fn a_token_is_remembered_until_no_instance_accepts_it() {
    let store = Arc::new(Recording::default());
    let shared: Arc<dyn TokenStore> = Arc::clone(&store) as _;
    let (transport, clients) = logged_in(&[Some(shared)]).await;
    let body = body(&transport);
    let token = clients[0].verify_logout_token(&body).await.unwrap();
    let left = u64::try_from(token.exp().seconds() - now()).unwrap();
    let (tolerance, timeout) = (30, 30);
    let needed = Duration::from_secs(left + 3 * tolerance + timeout);
    let lifetime = store.0.lock().unwrap().unwrap();
    assert!(lifetime >= needed, "{lifetime:?} of {needed:?}");
    assert!(lifetime <= needed + Duration::from_secs(3), "{lifetime:?}");
}

/// A store that accepts connections and then says nothing.
struct Silent;

impl TokenStore for Silent {
    fn load<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(std::future::pending())
    }
    fn save<'a>(
        &'a self,
        _: &'a str,
        _: Secret,
        _: Option<Revision>,
        _: Duration,
    ) -> StoreFuture<'a, Option<Revision>> {
        Box::pin(std::future::pending())
    }
    fn take<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Secret>> {
        Box::pin(std::future::pending())
    }
    fn lease<'a>(&'a self, _: &'a str, _: Duration) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(std::future::pending())
    }
    fn release<'a>(&'a self, _: &'a str, _: Lease) -> StoreFuture<'a, ()> {
        Box::pin(std::future::pending())
    }
}

/// Without an answer of the store, nothing tells whether the token was accepted before.
#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_is_an_error_within_the_timeout_of_the_client() {
    let (transport, clients) = logged_in(&[Some(Arc::new(Silent))]).await;
    let verifying = clients[0].verify_logout_token(body(&transport));
    let verified = tokio::time::timeout(Duration::from_secs(31), verifying).await;
    let error = verified.unwrap().unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_STORE_FAILED"));
    assert!(matches!(error, Error::Store(_)), "{error}");
}

/// If it were remembered, an attacker could block the valid token.
#[tokio::test]
async fn a_refused_token_is_not_remembered() {
    let (transport, clients) = logged_in(&[None]).await;
    let client = clients.first().unwrap();
    let good = body(&transport);
    let text = std::str::from_utf8(&good).unwrap();
    let (input, signature) = text.rsplit_once('.').unwrap();
    let forged = format!("{input}.{}", signature.chars().rev().collect::<String>());
    client.verify_logout_token(forged).await.unwrap_err();
    client.verify_logout_token(&good).await.unwrap();

    transport.provider.misbehave(Misbehaviour::LogoutTokenTwice);
    let error = client
        .verify_logout_token(body(&transport))
        .await
        .unwrap_err();
    let member = "logout_token".into();
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::Duplicate { member }
    );
}
