//! The store as a session sees it.

use std::sync::Arc;
use std::time::Duration;

use openid_client::Secret;
use openid_client::store::{Entry, Lease, Revision, StoreFuture, TimedStore, TokenStore};

use crate::ended::Memory;
use crate::session::Session;

/// A store that has nothing for a session after its end. A source of tokens may outlive the request
/// that made it, and must not refresh then.
pub(super) struct UntilTheEnd {
    pub(super) store: TimedStore,
    pub(super) memory: Arc<Memory>,
    pub(super) session: Arc<Session>,
}

impl TokenStore for UntilTheEnd {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(async move {
            match self.memory.has_ended(&self.session).await? {
                true => self.store.take(name).await.map(|_| None),
                false => self.store.load(name).await,
            }
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
            match self.memory.has_ended(&self.session).await? {
                true => Ok(None),
                false => self.store.save(name, value, after, lifetime).await,
            }
        })
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        self.store.take(name)
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        self.store.lease(name, lifetime)
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        self.store.release(name, lease)
    }
}
