//! Which logout tokens were accepted and have not expired.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oauth_core::policy::Policy;
use oauth_core::time::UnixTime;
use oauth_core::validate::LogoutToken;
use tokio::runtime::Handle;

use crate::lock::lock;
use crate::store::{Lease, StoreError, TimedStore, TokenStore};

/// The memory of logout tokens that were accepted: in a store, or else in this process.
pub(crate) struct AcceptedTokens {
    store: Option<Arc<dyn TokenStore>>,
    names: Mutex<Names>,
}

/// The names of tokens, each until it expires.
#[derive(Default)]
struct Names {
    names: HashSet<String>,
    by_end: BTreeSet<(i64, String)>,
}

impl AcceptedTokens {
    pub(crate) fn new(store: Option<Arc<dyn TokenStore>>) -> Self {
        Self {
            store,
            names: Mutex::default(),
        }
    }

    /// Remembers a token for as long as it can be accepted. False when it was remembered before.
    pub(crate) async fn insert(
        &self,
        token: &LogoutToken,
        policy: &Policy,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let end = token.remembered_until(policy).seconds();
        let name = token.replay_name();
        let Some(store) = &self.store else {
            let mut names = lock(&self.names);
            return Ok(names.insert(name, end, now.seconds()));
        };
        let lifetime = u64::try_from(end.saturating_sub(now.seconds())).unwrap_or_default();
        // The rest of a second counts as a second, and the store may take its time to answer.
        let lifetime = Duration::from_secs(lifetime.saturating_add(1));
        let lifetime = lifetime.saturating_add(policy.timeout());
        let store = TimedStore::new(Arc::clone(store), policy.timeout());
        // A lease that is never given back is a name that can be taken once.
        let leased = tokio::spawn(async move {
            let lease = store.lease(&name, lifetime).await?;
            let lease = lease.map(|lease| Undelivered(Some((store, name, lease))));
            Ok::<_, StoreError>(lease)
        });
        let leased = leased.await.map_err(|end| StoreError::new("lease", end))?;
        Ok(leased?.map(Undelivered::deliver).is_some())
    }
}

/// A token that was accepted, until the caller knows it. If the caller is gone, for example because
/// the server closed the connection, the token can be accepted again: otherwise the sessions would
/// stay alive, and the request that the server repeats would be refused.
struct Undelivered(Option<(TimedStore, String, Lease)>);

impl Undelivered {
    fn deliver(mut self) {
        self.0 = None;
    }
}

impl Drop for Undelivered {
    fn drop(&mut self) {
        if let Some((store, name, lease)) = self.0.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move { store.release(&name, lease).await });
        }
    }
}

impl Names {
    fn insert(&mut self, name: String, end: i64, now: i64) -> bool {
        while let Some((first, _)) = self.by_end.first()
            && (*first < now || self.by_end.len() >= CAPACITY)
        {
            if let Some((_, expired)) = self.by_end.pop_first() {
                self.names.remove(&expired);
            }
        }
        let is_new = self.names.insert(name.clone());
        if is_new {
            self.by_end.insert((end, name));
        }
        is_new
    }
}

/// How many tokens are remembered at most, in about 4 MB. Only tokens that the server signed count,
/// so a stranger cannot fill the memory. When it is full, the token that expires next is forgotten.
const CAPACITY: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_new_until_its_end_and_then_again() {
        let mut names = Names::default();
        assert!(names.insert("a".to_owned(), 100, 0));
        assert!(names.insert("b".to_owned(), 50, 0));
        assert!(!names.insert("a".to_owned(), 100, 0));
        assert!(!names.insert("a".to_owned(), 100, 100));
        assert!(names.insert("b".to_owned(), 150, 51));
        assert!(names.insert("a".to_owned(), 200, 101));
        assert_eq!(names.names.len(), 2);
        assert_eq!(names.by_end.len(), 2);
    }

    #[test]
    fn a_full_memory_forgets_what_expires_next() {
        let mut names = Names::default();
        let count = i64::try_from(CAPACITY).unwrap_or_default();
        for number in 0..count {
            assert!(names.insert(number.to_string(), 1_000 + number, 0));
        }
        assert_eq!(names.names.len(), CAPACITY);
        assert!(names.insert("one more".to_owned(), 9_000_000, 0));
        assert_eq!(names.names.len(), CAPACITY);
        assert_eq!(names.by_end.len(), CAPACITY);
        assert!(!names.insert("one more".to_owned(), 9_000_000, 0));
        assert!(names.insert("0".to_owned(), 9_000_000, 0));
    }
}
