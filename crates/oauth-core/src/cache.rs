//! The state that all operations of one client share: key sets, DPoP nonces and challenges.
//!
//! Each part is locked only for a lookup or a store; parsing, verification and waiting happen
//! without a lock.

mod challenges;
mod exported;
mod failure;
mod key_sets;
mod nonces;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use self::challenges::Challenges;
pub use self::exported::ExportedJwksCache;
pub(crate) use self::failure::Failure;
pub(crate) use self::key_sets::{CachedKeys, Channel};
use self::key_sets::{KeySets, MAXIMUM_AGE};
use self::nonces::Nonces;
pub use self::nonces::ServerRole;
use crate::error::{Error, Unanswered};
use crate::outbound::{Attempt, Fetched, Flight, Read};
use crate::time::UnixTime;

/// The key sets, DPoP nonces and challenges of one client, bounded in number.
///
/// Keys are fetched again once they are 300 seconds old. If that fails, the old ones remain in use
/// for at most another hour.
#[derive(Debug, Default)]
pub struct Cache {
    key_sets: Mutex<KeySets>,
    nonces: Mutex<Nonces>,
    challenges: Mutex<Challenges>,
}

impl Cache {
    /// Creates an empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// The last DPoP nonce that a server supplied (RFC 9449 section 8).
    pub fn dpop_nonce(&self, role: ServerRole, origin: &str) -> Option<String> {
        locked(&self.nonces).find(role, origin)
    }

    /// Stores a DPoP nonce from a response header, and returns whether it was valid: 1 to 256
    /// characters, all of them allowed in a nonce (RFC 9449 section 8.1).
    pub fn store_dpop_nonce(&self, role: ServerRole, origin: &str, nonce: &str) -> bool {
        locked(&self.nonces).store(role, origin, nonce)
    }

    /// The last challenge for a client attestation that a server supplied
    /// (draft-ietf-oauth-attestation-based-client-auth section 6).
    pub(crate) fn attestation_challenge(&self, issuer: &str) -> Option<String> {
        locked(&self.challenges).find(issuer)
    }

    /// Stores a challenge from a response header, and returns whether it was valid: 1 to 4,096
    /// visible characters.
    pub(crate) fn store_attestation_challenge(&self, issuer: &str, challenge: &str) -> bool {
        locked(&self.challenges).store(issuer, challenge)
    }

    /// Returns the key set that was fetched from this URL, for another cache; `None` if the cache
    /// has none, or only one that is too old. `now` and `elapsed` are those of
    /// [`Env`](crate::env::Env).
    pub fn export_jwks(
        &self,
        jwks_uri: &str,
        now: UnixTime,
        elapsed: Duration,
    ) -> Option<ExportedJwksCache> {
        let (jwks, age) = locked(&self.key_sets).export(jwks_uri, elapsed)?;
        // Rounded up, so that the keys never appear younger than they are.
        let age = age.as_millis().div_ceil(1000);
        let age = i64::try_from(age).unwrap_or(i64::MAX);
        Some(ExportedJwksCache {
            jwks_uri: jwks_uri.to_owned(),
            jwks,
            fetched_at: now.saturating_add(age.saturating_neg()),
        })
    }

    /// Stores a key set that another cache has exported, under the URL that it came from. Nothing
    /// happens if this cache already has keys of that URL that may be used. The keys keep their
    /// age: from 300 seconds on they are fetched again before use, and an hour later they expire.
    /// Keys whose time lies in the future by this clock are fetched again before use.
    ///
    /// The keys are trusted like fetched ones; see [`ExportedJwksCache`].
    pub fn import_jwks(&self, exported: ExportedJwksCache, now: UnixTime, elapsed: Duration) {
        let seconds = now
            .seconds()
            .saturating_sub(exported.fetched_at().seconds());
        // Negative for keys from the future: their age is unknown.
        let age = u64::try_from(seconds).map_or(MAXIMUM_AGE, Duration::from_secs);
        let ExportedJwksCache { jwks_uri, jwks, .. } = exported;
        locked(&self.key_sets).import(&jwks_uri, jwks, age, elapsed);
    }

    /// Returns the key set of a URL, unless it is too old to be used. `patience` is the deadline of
    /// the request that the caller would send.
    pub(crate) fn key_set(&self, url: &str, patience: Duration, elapsed: Duration) -> CachedKeys {
        locked(&self.key_sets).lookup(url, patience, elapsed)
    }

    /// How long callers with this patience send no request for a key set, because the last one
    /// failed.
    pub(crate) fn retry_after(
        &self,
        url: &str,
        patience: Duration,
        elapsed: Duration,
    ) -> Option<Duration> {
        locked(&self.key_sets).retry_after(url, patience, elapsed)
    }

    /// The flight that fetches the key set of a URL: the one under way, or a new one.
    pub(crate) fn begin_flight(
        &self,
        url: &str,
        elapsed: Duration,
        read: impl FnOnce() -> Box<Read>,
    ) -> Flight {
        locked(&self.key_sets).begin(url, None, elapsed, read)
    }

    /// Returns the flight that fetches the key set again, because the cached one lacks a key or,
    /// for a JWT without a `kid`, may lack it: the flight under way, or a new one. `None` when such
    /// a flight began less than 60 seconds ago for a JWT of the same [`Channel`], or when the last
    /// fetch failed a moment ago, except at a deadline shorter than `patience`.
    ///
    /// The 60 seconds begin before anything is sent, so that JWTs with invented key names cause few
    /// requests. Each [`Channel`] has its own 60 seconds, so that JWTs that a stranger sends do not
    /// delay the key of a JWT that came another way.
    pub(crate) fn begin_refetch(
        &self,
        url: &str,
        channel: Channel,
        patience: Duration,
        elapsed: Duration,
        read: impl FnOnce() -> Box<Read>,
    ) -> Option<Flight> {
        locked(&self.key_sets).begin_refetch(url, channel, patience, elapsed, read)
    }

    /// Stores the result of an attempt of a [`Flight`], even if no operation waits for it any more.
    /// Wake all waiters of the flight afterwards.
    ///
    /// New keys replace the old ones. Their age counts from the beginning of the attempt, because
    /// its runtime may have stopped for a while. A failure leaves the old ones in place and begins
    /// a pause: one second after the first failure, two after the second, and so on up to a minute.
    /// During the pause, operations without keys fail with the same error and send nothing.
    pub fn land(
        &self,
        attempt: Attempt,
        now: UnixTime,
        elapsed: Duration,
        answer: Result<Response<Bytes>, Unanswered>,
    ) {
        let (flight, begun) = (attempt.flight().clone(), attempt.begun);
        match answer {
            Ok(response) => {
                let fetched = flight.answered(now, response);
                locked(&self.key_sets).end(&flight, fetched.as_ref(), begun, elapsed);
            }
            Err(unanswered) => {
                if let Some(error) = attempt.failed(unanswered) {
                    self.release_flight(&flight, elapsed, &error);
                }
            }
        }
    }

    /// Ends a flight with a response to a request that has `begun` at this time. It is read once
    /// for each flight, even if several operations report one; all of them get its result.
    pub(crate) fn complete_flight(
        &self,
        flight: &Flight,
        now: UnixTime,
        begun: Duration,
        elapsed: Duration,
        response: Response<Bytes>,
    ) -> Fetched {
        let fetched = flight.answered(now, response);
        locked(&self.key_sets).end(flight, fetched.as_ref(), begun, elapsed);
        fetched
    }

    /// Ends a flight that got no response.
    pub(crate) fn release_flight(&self, flight: &Flight, elapsed: Duration, error: &Error) {
        locked(&self.key_sets).end(flight, Err(error), elapsed, elapsed);
    }
}

/// Locks a part, poisoned or not: a panic elsewhere leaves each part consistent.
fn locked<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
