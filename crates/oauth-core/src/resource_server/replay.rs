//! The proofs that were used before (RFC 9449 section 11.1).

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::time::UnixTime;

/// Stores the names of DPoP proofs for as long as the proofs could be used again.
///
/// Instances of one resource server that share no store accept a proof once each.
pub trait ReplayStore: Send + Sync {
    /// Stores `name`, a hash in base64url, until `expires`, unless it is there already. Both must
    /// happen in one atomic step. `now` is the time to compare the expiry of older names with.
    ///
    /// # Errors
    ///
    /// [`Unstored`]; the request is then refused.
    fn insert(&self, name: &str, now: UnixTime, expires: UnixTime) -> Result<(), Unstored>;
}

impl<T: ReplayStore + ?Sized> ReplayStore for Arc<T> {
    fn insert(&self, name: &str, now: UnixTime, expires: UnixTime) -> Result<(), Unstored> {
        (**self).insert(name, now, expires)
    }
}

/// The reason why a name was not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unstored {
    /// The name is in the store.
    Replayed,
    /// The store is full or cannot be reached.
    Full,
}

/// A store in the memory of this process with a fixed capacity. A full store refuses further names
/// until one expires.
pub struct MemoryReplayStore {
    capacity: usize,
    names: Mutex<Names>,
}

#[derive(Default)]
struct Names {
    known: HashSet<String>,
    by_expiry: BTreeSet<(UnixTime, String)>,
}

impl MemoryReplayStore {
    /// A store for at most `capacity` names. It should hold the requests of three minutes, which is
    /// about how long a proof is stored.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            names: Mutex::default(),
        }
    }
}

impl Default for MemoryReplayStore {
    /// A store for 200 000 names.
    fn default() -> Self {
        Self::new(200_000)
    }
}

impl ReplayStore for MemoryReplayStore {
    fn insert(&self, name: &str, now: UnixTime, expires: UnixTime) -> Result<(), Unstored> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((expiry, _)) = names.by_expiry.first()
            && *expiry < now
            && let Some((_, expired)) = names.by_expiry.pop_first()
        {
            names.known.remove(&expired);
        }
        if names.known.contains(name) {
            return Err(Unstored::Replayed);
        }
        if names.known.len() >= self.capacity {
            return Err(Unstored::Full);
        }
        names.known.insert(name.to_owned());
        names.by_expiry.insert((expires, name.to_owned()));
        Ok(())
    }
}

impl fmt::Debug for MemoryReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayStore")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
