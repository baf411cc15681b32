//! The pause after a failed refresh, for every instance.

use std::time::Duration;

use oauth_core::secret::Secret;
use oauth_core::source::SharedBackOff;

use crate::client::Client;
use crate::error::Error;
use crate::store::{SealedStore, TokenStore as _, names};

impl SealedStore {
    /// The failures before, which the next failure counts on, and the rest of the pause after them.
    /// The store ends the pause, because the clocks of two instances may differ.
    pub(crate) async fn back_off(
        &self,
        client: &Client,
        name: &str,
    ) -> Result<(Option<SharedBackOff>, Duration), Error> {
        let before = self.load_back_off(client, &names::back_off(name)).await?;
        if before.is_none() {
            return Ok((None, Duration::ZERO));
        }
        let pause = self.load_back_off(client, &names::pause(name)).await?;
        let left = pause.map(|pause| pause.left(client.now()).max(LOOK_AGAIN));
        Ok((before, left.unwrap_or_default()))
    }

    /// A value that cannot be opened counts as absent: an attacker who can write it can also remove
    /// the right one.
    async fn load_back_off(
        &self,
        client: &Client,
        key: &str,
    ) -> Result<Option<SharedBackOff>, Error> {
        let Some(entry) = self.store().load(key).await? else {
            return Ok(None);
        };
        let sealed = entry.value.expose();
        Ok(SharedBackOff::open(self.keys(), client.configuration(), key, sealed).ok())
    }

    pub(crate) async fn save_back_off(
        &self,
        client: &Client,
        name: &str,
        back_off: &SharedBackOff,
    ) -> Result<(), Error> {
        for (key, lifetime) in [
            (names::pause(name), back_off.pause()),
            (names::back_off(name), back_off.lifetime()),
        ] {
            let sealed = back_off.seal(self.current_key()?, client.configuration(), &key)?;
            let saving = self.store().save(&key, Secret::new(sealed), None, lifetime);
            saving.await?;
        }
        Ok(())
    }

    /// Ends the pause and the count of failures, because new tokens have arrived. A failure of the
    /// store is ignored: both end without this as well, the pause after an hour at most.
    pub(crate) async fn end_back_off(&self, name: &str) {
        drop(self.store().take(&names::back_off(name)).await);
    }
}

/// The rest of a pause that is over by the clock of this instance, and not by that of the store.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
