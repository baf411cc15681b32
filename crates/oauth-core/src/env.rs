//! What a step may know of the world: the time, randomness and the caches.

use std::time::Duration;

use crate::cache::Cache;
use crate::entropy::Entropy;
use crate::time::UnixTime;

/// Everything ambient that a step needs, handed in by the driver for each step.
///
/// The core has no clock and no randomness of its own, so a step is a function of its
/// operation, this value and the event.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// Wall-clock time, for comparison with what servers write into tokens.
    pub now: UnixTime,
    /// Monotonic time since a fixed moment of the driver's choice, for cache ages, cool-downs and
    /// polling. It must not go backwards between steps that share a cache.
    pub elapsed: Duration,
    /// The source of states, nonces, verifiers and `jti` values.
    pub entropy: &'a dyn Entropy,
    /// Key sets and DPoP nonces, shared by every operation of one client.
    pub cache: &'a Cache,
}
