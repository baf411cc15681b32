//! Several instances of an application and one refresh token, on virtual time.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use openid_client::http::{Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError};
use openid_client::store::{
    Entry, Lease, MemoryStore, Revision, SealedStore, StoreError, StoreFuture, TokenStore,
};
use openid_client::{
    Client, Error, LoginNeeded, SealingKey, Secret, SourceError, SourceGrant, TokenSource, UnixTime,
};
use test_provider::{ClientRegistration, Provider};
use tokio::task::JoinSet;
use tokio::time::{Instant, advance};

use self::support::in_process::{ISSUER, REDIRECT_URI};

const BEGINNING: i64 = 1_700_000_000;
const NAME: &str = "session-1";

/// A provider that rotates refresh tokens and ends the login when one is used twice.
struct World {
    provider: Provider,
    started: Instant,
    token_requests: AtomicUsize,
    /// The next answer of the token endpoint does not arrive.
    loses_answer: AtomicBool,
}

impl World {
    fn new() -> Arc<Self> {
        let provider = Provider::new(ISSUER);
        provider.register(ClientRegistration::public("app").redirect_uri(REDIRECT_URI));
        Arc::new(Self {
            provider,
            started: Instant::now(),
            token_requests: AtomicUsize::new(0),
            loses_answer: AtomicBool::new(false),
        })
    }

    fn now(&self) -> i64 {
        BEGINNING + i64::try_from(self.started.elapsed().as_secs()).unwrap()
    }

    fn token_requests(&self) -> usize {
        self.token_requests.load(Ordering::SeqCst)
    }

    /// One instance of the application.
    async fn instance(self: &Arc<Self>) -> Client {
        let this = Arc::clone(self);
        let clock = move || UnixTime::from_seconds(this.now());
        let builder = Client::discover(ISSUER, "app").http_client(Arc::clone(self) as _);
        let builder = builder.clock(clock).redirect_uri(REDIRECT_URI);
        builder.await.unwrap()
    }

    /// Logs in and saves the tokens.
    async fn log_in(&self, client: &Client, store: &SealedStore) {
        let request = client.authorization_request().scope("openid");
        let (url, pending) = request.begin().await.unwrap();
        let request = Request::get(url.as_str()).body(Bytes::new()).unwrap();
        let response = self.provider.handle(&request, self.now());
        let callback = response.headers()["location"].to_str().unwrap();
        let grant = client.authorization_code_grant(pending, callback);
        store
            .save(client, NAME, grant.await.unwrap())
            .await
            .unwrap();
    }
}

impl HttpClient for World {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let request = Request::from_parts(head, body.collect(usize::MAX).await?);
            let response = self.provider.handle(&request, self.now());
            tokio::time::sleep(Duration::from_millis(3)).await;
            if request.uri().path() == "/token" {
                self.token_requests.fetch_add(1, Ordering::SeqCst);
                if self.loses_answer.swap(false, Ordering::SeqCst) {
                    std::future::pending::<()>().await;
                }
            }
            Ok(response.map(Body::from))
        })
    }
}

/// A store that can be taken off the network.
#[derive(Default)]
struct Remote {
    store: MemoryStore,
    gone: AtomicBool,
    /// Only what is saved is refused.
    full: AtomicBool,
}

impl Remote {
    fn reach(&self, operation: &'static str) -> Result<(), StoreError> {
        let refused = operation == "save" && self.full.load(Ordering::SeqCst);
        match self.gone.load(Ordering::SeqCst) || refused {
            true => Err(StoreError::new(operation, "no connection")),
            false => Ok(()),
        }
    }
}

impl TokenStore for Remote {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.reach("load")?;
            self.store.load(name).await
        })
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        value: Secret,
        after: Option<Revision>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Option<Revision>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.reach("save")?;
            self.store.save(name, value, after, lifetime).await
        })
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        Box::pin(async move {
            self.reach("take")?;
            self.store.take(name).await
        })
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(async move {
            self.reach("lease")?;
            self.store.lease(name, lifetime).await
        })
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.reach("release")?;
            self.store.release(name, lease).await
        })
    }
}

struct Instances {
    world: Arc<World>,
    remote: Arc<Remote>,
    store: SealedStore,
    clients: Vec<Client>,
    sources: Vec<TokenSource>,
}

async fn instances(number: usize) -> Instances {
    let world = World::new();
    let remote = Arc::new(Remote::default());
    let store = SealedStore::shared(Arc::clone(&remote) as _, SealingKey::new([7; 32]));
    let (mut clients, mut sources) = (Vec::new(), Vec::new());
    for _ in 0..number {
        let client = world.instance().await;
        let source = client.token_source(SourceGrant::stored(&store, NAME));
        sources.push(source.build().unwrap());
        clients.push(client);
    }
    world.log_in(clients.first().unwrap(), &store).await;
    Instances {
        world,
        remote,
        store,
        clients,
        sources,
    }
}

fn login_needed(error: Error) -> LoginNeeded {
    match error {
        Error::Source(SourceError::LoginNeeded(needed)) => *needed,
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn eight_instances_refresh_each_token_once_over_two_hundred_expiries() {
    let instances = instances(8).await;
    for expiry in 0..=200 {
        let mut tasks = JoinSet::new();
        for source in &instances.sources {
            // Two requests at a time on each instance.
            for _ in 0..2 {
                let source = source.clone();
                tasks.spawn(async move {
                    let tokens = source.token().await.unwrap();
                    tokens.access_token().expose().clone()
                });
            }
        }
        let tokens = tasks.join_all().await;
        assert!(tokens.iter().all(|token| *token == tokens[0]), "{expiry}");
        assert_eq!(instances.world.token_requests(), 1 + expiry);
        advance(Duration::from_secs(3600)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_store_nothing_is_refreshed_and_a_good_token_serves() {
    let instances = instances(1).await;
    let (source, world) = (&instances.sources[0], &instances.world);
    source.token().await.unwrap();
    instances.remote.gone.store(true, Ordering::SeqCst);
    // Near its end.
    advance(Duration::from_secs(3400)).await;
    for _ in 0..3 {
        source.token().await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    advance(Duration::from_secs(3600)).await;
    let error = source.token().await.unwrap_err();
    assert!(
        matches!(error, Error::Source(SourceError::Failed { .. })),
        "{error}"
    );
    assert_eq!(world.token_requests(), 1);
    instances.remote.gone.store(false, Ordering::SeqCst);
    advance(Duration::from_secs(60)).await;
    source.token().await.unwrap();
    assert_eq!(world.token_requests(), 2);
}

/// The new refresh token is in this process alone until the store is there again.
#[tokio::test(start_paused = true)]
async fn what_could_not_be_saved_is_saved_before_the_next_refresh() {
    let instances = instances(2).await;
    let [one, two] = &instances.sources[..] else {
        panic!("two instances");
    };
    advance(Duration::from_secs(3600)).await;
    instances.remote.full.store(true, Ordering::SeqCst);
    one.token().await.unwrap();
    instances.remote.full.store(false, Ordering::SeqCst);
    advance(Duration::from_secs(3600)).await;
    one.token().await.unwrap();
    two.token().await.unwrap();
    assert_eq!(instances.world.token_requests(), 3);
    advance(Duration::from_secs(3600)).await;
    two.token().await.unwrap();
    assert_eq!(instances.world.token_requests(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_logout_ends_the_sources_of_every_instance() {
    let instances = instances(2).await;
    for source in &instances.sources {
        source.token().await.unwrap();
    }
    assert!(instances.store.remove(NAME).await.unwrap());
    assert!(!instances.store.remove(NAME).await.unwrap());
    advance(Duration::from_secs(3600)).await;
    for source in &instances.sources {
        let error = source.token().await.unwrap_err();
        assert!(matches!(login_needed(error), LoginNeeded::Removed));
    }
    assert_eq!(instances.world.token_requests(), 1);
}

/// The answer never arrives, or the holder dies before it sends anything and its lease runs out.
#[tokio::test(start_paused = true)]
async fn the_successor_of_a_holder_that_died_tries_the_old_token_once() {
    for sent in [false, true] {
        let instances = instances(3).await;
        let world = &instances.world;
        advance(Duration::from_secs(3600)).await;
        if sent {
            world.loses_answer.store(true, Ordering::SeqCst);
            // The first instance waits for its answer, under its lease, until its deadline is over.
            let source = instances.sources[0].clone();
            let lost = tokio::spawn(async move { source.token().await });
            tokio::time::sleep(Duration::from_secs(1)).await;
            lost.abort();
            assert_eq!(world.token_requests(), 2);
        } else {
            // It died before it sent anything.
            let lifetime = Duration::from_secs(95);
            let lease = instances.remote.lease(NAME, lifetime).await.unwrap();
            assert!(lease.is_some());
        }
        let result = instances.sources[1].token().await;
        if sent {
            let needed = login_needed(result.unwrap_err());
            assert!(matches!(needed, LoginNeeded::GrantRefused(_)), "{needed}");
            assert_eq!(world.token_requests(), 3);
            // The others do not try what is dead.
            let error = instances.sources[2].token().await.unwrap_err();
            assert!(matches!(login_needed(error), LoginNeeded::Removed));
            assert_eq!(world.token_requests(), 3);
        } else {
            result.unwrap();
            instances.sources[2].token().await.unwrap();
            assert_eq!(world.token_requests(), 2);
        }
    }
}

/// A holder that comes late to its send, when too little of the lease is left, does not send.
#[tokio::test(start_paused = true)]
async fn a_holder_without_enough_of_its_lease_sends_nothing() {
    struct Slow(Arc<Remote>);
    impl TokenStore for Slow {
        fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
            self.0.load(name)
        }
        fn save<'a>(
            &'a self,
            name: &'a str,
            value: Secret,
            after: Option<Revision>,
            lifetime: Duration,
        ) -> StoreFuture<'a, Option<Revision>> {
            self.0.save(name, value, after, lifetime)
        }
        fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
            self.0.take(name)
        }
        fn lease<'a>(
            &'a self,
            name: &'a str,
            lifetime: Duration,
        ) -> StoreFuture<'a, Option<Lease>> {
            Box::pin(async move {
                let lease = self.0.lease(name, lifetime).await;
                // The answer of the store takes a third of the lease.
                tokio::time::sleep(Duration::from_secs(40)).await;
                lease
            })
        }
        fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
            self.0.release(name, lease)
        }
    }
    let instances = instances(1).await;
    let slow = Slow(Arc::clone(&instances.remote));
    let store = SealedStore::new(slow, SealingKey::new([7; 32]));
    let source = instances.clients[0].token_source(SourceGrant::stored(&store, NAME));
    let source = source.build().unwrap();
    advance(Duration::from_secs(3600)).await;
    let error = source.token().await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_ABORT"), "{error}");
    assert_eq!(instances.world.token_requests(), 1);
    // The token was not spent.
    instances.sources[0].token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_key_is_changed_without_a_login_lost() {
    let instances = instances(1).await;
    let client = &instances.clients[0];
    let [old, new] = [7, 8].map(|byte| SealingKey::new([byte; 32]));
    let shared = || Arc::clone(&instances.remote) as Arc<dyn TokenStore>;
    let changed = SealedStore::shared(shared(), new.clone()).also_opened_by(old);
    let source = client.token_source(SourceGrant::stored(&changed, NAME));
    advance(Duration::from_secs(3600)).await;
    source.build().unwrap().token().await.unwrap();
    // Sealed anew by the refresh.
    let new_alone = SealedStore::shared(shared(), new);
    assert!(new_alone.load(client, NAME).await.unwrap().is_some());
    let error = instances.store.load(client, NAME).await.unwrap_err();
    assert_eq!(error.to_string(), "the sealed value cannot be opened");
}
