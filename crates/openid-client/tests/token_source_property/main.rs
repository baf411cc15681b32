//! Sources of each kind, with callers that come, wait and give up, a server that fails in many
//! ways, and clocks that jump. What the server receives decides, and what callers get.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod server;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use openid_client::store::{MemoryStore, SealedStore};
use openid_client::{Client, Error, SealingKey, Secret, ServerMetadata, SourceGrant, TokenSource};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use self::server::{Outcome, Server};

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

fn client(server: &Arc<Server>) -> Client {
    let clock = Arc::clone(server);
    let mut metadata = ServerMetadata::new("https://op.example");
    metadata.token_endpoint = Some("https://op.example/token".to_owned());
    let builder = Client::from_metadata(metadata, "app").http_client(Arc::clone(server));
    builder.clock(move || clock.now()).build().unwrap()
}

async fn source(kind: Kind, client: &Client) -> TokenSource {
    let first = || async { client.client_credentials_grant().scope("read").await };
    let grant = match kind {
        Kind::Refresh => SourceGrant::refresh(first().await.unwrap()),
        Kind::Stored => {
            let store = SealedStore::new(MemoryStore::new(), SealingKey::new([7; 32]));
            let tokens = first().await.unwrap();
            store.save(client, "s", tokens).await.unwrap();
            SourceGrant::stored(&store, "s")
        }
        Kind::ClientCredentials => SourceGrant::client_credentials().scope("read").into(),
        Kind::TokenExchange => SourceGrant::token_exchange("subject", "urn:x")
            .scope("read")
            .into(),
        Kind::JwtBearer => SourceGrant::jwt_bearer("assertion").scope("read").into(),
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
        let (finished, waiting): (Vec<_>, Vec<_>) =
            callers.into_iter().partition(|caller| caller.is_finished());
        for caller in finished {
            let got = caller.await.unwrap();
            last = got.map_err(TestCaseError::fail)?.or(last);
        }
        callers = waiting;
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
