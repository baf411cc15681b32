//! A store that a test can break.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use openid_client_axum::openid_client::Secret;
use openid_client_axum::openid_client::store::{
    Entry, Lease, MemoryStore, Revision, StoreError, StoreFuture, TokenStore,
};
use tokio::sync::Notify;

/// What a store does with its operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Works,
    /// Operations of this name fail; with an empty name, all of them.
    Fails(&'static str),
    /// Operations are accepted, and nothing comes back.
    Silent,
}

/// A store that a test can break, and that knows the names of its values.
pub struct Moody {
    store: MemoryStore,
    mood: Mutex<Mood>,
    saved: Mutex<Vec<String>>,
    gate: Mutex<Option<Gate>>,
}

/// Where a caller waits for the test.
#[derive(Clone)]
pub struct Gate {
    /// The beginning of the name that is saved.
    pub name: &'static str,
    pub reached: Arc<Notify>,
    pub open: Arc<Notify>,
}

impl Moody {
    pub fn new() -> Self {
        Self {
            store: MemoryStore::new(),
            mood: Mutex::new(Mood::Works),
            saved: Mutex::default(),
            gate: Mutex::default(),
        }
    }

    pub fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Makes the next caller wait that saves under a name with this beginning.
    pub fn shut(&self, name: &'static str) -> Gate {
        let gate = Gate {
            name,
            reached: Arc::default(),
            open: Arc::default(),
        };
        *self.gate.lock().unwrap() = Some(gate.clone());
        gate
    }

    /// The names under which values were saved, also those that are gone.
    pub fn saved(&self) -> Vec<String> {
        self.saved.lock().unwrap().clone()
    }

    fn when<'a, T: Send + 'a>(
        &self,
        operation: &'static str,
        answer: StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Fails(which) if which.is_empty() || which == operation => {
                Box::pin(async move { Err(StoreError::new(operation, "the network is down")) })
            }
            Mood::Silent => Box::pin(std::future::pending()),
            _ => answer,
        }
    }
}

impl TokenStore for Moody {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        self.when("load", self.store.load(name))
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        value: Secret,
        after: Option<Revision>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Option<Revision>> {
        self.saved.lock().unwrap().push(name.to_owned());
        let shut = self
            .gate
            .lock()
            .unwrap()
            .take_if(|gate| name.starts_with(gate.name));
        let saved = self.when("save", self.store.save(name, value, after, lifetime));
        Box::pin(async move {
            let saved = saved.await;
            if let Some(gate) = shut {
                gate.reached.notify_one();
                gate.open.notified().await;
            }
            saved
        })
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        self.when("take", self.store.take(name))
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        self.when("lease", self.store.lease(name, lifetime))
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        self.when("release", self.store.release(name, lease))
    }
}
