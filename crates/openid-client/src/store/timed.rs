//! A deadline for every answer of a store.

use std::sync::Arc;
use std::time::Duration;

use oauth_core::error::NoAnswer;
use oauth_core::secret::Secret;
use tokio::time::timeout;

use crate::store::{Entry, Lease, Revision, StoreError, StoreFuture, TokenStore};

/// A store whose operations fail when they take longer than the deadline. Such an operation may
/// have happened.
#[derive(Clone)]
pub(crate) struct Timed {
    store: Arc<dyn TokenStore>,
    deadline: Duration,
}

impl Timed {
    pub(crate) const fn new(store: Arc<dyn TokenStore>, deadline: Duration) -> Self {
        Self { store, deadline }
    }

    pub(crate) const fn deadline(&self) -> Duration {
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

impl TokenStore for Timed {
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
