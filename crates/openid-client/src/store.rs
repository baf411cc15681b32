//! Where several instances of an application keep what they share: the tokens of a session, a login
//! that has begun, the logout tokens that were accepted.
//!
//! [`TokenStore`] is what a store has to be able to do; [`MemoryStore`] and [`FileStore`] are two,
//! and `RedisStore`, with the feature `redis`, is one for instances on several machines.
//! [`SealedStore`] encrypts everything that goes in, so that a store may be one that others can
//! read.

mod back_off;
mod file;
mod key_set;
mod memory;
mod names;
#[cfg(feature = "redis")]
mod redis;
mod sealed;
mod timed;

use std::sync::Arc;
use std::time::Duration;

pub use oauth_core::error::StoreError;
use oauth_core::secret::Secret;

pub use self::file::FileStore;
pub use self::memory::MemoryStore;
#[cfg(feature = "redis")]
pub use self::redis::RedisStore;
pub use self::sealed::SealedStore;
pub use self::timed::TimedStore;
use crate::http::BoxFuture;

/// A store for values that several instances share.
///
/// Each value has a name and a [`Revision`]. All methods are atomic: of two instances that call one
/// at the same time, one comes first. An operation whose future is dropped has happened as a whole
/// or never happens, and an operation that begins later sees which of the two.
///
/// The library waits for each answer up to a [deadline](SealedStore::deadline). It then drops the
/// future and takes the operation as failed.
pub trait TokenStore: Send + Sync {
    /// The value under this name; `None` if it is absent or has expired.
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>>;

    /// Replaces the value under this name, or puts one there, for this long. With `after`, only
    /// where the value still has this revision; otherwise nothing changes and the answer is `None`.
    ///
    /// The new revision is greater than every revision and every lease number that the store has
    /// given out, for this name or another.
    fn save<'a>(
        &'a self,
        name: &'a str,
        value: Secret,
        after: Option<Revision>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Option<Revision>>;

    /// Takes the value out: of several callers, one gets it.
    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>>;

    /// The only lease of this name for this long; `None` while another one is held.
    /// The memory of accepted logout tokens is made of leases that are never given back.
    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>>;

    /// Gives a lease back. Succeeds also if the lease has ended or was given back before.
    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()>;
}

impl<T: TokenStore + ?Sized> TokenStore for Arc<T> {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        (**self).load(name)
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        value: Secret,
        after: Option<Revision>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Option<Revision>> {
        (**self).save(name, value, after, lifetime)
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        (**self).take(name)
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        (**self).lease(name, lifetime)
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        (**self).release(name, lease)
    }
}

/// The future of a store's method.
pub type StoreFuture<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// Which of the values that a name has had; later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(u64);

impl Revision {
    /// The revision that a store writes as this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// A value in a store. `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The value.
    pub value: Secret,
    /// Which one it is.
    pub revision: Revision,
}

/// The right to refresh the tokens under one name, for a while.
#[derive(Debug, PartialEq, Eq)]
pub struct Lease(u64);

impl Lease {
    /// The lease that a store writes as this number, which no other lease of it has.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number: greater than those of all leases and revisions before it.
    pub const fn number(&self) -> u64 {
        self.0
    }
}
