//! Instances that share a store, and the provider of their login.

#![allow(unreachable_pub, reason = "a test has no public interface")]

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use openid_client::http::{Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError};
use openid_client::store::{
    Entry, Lease, MemoryStore, Revision, SealedStore, StoreError, StoreFuture, TokenStore,
};
use openid_client::{Client, SealingKey, Secret, SourceGrant, TokenSource, UnixTime};
use test_provider::{ClientRegistration, Provider};
use tokio::time::{Instant, advance};

use crate::support::in_process::{ISSUER, REDIRECT_URI};

const BEGINNING: i64 = 1_700_000_000;
pub const NAME: &str = "session-1";
/// The name of the tokens, and of the lease to refresh them, in the store.
pub const STORED: &str = "tokens:session-1";

/// A provider that rotates refresh tokens and ends the login when one is used twice.
pub struct World {
    pub provider: Provider,
    started: Instant,
    token_requests: AtomicUsize,
    /// The next answer of the token endpoint does not arrive.
    pub loses_answer: AtomicBool,
    /// While it is not zero, the token endpoint answers 503 with this `Retry-After`.
    pub busy: AtomicU64,
    /// The machine sleeps for so many seconds before the next answer of the token endpoint is read.
    pub sleeps: AtomicU64,
    /// Logs in again while the next token request is on its way.
    pub logs_in: Mutex<Option<(Client, SealedStore)>>,
    /// Happens when the next token request arrives.
    pub meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    /// What the wall clock is ahead of the monotonic one, in seconds.
    pub wall: AtomicI64,
}

impl World {
    pub fn new() -> Arc<Self> {
        let provider = Provider::new(ISSUER);
        let app = ClientRegistration::public("app").redirect_uri(REDIRECT_URI);
        provider.register(app.session_management());
        Arc::new(Self {
            provider,
            started: Instant::now(),
            token_requests: AtomicUsize::new(0),
            loses_answer: AtomicBool::new(false),
            busy: AtomicU64::new(0),
            sleeps: AtomicU64::new(0),
            logs_in: Mutex::new(None),
            meanwhile: Mutex::new(None),
            wall: AtomicI64::new(0),
        })
    }

    pub fn now(&self) -> i64 {
        let elapsed = i64::try_from(self.started.elapsed().as_secs()).unwrap();
        BEGINNING + self.wall.load(Ordering::SeqCst) + elapsed
    }

    /// When the next token request arrives, this happens.
    pub fn meanwhile(&self, happens: impl FnOnce() + Send + 'static) {
        *self.meanwhile.lock().unwrap() = Some(Box::new(happens));
    }

    pub fn token_requests(&self) -> usize {
        self.token_requests.load(Ordering::SeqCst)
    }

    /// One instance of the application.
    pub async fn instance(self: &Arc<Self>) -> Client {
        self.instance_ahead_by(0).await
    }

    /// An instance whose wall clock is ahead by so many seconds.
    pub async fn instance_ahead_by(self: &Arc<Self>, seconds: i64) -> Client {
        let this = Arc::clone(self);
        let clock = move || UnixTime::from_seconds(this.now() + seconds);
        let builder = Client::discover(ISSUER, "app").http_client(Arc::clone(self));
        let builder = builder.clock(clock).redirect_uri(REDIRECT_URI);
        builder.await.unwrap()
    }

    /// Opens an authorization URL in the browser, and returns the callback URL.
    pub fn browse(&self, url: &str) -> String {
        let request = Request::get(url).body(Bytes::new()).unwrap();
        let response = self.provider.handle(&request, self.now());
        let location = response.headers()["location"].to_str();
        location.unwrap().to_owned()
    }

    /// Logs in and saves the tokens.
    pub async fn log_in(&self, client: &Client, store: &SealedStore) {
        let request = client.authorization_request().scope("openid");
        let (url, pending) = request.await.unwrap();
        let callback = self.browse(url.as_str());
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
            if request.uri().path() == "/token" {
                let meanwhile = self.meanwhile.lock().unwrap().take();
                let logs_in = self.logs_in.lock().unwrap().take();
                if let Some((client, store)) = logs_in {
                    self.log_in(&client, &store).await;
                }
                if let Some(happens) = meanwhile {
                    happens();
                }
            }
            let is_busy = request.uri().path() == "/token" && self.busy.load(Ordering::SeqCst) > 0;
            let response = match is_busy {
                true => Response::new(Bytes::new()),
                false => self.provider.handle(&request, self.now()),
            };
            tokio::time::sleep(Duration::from_millis(3)).await;
            if request.uri().path() == "/token" {
                self.token_requests.fetch_add(1, Ordering::SeqCst);
                asleep(self.sleeps.swap(0, Ordering::SeqCst)).await;
                let busy = self.busy.load(Ordering::SeqCst);
                if busy > 0 {
                    let response = Response::builder().status(503);
                    let response = response.header("retry-after", busy);
                    return Ok(response.body(Body::from(Bytes::new())).unwrap());
                }
                if self.loses_answer.swap(false, Ordering::SeqCst) {
                    std::future::pending::<()>().await;
                }
            }
            Ok(response.map(Body::from))
        })
    }
}

/// The machine sleeps for so many seconds, and no deadline is noticed.
pub async fn asleep(seconds: u64) {
    let mut asleep = Box::pin(advance(Duration::from_secs(seconds)));
    poll_fn(|context| Poll::Ready(asleep.as_mut().poll(context).is_ready())).await;
}

/// A store that can be taken off the network.
#[derive(Default)]
pub struct Remote {
    store: MemoryStore,
    pub gone: AtomicBool,
    /// Only what is saved is refused.
    pub full: AtomicBool,
    /// The operation that never answers.
    pub silent: Mutex<&'static str>,
}

impl Remote {
    async fn reach(&self, operation: &'static str) -> Result<(), StoreError> {
        if *self.silent.lock().unwrap() == operation {
            std::future::pending::<()>().await;
        }
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
            self.reach("load").await?;
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
            self.reach("save").await?;
            self.store.save(name, value, after, lifetime).await
        })
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        Box::pin(async move {
            self.reach("take").await?;
            self.store.take(name).await
        })
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(async move {
            self.reach("lease").await?;
            self.store.lease(name, lifetime).await
        })
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.reach("release").await?;
            self.store.release(name, lease).await
        })
    }
}

/// The way to a store, on which something happens before or after an operation.
pub struct Way {
    pub to: Arc<Remote>,
    pub before: Happens,
    pub after: Happens,
}

/// What happens, by the name of the operation.
pub type Happens = Box<dyn Fn(&'static str) -> BoxFuture<'static, ()> + Send + Sync>;

pub fn nothing() -> Happens {
    Box::new(|_| Box::pin(async {}))
}

impl Way {
    fn on<'a, T: Send + 'a>(
        &'a self,
        operation: &'static str,
        doing: StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            (self.before)(operation).await;
            let done = doing.await;
            (self.after)(operation).await;
            done
        })
    }
}

impl TokenStore for Way {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        self.on("load", self.to.load(name))
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        value: Secret,
        after: Option<Revision>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Option<Revision>> {
        self.on("save", self.to.save(name, value, after, lifetime))
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        self.on("take", self.to.take(name))
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        self.on("lease", self.to.lease(name, lifetime))
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        self.on("release", self.to.release(name, lease))
    }
}

pub struct Instances {
    pub world: Arc<World>,
    pub remote: Arc<Remote>,
    pub store: SealedStore,
    pub clients: Vec<Client>,
    pub sources: Vec<TokenSource>,
}

pub async fn instances(number: usize) -> Instances {
    let world = World::new();
    let remote = Arc::new(Remote::default());
    let store = SealedStore::new(Arc::clone(&remote), SealingKey::new([7; 32]));
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

impl Instances {
    /// A source of one more instance, which reaches the store by this way.
    pub fn source_by(&self, way: Way) -> TokenSource {
        let store = SealedStore::new(way, SealingKey::new([7; 32]));
        let client = self.clients.first().unwrap();
        let source = client.token_source(SourceGrant::stored(&store, NAME));
        source.build().unwrap()
    }
}
