//! Tokens that live, on virtual time: shared, refreshed and never lost.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use openid_client::http::{
    Body, BoxFuture, Bytes, HttpClient, Method, Request, Response, TransportError,
};
use openid_client::oauth_core::error::NoAnswer;
use openid_client::{
    Client, Error, LoginNeeded, Policy, SourceError, SourceGrant, TokenSet, TokenSource, UnixTime,
    oauth_core,
};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, Misbehaviour, Provider};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, advance};

use self::support::in_process::{ISSUER, REDIRECT_URI};

const BEGINNING: i64 = 1_700_000_000;
const SECRET: &str = "a-secret-of-at-least-32-characters";

/// A provider on the clock of the test.
struct Virtual {
    provider: Provider,
    started: Instant,
    /// Token requests that have been sent.
    token_requests: AtomicUsize,
    /// Token requests wait here before they are sent; closed, they pass.
    gate: Semaphore,
}

impl Virtual {
    fn new() -> Arc<Self> {
        let this = Self::gated();
        this.gate.close();
        this
    }

    fn gated() -> Arc<Self> {
        let provider = Provider::new(ISSUER);
        provider.register(ClientRegistration::public("app").redirect_uri(REDIRECT_URI));
        let method = ClientAuthentication::ClientSecretPost(SECRET.to_owned());
        provider.register(ClientRegistration::new("service", method));
        Arc::new(Self {
            provider,
            started: Instant::now(),
            token_requests: AtomicUsize::new(0),
            gate: Semaphore::new(0),
        })
    }

    fn now(&self) -> i64 {
        BEGINNING + i64::try_from(self.started.elapsed().as_secs()).unwrap()
    }

    fn token_requests(&self) -> usize {
        self.token_requests.load(Ordering::SeqCst)
    }

    async fn client(self: &Arc<Self>, client_id: &str) -> Client {
        let this = Arc::clone(self);
        let clock = move || UnixTime::from_seconds(this.now());
        let builder = Client::discover(ISSUER, client_id)
            .http_client(Arc::clone(self))
            .clock(clock)
            .redirect_uri(REDIRECT_URI);
        match client_id {
            "service" => builder.client_secret(SECRET).await.unwrap(),
            _ => builder.await.unwrap(),
        }
    }

    /// A login, while the gate lets it pass.
    async fn log_in(&self, client: &Client) -> TokenSet {
        let request = client.authorization_request().scope("openid");
        let (url, pending) = request.await.unwrap();
        let request = Request::get(url.as_str()).body(Bytes::new()).unwrap();
        let response = self.provider.handle(&request, self.now());
        let callback = response.headers()["location"].to_str().unwrap();
        if !self.gate.is_closed() {
            self.gate.add_permits(1);
        }
        let grant = client.authorization_code_grant(pending, callback);
        grant.await.unwrap()
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
            if request.uri().path() == "/token" {
                if let Ok(permit) = self.gate.acquire().await {
                    permit.forget();
                }
                self.token_requests.fetch_add(1, Ordering::SeqCst);
            }
            let response = self.provider.handle(&request, self.now());
            // A network takes its time, in which others ask.
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(response.map(Body::from))
        })
    }
}

async fn text(source: &TokenSource) -> String {
    let tokens = source.token().await.unwrap();
    tokens.access_token().expose().clone()
}

fn source_error(error: Error) -> SourceError {
    match error {
        Error::Source(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_with_a_hundred_tasks_sends_one_request_in_each_lifetime() {
    let transport = Virtual::new();
    let client = transport.client("service").await;
    let grant = SourceGrant::client_credentials().scope("read");
    let source = client.token_source(grant).build().unwrap();
    for lifetime in 1..=5 {
        let mut tasks = JoinSet::new();
        for _ in 0..100 {
            let source = source.clone();
            tasks.spawn(async move { text(&source).await });
        }
        let tokens = tasks.join_all().await;
        assert!(tokens.iter().all(|token| *token == tokens[0]));
        assert_eq!(transport.token_requests(), lifetime);
        advance(Duration::from_secs(3600)).await;
    }
}

/// The provider ends the login when a refresh token is used twice.
#[tokio::test(start_paused = true)]
async fn a_session_with_parallel_requests_survives_a_thousand_expiries() {
    let transport = Virtual::new();
    let client = transport.client("app").await;
    let source = client.token_source(transport.log_in(&client).await);
    let source = source.build().unwrap();
    let resource = transport.provider.url(Endpoint::Resource);
    for expiry in 1..=1000 {
        // Beyond the end, and in every fourth round shortly before it.
        let passes = if expiry % 4 == 0 { 3500 } else { 3600 };
        advance(Duration::from_secs(passes)).await;
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let (client, source, resource) = (client.clone(), source.clone(), resource.clone());
            tasks.spawn(async move {
                let request = client.fetch_protected_resource(&source, Method::GET, resource);
                request.await.unwrap().status()
            });
        }
        for status in tasks.join_all().await {
            assert_eq!(status, 200, "{expiry}");
        }
        // Lets a refresh in the background come to its end.
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(transport.token_requests(), 1 + expiry);
    }
    let tokens = source.token().await.unwrap();
    assert_eq!(tokens.login().unwrap().sub(), "alice");
    client.refresh_token_grant(&tokens).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refresh_ahead_goes_on_in_the_background() {
    let transport = Virtual::gated();
    let client = transport.client("app").await;
    let tokens = transport.log_in(&client).await;
    let source = client.token_source(tokens).build().unwrap();
    let first = text(&source).await;
    advance(Duration::from_secs(3500)).await;
    // The request is held back, and no caller waits for it.
    for _ in 0..10 {
        assert_eq!(text(&source).await, first);
    }
    transport.gate.close();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_ne!(text(&source).await, first);
    assert_eq!(transport.token_requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn callers_that_give_up_take_nothing_from_the_others() {
    let transport = Virtual::gated();
    let client = transport.client("app").await;
    let tokens = transport.log_in(&client).await;
    let before = tokens.refresh_token().unwrap().clone();
    let source = client.token_source(tokens).build().unwrap();
    advance(Duration::from_secs(3600)).await;
    let begun = tokio::time::timeout(Duration::from_secs(1), source.token()).await;
    assert!(begun.is_err(), "the first caller waits");
    let other = tokio::spawn({
        let source = source.clone();
        async move { text(&source).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    transport.gate.close();
    let token = other.await.unwrap();
    assert_eq!(text(&source).await, token);
    // One request was sent, and the rotated refresh token is stored.
    assert_eq!(transport.token_requests(), 2);
    let stored = source.stored().unwrap();
    let tokens = stored.restore(client.configuration()).unwrap();
    assert_ne!(tokens.refresh_token().unwrap(), &before);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_when_no_caller_waits() {
    let transport = Virtual::gated();
    let client = transport.client("app").await;
    let tokens = transport.log_in(&client).await;
    let source = client.token_source(tokens).build().unwrap();
    advance(Duration::from_secs(3600)).await;
    let begun = tokio::time::timeout(Duration::from_secs(1), source.token()).await;
    assert!(begun.is_err());
    transport.gate.close();
    tokio::time::sleep(Duration::from_secs(1)).await;
    text(&source).await;
    assert_eq!(transport.token_requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_is_refused_ends_the_source() {
    let transport = Virtual::new();
    let client = transport.client("app").await;
    let tokens = transport.log_in(&client).await;
    let source = client.token_source(&tokens).build().unwrap();
    // The refresh token is used elsewhere.
    client.refresh_token_grant(&tokens).await.unwrap();
    advance(Duration::from_secs(3600)).await;
    for _ in 0..3 {
        let error = source.token().await.unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_LOGIN_NEEDED"));
        assert!(matches!(
            error.core(),
            Some(oauth_core::Error::ResponseBody(_))
        ));
        match source_error(error) {
            SourceError::LoginNeeded(needed) => {
                assert!(matches!(*needed, LoginNeeded::GrantRefused(_)), "{needed}");
            }
            other => panic!("{other}"),
        }
    }
    assert!(source.stored().is_none());
    assert_eq!(transport.token_requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn callers_share_one_error_and_the_next_attempt_waits() {
    let transport = Virtual::new();
    let client = transport.client("service").await;
    let grant = SourceGrant::client_credentials().scope("read");
    let source = client.token_source(grant).build().unwrap();
    transport.provider.misbehave(Misbehaviour::TokenServerError);
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let source = source.clone();
        tasks.spawn(async move { source.token().await.unwrap_err() });
    }
    for error in tasks.join_all().await {
        assert!(matches!(source_error(error), SourceError::Failed { .. }));
    }
    assert_eq!(transport.token_requests(), 1);
    source.token().await.unwrap_err();
    assert_eq!(transport.token_requests(), 1);
    transport.provider.behave();
    advance(Duration::from_secs(2)).await;
    text(&source).await;
    assert_eq!(transport.token_requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_panics_ends_its_attempt() {
    let transport = Virtual::new();
    let client = transport.client("service").await;
    let runs = Arc::new(AtomicUsize::new(0));
    let grant = SourceGrant::from_fn(move |client| {
        let run = runs.fetch_add(1, Ordering::SeqCst);
        async move {
            assert!(run > 0, "the first one panics");
            client.client_credentials_grant().scope("read").await
        }
    });
    let source = client.token_source(grant).build().unwrap();
    let error = source.token().await.unwrap_err();
    assert!(
        matches!(error.core(), Some(oauth_core::Error::Aborted)),
        "{error}"
    );
    advance(Duration::from_secs(2)).await;
    text(&source).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_closure_ends_in_is_the_reason() {
    let transport = Virtual::new();
    let client = transport.client("service").await;
    let grant = SourceGrant::from_fn(async |client: Client| {
        let inner = SourceGrant::jwt_bearer("no assertion").scope("read");
        let tokens = client.token_source(inner).build()?.token().await?;
        Ok(tokens.tokens().clone())
    });
    let source = client.token_source(grant).build().unwrap();
    let error = source.token().await.unwrap_err();
    match error.core() {
        Some(oauth_core::Error::Unanswered(unanswered)) => {
            assert_eq!(unanswered.reason, NoAnswer::Failed);
            let inner = unanswered.source.as_ref().unwrap().downcast_ref::<Error>();
            assert_eq!(inner.unwrap().code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_lifetime_of_zero_is_refused() {
    let transport = Virtual::new();
    let client = transport.client("service").await;
    let grant = SourceGrant::client_credentials().scope("read");
    let builder = client.token_source(grant).lifetime(Duration::ZERO);
    let error = builder.build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`lifetime` must be longer than zero, found zero"
    );
}

/// The runtime that drives the attempt is alive, and nothing drives it.
#[tokio::test]
async fn no_caller_waits_for_ever_for_another_runtime() {
    let transport = Virtual::gated();
    let mut policy = Policy::default();
    policy.set_timeout(Duration::from_millis(100)).unwrap();
    let client = transport.client("service").await.with_policy(policy);
    let source = client.token_source(SourceGrant::client_credentials());
    let source = source.build().unwrap();
    let first = source.clone();
    let stalled = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        let moment = Duration::from_millis(10);
        let waits = runtime.block_on(async { tokio::time::timeout(moment, first.token()).await });
        assert!(waits.is_err());
        runtime
    });
    let stalled = stalled.join().unwrap();
    let waited = tokio::time::timeout(Duration::from_secs(10), source.token()).await;
    let deadline = Duration::from_millis(500);
    let is_still_under_way = |waited: Result<_, Error>| {
        let Err(Error::Source(SourceError::Failed { cause, retry_in })) = waited else {
            panic!("a token without an answer");
        };
        let oauth_core::Error::Unanswered(unanswered) = *cause else {
            panic!("{cause:?}");
        };
        assert_eq!(unanswered.reason, NoAnswer::StillUnderWay { deadline });
        assert_eq!(retry_in, Duration::from_secs(10));
    };
    is_still_under_way(waited.unwrap());
    // Later callers do not wait as long again.
    let begun = Instant::now();
    for _ in 0..10 {
        is_still_under_way(source.token().await);
    }
    assert!(begun.elapsed() < deadline, "{:?}", begun.elapsed());
    stalled.shutdown_background();
}
