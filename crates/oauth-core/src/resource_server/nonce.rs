//! Nonces for DPoP proofs without state (RFC 9449 sections 8 and 9).

use std::fmt;
use std::time::Duration;

use jose::SignatureAlgorithm::HS256;
use jose::{SigningKey, base64url};

use crate::error::{Error, Misuse};
use crate::secret::{Secret, constant_time_eq};
use crate::time::UnixTime;

/// Makes and recognises nonces: each is an HMAC of the number of a time window, so instances with
/// the same keys recognise each other's nonces, and no store is needed.
///
/// A nonce is accepted in its window and in the next one.
#[derive(Clone)]
pub struct DPoPNonces {
    keys: Vec<SigningKey>,
    window: i64,
}

impl DPoPNonces {
    /// Nonces with windows of `window`, in whole seconds. Each key has at least 32 random bytes.
    /// The first key makes nonces, and all of them recognise nonces, so that a key can be replaced.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] without keys, for a key that is too short, or if `window` is
    /// less than a second or more than an hour.
    pub fn new(keys: &[Secret<Vec<u8>>], window: Duration) -> Result<Self, Error> {
        let invalid = |argument, expected, found| {
            Error::from(Misuse::InvalidArgument {
                argument,
                expected,
                found,
            })
        };
        let seconds = window.as_secs();
        if !(1..=LONGEST_WINDOW).contains(&seconds) {
            let expected = "1 to 3600 seconds";
            return Err(invalid("window", expected, format!("{window:?}")));
        }
        let keys = keys.iter().map(|key| SigningKey::hmac(key.expose()));
        let keys: Result<Vec<_>, _> = keys.collect();
        let keys = keys.unwrap_or_default();
        if keys.is_empty() {
            let expected = "at least one key, each of at least 32 bytes";
            return Err(invalid("keys", expected, "something else".to_owned()));
        }
        Ok(Self {
            keys,
            // The limit above makes it fit.
            window: i64::try_from(seconds).unwrap_or(1),
        })
    }

    /// The nonce of the current window.
    pub(super) fn current(&self, now: UnixTime) -> Option<String> {
        nonce(self.keys.first()?, self.number(now))
    }

    /// Whether the nonce belongs to the current window or to the one before.
    pub(super) fn recognises(&self, found: &str, now: UnixTime) -> bool {
        let number = self.number(now);
        let numbers = [number, number.saturating_sub(1)];
        self.keys.iter().any(|key| {
            numbers.iter().any(|number| {
                nonce(key, *number)
                    .is_some_and(|nonce| constant_time_eq(nonce.as_bytes(), found.as_bytes()))
            })
        })
    }

    fn number(&self, now: UnixTime) -> i64 {
        now.seconds().checked_div_euclid(self.window).unwrap_or(0)
    }
}

/// The HMAC of the number, which the server knows, so that the nonce need not contain it.
fn nonce(key: &SigningKey, number: i64) -> Option<String> {
    let mut message = b"dpop-nonce:".to_vec();
    message.extend(number.to_be_bytes());
    Some(base64url::encode(&key.sign(HS256, &message).ok()?))
}

impl fmt::Debug for DPoPNonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DPoPNonces")
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

const LONGEST_WINDOW: u64 = 3600;
