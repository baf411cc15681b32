//! When server metadata are fetched, who waits for them, and which are used meanwhile.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::cache::Failure;
use crate::endpoint::{DiscoveryEndpoint, Endpoint as _};
use crate::error::{Artefact, Error, Misuse, Reason, Unanswered, printable};
use crate::flow::explained;
use crate::names::EndpointName;
use crate::outbound::{Attempt, Fetched, Flight, Outbound, Read, WeakFlight};
use crate::source::MetadataVersion;
use crate::time::UnixTime;
use crate::validate::MetadataSigner;
use crate::wire::{Confidential, Presented};

/// The metadata of one server for many callers: fetched when the first caller needs them, and again
/// when they are old.
///
/// It is pure, as [`TokenSource`](super::TokenSource): it decides, and a driver sends and waits.
/// All callers share one [`Flight`].
///
/// ```text
///   ask ──▶ Known ─── use them; begin the flight that renews them, if there is one
///     ├───▶ Wait ──── wait for the flight, then take `landed`
///     └───▶ Failed ── the last fetch failed a moment ago: nothing is sent
/// ```
///
/// A failure is remembered for one second, then for two, and so on up to a minute. Metadata that
/// cannot be renewed stay in use, for any time. Signed metadata with an `exp` are renewed when it
/// has passed, and stay in use for at most another hour, as keys do. Renewed metadata must name the
/// same issuer.
pub struct MetadataSource {
    endpoint: DiscoveryEndpoint,
    signer: Option<MetadataSigner>,
    max_age: Duration,
    /// Locked for a lookup or a store; documents are read and verified without it.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    flight: WeakFlight<MetadataVersion>,
    failure: Option<Failure>,
    last_number: u64,
}

struct Held {
    metadata: Arc<MetadataVersion>,
    at: Duration,
    /// The number of the flight that fetched them, so that a late response does not replace newer
    /// ones.
    number: u64,
}

/// What a caller gets.
#[derive(Debug)]
#[must_use]
pub enum MetadataAnswer {
    /// Metadata to use.
    Known {
        /// The metadata.
        metadata: Arc<MetadataVersion>,
        /// The flight that replaces them, because they are old. Begin an attempt if
        /// [`Flight::next`] says so, and do not wait for it.
        renewal: Option<Flight<MetadataVersion>>,
    },
    /// There are none: wait for this flight, and then take [`MetadataSource::landed`].
    Wait(Flight<MetadataVersion>),
    /// There are none, and the last fetch failed a moment ago.
    Failed(Error),
}

impl MetadataSource {
    /// A source without metadata. They are renewed when they are an hour old.
    pub fn new(endpoint: DiscoveryEndpoint) -> Self {
        Self {
            endpoint,
            signer: None,
            max_age: Duration::from_secs(3600),
            state: Mutex::default(),
        }
    }

    /// Requires metadata that this party has signed (RFC 8414 section 2.1).
    #[must_use]
    pub fn signer(mut self, signer: MetadataSigner) -> Self {
        self.signer = Some(signer);
        self
    }

    /// The age from which metadata are renewed; an hour by default.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for less than a minute.
    pub fn max_age(mut self, age: Duration) -> Result<Self, Error> {
        if age < SHORTEST_AGE {
            return Err(Misuse::InvalidArgument {
                argument: "metadata_max_age",
                expected: "at least 60 seconds",
                found: format!("{} s", age.as_secs_f64()),
            }
            .into());
        }
        self.max_age = age;
        Ok(self)
    }

    /// The issuer that was asked for; `None` where the document may name any.
    pub fn issuer(&self) -> Option<&str> {
        self.endpoint.issuer()
    }

    /// Whether tokens with this `iss` may come from the server; see
    /// [`DiscoveryEndpoint::may_issue`].
    pub fn may_issue(&self, iss: &str) -> bool {
        self.endpoint.may_issue(iss)
    }

    /// A caller needs the metadata. `now` and `elapsed` are those of [`Env`](crate::env::Env).
    pub fn ask(&self, now: UnixTime, elapsed: Duration) -> MetadataAnswer {
        let mut state = self.state();
        let failure = state.failure.as_ref();
        let failed = failure.and_then(|failure| failure.remembered(elapsed).cloned());
        let Some(held) = state.usable(now) else {
            return match failed {
                Some(error) => MetadataAnswer::Failed(error),
                None => MetadataAnswer::Wait(state.flight(|| self.reader())),
            };
        };
        let metadata = Arc::clone(&held.metadata);
        let age = elapsed.saturating_sub(held.at);
        // A server may publish the same signature again.
        let has_expired = metadata.has_expired(now) && age >= SHORTEST_AGE;
        let is_old = age >= self.max_age || has_expired;
        let renewal = match is_old && failed.is_none() {
            true => Some(state.flight(|| self.reader())),
            false => None,
        };
        MetadataAnswer::Known { metadata, renewal }
    }

    /// The request of the flight.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] if the URL cannot be requested.
    pub fn request(&self) -> Result<Outbound, Error> {
        let policy = self.endpoint.policy();
        let mut draft = self.endpoint.request()?;
        draft.url = policy.mapped(EndpointName::Discovery, draft.url);
        let request = draft.into_request(EndpointName::Discovery)?;
        Ok(Outbound::new(
            request,
            EndpointName::Discovery,
            policy.timeout(),
            policy.body_cap(),
        ))
    }

    /// Stores the result of an attempt, even if no caller waits for it any more. Wake all waiters
    /// of the flight afterwards. The age of metadata counts from the beginning of the attempt.
    pub fn land(
        &self,
        attempt: Attempt<MetadataVersion>,
        now: UnixTime,
        elapsed: Duration,
        answer: Result<Response<Bytes>, Unanswered>,
    ) {
        let (flight, begun) = (attempt.flight().clone(), attempt.begun);
        let fetched = match answer {
            Ok(response) => flight.answered(now, response),
            Err(unanswered) => match attempt.failed(unanswered) {
                Some(error) => Err(error),
                // Another attempt goes on.
                None => return,
            },
        };
        self.state().end(&flight, fetched, begun, elapsed);
    }

    /// What a caller gets whose flight is over. `now` is that of [`Env`](crate::env::Env).
    ///
    /// # Errors
    ///
    /// The error of the flight.
    pub fn landed(
        &self,
        flight: &Flight<MetadataVersion>,
        now: UnixTime,
    ) -> Result<Arc<MetadataVersion>, Error> {
        let state = self.state();
        match (state.usable(now), flight.outcome()) {
            (Some(held), _) => Ok(Arc::clone(&held.metadata)),
            (None, Some(Err(error))) => Err(error),
            // They name another issuer than before.
            (None, Some(Ok(_))) => Err(state.last_error().unwrap_or(Error::Aborted)),
            // The flight has not landed.
            (None, None) => Err(Error::Aborted),
        }
    }

    /// The newest metadata that were fetched, usable or not. A driver makes what it needs of these
    /// and not of those that a caller was given, which may be older by now.
    pub fn newest(&self) -> Option<Arc<MetadataVersion>> {
        let state = self.state();
        state.held.as_ref().map(|held| Arc::clone(&held.metadata))
    }

    /// Why the last fetch failed; `None` after one that succeeded.
    pub fn failure(&self) -> Option<Error> {
        self.state().last_error()
    }

    /// How long it takes until the next caller that needs metadata causes a request, because the
    /// last fetch failed; `None` if it may cause one now.
    pub fn retry_after(&self, elapsed: Duration) -> Option<Duration> {
        self.state().failure.as_ref()?.remembered_for(elapsed)
    }

    /// Reads a response.
    fn reader(&self) -> Box<Read<MetadataVersion>> {
        let (endpoint, signer) = (self.endpoint.clone(), self.signer.clone());
        Box::new(move |now, response| {
            let policy = endpoint.policy();
            let response = policy.repaired(EndpointName::Discovery, response);
            let metadata = endpoint.response(now, &response).map_err(|error| {
                let draft = endpoint.request();
                match draft.and_then(|draft| draft.into_request(EndpointName::Discovery)) {
                    Ok(request) => {
                        let confidential = Confidential::of(&Presented::by(&request));
                        explained(error, &response, &confidential, None)
                    }
                    Err(_) => error,
                }
            })?;
            match &signer {
                Some(signer) => {
                    let (metadata, expires_at) = signer.verify_until(&metadata, policy, now)?;
                    Ok(MetadataVersion::new(metadata, expires_at))
                }
                None => Ok(MetadataVersion::new(metadata, None)),
            }
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The metadata, unless their signature is too old.
    fn usable(&self, now: UnixTime) -> Option<&Held> {
        let held = self.held.as_ref();
        held.filter(|held| held.metadata.may_be_used(now))
    }

    fn last_error(&self) -> Option<Error> {
        let failure = self.failure.as_ref();
        failure.map(|failure| failure.error().clone())
    }

    /// The flight under way, or a new one.
    fn flight(
        &mut self,
        read: impl FnOnce() -> Box<Read<MetadataVersion>>,
    ) -> Flight<MetadataVersion> {
        if let Some(flight) = self.flight.upgrade() {
            return flight;
        }
        self.last_number = self.last_number.saturating_add(1);
        let flight = Flight::new(self.last_number, EndpointName::Discovery, "", read());
        self.flight = flight.downgrade();
        flight
    }

    /// Records the end of a flight, with an attempt that has `begun` at this time.
    fn end(
        &mut self,
        flight: &Flight<MetadataVersion>,
        fetched: Fetched<MetadataVersion>,
        begun: Duration,
        elapsed: Duration,
    ) {
        let is_current = self.flight.is(flight);
        if is_current {
            self.flight = WeakFlight::default();
        }
        let newest = self.held.as_ref().map_or(0, |held| held.number);
        if flight.number() <= newest {
            return;
        }
        match fetched.and_then(|metadata| self.of_same_issuer(metadata)) {
            Ok(metadata) => {
                self.held = Some(Held {
                    metadata,
                    at: begun,
                    number: flight.number(),
                });
                self.failure = None;
            }
            Err(error) if is_current => {
                self.failure = Some(Failure::after(self.failure.take(), &error, elapsed));
            }
            Err(_) => {}
        }
    }

    /// Refuses metadata that name another issuer than those before: tokens of another party would
    /// be accepted, and the logins that have begun could not be finished. Discovery compares the
    /// issuer with the one that was asked for, which leaves a choice where the document may name
    /// any, and at Microsoft.
    fn of_same_issuer(&self, metadata: Arc<MetadataVersion>) -> Fetched<MetadataVersion> {
        match &self.held {
            Some(held) if held.metadata.issuer != metadata.issuer => {
                let mismatch = Reason::AttributeMismatch {
                    member: "issuer",
                    expected: Some(printable(&held.metadata.issuer)),
                    found: Some(printable(&metadata.issuer)),
                };
                Err(Artefact::DiscoveryDocument.rejected(mismatch).into())
            }
            _ => Ok(metadata),
        }
    }
}

impl fmt::Debug for MetadataSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetadataSource")
            .field("endpoint", &self.endpoint)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}

const SHORTEST_AGE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
