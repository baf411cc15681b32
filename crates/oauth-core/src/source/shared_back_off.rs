//! The pause that the instances of an application share after a failed attempt.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::authorization::{SealingKey, binding, open, seal};
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::{Error, Misuse, SealFault};
use crate::secret::Secret;
use crate::source::back_off::{LONGEST_ASKED_FOR, pause, random_share};
use crate::source::verdict::asked_for;
use crate::time::UnixTime;

/// The pause after failed attempts, in a form that the instances of an application share through a
/// store. Without it, each of ten instances would try in each step of its back-off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedBackOff {
    version: u8,
    /// The number of attempts in a row that failed, on all instances.
    failures: u32,
    /// The length of the pause in seconds.
    pause: u64,
    /// The end of the pause, in seconds since 1970.
    until: i64,
}

impl SharedBackOff {
    /// The pause after an attempt that ended in this error. `previous` is the pause before it. The
    /// pause doubles with each failure, and it is as long as `Retry-After` asks for, up to an hour.
    pub fn after(previous: Option<&Self>, error: &Error, env: &Env<'_>) -> Self {
        let before = previous.map_or(0, |previous| previous.failures);
        let pause = pause(before, asked_for(error, env.now), random_share(env));
        // A second more for the parts of seconds that the clock and the form do not tell.
        let pause = pause.as_secs().saturating_add(1);
        let seconds = i64::try_from(pause).unwrap_or(i64::MAX);
        Self {
            version: VERSION,
            failures: before.saturating_add(1),
            pause,
            until: env.now.saturating_add(seconds).seconds(),
        }
    }

    /// The length of the whole pause.
    pub const fn pause(&self) -> Duration {
        Duration::from_secs(self.pause)
    }

    /// How long no attempt may begin; zero when one may. It is never longer than the whole pause,
    /// even if the clocks of two instances differ. A store that ends the pause by its own clock,
    /// after [`pause`](Self::pause), is right even then.
    pub fn left(&self, now: UnixTime) -> Duration {
        let left = UnixTime::from_seconds(self.until).seconds_since(now);
        Duration::from_secs(left.min(self.pause)).min(LONGEST_ASKED_FOR)
    }

    /// How long to keep it: for an hour after the pause, so that the next failure continues the
    /// count.
    pub fn lifetime(&self) -> Duration {
        Duration::from_secs(self.pause).saturating_add(LONGEST_ASKED_FOR)
    }

    /// Encrypts it under the application's key for one name in a store, as
    /// [`StoredTokenSet::seal`](super::StoredTokenSet::seal) does.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealed`] when the cryptography library fails or has no randomness, and for a
    /// value of more than 3 MB.
    pub fn seal(
        &self,
        key: &SealingKey,
        configuration: &Configuration,
        store_key: &str,
    ) -> Result<String, Error> {
        let plaintext = serde_json::to_vec(self).map_err(|_| Misuse::NotSealed)?;
        let binding = bound(configuration, store_key);
        seal(key, PURPOSE, Some(binding), Secret::new(plaintext).expose())
    }

    /// Opens a sealed pause of this client and name. `keys` are all that may have sealed it.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`] when the value was changed, was sealed under another key, for
    /// another issuer, client or name, or is not a sealed value.
    pub fn open(
        keys: &[SealingKey],
        configuration: &Configuration,
        store_key: &str,
        sealed: &str,
    ) -> Result<Self, Error> {
        let expected = bound(configuration, store_key);
        let opened: Self = open(keys, PURPOSE, Some(&expected), sealed)?;
        match opened.version {
            VERSION => Ok(opened),
            _ => Err(Misuse::NotSealedHere(SealFault::UnknownForm).into()),
        }
    }
}

fn bound(configuration: &Configuration, store_key: &str) -> String {
    let issuer = &configuration.server().issuer;
    let client_id = &configuration.client().client_id;
    binding(&[PURPOSE, issuer, client_id, store_key])
}

const PURPOSE: &str = "back-off";

const VERSION: u8 = 1;
