//! The world as the driver of the core sees it: time, randomness, the network and the keys.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use oauth_core::cache::{Cache, ExportedJwksCache};
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::key::KeyJob;
use oauth_core::operation::Event;
use oauth_core::outbound::{Outbound, ResponseBody};
use oauth_core::policy::Policy;
use oauth_core::resource_server::MemoryReplayStore;
use oauth_core::run;
use oauth_core::time::UnixTime;
use oauth_core::wire::refuses_with_challenge;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::flights::Flights;
use crate::keyring::Keyring;
use crate::transport::{Limit, Transport, host_of};

/// What all clones of a client have in common.
pub(crate) struct Shared {
    pub(crate) transport: Transport,
    cache: Cache,
    flights: Flights,
    entropy: SystemEntropy,
    started: Instant,
    /// The logout tokens that were accepted.
    pub(crate) accepted_tokens: MemoryReplayStore,
}

impl Shared {
    pub(crate) fn new(transport: Transport) -> Arc<Self> {
        Arc::new(Self {
            transport,
            cache: Cache::new(),
            flights: Flights::default(),
            entropy: SystemEntropy(SystemRandom::new()),
            started: Instant::now(),
            accepted_tokens: MemoryReplayStore::default(),
        })
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &self.entropy
    }

    pub(crate) fn export_jwks(&self, jwks_uri: &str) -> Option<ExportedJwksCache> {
        self.cache
            .export_jwks(jwks_uri, now(), self.started.elapsed())
    }

    pub(crate) fn import_jwks(&self, exported: ExportedJwksCache) {
        self.cache
            .import_jwks(exported, now(), self.started.elapsed());
    }
}

/// The four callbacks of the driver, under the policy of one client.
pub(crate) struct Host<'a> {
    shared: &'a Shared,
    keyring: &'a Keyring,
    policy: &'a Policy,
    /// The most bytes of a body that the core leaves to the caller.
    streamed_cap: usize,
    /// The last such body.
    streamed: Mutex<Bytes>,
}

impl<'a> Host<'a> {
    pub(crate) const fn new(shared: &'a Shared, keyring: &'a Keyring, policy: &'a Policy) -> Self {
        Self {
            shared,
            keyring,
            policy,
            streamed_cap: policy.body_cap(),
            streamed: Mutex::new(Bytes::new()),
        }
    }

    pub(crate) const fn with_streamed_cap(mut self, cap: usize) -> Self {
        self.streamed_cap = cap;
        self
    }

    /// The body of the response that the operation ended with.
    pub(crate) fn into_body(self) -> Bytes {
        let body = self.streamed.into_inner();
        body.unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses plain http unless the policy allows it. The core checks every URL that it takes from
    /// metadata; this check is the last one, and applies to everything that is sent.
    fn check(&self, outbound: &Outbound) -> Result<(), Unanswered> {
        let uri = outbound.request.uri();
        match uri.scheme_str() {
            Some("https") => Ok(()),
            Some("http") if self.policy.insecure_requests() => Ok(()),
            _ => Err(Unanswered {
                endpoint: outbound.endpoint,
                reason: NoAnswer::DestinationRefused { host: host_of(uri) },
                source: None,
            }),
        }
    }

    /// Sends a request whose body is left to the caller. The body is collected as well, and kept.
    fn stream(&self, outbound: Outbound) -> Result<Response<Bytes>, Unanswered> {
        let mut is_refusal = false;
        let response = self.shared.transport.exchange(
            outbound.request,
            outbound.endpoint,
            outbound.client_certificate,
            outbound.deadline,
            |head| {
                is_refusal = refuses_with_challenge(head);
                match is_refusal {
                    true => Limit::Beginning(BEGINNING),
                    false => Limit::Cap(self.streamed_cap),
                }
            },
        )?;
        if is_refusal {
            return Ok(response);
        }
        let (head, body) = response.into_parts();
        *self.streamed.lock().unwrap_or_else(PoisonError::into_inner) = body;
        Ok(Response::from_parts(head, Bytes::new()))
    }
}

impl run::Host for Host<'_> {
    fn env(&self) -> Env<'_> {
        Env {
            now: now(),
            elapsed: self.shared.started.elapsed(),
            entropy: &self.shared.entropy,
            cache: &self.shared.cache,
        }
    }

    fn send(&self, mut outbound: Outbound) -> Event {
        if let Err(unanswered) = self.check(&outbound) {
            return Event::Unanswered(unanswered);
        }
        let Shared {
            transport, cache, ..
        } = self.shared;
        let elapsed = || self.shared.started.elapsed();
        let endpoint = outbound.endpoint;
        let shows_certificate = outbound.client_certificate;
        let answer = match (outbound.response, outbound.flight.take()) {
            (ResponseBody::Streamed, _) => self.stream(outbound),
            (ResponseBody::Buffered { cap }, None) => transport.exchange(
                outbound.request,
                endpoint,
                shows_certificate,
                outbound.deadline,
                |_| Limit::Cap(cap),
            ),
            (ResponseBody::Buffered { cap }, Some(flight)) => {
                let send = |deadline| {
                    let request = outbound.request.clone();
                    transport.exchange(request, endpoint, shows_certificate, deadline, |_| {
                        Limit::Cap(cap)
                    })
                };
                let land = |attempt, answer| cache.land(attempt, now(), elapsed(), answer);
                let flights = &self.shared.flights;
                let deadline = outbound.deadline;
                return match flights.join(&flight, endpoint, deadline, elapsed, send, land) {
                    Ok(()) => Event::Landed,
                    Err(unanswered) => Event::Unanswered(unanswered),
                };
            }
        };
        match answer {
            Ok(response) => Event::Received(response),
            Err(unanswered) => Event::Unanswered(unanswered),
        }
    }

    fn use_key(&self, job: KeyJob) -> Event {
        match self.keyring.use_key(job) {
            Ok(result) => Event::KeyUsed(result),
            Err(fault) => Event::KeyUnavailable(fault),
        }
    }

    fn wait(&self, duration: Duration) -> Event {
        thread::sleep(duration);
        Event::Elapsed
    }
}

/// The time by the clock of the operating system.
pub(crate) fn now() -> UnixTime {
    let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_secs()).map_or(i64::MIN, i64::saturating_neg)
        }
    };
    UnixTime::from_seconds(seconds)
}

/// The random number generator of the operating system.
struct SystemEntropy(SystemRandom);

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        self.0.fill(bytes).map_err(|_| EntropyFault)
    }
}

/// How much of the body of a refusal the core is given.
const BEGINNING: usize = 16 * 1024;
