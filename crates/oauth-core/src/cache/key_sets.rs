//! Key sets by URL: their age, the flights that fetch them, the cool-downs and the failures.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jose::JwkSet;

use crate::cache::failure::{Failures, LONGEST_PAUSE, patience_of};
use crate::error::Error;
use crate::names::EndpointName;
use crate::outbound::{Flight, Read, WeakFlight};

/// The state of a URL's key set in the cache.
#[derive(Debug, Clone)]
pub(crate) enum CachedKeys {
    /// Less than 300 seconds old, or an attempt to replace it failed less than 60 seconds ago: use
    /// it. An attempt that had less time than the caller does not count.
    Fresh(Arc<JwkSet>),
    /// Older, by at most an hour: fetch it again, and use it if that fails.
    Stale(Arc<JwkSet>),
    /// No key set that may be used.
    Absent,
    /// No key set that may be used, and a fetch with at least the caller's time failed a moment ago
    /// with this error.
    Failed(Error),
}

/// How a JWT came to the client, which says who may have made it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// In a response of the server, from the token endpoint for example.
    Server,
    /// Through a browser, so that anyone who begins a login can send one.
    Browser,
    /// In a request to the application, so that anyone can send one.
    Stranger,
}

#[derive(Debug, Default)]
pub(super) struct KeySets {
    entries: HashMap<String, Entry>,
    last_number: u64,
}

#[derive(Debug, Default)]
struct Entry {
    keys: Option<Stored>,
    /// The flight that replaces absent and old keys.
    renewal: Slot,
    /// The flights that look for a missing key. Each channel has its own, so that a slow one delays
    /// no other.
    server: Slot,
    browser: Slot,
    stranger: Slot,
    failures: Failures,
    /// When the entry was last looked up, for eviction.
    used: Duration,
}

#[derive(Debug, Default)]
struct Slot {
    flight: WeakFlight,
    /// When the last flight for a missing key began.
    begun: Option<Duration>,
    /// The number of the last flight that failed, and when it began. It may still bring keys to a
    /// caller with more time.
    failed: Option<(u64, Duration)>,
}

impl Entry {
    const fn slot(&mut self, channel: Option<Channel>) -> &mut Slot {
        match channel {
            None => &mut self.renewal,
            Some(Channel::Server) => &mut self.server,
            Some(Channel::Browser) => &mut self.browser,
            Some(Channel::Stranger) => &mut self.stranger,
        }
    }

    /// Empties the slot of this flight.
    fn clear(&mut self, flight: &Flight, has_failed: bool) {
        let number = flight.number();
        for slot in [
            &mut self.renewal,
            &mut self.server,
            &mut self.browser,
            &mut self.stranger,
        ] {
            if slot.flight.is(flight) {
                slot.flight = WeakFlight::default();
                if has_failed {
                    // From now on the time for which the failure is remembered counts.
                    slot.failed = slot.begun.take().map(|begun| (number, begun));
                }
            } else if !has_failed && let Some((_, begun)) = slot.failed.take_if(|it| it.0 == number)
            {
                slot.begun = slot.begun.max(Some(begun));
            }
        }
    }

    fn absent(&self, patience: Duration, elapsed: Duration) -> CachedKeys {
        let failure = self.failures.remembered(patience, elapsed).cloned();
        failure.map_or(CachedKeys::Absent, CachedKeys::Failed)
    }

    /// The number of the flight that fetched the stored keys.
    fn newest(&self) -> u64 {
        self.keys.as_ref().map_or(0, |stored| stored.number)
    }
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
    pub(super) fn lookup(
        &mut self,
        url: &str,
        patience: Duration,
        elapsed: Duration,
    ) -> CachedKeys {
        let Some(entry) = self.entries.get_mut(url) else {
            return CachedKeys::Absent;
        };
        entry.used = elapsed;
        let Some(stored) = &entry.keys else {
            return entry.absent(patience, elapsed);
        };
        let age = stored.age(elapsed);
        let failed = entry.failures.last(patience);
        if age >= OLDEST {
            entry.absent(patience, elapsed)
        } else if age < MAXIMUM_AGE || within(COOL_DOWN, failed, elapsed) {
            CachedKeys::Fresh(stored.keys.clone())
        } else {
            CachedKeys::Stale(stored.keys.clone())
        }
    }

    pub(super) fn retry_after(
        &self,
        url: &str,
        patience: Duration,
        elapsed: Duration,
    ) -> Option<Duration> {
        let entry = self.entries.get(url)?;
        entry.failures.remembered_for(patience, elapsed)
    }

    pub(super) fn begin(
        &mut self,
        url: &str,
        channel: Option<Channel>,
        elapsed: Duration,
        read: impl FnOnce() -> Box<Read>,
    ) -> Flight {
        if let Some(flight) = self.under_way(url, channel) {
            return flight;
        }
        self.make_room(url);
        self.last_number = self.last_number.saturating_add(1);
        let flight = Flight::new(self.last_number, EndpointName::Jwks, url, read());
        let entry = self.entries.entry(url.to_owned()).or_default();
        entry.used = entry.used.max(elapsed);
        let slot = entry.slot(channel);
        slot.flight = flight.downgrade();
        slot.begun = Some(elapsed);
        flight
    }

    pub(super) fn begin_refetch(
        &mut self,
        url: &str,
        channel: Channel,
        patience: Duration,
        elapsed: Duration,
        read: impl FnOnce() -> Box<Read>,
    ) -> Option<Flight> {
        if let Some(flight) = self.under_way(url, Some(channel)) {
            return Some(flight);
        }
        if let Some(entry) = self.entries.get_mut(url) {
            let has_failed = entry.failures.remembered(patience, elapsed).is_some();
            let slot = entry.slot(Some(channel));
            // A flight that ended without a report, because its driver was dropped or found a
            // closed connection, found no key, and neither did one that stands still and is older
            // than the stored keys. Strangers could cause such flights without end.
            let is_lost = channel == Channel::Server && !slot.flight.is_none();
            if has_failed || !is_lost && within(COOL_DOWN, slot.begun, elapsed) {
                return None;
            }
        }
        Some(self.begin(url, Some(channel), elapsed, read))
    }

    /// Records the end of a flight, with an attempt that has `begun` at this time. Keys are stored
    /// unless newer ones are. Another failure of the same flight counts only if it concerns callers
    /// with more patience than the first, and then for those with less as well.
    pub(super) fn end(
        &mut self,
        flight: &Flight,
        fetched: Result<&Arc<JwkSet>, &Error>,
        begun: Duration,
        elapsed: Duration,
    ) {
        let Some(entry) = self.entries.get_mut(flight.url()) else {
            return;
        };
        entry.clear(flight, fetched.is_err());
        if flight.number() <= entry.newest() {
            return;
        }
        match fetched {
            Ok(keys) => {
                entry.keys = Some(Stored {
                    keys: keys.clone(),
                    at: begun,
                    age: Duration::ZERO,
                    number: flight.number(),
                });
                entry.failures = Failures::default();
            }
            Err(error) => {
                let patience = patience_of(error);
                if flight.fails_more(patience) {
                    entry.failures.add(error, patience, elapsed);
                }
            }
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

    /// The flight of this channel, unless keys of a later flight are stored: its answer would not
    /// replace them.
    fn under_way(&mut self, url: &str, channel: Option<Channel>) -> Option<Flight> {
        let entry = self.entries.get_mut(url)?;
        let newest = entry.newest();
        let flight = entry.slot(channel).flight.upgrade()?;
        (flight.number() > newest).then_some(flight)
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
/// Between two flights for a missing key in one channel, and after a failed replacement of old
/// keys.
const COOL_DOWN: Duration = LONGEST_PAUSE;
/// The largest number of URLs. A client uses one server, or the few of a brokered set-up.
const MOST_URLS: usize = 100;

#[cfg(test)]
mod tests;
