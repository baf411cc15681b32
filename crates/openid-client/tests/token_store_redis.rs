//! A store in Redis: what it promises, what a restart leaves, and eight processes on one login.
//!
//! Each test starts a separate `redis-server` on loopback; without that program it is skipped,
//! unless `REQUIRE_REDIS_SERVER` is set.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use openid_client::store::{RedisStore, SealedStore, TokenStore};
use openid_client::{Client, SealingKey, SourceGrant, UnixTime};
use test_provider::server::{Fault, Scheme, Server};
use test_provider::{ClientRegistration, Endpoint, Provider};

use self::support::in_process::REDIRECT_URI;
use self::support::stores::{self, LONG, save, value};

const NAME: &str = "session-1";
const BEGINNING: i64 = 1_700_000_000;
const LIFETIME: i64 = 3600;

/// A server of this test's own, which ends with it.
struct Redis {
    process: Child,
    port: u16,
    folder: PathBuf,
}

impl Redis {
    fn start() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let found = Command::new("redis-server").arg("--version").output();
        if !found.is_ok_and(|output| output.status.success()) {
            let required = std::env::var_os("REQUIRE_REDIS_SERVER").is_some();
            assert!(!required, "redis-server is not installed");
            println!("skipped: redis-server is not installed");
            return None;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = format!("redis-{}-{number}", std::process::id());
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let process = Self::spawn(port, &folder);
        Some(Self {
            process,
            port,
            folder,
        })
    }

    fn spawn(port: u16, folder: &PathBuf) -> Child {
        Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--appendonly", "yes", "--appendfsync", "always"])
            .arg("--dir")
            .arg(folder)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// A connection, as soon as the server accepts one.
    async fn store(&self) -> RedisStore {
        for _ in 0..100 {
            if let Ok(store) = RedisStore::connect(&self.url()).await {
                return store;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("redis-server does not answer");
    }

    /// Ends the process without a warning, and starts another on the same files.
    fn crash_and_restart(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.process = Self::spawn(self.port, &self.folder);
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn it_keeps_what_every_store_promises() {
    let Some(server) = Redis::start() else { return };
    let redis = server.store().await;
    let store = |prefix: &str| Arc::new(redis.clone().prefix(prefix)) as Arc<dyn TokenStore>;
    stores::a_value_is_replaced_only_where_it_is_the_one_expected("redis", store("a")).await;
    stores::a_value_is_taken_once("redis", store("b")).await;
    stores::what_has_expired_is_not_there("redis", store("c")).await;
    stores::one_lease_of_a_name_is_held("redis", store("d")).await;
    let last = store("e");
    stores::a_dropped_operation_happens_as_a_whole_or_not_at_all("redis", last).await;
}

#[tokio::test]
async fn a_restart_loses_nothing_that_was_saved() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let store = redis.store().await;
    let revision = save(&store, "a", "1").await;
    assert!(store.lease("a", LONG).await.unwrap().is_some());
    redis.crash_and_restart();
    let again = redis.store().await;
    assert_eq!(value(&again, "a").await.as_deref(), Some("1"));
    assert_eq!(again.lease("a", LONG).await.unwrap(), None);
    assert!(save(&again, "b", "2").await > revision);
    // The first connection has come back too.
    let mut found = None;
    for _ in 0..50 {
        if let Ok(entry) = store.load("a").await {
            found = entry;
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(found.unwrap().value, "1".into());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = RedisStore::connect(&format!("redis://127.0.0.1:{port}/")).await;
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "the token store failed to connect");
}

/// A login at a provider that ends it when a refresh token is used twice.
struct World {
    redis: Redis,
    server: Server,
    clock: Arc<AtomicI64>,
    store: SealedStore,
}

impl World {
    async fn logged_in() -> Option<Self> {
        let redis = Redis::start()?;
        let clock = Arc::new(AtomicI64::new(BEGINNING));
        let time = Arc::clone(&clock);
        let now = move || time.load(Ordering::SeqCst);
        let server = Server::start_with_clock(Scheme::Http, now, Provider::new).await;
        let server = server.unwrap();
        let app = ClientRegistration::public("app").redirect_uri(REDIRECT_URI);
        server.provider().register(app);
        let store = SealedStore::new(redis.store().await, SealingKey::new([7; 32]));
        let client = client(server.url(), Arc::clone(&clock)).await;
        let request = client.authorization_request().scope("openid");
        let (url, pending) = request.await.unwrap();
        let code = server.provider().url(Endpoint::Authorization);
        assert!(url.as_str().starts_with(&code));
        let callback = at(BEGINNING, server.provider(), url.as_str());
        let tokens = client.authorization_code_grant(pending, callback).await;
        store.save(&client, NAME, tokens.unwrap()).await.unwrap();
        Some(Self {
            redis,
            server,
            clock,
            store,
        })
    }

    fn instance(&self) -> Instance {
        Instance::start(&self.redis.url(), self.server.url())
    }

    /// The end of the token's lifetime.
    fn expire(&self) -> i64 {
        self.clock.fetch_add(LIFETIME, Ordering::SeqCst) + LIFETIME
    }

    fn token_requests(&self) -> usize {
        self.server.provider().served(Endpoint::Token)
    }
}

async fn client(issuer: &str, clock: Arc<AtomicI64>) -> Client {
    let time = move || UnixTime::from_seconds(clock.load(Ordering::SeqCst));
    Client::discover(issuer, "app")
        .danger_allow_insecure_requests()
        .redirect_uri(REDIRECT_URI)
        .timeout(Duration::from_secs(1))
        .clock(time)
        .await
        .unwrap()
}

/// A process of the application.
struct Instance {
    process: Child,
    questions: ChildStdin,
    answers: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Instance {
    fn start(redis: &str, issuer: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_process_of_the_application", "--nocapture"])
            .env("TOKEN_STORE_REDIS", redis)
            .env("TOKEN_STORE_ISSUER", issuer)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let questions = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            process,
            questions,
            answers,
        }
    }

    /// Lets it ask for a token at this time, several times at once.
    fn ask(&mut self, now: i64) {
        writeln!(self.questions, "{now}").unwrap();
    }

    fn answer(&mut self) -> String {
        loop {
            let line = self.answers.next().unwrap().unwrap();
            if let Some((_, answer)) = line.split_once("answer: ") {
                return answer.to_owned();
            }
        }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Started by the other tests; on its own it does nothing.
#[tokio::test]
async fn a_process_of_the_application() {
    let Ok(redis) = std::env::var("TOKEN_STORE_REDIS") else {
        return;
    };
    let issuer = std::env::var("TOKEN_STORE_ISSUER").unwrap();
    let clock = Arc::new(AtomicI64::new(BEGINNING));
    let client = client(&issuer, Arc::clone(&clock)).await;
    let store = RedisStore::connect(&redis).await.unwrap();
    let store = SealedStore::new(store, SealingKey::new([7; 32]));
    let source = client.token_source(SourceGrant::stored(&store, NAME));
    let source = source.build().unwrap();
    loop {
        let question = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).map(|_| line)
        });
        let line = question.await.unwrap().unwrap();
        let Ok(now) = line.trim().parse() else { return };
        clock.store(now, Ordering::SeqCst);
        let both = tokio::join!(source.token(), source.token());
        let answer = match both {
            (Ok(one), Ok(two)) if one.access_token() == two.access_token() => {
                one.access_token().expose().clone()
            }
            (Err(error), _) | (_, Err(error)) => {
                error.code().unwrap_or("no code").to_owned() + " " + &error.to_string()
            }
            (Ok(_), Ok(_)) => "two tokens".to_owned(),
        };
        println!("answer: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_use_every_refresh_token_once_over_two_hundred_expiries() {
    let Some(world) = World::logged_in().await else {
        return;
    };
    let mut instances: Vec<_> = (0..8).map(|_| world.instance()).collect();
    for expiry in 1..=200 {
        let now = world.expire();
        for instance in &mut instances {
            instance.ask(now);
        }
        let answers: Vec<_> = instances.iter_mut().map(Instance::answer).collect();
        assert!(
            answers.iter().all(|answer| *answer == answers[0]),
            "{answers:?}"
        );
        assert_eq!(world.token_requests(), 1 + expiry, "{answers:?}");
    }
}

/// Killed while the answer arrives, so between sending and saving.
#[tokio::test(flavor = "multi_thread")]
async fn the_successor_of_a_process_that_was_killed_tries_the_old_token_once() {
    let Some(world) = World::logged_in().await else {
        return;
    };
    let (mut killed, mut successor) = (world.instance(), world.instance());
    // Both have fetched the keys.
    let now = world.expire();
    for instance in [&mut killed, &mut successor] {
        instance.ask(now);
        instance.answer();
    }
    assert_eq!(world.token_requests(), 2);
    let now = world.expire();
    world.server.fail(Fault::StallsAfterHead);
    killed.ask(now);
    while world.token_requests() < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    killed.kill();
    world.server.recover();
    // The lease of the first one runs out; the tokens that it got are lost with it.
    successor.ask(now);
    let answer = successor.answer();
    assert!(answer.starts_with("OAUTH_LOGIN_NEEDED"), "{answer}");
    assert!(answer.contains("invalid_grant"), "{answer}");
    assert_eq!(world.token_requests(), 4);
    // The login has ended for all instances, and none tries again.
    let mut later = world.instance();
    later.ask(now);
    let answer = later.answer();
    assert!(answer.contains("no longer in the store"), "{answer}");
    assert_eq!(world.token_requests(), 4);
}

/// Killed with the lease in its hand and before it sends, and after it has saved.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_with_a_process_that_had_sent_nothing_or_saved_everything() {
    let Some(world) = World::logged_in().await else {
        return;
    };
    let now = world.expire();
    let (mut first, mut second) = (world.instance(), world.instance());
    let lease = world.redis.store().await;
    let lease = lease.lease(NAME, Duration::from_secs(2)).await.unwrap();
    assert!(lease.is_some());
    first.ask(now);
    let token = first.answer();
    assert_eq!(world.token_requests(), 2, "{token}");
    first.kill();
    second.ask(now);
    assert_eq!(second.answer(), token);
    assert_eq!(world.token_requests(), 2);
    let client = client(world.server.url(), Arc::clone(&world.clock)).await;
    assert!(world.store.load(&client, NAME).await.unwrap().is_some());
}

/// What a browser does at this time: where it is sent back to.
fn at(now: i64, provider: &Provider, url: &str) -> String {
    use openid_client::http::{Bytes, Request};
    let request = Request::get(url).body(Bytes::new()).unwrap();
    let response = provider.handle(&request, now);
    response.headers()["location"].to_str().unwrap().to_owned()
}
