//! A deadline for every answer of a store.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oauth_core::error::NoAnswer;
use oauth_core::secret::Secret;
use tokio::time::timeout;

use crate::store::{Entry, Lease, Revision, StoreError, StoreFuture, TokenStore};

/// A store whose operations fail when they take longer than the deadline. Such an operation may
/// have happened.
///
/// [`SealedStore`](crate::store::SealedStore) and [`Client`](crate::Client) wait no longer than
/// their own deadlines. Use this store where the application calls a [`TokenStore`] itself.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use openid_client::store::{MemoryStore, TimedStore, TokenStore as _};
/// use std::time::Duration;
///
/// let store = TimedStore::new(MemoryStore::new(), Duration::from_secs(5));
/// assert!(store.load("name").await?.is_none());
/// # Ok::<(), openid_client::store::StoreError>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct TimedStore {
    store: Arc<dyn TokenStore>,
    deadline: Duration,
}

impl TimedStore {
    /// A store with this deadline for each operation. A store that is shared already is given as an
    /// `Arc`.
    pub fn new(store: impl TokenStore + 'static, deadline: Duration) -> Self {
        Self {
            store: Arc::new(store),
            deadline,
        }
    }

    /// The deadline.
    pub const fn deadline(&self) -> Duration {
        self.deadline
    }

    pub(crate) const fn set_deadline(&mut self, deadline: Duration) {
        self.deadline = deadline;
    }

    fn within<'a, T: Send + 'a>(
        &self,
        operation: &'static str,
        answer: StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        let deadline = self.deadline;
        Box::pin(async move {
            let late = |_| Err(StoreError::new(operation, NoAnswer::TimedOut { deadline }));
            timeout(deadline, answer).await.unwrap_or_else(late)
        })
    }
}

impl TokenStore for TimedStore {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        self.within("load", self.store.load(name))
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        value: Secret,
        after: Option<Revision>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Option<Revision>> {
        self.within("save", self.store.save(name, value, after, lifetime))
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        self.within("take", self.store.take(name))
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        self.within("lease", self.store.lease(name, lifetime))
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        self.within("release", self.store.release(name, lease))
    }
}

impl fmt::Debug for TimedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimedStore")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that accepts requests and then says nothing.
    struct Silent;

    impl TokenStore for Silent {
        fn load<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Entry>> {
            Box::pin(std::future::pending())
        }

        fn save<'a>(
            &'a self,
            _: &'a str,
            _: Secret,
            _: Option<Revision>,
            _: Duration,
        ) -> StoreFuture<'a, Option<Revision>> {
            Box::pin(std::future::pending())
        }

        fn take<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Secret>> {
            Box::pin(std::future::pending())
        }

        fn lease<'a>(&'a self, _: &'a str, _: Duration) -> StoreFuture<'a, Option<Lease>> {
            Box::pin(std::future::pending())
        }

        fn release<'a>(&'a self, _: &'a str, _: Lease) -> StoreFuture<'a, ()> {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_operation_ends_at_the_deadline() {
        let deadline = Duration::from_secs(3);
        let store = TimedStore::new(Silent, deadline);
        let all = async {
            [
                store.load("a").await.map(drop),
                store.save("a", "1".into(), None, deadline).await.map(drop),
                store.take("a").await.map(drop),
                store.lease("a", deadline).await.map(drop),
                store.release("a", Lease::new(1)).await,
            ]
        };
        let results = timeout(deadline * 6, all).await.unwrap();
        for (result, operation) in results
            .into_iter()
            .zip(["load", "save", "take", "lease", "release"])
        {
            let message = result.unwrap_err().to_string();
            assert!(message.contains(operation), "{message}");
        }
    }
}
