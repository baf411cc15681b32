//! Sources of each kind, with callers that come, wait and give up, a server that fails in many
//! ways, and clocks that jump. What the server receives decides, and what callers get.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod server;
mod store;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use openid_client::store::SealedStore;
use openid_client::{Client, Error, SealingKey, Secret, ServerMetadata, SourceGrant, TokenSource};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use self::server::{Outcome, Server};
use self::store::{Fault, Faulty};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Refresh,
    Stored,
    /// Three sources of one login, as of three instances, and a store that fails.
    Instances,
    ClientCredentials,
    TokenExchange,
    JwtBearer,
    Closure,
}

const KINDS: [Kind; 7] = [
    Kind::Refresh,
    Kind::Stored,
    Kind::Instances,
    Kind::ClientCredentials,
    Kind::TokenExchange,
    Kind::JwtBearer,
    Kind::Closure,
];

impl Kind {
    const fn is_of_a_login(self) -> bool {
        matches!(self, Self::Refresh | Self::Stored | Self::Instances)
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// A caller asks one of the sources, in a separate task.
    Ask(usize),
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
    /// The store fails for so many seconds.
    Fail(Fault, u64),
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
    let fault = select(&[Fault::Gone, Fault::Full, Fault::Silent, Fault::Unheard][..]);
    prop_oneof![
        8 => any::<usize>().prop_map(Step::Ask),
        4 => any::<usize>().prop_map(Step::Cancel),
        6 => prop_oneof![0_u64..5, 0_u64..2000].prop_map(Step::Pass),
        1 => (-5000_i64..5000).prop_map(Step::Jump),
        2 => Just(Step::Refuse),
        4 => (outcome, 0_u64..40).prop_map(|(outcome, delay)| Step::Serve(outcome, delay)),
        3 => (fault, prop_oneof![0_u64..20, 0_u64..900])
            .prop_map(|(fault, seconds)| Step::Fail(fault, seconds)),
    ]
}

fn client(server: &Arc<Server>) -> Client {
    let clock = Arc::clone(server);
    let mut metadata = ServerMetadata::new("https://op.example");
    metadata.token_endpoint = Some("https://op.example/token".to_owned());
    let builder = Client::from_metadata(metadata, "app").http_client(Arc::clone(server));
    builder.clock(move || clock.now()).build().unwrap()
}

async fn sources(
    kind: Kind,
    server: &Arc<Server>,
    client: &Client,
    store: &SealedStore,
) -> Vec<TokenSource> {
    let first = || async { client.client_credentials_grant().scope("read").await };
    let grant = match kind {
        Kind::Refresh => SourceGrant::refresh(first().await.unwrap()),
        Kind::Stored | Kind::Instances => {
            let tokens = first().await.unwrap();
            store.save(client, NAME, tokens).await.unwrap();
            SourceGrant::stored(store, NAME)
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
    let number = if kind == Kind::Instances { 3 } else { 1 };
    server.seen().instances = number;
    let source = |_| {
        let source = client.token_source(grant.clone());
        source.lifetime(Duration::from_secs(200)).build().unwrap()
    };
    (0..number).map(source).collect()
}

const NAME: &str = "s";

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
    let remote = Faulty::new();
    let store = SealedStore::new(Arc::clone(&remote), SealingKey::new([7; 32]));
    let sources = sources(kind, &server, &client, &store).await;
    let is_shared = kind == Kind::Instances;
    for source in &sources {
        source.token().await.unwrap();
    }
    let mut callers: Vec<Caller> = Vec::new();
    let mut last = None;
    for step in steps {
        match step {
            Step::Ask(which) => {
                let source = sources.get(which % sources.len()).unwrap();
                callers.push(caller(source, &server));
            }
            Step::Cancel(which) if !callers.is_empty() => {
                callers.swap_remove(which % callers.len()).abort();
            }
            Step::Cancel(_) => {}
            Step::Pass(seconds) => sleep(Duration::from_secs(seconds)).await,
            // The expiry of tokens in a store has no other clock than this.
            Step::Jump(seconds) if is_shared && seconds < 0 => {}
            Step::Jump(seconds) => {
                server.wall.fetch_add(seconds, Ordering::SeqCst);
            }
            Step::Refuse => {
                if let Some(last) = &last {
                    for source in &sources {
                        source.invalidate(last);
                    }
                }
            }
            // It has an end before the saving in the background has one.
            Step::Fail(fault, seconds) if is_shared => {
                remote.fail(fault);
                let remote = Arc::clone(&remote);
                let (sources, server) = (sources.clone(), Arc::clone(&server));
                tokio::spawn(async move {
                    sleep(Duration::from_secs(seconds)).await;
                    remote.fail(Fault::None);
                    // Callers come before an instance has saved what it could not save.
                    for source in &sources {
                        if let Err(fault) = caller(source, &server).await.unwrap() {
                            server.seen().fault(fault);
                        }
                    }
                });
            }
            Step::Fail(..) => {}
            // Instances do not share the pause after a token that has expired on arrival.
            Step::Serve(
                Outcome::Tokens {
                    expires_in: Some(0),
                    ..
                },
                _,
            ) if is_shared => {}
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
    // Longer than the store fails.
    sleep(Duration::from_secs(1000)).await;
    let (has_ended, latest) = {
        let seen = server.seen();
        prop_assert!(seen.faults.is_empty(), "{:?}", seen.faults);
        (seen.has_ended, seen.latest.clone())
    };
    // A refresh token that has arrived is kept, whoever gave up in the meantime.
    if kind.is_of_a_login() && !has_ended {
        let stored = match kind {
            Kind::Instances => store.load(&client, NAME).await.unwrap().unwrap(),
            _ => sources.first().unwrap().stored().unwrap(),
        };
        let stored = stored.restore(client.configuration()).unwrap();
        prop_assert_eq!(stored.refresh_token().unwrap().expose(), &latest);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
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
