//! The token endpoint, which sees what must not happen.

#![allow(unreachable_pub, reason = "a test has no public interface")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use openid_client::UnixTime;
use openid_client::http::{
    Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError, TransportFailure,
};
use tokio::time::{Instant, sleep};

const BEGINNING: i64 = 1_700_000_000;

#[derive(Debug, Clone)]
pub enum Outcome {
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

/// The token endpoint. It writes down what must not happen.
pub struct Server {
    pub wall: AtomicI64,
    started: Instant,
    seen: Mutex<Seen>,
}

pub struct Seen {
    pub outcome: Outcome,
    pub delay: Duration,
    issued: u32,
    requests: u32,
    /// The refresh tokens, or else the grants, of the requests under way.
    in_flight: BTreeSet<String>,
    /// Refresh tokens whose successor has arrived.
    replaced: BTreeSet<String>,
    /// The refresh token that has arrived last.
    pub latest: String,
    /// When each access token expires.
    pub expiries: BTreeMap<String, Instant>,
    failures: u32,
    not_before: Instant,
    pub has_ended: bool,
    /// Instances share a store that fails: the count of failures may be lost, and each instance may
    /// have to learn from the server that the login has ended.
    pub instances: u32,
    /// How often it has answered `invalid_grant`.
    ends: u32,
    pub faults: Vec<String>,
}

impl Server {
    pub fn new() -> Arc<Self> {
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
                instances: 1,
                ends: 0,
                faults: Vec::new(),
            }),
        })
    }

    pub fn now(&self) -> UnixTime {
        let elapsed = i64::try_from(self.started.elapsed().as_secs()).unwrap();
        UnixTime::from_seconds(self.wall.load(Ordering::SeqCst) + elapsed)
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    async fn answer(
        &self,
        form: &BTreeMap<String, String>,
    ) -> Result<Response<Body>, TransportError> {
        let sent = form.get("refresh_token").cloned();
        let (outcome, delay) = {
            let seen = self.seen();
            match sent.is_some() && seen.has_ended {
                // The login has ended for good.
                true => (Outcome::InvalidGrant, seen.delay),
                false => (seen.outcome.clone(), seen.delay),
            }
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
                seen.ends += 1;
                json(400, r#"{"error":"invalid_grant"}"#.to_owned())
            }
        }
    }
}

impl Seen {
    /// The earliest moment of the next attempt.
    fn failed(&mut self, retry_after: u64) {
        let pause = match self.instances {
            1 => 2_u64.saturating_pow(self.failures).min(300),
            _ => 1,
        };
        self.failures += 1;
        self.not_before = Instant::now() + Duration::from_secs(pause.max(retry_after));
    }

    pub fn fault(&mut self, fault: impl Into<String>) {
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
                // Each instance may have to learn it from the server.
                if seen.ends >= seen.instances && token != "client_credentials" {
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
