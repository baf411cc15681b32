//! What operations of one client share: key sets and DPoP nonces.
//!
//! Each part locks itself for the moment of a lookup or a store; nothing is parsed, verified or
//! awaited under a lock.

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
/// Keys are fetched anew once they are 300 seconds old. When that fails, the old ones serve for
/// another hour at most.
#[derive(Debug, Default)]
pub struct Cache {
    key_sets: Mutex<KeySets>,
    nonces: Mutex<Nonces>,
}

impl Cache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// The last DPoP nonce that a server asked for (RFC 9449 section 8).
    pub fn dpop_nonce(&self, role: ServerRole, origin: &str) -> Option<String> {
        locked(&self.nonces).find(role, origin)
    }

    /// Remembers a DPoP nonce from a response header and says whether it was one: 1 to 256
    /// characters, all of them allowed in a nonce (RFC 9449 section 8.1).
    pub fn store_dpop_nonce(&self, role: ServerRole, origin: &str, nonce: &str) -> bool {
        locked(&self.nonces).store(role, origin, nonce)
    }

    /// The key set that was fetched from this URL, for another cache; `None` when there is none, or
    /// none that may be used. `now` and `elapsed` are those of [`Env`](crate::env::Env).
    pub fn export_jwks(
        &self,
        jwks_uri: &str,
        now: UnixTime,
        elapsed: Duration,
    ) -> Option<ExportedJwksCache> {
        let (jwks, age) = locked(&self.key_sets).export(jwks_uri, elapsed)?;
        // Rounded up: rather a second too old than too young.
        let age = age.as_millis().div_ceil(1000);
        let age = i64::try_from(age).unwrap_or(i64::MAX);
        Some(ExportedJwksCache {
            jwks_uri: jwks_uri.to_owned(),
            jwks,
            fetched_at: now.saturating_add(age.saturating_neg()),
        })
    }

    /// Takes in what another cache has exported, for the URL that it came from; nothing happens where
    /// this cache has keys of that URL which may be used. They go on ageing: from 300 seconds on they are fetched anew
    /// before use, and an hour after that they are no use at all. Keys that were fetched in the
    /// future, by this clock, are fetched anew before use.
    ///
    /// The keys are trusted like fetched ones; see [`ExportedJwksCache`].
    pub fn import_jwks(&self, exported: ExportedJwksCache, now: UnixTime, elapsed: Duration) {
        let seconds = now
            .seconds()
            .saturating_sub(exported.fetched_at().seconds());
        // Negative when they were fetched in the future: nobody knows how old they are.
        let age = u64::try_from(seconds).map_or(MAXIMUM_AGE, Duration::from_secs);
        let ExportedJwksCache { jwks_uri, jwks, .. } = exported;
        locked(&self.key_sets).import(&jwks_uri, jwks, age, elapsed);
    }

    /// The key set of a URL, as far as it may still be used.
    pub(crate) fn key_set(&self, url: &str, elapsed: Duration) -> CachedKeys {
        locked(&self.key_sets).lookup(url, elapsed)
    }

    /// The flight that fetches the key set of a URL: the one under way, or a new one.
    pub(crate) fn begin_flight(&self, url: &str) -> KeyFlight {
        locked(&self.key_sets).begin(url)
    }

    /// The flight that looks for a key which the cached set lacks, or may lack, where no
    /// `kid` tells: the one under way, or a new one
    /// unless another was begun for this purpose less than 60 seconds ago. The 60 seconds are
    /// claimed here, before anything is sent, so that tokens with invented key names cannot make
    /// a client hammer the server.
    pub(crate) fn begin_refetch(&self, url: &str, elapsed: Duration) -> Option<KeyFlight> {
        locked(&self.key_sets).begin_refetch(url, elapsed)
    }

    /// Ends a flight with its answer. `parse` is called once for each flight, however many
    /// operations wait for it; all of them get its result. New keys replace the old ones; an
    /// error leaves these in place.
    ///
    /// # Errors
    ///
    /// Whatever `parse` answered.
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

    /// Ends a flight that brought no answer.
    pub(crate) fn release_flight(&self, flight: &KeyFlight, elapsed: Duration) {
        locked(&self.key_sets).end(flight, None, elapsed);
    }
}

/// A panic elsewhere leaves each part consistent, so that poison means nothing here.
fn locked<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}
