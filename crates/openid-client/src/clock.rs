//! What a client takes from its surroundings: wall-clock time and randomness.

use std::time::{SystemTime, UNIX_EPOCH};

use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::time::UnixTime;
use ring::rand::{SecureRandom as _, SystemRandom};

/// A source of wall-clock time, which is compared with the times in tokens.
///
/// Implemented by every `Fn() -> UnixTime`.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> UnixTime;
}

impl<F: Fn() -> UnixTime + Send + Sync> Clock for F {
    fn now(&self) -> UnixTime {
        self()
    }
}

/// The clock of the operating system.
pub(crate) fn system_clock() -> UnixTime {
    let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_secs()).map_or(i64::MIN, i64::saturating_neg)
        }
    };
    UnixTime::from_seconds(seconds)
}

/// The random number generator of the operating system.
pub(crate) struct SystemEntropy(pub(crate) SystemRandom);

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        self.0.fill(bytes).map_err(|_| EntropyFault)
    }
}
