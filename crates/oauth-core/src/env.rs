//! What a step may know of the world: the time, randomness and the caches.

use std::fmt;
use std::time::Duration;

use crate::cache::Cache;

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

/// A moment as whole seconds since 1970-01-01T00:00:00Z, ignoring leap seconds
/// (`NumericDate`, RFC 7519 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

impl UnixTime {
    /// The moment `seconds` after the epoch; negative before it.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// This moment moved by `seconds`, which may be negative; stops at the ends of the range.
    #[must_use]
    pub const fn saturating_add(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds that have passed since `earlier`; 0 when the clock went backwards.
    pub(crate) fn seconds_since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A source of cryptographically secure random bytes.
///
/// Every state, nonce and PKCE verifier is drawn from it: a predictable source lets an attacker
/// forge a login. A test gives fixed bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random bytes.
    ///
    /// # Errors
    ///
    /// [`EntropyFault`] when the source cannot deliver; the operation then ends in
    /// [`Error::Entropy`](crate::Error::Entropy) and nothing is sent.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault>;
}

/// The source of randomness failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct EntropyFault;

/// 32 random bytes in base64url: 43 characters, 256 bits (the size that RFC 7636 section 4.1
/// recommends for a verifier, used for states, nonces and `jti` too).
pub(crate) fn random_token(entropy: &dyn Entropy) -> Result<String, EntropyFault> {
    let mut bytes = [0_u8; 32];
    entropy.fill(&mut bytes)?;
    Ok(jose::base64url::encode(&bytes))
}
