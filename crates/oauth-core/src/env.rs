//! The environment of a step: time, randomness and the cache.

use std::time::Duration;

use crate::cache::Cache;
use crate::entropy::Entropy;
use crate::time::UnixTime;

/// The environment of a step, which the driver supplies each time.
///
/// The core has no clock and no source of randomness, so the result of a step depends only on its
/// operation, this value and the event.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// Wall-clock time, which is compared with times in tokens.
    pub now: UnixTime,
    /// Monotonic time since a fixed moment that the driver chooses, for cache ages, cool-downs and
    /// polling. It must not go backwards between steps that share a cache.
    pub elapsed: Duration,
    /// The source of states, nonces, verifiers and `jti` values.
    pub entropy: &'a dyn Entropy,
    /// Key sets and DPoP nonces, shared by every operation of one client.
    pub cache: &'a Cache,
}
