//! Key sets by URL: their age, the cool-down and the flights.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use jose::JwkSet;

use crate::error::Error;
use crate::outbound::Flight;

/// The state of a URL's key set in the cache.
#[derive(Debug, Clone)]
pub(crate) enum CachedKeys {
    /// Less than 300 seconds old, or the last attempt to replace it failed less than 60 seconds
    /// ago: use it.
    Fresh(Arc<JwkSet>),
    /// Older, by at most an hour: fetch it again, and use it if that fails.
    Stale(Arc<JwkSet>),
    /// No key set that may be used.
    Absent,
}

/// One fetch of a key set, shared by every operation that waits for it.
///
/// A flight ends when it is completed or released, or when the last operation that holds it is
/// dropped. An abandoned flight therefore blocks no other operation.
#[derive(Clone)]
pub(crate) struct KeyFlight(Arc<Shared>);

struct Shared {
    number: u64,
    url: String,
    answer: OnceLock<Result<Arc<JwkSet>, Error>>,
}

impl KeyFlight {
    /// The mark for the request of this flight.
    pub(crate) fn mark(&self) -> Flight {
        Flight(self.0.number)
    }

    /// Returns the parsed response. The first caller parses it.
    pub(super) fn answer(
        &self,
        parse: impl FnOnce() -> Result<JwkSet, Error>,
    ) -> Result<Arc<JwkSet>, Error> {
        let answer = self.0.answer.get_or_init(|| parse().map(Arc::new));
        answer.clone()
    }
}

impl fmt::Debug for KeyFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyFlight({})", self.0.number)
    }
}

#[derive(Debug, Default)]
pub(super) struct KeySets {
    entries: HashMap<String, Entry>,
    last_number: u64,
}

#[derive(Debug, Default)]
struct Entry {
    keys: Option<Stored>,
    flight: Weak<Shared>,
    /// When the last refetch for a missing key began.
    refetched: Option<Duration>,
    /// When the last attempt to replace the keys failed.
    failed: Option<Duration>,
    /// When the entry was last looked up, for eviction.
    used: Duration,
}

#[derive(Debug)]
struct Stored {
    keys: Arc<JwkSet>,
    at: Duration,
    /// The age of the keys when they were stored.
    age: Duration,
    /// The flight that fetched the keys, so that a late response does not replace newer keys.
    number: u64,
}

impl Stored {
    fn age(&self, elapsed: Duration) -> Duration {
        let since = elapsed.saturating_sub(self.at);
        since.saturating_add(self.age)
    }
}

impl KeySets {
    pub(super) fn lookup(&mut self, url: &str, elapsed: Duration) -> CachedKeys {
        let Some(entry) = self.entries.get_mut(url) else {
            return CachedKeys::Absent;
        };
        entry.used = elapsed;
        let Some(stored) = &entry.keys else {
            return CachedKeys::Absent;
        };
        let age = stored.age(elapsed);
        if age >= OLDEST {
            CachedKeys::Absent
        } else if age < MAXIMUM_AGE || within(COOL_DOWN, entry.failed, elapsed) {
            CachedKeys::Fresh(stored.keys.clone())
        } else {
            CachedKeys::Stale(stored.keys.clone())
        }
    }

    pub(super) fn begin(&mut self, url: &str) -> KeyFlight {
        if let Some(flight) = self.under_way(url) {
            return flight;
        }
        self.make_room(url);
        self.last_number = self.last_number.saturating_add(1);
        let flight = Arc::new(Shared {
            number: self.last_number,
            url: url.to_owned(),
            answer: OnceLock::new(),
        });
        let entry = self.entries.entry(url.to_owned()).or_default();
        entry.flight = Arc::downgrade(&flight);
        KeyFlight(flight)
    }

    pub(super) fn begin_refetch(&mut self, url: &str, elapsed: Duration) -> Option<KeyFlight> {
        if let Some(flight) = self.under_way(url) {
            return Some(flight);
        }
        let refetched = self.entries.get(url).and_then(|entry| entry.refetched);
        if within(COOL_DOWN, refetched, elapsed) {
            return None;
        }
        let flight = self.begin(url);
        if let Some(entry) = self.entries.get_mut(url) {
            entry.refetched = Some(elapsed);
        }
        Some(flight)
    }

    /// Ends a flight. Every operation that shares it calls this; the first call counts.
    pub(super) fn end(
        &mut self,
        flight: &KeyFlight,
        keys: Option<&Arc<JwkSet>>,
        elapsed: Duration,
    ) {
        let KeyFlight(flight) = flight;
        let Some(entry) = self.entries.get_mut(&flight.url) else {
            return;
        };
        if std::ptr::eq(entry.flight.as_ptr(), Arc::as_ptr(flight)) {
            entry.flight = Weak::new();
        }
        let newest = entry.keys.as_ref().map_or(0, |stored| stored.number);
        if flight.number <= newest {
            return;
        }
        match keys {
            Some(keys) => {
                entry.keys = Some(Stored {
                    keys: keys.clone(),
                    at: elapsed,
                    age: Duration::ZERO,
                    number: flight.number,
                });
                entry.failed = None;
            }
            None => entry.failed = Some(elapsed),
        }
    }

    /// Returns the keys of a URL and their age, unless they are too old to be used.
    pub(super) fn export(&self, url: &str, elapsed: Duration) -> Option<(Arc<JwkSet>, Duration)> {
        let stored = self.entries.get(url)?.keys.as_ref()?;
        let age = stored.age(elapsed);
        (age < OLDEST).then(|| (stored.keys.clone(), age))
    }

    /// Stores keys of this age from another cache, unless this cache has keys that may still be
    /// used.
    pub(super) fn import(
        &mut self,
        url: &str,
        keys: Arc<JwkSet>,
        age: Duration,
        elapsed: Duration,
    ) {
        self.make_room(url);
        let entry = self.entries.entry(url.to_owned()).or_default();
        entry.used = elapsed;
        let number = match &entry.keys {
            Some(own) if own.age(elapsed) < OLDEST => return,
            own => own.as_ref().map_or(0, |own| own.number),
        };
        entry.keys = Some(Stored {
            keys,
            at: elapsed,
            age,
            // Every later fetch of this cache is newer.
            number,
        });
    }

    fn under_way(&self, url: &str) -> Option<KeyFlight> {
        self.entries.get(url)?.flight.upgrade().map(KeyFlight)
    }

    /// Removes the least recently used entry if a new one would exceed the limit.
    fn make_room(&mut self, url: &str) {
        if self.entries.len() < MOST_URLS || self.entries.contains_key(url) {
            return;
        }
        let idle = self.entries.iter().min_by_key(|(_, entry)| entry.used);
        if let Some(idle) = idle.map(|(url, _)| url.clone()) {
            self.entries.remove(&idle);
        }
    }
}

fn within(span: Duration, since: Option<Duration>, elapsed: Duration) -> bool {
    since.is_some_and(|since| elapsed.saturating_sub(since) < span)
}

/// The age from which a set is fetched again before use.
pub(super) const MAXIMUM_AGE: Duration = Duration::from_secs(300);
/// The age from which a set is not used at all: an hour after `MAXIMUM_AGE`.
pub(super) const OLDEST: Duration = Duration::from_secs(3900);
/// The time between two refetches for a missing key, and after a failed replacement.
const COOL_DOWN: Duration = Duration::from_secs(60);
/// The largest number of URLs. A client uses one server, or the few of a brokered set-up.
const MOST_URLS: usize = 100;

#[cfg(test)]
mod tests;
