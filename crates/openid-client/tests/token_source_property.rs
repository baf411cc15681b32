//! Sources of each kind, with callers that come, wait and give up, a server that fails in many ways,
//! and clocks that jump. What the server receives decides, and what callers get.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use openid_client::http::{
    Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError, TransportFailure,
};
use openid_client::store::{MemoryStore, SealedStore};
use openid_client::{
    Client, Error, SealingKey, Secret, ServerMetadata, SourceGrant, TokenSource, UnixTime,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

const BEGINNING: i64 = 1_700_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Refresh,
    Stored,
    ClientCredentials,
    TokenExchange,
    JwtBearer,
    Closure,
}

const KINDS: [Kind; 6] = [
    Kind::Refresh,
    Kind::Stored,
    Kind::ClientCredentials,
    Kind::TokenExchange,
    Kind::JwtBearer,
    Kind::Closure,
];

impl Kind {
    const fn is_of_a_login(self) -> bool {
        matches!(self, Self::Refresh | Self::Stored)
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// A caller asks, in a separate task.
    Ask,
    /// A caller that waits gives up.
    Cancel(usize),
    /// Time passes on both clocks.
    Pass(u64),
    /// The wall clock is set.
    Jump(i64),
    /// A resource refuses the token that was handed out last.
    Refuse,
    /// The next requests are answered like this, after so many seconds.
    Serve(Outcome, u64),
}

#[derive(Debug, Clone)]
enum Outcome {
    Tokens {
        expires_in: Option<u64>,
        rotated: bool,
    },
    /// 503, with `Retry-After`.
    Unavailable(u64),
    /// The connection breaks.
    Broken,
    /// The answer never comes.
    Silent,
    InvalidGrant,
}

fn step() -> impl Strategy<Value = Step> {
    let expires_in = prop_oneof![
        Just(None),
        (0_u64..40).prop_map(Some),
        (40_u64..2000).prop_map(Some)
    ];
    let tokens = (expires_in, any::<bool>()).prop_map(|(expires_in, rotated)| Outcome::Tokens {
        expires_in,
        rotated,
    });
    let outcome = prop_oneof![
        8 => tokens,
        2 => (0_u64..100).prop_map(Outcome::Unavailable),
        2 => Just(Outcome::Broken),
        2 => Just(Outcome::Silent),
        1 => Just(Outcome::InvalidGrant),
    ];
    prop_oneof![
        8 => Just(Step::Ask),
        4 => any::<usize>().prop_map(Step::Cancel),
        6 => prop_oneof![0_u64..5, 0_u64..2000].prop_map(Step::Pass),
        1 => (-5000_i64..5000).prop_map(Step::Jump),
        2 => Just(Step::Refuse),
        4 => (outcome, 0_u64..40).prop_map(|(outcome, delay)| Step::Serve(outcome, delay)),
    ]
}

/// The token endpoint. It writes down what must not happen.
struct Server {
    wall: AtomicI64,
    started: Instant,
    seen: Mutex<Seen>,
}

struct Seen {
    outcome: Outcome,
    delay: Duration,
    issued: u32,
    requests: u32,
    /// The refresh tokens, or else the grants, of the requests under way.
    in_flight: BTreeSet<String>,
    /// Refresh tokens whose successor has arrived.
    replaced: BTreeSet<String>,
    /// The refresh token that has arrived last.
    latest: String,
    /// When each access token expires.
    expiries: BTreeMap<String, Instant>,
    failures: u32,
    not_before: Instant,
    has_ended: bool,
    faults: Vec<String>,
}

impl Server {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            wall: AtomicI64::new(BEGINNING),
            started: Instant::now(),
            seen: Mutex::new(Seen {
                outcome: Outcome::Tokens {
                    expires_in: Some(600),
                    rotated: true,
                },
                delay: Duration::ZERO,
                issued: 0,
                requests: 0,
                in_flight: BTreeSet::new(),
                replaced: BTreeSet::new(),
                latest: String::new(),
                expiries: BTreeMap::new(),
                failures: 0,
                not_before: Instant::now(),
                has_ended: false,
                faults: Vec::new(),
            }),
        })
    }

    fn now(&self) -> UnixTime {
        let elapsed = i64::try_from(self.started.elapsed().as_secs()).unwrap();
        UnixTime::from_seconds(self.wall.load(Ordering::SeqCst) + elapsed)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    async fn answer(
        &self,
        form: &BTreeMap<String, String>,
    ) -> Result<Response<Body>, TransportError> {
        let sent = form.get("refresh_token").cloned();
        let (outcome, delay) = {
            let seen = self.seen();
            (seen.outcome.clone(), seen.delay)
        };
        sleep(delay).await;
        let json = |status: u16, body: String| {
            let response = Response::builder().status(status);
            let response = response.header("content-type", "application/json");
            Ok(response.body(Body::from(Bytes::from(body))).unwrap())
        };
        match outcome {
            Outcome::Tokens {
                expires_in,
                rotated,
            } => {
                let mut seen = self.seen();
                seen.issued += 1;
                let number = seen.issued;
                let mut body = format!(r#"{{"access_token":"at-{number}","token_type":"Bearer""#);
                if let Some(seconds) = expires_in {
                    body += &format!(r#","expires_in":{seconds}"#);
                    let expiry = Instant::now() + Duration::from_secs(seconds);
                    seen.expiries.insert(format!("at-{number}"), expiry);
                }
                if rotated || sent.is_none() {
                    body += &format!(r#","refresh_token":"rt-{number}""#);
                    seen.latest = format!("rt-{number}");
                    seen.replaced.extend(sent);
                }
                match expires_in {
                    Some(0) => seen.failed(0),
                    _ => seen.failures = 0,
                }
                json(200, body + "}")
            }
            Outcome::Unavailable(seconds) => {
                self.seen().failed(seconds);
                let response = Response::builder().status(503);
                let response = response.header("retry-after", seconds);
                Ok(response.body(Body::from(Bytes::new())).unwrap())
            }
            Outcome::Broken => {
                self.seen().failed(0);
                Err(TransportError::new(TransportFailure::Interrupted))
            }
            Outcome::Silent => std::future::pending().await,
            Outcome::InvalidGrant => {
                let mut seen = self.seen();
                seen.failed(0);
                seen.has_ended = true;
                json(400, r#"{"error":"invalid_grant"}"#.to_owned())
            }
        }
    }
}

impl Seen {
    /// The earliest moment of the next attempt.
    fn failed(&mut self, retry_after: u64) {
        let pause = 2_u64.saturating_pow(self.failures).min(300);
        self.failures += 1;
        self.not_before = Instant::now() + Duration::from_secs(pause.max(retry_after));
    }

    fn fault(&mut self, fault: impl Into<String>) {
        self.faults.push(fault.into());
    }
}

/// A request under way. When it is dropped, no answer has come.
struct UnderWay<'a> {
    server: &'a Server,
    token: String,
    is_answered: bool,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut seen = self.server.seen();
        seen.in_flight.remove(&self.token);
        if !self.is_answered {
            seen.failed(0);
        }
    }
}

impl HttpClient for Server {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let body = request.into_body().collect(usize::MAX).await?;
            let form: BTreeMap<String, String> =
                url::form_urlencoded::parse(&body).into_owned().collect();
            let token = form.get("refresh_token").or(form.get("grant_type"));
            let token = token.unwrap().clone();
            {
                let mut seen = self.seen();
                seen.requests += 1;
                if !seen.in_flight.is_empty() {
                    seen.fault("two requests in flight");
                }
                if seen.replaced.contains(&token) {
                    seen.fault(format!("{token} after its successor had arrived"));
                }
                if Instant::now() < seen.not_before {
                    seen.fault("a second attempt in one step of the back-off");
                }
                if seen.has_ended && token != "client_credentials" {
                    seen.fault("a request after `invalid_grant`");
                }
                seen.in_flight.insert(token.clone());
            }
            let mut under_way = UnderWay {
                server: self,
                token,
                is_answered: false,
            };
            let answer = self.answer(&form).await;
            under_way.is_answered = true;
            answer
        })
    }
}

fn client(server: &Arc<Server>) -> Client {
    let clock = Arc::clone(server);
    let mut metadata = ServerMetadata::new("https://op.example");
    metadata.token_endpoint = Some("https://op.example/token".to_owned());
    let builder = Client::from_metadata(metadata, "app").http_client(Arc::clone(server));
    builder.clock(move || clock.now()).build().unwrap()
}

async fn source(kind: Kind, client: &Client) -> TokenSource {
    let read = [("scope", "read")];
    let first = || async { client.client_credentials_grant().scope("read").await };
    let grant = match kind {
        Kind::Refresh => SourceGrant::refresh(first().await.unwrap()),
        Kind::Stored => {
            let store = SealedStore::new(MemoryStore::new(), SealingKey::new([7; 32]));
            let tokens = first().await.unwrap();
            store.save(client, "s", tokens).await.unwrap();
            SourceGrant::stored(&store, "s")
        }
        Kind::ClientCredentials => SourceGrant::client_credentials(read),
        Kind::TokenExchange => SourceGrant::token_exchange("subject", "urn:x", read),
        Kind::JwtBearer => SourceGrant::jwt_bearer("assertion", read),
        Kind::Closure => SourceGrant::from_fn(async |client: Client| {
            client.client_credentials_grant().scope("read").await
        }),
    };
    let source = client.token_source(grant);
    source.lifetime(Duration::from_secs(200)).build().unwrap()
}

type Caller = JoinHandle<Result<Option<Secret>, String>>;

/// A caller looks at the clock when it gets its token.
fn caller(source: &TokenSource, server: &Arc<Server>) -> Caller {
    let (source, server) = (source.clone(), Arc::clone(server));
    tokio::spawn(async move {
        match source.token().await {
            Ok(tokens) => {
                let token = tokens.access_token().clone();
                let expiry = server.seen().expiries.get(token.expose()).copied();
                match expiry {
                    Some(expiry) if expiry <= Instant::now() => {
                        Err(format!("{} has expired", token.expose()))
                    }
                    _ => Ok(Some(token)),
                }
            }
            Err(Error::Source(_)) => Ok(None),
            Err(other) => Err(other.to_string()),
        }
    })
}

async fn run(kind: Kind, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let server = Server::new();
    let client = client(&server);
    let source = source(kind, &client).await;
    source.token().await.unwrap();
    let mut callers: Vec<Caller> = Vec::new();
    let mut last = None;
    for step in steps {
        match step {
            Step::Ask => callers.push(caller(&source, &server)),
            Step::Cancel(which) if !callers.is_empty() => {
                callers.swap_remove(which % callers.len()).abort();
            }
            Step::Cancel(_) => {}
            Step::Pass(seconds) => sleep(Duration::from_secs(seconds)).await,
            Step::Jump(seconds) => {
                server.wall.fetch_add(seconds, Ordering::SeqCst);
            }
            Step::Refuse => {
                if let Some(last) = &last {
                    source.invalidate(last);
                }
            }
            Step::Serve(outcome, delay) => {
                let mut seen = server.seen();
                (seen.outcome, seen.delay) = (outcome, Duration::from_secs(delay));
            }
        }
        tokio::task::yield_now().await;
        for index in (0..callers.len()).rev() {
            if callers[index].is_finished() {
                let got = callers.swap_remove(index).await.unwrap();
                last = got.map_err(TestCaseError::fail)?.or(last);
            }
        }
    }
    // Nobody waits for ever.
    for caller in callers {
        let got = timeout(Duration::from_secs(400), caller).await;
        let got = got.map_err(|_| TestCaseError::fail("a caller waits for ever"))?;
        got.unwrap().map_err(TestCaseError::fail)?;
    }
    sleep(Duration::from_secs(100)).await;
    let seen = server.seen();
    prop_assert!(seen.faults.is_empty(), "{:?}", seen.faults);
    // A refresh token that has arrived is kept, whoever gave up in the meantime.
    if kind.is_of_a_login() && !seen.has_ended {
        let stored = source.stored().unwrap().restore(client.configuration());
        let kept = stored.unwrap().refresh_token().unwrap().expose().clone();
        prop_assert_eq!(&kept, &seen.latest);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn one_request_at_a_time_whoever_comes_and_gives_up(
        kind in select(&KINDS[..]),
        steps in vec(step(), 1..60),
    ) {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build().unwrap();
        runtime.block_on(run(kind, steps))?;
    }
}
