//! Applications without a store get each change before it can be lost.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openid_client::http::{Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError};
use openid_client::{Client, StoredTokenSet, TokenSet, TokenSource, UnixTime};
use test_provider::{ClientRegistration, Misbehaviour, Provider};
use tokio::time::{Instant, advance, sleep};

use self::support::in_process::{ISSUER, REDIRECT_URI};

const BEGINNING: i64 = 1_700_000_000;

/// A provider on the clock of the test, which rotates refresh tokens.
struct Virtual {
    provider: Provider,
    started: Instant,
}

impl Virtual {
    fn now(&self) -> i64 {
        BEGINNING + i64::try_from(self.started.elapsed().as_secs()).unwrap()
    }
}

impl HttpClient for Virtual {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let request = Request::from_parts(head, body.collect(usize::MAX).await?);
            Ok(self.provider.handle(&request, self.now()).map(Body::from))
        })
    }
}

async fn logged_in() -> (Arc<Virtual>, Client, TokenSet) {
    let provider = Provider::new(ISSUER);
    provider.register(ClientRegistration::public("app").redirect_uri(REDIRECT_URI));
    let started = Instant::now();
    let transport = Arc::new(Virtual { provider, started });
    let clock = Arc::clone(&transport);
    let builder = Client::discover(ISSUER, "app").http_client(Arc::clone(&transport));
    let builder = builder.clock(move || UnixTime::from_seconds(clock.now()));
    let client = builder.redirect_uri(REDIRECT_URI).await.unwrap();
    let request = client.authorization_request().scope("openid");
    let (url, pending) = request.await.unwrap();
    let request = Request::get(url.as_str()).body(Bytes::new()).unwrap();
    let response = transport.provider.handle(&request, transport.now());
    let callback = response.headers()["location"].to_str().unwrap();
    let tokens = client.authorization_code_grant(pending, callback).await;
    (transport, client, tokens.unwrap())
}

/// What the application has kept, as it would be after the process has died.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

impl Kept {
    fn keep(&self, stored: &StoredTokenSet) {
        let text = serde_json::to_string(stored).unwrap();
        self.0.lock().unwrap().push(text);
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn refresh_token(&self, client: &Client) -> String {
        let kept = self.0.lock().unwrap();
        let stored: StoredTokenSet = serde_json::from_str(kept.last().unwrap()).unwrap();
        let tokens = stored.restore(client.configuration()).unwrap();
        tokens.refresh_token().unwrap().expose().clone()
    }
}

fn refresh_token(client: &Client, source: &TokenSource) -> String {
    let tokens = source.stored().unwrap().restore(client.configuration());
    tokens.unwrap().refresh_token().unwrap().expose().clone()
}

#[tokio::test(start_paused = true)]
async fn each_rotated_refresh_token_is_kept_before_a_caller_has_the_tokens() {
    let (_, client, tokens) = logged_in().await;
    let kept = Kept::default();
    let keeping = kept.clone();
    let source = client.token_source(tokens).on_change(move |stored| {
        let kept = keeping.clone();
        async move {
            // The storage takes its time.
            sleep(Duration::from_secs(2)).await;
            kept.keep(&stored);
        }
    });
    let source = source.build().unwrap();
    for round in 1..=10 {
        // Every other refresh is one in the background.
        let ahead = round % 2 == 0;
        advance(Duration::from_secs(if ahead { 3500 } else { 3600 })).await;
        let before = kept.len();
        source.token().await.unwrap();
        assert_eq!(kept.len(), if ahead { before } else { before + 1 });
        // While the function runs, no other attempt begins.
        sleep(Duration::from_secs(1)).await;
        source.token().await.unwrap();
        sleep(Duration::from_secs(5)).await;
        assert_eq!(kept.len(), round);
        assert_eq!(kept.refresh_token(&client), refresh_token(&client, &source));
    }
    // Another process goes on with what was kept.
    let stored: StoredTokenSet = {
        let kept = kept.0.lock().unwrap();
        serde_json::from_str(kept.last().unwrap()).unwrap()
    };
    let tokens = stored.restore(client.configuration()).unwrap();
    client.refresh_token_grant(&tokens).await.unwrap();
}

/// The response is refused for a time, and the refresh token in it has replaced the old one.
#[tokio::test(start_paused = true)]
async fn the_successor_in_a_refused_response_is_kept() {
    let (transport, client, tokens) = logged_in().await;
    let before = tokens.refresh_token().unwrap().expose().clone();
    let kept = Kept::default();
    let keeping = kept.clone();
    let source = client.token_source(tokens).on_change(move |stored| {
        keeping.keep(&stored);
        async {}
    });
    let source = source.build().unwrap();
    advance(Duration::from_secs(3600)).await;
    transport
        .provider
        .misbehave(Misbehaviour::IdTokenIssuedInFuture);
    source.token().await.unwrap_err();
    assert_eq!(kept.len(), 1);
    assert_ne!(kept.refresh_token(&client), before);
    assert_eq!(kept.refresh_token(&client), refresh_token(&client, &source));
    // A failure without a successor changes nothing.
    transport.provider.misbehave(Misbehaviour::TokenServerError);
    advance(Duration::from_secs(60)).await;
    source.token().await.unwrap_err();
    assert_eq!(kept.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_function_that_panics_or_hangs_costs_no_token() {
    for hangs in [false, true] {
        let (_, client, tokens) = logged_in().await;
        let before = tokens.refresh_token().unwrap().expose().clone();
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&runs);
        let source = client.token_source(tokens).on_change(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(hangs, "the storage is gone");
                std::future::pending().await
            }
        });
        let source = source.build().unwrap();
        for run in 1..=2 {
            advance(Duration::from_secs(3600)).await;
            let begun = Instant::now();
            source.token().await.unwrap();
            let waited = Duration::from_secs(if hangs { 30 } else { 0 });
            assert!(begun.elapsed() <= waited + Duration::from_secs(1));
            assert!(begun.elapsed() >= waited);
            assert_eq!(runs.load(Ordering::SeqCst), run);
        }
        assert_ne!(refresh_token(&client, &source), before);
    }
}
