//! Processes of an application that share one login, and some of them are killed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use openid_client::store::{
    Entry, Lease, RedisStore, Revision, SealedStore, StoreFuture, TokenStore,
};
use openid_client::{Client, SealingKey, Secret, SourceGrant, UnixTime};
use test_provider::server::{Scheme, Server};
use test_provider::{ClientRegistration, Endpoint, Provider};

use crate::Redis;
use crate::support::in_process::REDIRECT_URI;
use crate::support::stores::LONG;

const NAME: &str = "session-1";
/// The name of the tokens, and of the lease to refresh them, in the store.
const STORED: &str = "tokens:session-1";
const BEGINNING: i64 = 1_700_000_000;
const LIFETIME: i64 = 3600;

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
        self.instance_that_stops("")
    }

    /// A process that stops at this point of its first refresh, with everything that it does.
    fn instance_that_stops(&self, point: &str) -> Instance {
        Instance::start(&self.redis.url(), self.server.url(), point)
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
    fn start(redis: &str, issuer: &str, point: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "processes::a_process_of_the_application"])
            .arg("--nocapture")
            .env("TOKEN_STORE_REDIS", redis)
            .env("TOKEN_STORE_ISSUER", issuer)
            .env("TOKEN_STORE_STOPS", point)
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
        self.line("answer: ")
    }

    /// The point where the process has stopped.
    fn reached(&mut self) -> String {
        self.line("reached: ")
    }

    fn line(&mut self, beginning: &str) -> String {
        loop {
            let line = self.answers.next().unwrap().unwrap();
            if let Some((_, rest)) = line.split_once(beginning) {
                return rest.to_owned();
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

/// A store that stops the whole process at a point, so that no deadline passes and nothing else is
/// done.
struct Stops {
    store: RedisStore,
    point: String,
    has_lease: AtomicBool,
    /// How often the tokens were saved: first with the note that a refresh begins.
    saves: AtomicUsize,
}

impl Stops {
    fn at(&self, point: &str) {
        if self.point == point {
            println!("reached: {point}");
            loop {
                std::thread::park();
            }
        }
    }
}

impl TokenStore for Stops {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(async move {
            let entry = self.store.load(name).await;
            if self.has_lease.load(Ordering::SeqCst) && name == STORED {
                self.at("before noting");
            }
            entry
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
            let begins = self.saves.fetch_add(1, Ordering::SeqCst) == 0;
            if !begins {
                self.at("before saving");
            }
            let saved = self.store.save(name, value, after, lifetime).await;
            self.at(if begins {
                "before sending"
            } else {
                "after saving"
            });
            saved
        })
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        self.store.take(name)
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(async move {
            let lease = self.store.lease(name, lifetime).await?;
            self.has_lease.store(lease.is_some(), Ordering::SeqCst);
            Ok(lease)
        })
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        self.store.release(name, lease)
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
    let store = Stops {
        store: RedisStore::connect(&redis).await.unwrap(),
        point: std::env::var("TOKEN_STORE_STOPS").unwrap(),
        has_lease: AtomicBool::new(false),
        saves: AtomicUsize::new(0),
    };
    let store = SealedStore::new(store, SealingKey::new([7; 32]));
    let store = store.deadline(Duration::from_secs(1));
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

/// Kills the process that refreshes at this point, and returns the world with another process and
/// the time.
async fn killed_at(point: &str) -> Option<(World, Instance, i64)> {
    let world = World::logged_in().await?;
    let mut killed = world.instance_that_stops(point);
    let now = world.expire();
    killed.ask(now);
    assert_eq!(killed.reached(), point);
    killed.kill();
    let other = world.instance();
    Some((world, other, now))
}

/// The holder has the lease and has loaded the refresh token, and may have noted that a refresh
/// begins. Its successor waits for the lease, and the refresh token is used once.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_with_a_process_that_was_killed_before_it_sent() {
    for point in ["before noting", "before sending"] {
        let Some((world, mut successor, now)) = killed_at(point).await else {
            return;
        };
        assert_eq!(world.token_requests(), 1, "nothing was sent {point}");
        let lease = world.redis.store().await;
        let lease = lease.lease(STORED, LONG).await.unwrap();
        assert_eq!(lease, None, "the lease is held {point}");
        successor.ask(now);
        let token = successor.answer();
        assert!(!token.contains("OAUTH"), "{point}: {token}");
        assert_eq!(world.token_requests(), 2, "{point}");
        // The login goes on.
        let now = world.expire();
        successor.ask(now);
        assert_ne!(successor.answer(), token);
        assert_eq!(world.token_requests(), 3);
    }
}

/// The provider has answered, and the answer has died with the process.
#[tokio::test(flavor = "multi_thread")]
async fn the_successor_of_a_process_that_was_killed_before_it_saved_tries_the_old_token_once() {
    let Some((world, mut successor, now)) = killed_at("before saving").await else {
        return;
    };
    assert_eq!(world.token_requests(), 2, "the token was sent");
    successor.ask(now);
    let answer = successor.answer();
    assert!(answer.starts_with("OAUTH_LOGIN_NEEDED"), "{answer}");
    assert!(answer.contains("invalid_grant"), "{answer}");
    assert_eq!(world.token_requests(), 3);
    // The login has ended for all instances, and none tries again.
    let mut later = world.instance();
    later.ask(now);
    let answer = later.answer();
    assert!(answer.contains("no longer in the store"), "{answer}");
    assert_eq!(world.token_requests(), 3);
}

/// The tokens are in the store, and the lease was not given back.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_with_a_process_that_was_killed_after_it_had_saved() {
    let Some((world, mut other, now)) = killed_at("after saving").await else {
        return;
    };
    assert_eq!(world.token_requests(), 2);
    let lease = world.redis.store().await;
    assert_eq!(
        lease.lease(STORED, LONG).await.unwrap(),
        None,
        "the lease is held"
    );
    let client = client(world.server.url(), Arc::clone(&world.clock)).await;
    let stored = world.store.load(&client, NAME).await.unwrap().unwrap();
    let saved = stored.restore(client.configuration()).unwrap();
    other.ask(now);
    assert_eq!(other.answer(), *saved.access_token().expose());
    assert_eq!(world.token_requests(), 2, "the saved tokens were taken");
    // When the lease has ended, the next refresh token is used.
    let now = world.expire();
    other.ask(now);
    assert_ne!(other.answer(), *saved.access_token().expose());
    assert_eq!(world.token_requests(), 3);
}

/// What a browser does at this time: where it is sent back to.
fn at(now: i64, provider: &Provider, url: &str) -> String {
    use openid_client::http::{Bytes, Request};
    let request = Request::get(url).body(Bytes::new()).unwrap();
    let response = provider.handle(&request, now);
    response.headers()["location"].to_str().unwrap().to_owned()
}
