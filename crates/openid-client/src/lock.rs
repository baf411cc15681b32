//! One way to lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a panic: each value that is locked here is complete between two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
