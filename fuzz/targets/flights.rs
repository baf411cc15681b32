//! Operations of two clients that share one cache, whose key-set requests are answered late, twice
//! or never.
//!
//! A waiter sends its request once, one runtime sends one request of a flight at a time, failures
//! slow the requests down, an abandoned flight does not block a later operation, and the deadline
//! of the impatient client does not concern the other.

#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use jose::jws::{ProtectedHeader, SigningInput};
use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::Error;
use oauth_core::cache::Cache;
use oauth_core::configuration::Configuration;
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::flow::VerifyLogoutToken;
use oauth_core::metadata::{ClientMetadata, RegisteredAlgorithm, ServerMetadata};
use oauth_core::names::EndpointName;
use oauth_core::operation::{Action, Event, Operation as _};
use oauth_core::outbound::{Attempt, Flight, Next, Waiter};
use oauth_core::policy::Policy;
use oauth_core::time::UnixTime;
use oauth_core::validate::LogoutToken;

const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

/// How much longer a report is awaited than its attempt may take.
const GRACE: Duration = Duration::from_secs(1);

/// The number of runtimes in the loop.
const RUNTIMES: u64 = 3;

/// An RSA key, because RS256 is verified fastest.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let key = include_str!("../../crates/test-provider/src/keys/rsa-2048-first.pem");
    SigningKey::from_pem(key).expect("a key").with_kid("k1")
});

static KEY_SET: LazyLock<Bytes> = LazyLock::new(|| {
    let key = KEY.public_jwk().expect("a public key").to_json();
    serde_json::json!({ "keys": [key] }).to_string().into()
});

/// Two logout tokens: one of the key in the set, and one of a key that the set lacks.
static TOKENS: LazyLock<[String; 2]> = LazyLock::new(|| {
    ["k1", "k2"].map(|kid| {
        let header = ProtectedHeader::new(SignatureAlgorithm::RS256).kid(kid);
        SigningInput::new(&header.typ("logout+jwt"), CLAIMS.as_bytes())
            .sign(&KEY)
            .expect("a signature")
    })
});

const CLAIMS: &str = r#"{"iss":"https://op.example","aud":"app","sub":"alice","jti":"1","iat":1700000000,"exp":1700000300,"events":{"http://schemas.openid.net/event/backchannel-logout":{}}}"#;

/// The deadlines of the two clients.
const DEADLINES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];

static CONFIGURATIONS: LazyLock<[Configuration; 2]> = LazyLock::new(|| {
    let mut server = ServerMetadata::new("https://op.example");
    server.jwks_uri = Some("https://op.example/jwks".to_owned());
    let mut client = ClientMetadata::new("app");
    client.id_token_signed_response_alg =
        Some(RegisteredAlgorithm::Signature(SignatureAlgorithm::RS256));
    let configuration = Configuration::new(server, client, Policy::default());
    let configuration = configuration.expect("a configuration");
    DEADLINES.map(|deadline| {
        let mut policy = Policy::default();
        policy.set_timeout(deadline).expect("a deadline");
        configuration.clone().with_policy(policy)
    })
});

struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        bytes.fill(7);
        Ok(())
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut world = World::default();
    for step in data.chunks_exact(2).take(100) {
        world.take(step[0], step[1]);
        world.drive();
    }
    world.end();
});

struct Running {
    operation: VerifyLogoutToken,
    client: usize,
    flight: Flight,
    waiter: Waiter,
    runtime: u64,
}

struct Sent {
    attempt: Attempt,
    deadline: Duration,
    flight: String,
    runtime: u64,
    until: Duration,
}

#[derive(Default)]
struct World {
    cache: Cache,
    elapsed: Duration,
    running: Vec<Running>,
    sent: Vec<Sent>,
    /// By name, because a flight that is kept here is never abandoned.
    seen: BTreeSet<String>,
    /// For each client, the flights whose end was counted.
    ended: [BTreeSet<String>; 2],
    operations: usize,
    requests: usize,
    /// How many requests met a closed connection.
    closed: usize,
    /// The flights of these requests.
    was_closed: BTreeSet<String>,
    /// For each client, when the last flight failed that concerns it, and how many did in a row.
    failures: [Option<(Duration, u32)>; 2],
    /// For each client, when the last attempt failed that may concern it.
    troubles: [Option<Duration>; 2],
    /// Whether keys have come.
    has_keys: bool,
    /// Whether a request was late, lost or failed.
    is_troubled: bool,
}

impl World {
    fn take(&mut self, step: u8, argument: u8) {
        let index = usize::from(argument & 15);
        match step % 8 {
            0 | 1 => {
                let client = usize::from(argument >> 7);
                self.begin(
                    usize::from(step % 2),
                    client,
                    u64::from(argument) % RUNTIMES,
                );
            }
            2 if !self.running.is_empty() => drop(self.running.remove(index % self.running.len())),
            3..=5 if !self.sent.is_empty() => {
                let index = index % self.sent.len();
                let sent = self.sent.remove(index);
                self.report(sent, index, step % 8, argument >> 4);
            }
            6 => self.elapsed += Duration::from_millis(10 * u64::from(argument)),
            7 => self.elapsed += Duration::from_secs(20 * u64::from(argument)),
            _ => {}
        }
    }

    /// Begins an operation, which ends at once or waits for a flight.
    fn begin(&mut self, token: usize, client: usize, runtime: u64) {
        self.operations += 1;
        let configuration = CONFIGURATIONS[client].clone();
        let mut operation = VerifyLogoutToken::new(configuration, TOKENS[token].clone());
        let outbound = match self.step(&mut operation, Event::Begin) {
            Ok(Action::Send(outbound)) => outbound,
            result => {
                if let Err(Error::Unanswered(_)) = result {
                    let minute = Duration::from_secs(60);
                    let trouble = self.troubles[client];
                    let is_recent = trouble.is_some_and(|at| self.elapsed - at < minute);
                    assert!(is_recent, "a failure that concerns another client");
                }
                return self.check(result);
            }
        };
        assert_eq!(outbound.endpoint, EndpointName::Jwks);
        let flight = outbound.flight.expect("a flight");
        if self.seen.insert(format!("{flight:?}"))
            && !self.has_keys
            && let Some((at, times)) = self.failures[client]
        {
            let pause = Duration::from_secs(1 << (times - 1).min(6)).min(Duration::from_secs(60));
            assert!(
                self.elapsed - at >= pause,
                "a request too soon after a failure"
            );
        }
        self.running.push(Running {
            operation,
            client,
            waiter: flight.waiter(self.elapsed, outbound.deadline, runtime),
            flight,
            runtime,
        });
    }

    fn step(
        &self,
        operation: &mut VerifyLogoutToken,
        event: Event,
    ) -> Result<Action<LogoutToken>, Error> {
        let mut env = Env {
            now: NOW,
            elapsed: self.elapsed,
            entropy: &Fixed,
            cache: &self.cache,
        };
        operation.step(&mut env, event)
    }

    /// Checks how an operation ended.
    fn check(&self, result: Result<Action<LogoutToken>, Error>) {
        match result {
            Ok(Action::Done(_)) => assert!(self.has_keys, "accepted without keys"),
            Ok(action) => panic!("a second request: {action:?}"),
            Err(Error::Rejected(_)) => {}
            Err(Error::Unanswered(_)) => assert!(self.is_troubled, "a failure without a cause"),
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Reports an attempt, which was sent at this place in the order: with the keys, with a
    /// failure, or not at all.
    fn report(&mut self, sent: Sent, index: usize, step: u8, how: u8) {
        if step == 5 {
            self.is_troubled = true;
            return drop(sent);
        }
        if step == 3 {
            self.has_keys = true;
            self.failures = [None; 2];
            for ended in &mut self.ended {
                ended.insert(sent.flight.clone());
            }
            return self.land(sent, Ok(Response::new(KEY_SET.clone())));
        }
        self.is_troubled = true;
        let timed_out = NoAnswer::TimedOut {
            deadline: sent.deadline,
        };
        let mut concerned = Duration::MAX;
        let (answer, fails) = match how % 4 {
            0 => (Ok(Response::new(Bytes::from_static(b"{"))), Some(true)),
            1 => (
                Err(unanswered(NoAnswer::NotConnected {
                    host: "op.example".to_owned(),
                })),
                self.is_newest(&sent, index),
            ),
            2 => {
                concerned = sent.deadline;
                (Err(unanswered(timed_out)), self.is_newest(&sent, index))
            }
            _ => {
                self.closed += 1;
                // The second one of a flight ends it, unless newer attempts are under way.
                let is_first = self.was_closed.insert(sent.flight.clone());
                let fails = is_first.then_some(false);
                (Err(unanswered(NoAnswer::ClosedUnanswered)), fails)
            }
        };
        for client in (0..2).filter(|client| DEADLINES[*client] <= concerned) {
            self.troubles[client] = Some(self.elapsed);
            let is_news = fails != Some(false) && self.ended[client].insert(sent.flight.clone());
            if is_news && fails == Some(true) {
                let times = self.failures[client].map_or(0, |(_, times)| times);
                self.failures[client] = Some((self.elapsed, times + 1));
            }
        }
        self.land(sent, answer);
    }

    /// Whether no newer attempt of the flight is under way. `None` when all newer ones are lost:
    /// the flight waits for them until a waiter asks.
    fn is_newest(&self, sent: &Sent, index: usize) -> Option<bool> {
        let newer = self.sent.iter().skip(index);
        let newer = newer.filter(|other| other.flight == sent.flight);
        let until = newer.map(|other| other.until).max();
        match until {
            None => Some(true),
            Some(until) => (until + GRACE > self.elapsed).then_some(false),
        }
    }

    fn land(&self, sent: Sent, answer: Result<Response<Bytes>, Unanswered>) {
        self.cache.land(sent.attempt, NOW, self.elapsed, answer);
    }

    /// Does what the drivers do at this time.
    fn drive(&mut self) {
        let late = |sent: &Sent| sent.until <= self.elapsed;
        self.is_troubled |= self.sent.iter().any(late);
        let mut index = 0;
        while index < self.running.len() {
            let running = &mut self.running[index];
            let event = match running.flight.next(&mut running.waiter, self.elapsed) {
                Next::Send(attempt) => {
                    let (flight, runtime) = (format!("{:?}", running.flight), running.runtime);
                    self.send(attempt, flight, runtime);
                    continue;
                }
                Next::Wait(time) => {
                    assert!(!time.is_zero(), "a driver that turns in a circle");
                    index += 1;
                    continue;
                }
                Next::Over => Event::Landed,
                Next::Expired => {
                    self.is_troubled = true;
                    let deadline = DEADLINES[running.client];
                    Event::Unanswered(unanswered(NoAnswer::StillUnderWay { deadline }))
                }
            };
            let mut running = self.running.remove(index);
            let result = self.step(&mut running.operation, event);
            self.check(result);
        }
    }

    fn send(&mut self, attempt: Attempt, flight: String, runtime: u64) {
        let deadline = attempt.deadline();
        let until = self.elapsed + deadline;
        let is_one_too_many = self.sent.iter().any(|other| {
            other.flight == flight && other.runtime == runtime && other.until + GRACE > self.elapsed
        });
        assert!(!is_one_too_many, "two requests of one runtime");
        self.sent.push(Sent {
            attempt,
            deadline,
            flight,
            runtime,
            until,
        });
        self.requests += 1;
        assert!(
            self.requests <= self.operations + self.closed,
            "one waiter sends twice"
        );
        if !self.is_troubled {
            // A flight every 300 seconds for old keys, and one every 60 seconds for missing ones.
            let elapsed = self.elapsed.as_secs();
            let flights = 3 + elapsed / 300 + elapsed / 60;
            let requests = u64::try_from(self.requests).expect("a number");
            assert!(requests <= RUNTIMES * flights, "too many requests");
        }
    }

    /// Abandons every operation. The next one gets its keys although the attempts of the others are
    /// never reported, and their late reports change nothing.
    fn end(mut self) {
        self.running.clear();
        // By then, keys and failures are too old to be used.
        self.elapsed += Duration::from_secs(4000);
        self.is_troubled = true;
        self.failures = [None; 2];
        self.begin(0, 1, RUNTIMES);
        let mut running = self.running.pop().expect("an operation that needs keys");
        loop {
            match running.flight.next(&mut running.waiter, self.elapsed) {
                Next::Send(attempt) => {
                    let answer = Ok(Response::new(KEY_SET.clone()));
                    self.cache.land(attempt, NOW, self.elapsed, answer);
                }
                Next::Wait(time) => self.elapsed += time,
                Next::Over => break,
                Next::Expired => panic!("an abandoned flight blocks the next one"),
            }
        }
        let result = self.step(&mut running.operation, Event::Landed);
        assert!(matches!(result, Ok(Action::Done(_))), "{result:?}");
        for sent in std::mem::take(&mut self.sent) {
            self.land(sent, Ok(Response::new(Bytes::from_static(b"{"))));
        }
        let configuration = CONFIGURATIONS[0].clone();
        let mut next = VerifyLogoutToken::new(configuration, TOKENS[0].clone());
        let result = self.step(&mut next, Event::Begin);
        assert!(matches!(result, Ok(Action::Done(_))), "{result:?}");
    }
}

fn unanswered(reason: NoAnswer) -> Unanswered {
    Unanswered {
        endpoint: EndpointName::Jwks,
        reason,
        source: None,
    }
}
