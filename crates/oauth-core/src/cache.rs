//! The state that all operations of one client share: key sets and DPoP nonces.
//!
//! Each part is locked only for a lookup or a store; parsing, verification and waiting happen
//! without a lock.

mod exported;
mod key_sets;
mod nonces;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jose::JwkSet;

pub use self::exported::ExportedJwksCache;
pub(crate) use self::key_sets::{CachedKeys, KeyFlight};
use self::key_sets::{KeySets, MAXIMUM_AGE};
use self::nonces::Nonces;
pub use self::nonces::ServerRole;
use crate::error::Error;
use crate::time::UnixTime;

/// The key sets and DPoP nonces of one client, bounded in number.
///
/// Keys are fetched again once they are 300 seconds old. If that fails, the old ones remain in use
/// for at most another hour.
#[derive(Debug, Default)]
pub struct Cache {
    key_sets: Mutex<KeySets>,
    nonces: Mutex<Nonces>,
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

    /// Returns the key set that was fetched from this URL, for another cache; `None` if there is
    /// none that may still be used. `now` and `elapsed` are those of [`Env`](crate::env::Env).
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

    /// Returns the key set of a URL, unless it is too old to be used.
    pub(crate) fn key_set(&self, url: &str, elapsed: Duration) -> CachedKeys {
        locked(&self.key_sets).lookup(url, elapsed)
    }

    /// Returns the flight that fetches the key set of a URL: the current one, or a new one.
    pub(crate) fn begin_flight(&self, url: &str) -> KeyFlight {
        locked(&self.key_sets).begin(url)
    }

    /// Returns the flight that looks for a key which the cached set lacks, or may lack if the token
    /// has no `kid`: the current one, or a new one. Returns `None` if another was begun for this
    /// purpose less than 60 seconds ago. The 60 seconds begin here, before anything is sent, so
    /// that tokens with invented key names cannot make a client flood the server.
    pub(crate) fn begin_refetch(&self, url: &str, elapsed: Duration) -> Option<KeyFlight> {
        locked(&self.key_sets).begin_refetch(url, elapsed)
    }

    /// Ends a flight with its response. `parse` is called once for each flight, and all operations
    /// that wait for it get the result. New keys replace the old ones; after an error the old ones
    /// stay.
    ///
    /// # Errors
    ///
    /// The error that `parse` returned.
    pub(crate) fn complete_flight(
        &self,
        flight: &KeyFlight,
        elapsed: Duration,
        parse: impl FnOnce() -> Result<JwkSet, Error>,
    ) -> Result<Arc<JwkSet>, Error> {
        let answer = flight.answer(parse);
        locked(&self.key_sets).end(flight, answer.as_ref().ok(), elapsed);
        answer
    }

    /// Ends a flight that got no response.
    pub(crate) fn release_flight(&self, flight: &KeyFlight, elapsed: Duration) {
        locked(&self.key_sets).end(flight, None, elapsed);
    }
}

/// Locks a part, poisoned or not: a panic elsewhere leaves each part consistent.
fn locked<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}
