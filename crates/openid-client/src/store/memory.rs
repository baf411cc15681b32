//! A store for the instances within one process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use oauth_core::secret::Secret;
use tokio::time::Instant;

use crate::lock::lock;
use crate::store::{Entry, Lease, Revision, StoreError, StoreFuture, TokenStore};

/// A store in the memory of this process, which forgets everything when it ends.
///
/// It holds at most a million values and a million leases, or as many as
/// [`with_capacity`](Self::with_capacity) says. A full store fails for further names until one
/// expires: to forget a name would let a used DPoP proof or logout token be used again.
///
/// Share one by an [`Arc`](std::sync::Arc).
#[derive(Debug)]
pub struct MemoryStore {
    capacity: usize,
    names: Mutex<Names>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::with_capacity(1_000_000)
    }
}

#[derive(Debug, Default)]
struct Names {
    entries: HashMap<String, (Entry, Instant)>,
    leases: HashMap<String, (u64, Instant)>,
    numbers: u64,
    /// When everything that had expired was removed.
    swept: Option<Instant>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store for at most `names` values, and for as many leases.
    pub fn with_capacity(names: usize) -> Self {
        Self {
            capacity: names,
            names: Mutex::default(),
        }
    }

    /// Error for a name for which there is no room. What has expired leaves within a second.
    fn room(&self, operation: &'static str, taken: usize) -> Result<(), StoreError> {
        match taken < self.capacity {
            true => Ok(()),
            false => Err(StoreError::new(operation, Full)),
        }
    }

    /// Removes what has expired under this name. Every other name follows once in a second, so that
    /// an operation does not look at all names.
    fn lock(&self, name: &str) -> MutexGuard<'_, Names> {
        let mut names = lock(&self.names);
        let now = Instant::now();
        names.sweep(now);
        if names
            .entries
            .get(name)
            .is_some_and(|(_, until)| *until <= now)
        {
            names.entries.remove(name);
        }
        if names
            .leases
            .get(name)
            .is_some_and(|(_, until)| *until <= now)
        {
            names.leases.remove(name);
        }
        names
    }
}

impl Names {
    fn sweep(&mut self, now: Instant) {
        let is_fresh = |swept| now.saturating_duration_since(swept) < SWEEP;
        if self.swept.is_some_and(is_fresh) {
            return;
        }
        self.swept = Some(now);
        self.entries.retain(|_, (_, until)| *until > now);
        self.leases.retain(|_, (_, until)| *until > now);
    }

    fn number(&mut self) -> u64 {
        self.numbers = self.numbers.saturating_add(1);
        self.numbers
    }
}

impl TokenStore for MemoryStore {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(async move {
            let names = self.lock(name);
            Ok(names.entries.get(name).map(|(entry, _)| entry.clone()))
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
            let mut names = self.lock(name);
            let found = names.entries.get(name).map(|(entry, _)| entry.revision);
            if after.is_some() && after != found {
                return Ok(None);
            }
            if found.is_none() {
                self.room("save", names.entries.len())?;
            }
            let revision = Revision::new(names.number());
            let entry = (Entry { value, revision }, until(lifetime));
            names.entries.insert(name.to_owned(), entry);
            Ok(Some(revision))
        })
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        Box::pin(async move {
            let taken = self.lock(name).entries.remove(name);
            Ok(taken.map(|(entry, _)| entry.value))
        })
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(async move {
            let mut names = self.lock(name);
            if names.leases.contains_key(name) {
                return Ok(None);
            }
            self.room("lease", names.leases.len())?;
            let number = names.number();
            let lease = (number, until(lifetime));
            names.leases.insert(name.to_owned(), lease);
            Ok(Some(Lease::new(number)))
        })
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut names = self.lock(name);
            let held = names.leases.get(name);
            if held.is_some_and(|(number, _)| *number == lease.number()) {
                names.leases.remove(name);
            }
            Ok(())
        })
    }
}

/// Error for a store that is full.
#[derive(Debug, thiserror::Error)]
#[error("the store is full; `MemoryStore::with_capacity` makes a larger one")]
struct Full;

/// The moment when a lifetime that begins now ends. A lifetime of more than a year counts as a
/// year, because the clock may not be able to represent a later moment.
fn until(lifetime: Duration) -> Instant {
    let now = Instant::now();
    let longest = Duration::from_secs(365 * 24 * 3600);
    now.checked_add(lifetime.min(longest)).unwrap_or(now)
}

/// How long what has expired stays in memory, if its name is not asked for.
const SWEEP: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_has_expired_leaves_the_memory() {
        let store = MemoryStore::new();
        let moment = Duration::from_millis(1);
        for name in ["a", "b"] {
            store.save(name, "1".into(), None, moment).await.unwrap();
            store.lease(name, moment).await.unwrap().unwrap();
        }
        let lengths = || {
            let names = lock(&store.names);
            (names.entries.len(), names.leases.len())
        };
        tokio::time::advance(moment).await;
        assert!(store.load("a").await.unwrap().is_none());
        assert_eq!(lengths(), (1, 1));
        tokio::time::advance(SWEEP).await;
        assert!(store.load("c").await.unwrap().is_none());
        assert_eq!(lengths(), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_store_refuses_a_new_name_until_one_expires() {
        let store = MemoryStore::with_capacity(1);
        let moment = Duration::from_millis(1);
        let value = || Secret::from("1");
        let first = store.save("a", value(), None, moment).await.unwrap();
        assert!(store.lease("a", moment).await.unwrap().is_some());
        for error in [
            store.save("b", value(), None, moment).await.unwrap_err(),
            store.lease("b", moment).await.unwrap_err(),
        ] {
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains("full"), "{source}");
        }
        // A name that is in the store needs no room.
        assert!(store.save("a", value(), first, moment).await.is_ok());
        assert!(store.lease("a", moment).await.unwrap().is_none());
        tokio::time::advance(SWEEP).await;
        assert!(store.save("b", value(), None, moment).await.is_ok());
        assert!(store.lease("b", moment).await.unwrap().is_some());
    }
}
