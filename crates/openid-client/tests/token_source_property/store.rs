//! A store that fails in several ways, for a while.

#![allow(unreachable_pub, reason = "a test has no public interface")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use openid_client::Secret;
use openid_client::store::{
    Entry, Lease, MemoryStore, Revision, StoreError, StoreFuture, TokenStore,
};
use tokio::time::sleep;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// No connection.
    Gone,
    /// Nothing can be written.
    Full,
    /// Nothing happens, and no answer comes.
    Silent,
    /// Everything happens, and no answer comes.
    Unheard,
}

pub struct Faulty {
    store: MemoryStore,
    fault: Mutex<Fault>,
}

impl Faulty {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            store: MemoryStore::new(),
            fault: Mutex::new(Fault::None),
        })
    }

    pub fn fail(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    fn by<'a, T: Send + 'a>(
        &'a self,
        operation: &'static str,
        writes: bool,
        doing: StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            sleep(Duration::from_millis(1)).await;
            let fault = *self.fault.lock().unwrap();
            match fault {
                Fault::Gone => Err(StoreError::new(operation, "no connection")),
                Fault::Full if writes => Err(StoreError::new(operation, "no room")),
                Fault::Silent => std::future::pending().await,
                Fault::Unheard => {
                    drop(doing.await);
                    std::future::pending().await
                }
                Fault::None | Fault::Full => doing.await,
            }
        })
    }
}

impl TokenStore for Faulty {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        self.by("load", false, self.store.load(name))
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        value: Secret,
        after: Option<Revision>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Option<Revision>> {
        let saving = self.store.save(name, value, after, lifetime);
        self.by("save", true, saving)
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        self.by("take", true, self.store.take(name))
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        self.by("lease", true, self.store.lease(name, lifetime))
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        self.by("release", true, self.store.release(name, lease))
    }
}
