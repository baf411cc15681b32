//! A store for the instances within one process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use oauth_core::secret::Secret;
use tokio::time::Instant;

use crate::lock::lock;
use crate::store::{Entry, Lease, Revision, StoreFuture, TokenStore};

/// A store in the memory of this process, which forgets everything when it ends.
///
/// Share one by an [`Arc`](std::sync::Arc).
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Names>);

#[derive(Debug, Default)]
struct Names {
    entries: HashMap<String, (Entry, Instant)>,
    leases: HashMap<String, (u64, Instant)>,
    numbers: u64,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Names> {
        let mut names = lock(&self.0);
        let now = Instant::now();
        names.entries.retain(|_, (_, until)| *until > now);
        names.leases.retain(|_, (_, until)| *until > now);
        names
    }
}

impl Names {
    fn number(&mut self) -> u64 {
        self.numbers = self.numbers.saturating_add(1);
        self.numbers
    }
}

impl TokenStore for MemoryStore {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(async move {
            let names = self.lock();
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
            let mut names = self.lock();
            let found = names.entries.get(name).map(|(entry, _)| entry.revision);
            if after.is_some() && after != found {
                return Ok(None);
            }
            let revision = Revision::new(names.number());
            let entry = (Entry { value, revision }, until(lifetime));
            names.entries.insert(name.to_owned(), entry);
            Ok(Some(revision))
        })
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        Box::pin(async move {
            let taken = self.lock().entries.remove(name);
            Ok(taken.map(|(entry, _)| entry.value))
        })
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(async move {
            let mut names = self.lock();
            if names.leases.contains_key(name) {
                return Ok(None);
            }
            let number = names.number();
            let lease = (number, until(lifetime));
            names.leases.insert(name.to_owned(), lease);
            Ok(Some(Lease::new(number)))
        })
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut names = self.lock();
            let held = names.leases.get(name);
            if held.is_some_and(|(number, _)| *number == lease.number()) {
                names.leases.remove(name);
            }
            Ok(())
        })
    }
}

/// The end of a lifetime; a year from now where it is too far away to be told.
fn until(lifetime: Duration) -> Instant {
    let now = Instant::now();
    let longest = Duration::from_secs(365 * 24 * 3600);
    now.checked_add(lifetime.min(longest)).unwrap_or(now)
}
