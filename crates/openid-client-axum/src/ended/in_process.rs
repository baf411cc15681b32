//! What this process remembers. Its memory is bounded, and forgets no end: where it is full, the
//! sessions that began before the end that it forgets have all ended.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Cut, Mark};

/// What this process remembers, for each client: one provider's logout tokens must not fill the
/// memory of another.
pub(super) struct InProcess {
    clients: Mutex<HashMap<String, Remembered>>,
    /// A random value. A session that was sealed under another one is not accepted, because this
    /// memory does not know whether it has ended.
    pub(super) epoch: String,
}

#[derive(Default)]
struct Remembered {
    ended: Bounded,
    /// The logins whose callback was used.
    used: Bounded,
}

impl InProcess {
    /// An empty memory for the clients of these names.
    pub(super) fn new<'a>(clients: impl Iterator<Item = &'a str>, epoch: String) -> Self {
        let remembered = clients.map(|name| (name.to_owned(), Remembered::default()));
        Self {
            clients: Mutex::new(remembered.collect()),
            epoch,
        }
    }

    pub(super) fn has_ended(&self, names: &[Arc<str>], mark: &Mark) -> bool {
        let clients = self.lock();
        // There is an entry for each client of the layer.
        let Some(remembered) = clients.get(&mark.client) else {
            return true;
        };
        let ended = &remembered.ended;
        ended.forgotten.ends(mark) || names.iter().any(|name| ended.cut(name).ends(mark))
    }

    pub(super) fn end_session(&self, name: Arc<str>, mark: &Mark, until: i64, now: i64) {
        let its_own = Cut {
            began_at: mark.began_at,
            issued_at: mark.issued_at,
        };
        let entry = Entry {
            cut: Cut::ALL,
            forgotten: its_own,
            until,
        };
        if let Some(remembered) = self.lock().get_mut(&mark.client) {
            remembered.ended.insert(name, entry, now);
        }
    }

    pub(super) fn end_until(&self, client: &str, name: Arc<str>, cut: Cut, until: i64, now: i64) {
        let entry = Entry {
            cut,
            forgotten: cut,
            until,
        };
        if let Some(remembered) = self.lock().get_mut(client)
            && cut.is_after(remembered.ended.cut(&name))
        {
            remembered.ended.insert(name, entry, now);
        }
    }

    pub(super) fn use_login(
        &self,
        client: &str,
        name: Arc<str>,
        created_at: i64,
        until: i64,
        now: i64,
    ) -> bool {
        let mut clients = self.lock();
        let Some(remembered) = clients.get_mut(client) else {
            return false;
        };
        let used = &mut remembered.used;
        if created_at <= used.forgotten.began_at || used.entries.contains_key(&name) {
            return false;
        }
        let its_own = Cut {
            began_at: created_at,
            issued_at: i64::MIN,
        };
        let entry = Entry {
            cut: Cut::ALL,
            forgotten: its_own,
            until,
        };
        used.insert(name, entry, now);
        true
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Remembered>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number of entries that has an end.
struct Bounded {
    entries: HashMap<Arc<str>, Entry>,
    by_end: BTreeSet<(i64, Arc<str>)>,
    /// Stands for the entries that there was no room for.
    forgotten: Cut,
}

struct Entry {
    cut: Cut,
    /// What takes the place of the entry when there is no room for it.
    forgotten: Cut,
    /// When it does not matter any more.
    until: i64,
}

impl Default for Bounded {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            by_end: BTreeSet::new(),
            forgotten: Cut::NONE,
        }
    }
}

impl Bounded {
    fn cut(&self, name: &str) -> Cut {
        self.entries.get(name).map_or(Cut::NONE, |entry| entry.cut)
    }

    fn insert(&mut self, name: Arc<str>, entry: Entry, now: i64) {
        if let Some(known) = self.entries.remove(&name) {
            self.by_end.remove(&(known.until, Arc::clone(&name)));
        }
        while let Some((until, _)) = self.by_end.first()
            && (*until < now || self.by_end.len() >= MOST)
        {
            let is_over = *until < now;
            if let Some((_, first)) = self.by_end.pop_first()
                && let Some(dropped) = self.entries.remove(&first)
                && !is_over
            {
                self.forgotten = self.forgotten.or_later(dropped.forgotten);
            }
        }
        self.by_end.insert((entry.until, Arc::clone(&name)));
        self.entries.insert(name, entry);
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").finish_non_exhaustive()
    }
}

/// The most entries for each client, in about 15 MB.
const MOST: usize = 65_536;

#[cfg(test)]
#[allow(
    clippy::arithmetic_side_effects,
    reason = "the times are small, and a test that panics has failed"
)]
mod tests {
    use super::*;

    fn memory() -> InProcess {
        InProcess::new(["one", "two"].into_iter(), String::new())
    }

    fn mark(client: &str, began_at: i64) -> Mark {
        Mark {
            id: "a session".to_owned(),
            client: client.to_owned(),
            began_at,
            // The clock of the provider is a minute behind.
            issued_at: began_at - 60,
        }
    }

    fn cut(began_at: i64) -> Cut {
        Cut {
            began_at,
            issued_at: began_at - 60,
        }
    }

    fn flood(memory: &InProcess, client: &str, from: i64) {
        for number in 0..i64::try_from(MOST).unwrap() {
            let name = format!("{client} {from} {number}").into();
            memory.end_until(
                client,
                name,
                cut(from + number),
                from + number + 1_000_000,
                from,
            );
        }
    }

    #[test]
    fn a_flood_of_logout_tokens_revives_no_session_and_fills_no_memory() {
        let memory = memory();
        let names = ["ended".into()];
        memory.end_until("one", "ended".into(), cut(1_000), 1_000_000, 1_000);
        memory.end_session("a session".into(), &mark("one", 500), 1_000_001, 1_000);
        flood(&memory, "one", 10_000);
        let clients = memory.lock();
        let ended = &clients["one"].ended;
        assert_eq!((ended.entries.len(), ended.by_end.len()), (MOST, MOST));
        assert!(!ended.entries.contains_key("ended") && !ended.entries.contains_key("a session"));
        drop(clients);
        for began_at in [500, 999, 1_000] {
            assert!(memory.has_ended(&names, &mark("one", began_at)));
        }
        // Later sessions of other people go on, and so do the sessions at other providers.
        let others = ["another".into()];
        assert!(!memory.has_ended(&others, &mark("one", 1_001)));
        assert!(!memory.has_ended(&others, &mark("two", 1_000)));
        // The most recent ends are still known by their names.
        let last = ["one 10000 65535".into()];
        assert!(memory.has_ended(&last, &mark("one", 10_000 + 65_535)));
    }

    #[test]
    fn what_is_over_leaves_the_memory_without_a_trace() {
        let memory = memory();
        memory.end_until("one", "ended".into(), cut(1_000), 2_000, 1_000);
        memory.end_until("one", "other".into(), cut(2_001), 3_000, 2_001);
        let clients = memory.lock();
        let ended = &clients["one"].ended;
        assert_eq!((ended.entries.len(), ended.by_end.len()), (1, 1));
        assert_eq!(ended.forgotten, Cut::NONE);
    }

    #[test]
    fn a_logout_token_that_comes_again_ends_nothing_more() {
        let memory = memory();
        let names = ["sub".into()];
        let first = cut(1_000);
        memory.end_until("one", "sub".into(), first, 90_000, 1_000);
        let again = Cut {
            began_at: 1_100,
            ..first
        };
        memory.end_until("one", "sub".into(), again, 90_000, 1_100);
        let older = Cut {
            began_at: 1_200,
            issued_at: first.issued_at - 1,
        };
        memory.end_until("one", "sub".into(), older, 90_000, 1_200);
        assert!(memory.has_ended(&names, &mark("one", 1_000)));
        assert!(!memory.has_ended(&names, &mark("one", 1_001)));
        memory.end_until("one", "sub".into(), cut(1_300), 90_000, 1_300);
        assert!(memory.has_ended(&names, &mark("one", 1_300)));
    }

    #[test]
    fn a_flood_of_callbacks_permits_none_twice() {
        let memory = memory();
        let used = |name: &str, created_at| {
            let until = created_at + 600;
            memory.use_login("one", name.into(), created_at, until, created_at)
        };
        assert!(used("first", 1_000));
        assert!(!used("first", 1_000));
        for number in 0..MOST {
            assert!(used(&number.to_string(), 1_001));
        }
        assert!(!used("first", 1_000));
        assert!(used("another", 1_001));
        assert_eq!(memory.lock()["one"].used.entries.len(), MOST);
    }
}
