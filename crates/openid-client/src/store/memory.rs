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
        let names = self.lock();
        let found = names.entries.get(name).map(|(entry, _)| entry.clone());
        Box::pin(async { Ok(found) })
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        value: Secret,
        after: Option<Revision>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Option<Revision>> {
        let mut names = self.lock();
        let found = names.entries.get(name).map(|(entry, _)| entry.revision);
        let saved = (after.is_none() || after == found).then(|| {
            let revision = Revision::new(names.number());
            let entry = (Entry { value, revision }, until(lifetime));
            names.entries.insert(name.to_owned(), entry);
            revision
        });
        Box::pin(async move { Ok(saved) })
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        let taken = self.lock().entries.remove(name);
        Box::pin(async { Ok(taken.map(|(entry, _)| entry.value)) })
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        let mut names = self.lock();
        let lease = (!names.leases.contains_key(name)).then(|| {
            let number = names.number();
            names
                .leases
                .insert(name.to_owned(), (number, until(lifetime)));
            Lease::new(number)
        });
        Box::pin(async { Ok(lease) })
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        let mut names = self.lock();
        if names
            .leases
            .get(name)
            .is_some_and(|(number, _)| *number == lease.number())
        {
            names.leases.remove(name);
        }
        Box::pin(async { Ok(()) })
    }
}

/// The end of a lifetime; a year from now where it is too far away to be told.
fn until(lifetime: Duration) -> Instant {
    let now = Instant::now();
    let longest = Duration::from_secs(365 * 24 * 3600);
    now.checked_add(lifetime.min(longest)).unwrap_or(now)
}
