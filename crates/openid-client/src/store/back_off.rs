//! The pause after a failed refresh, for every instance.

use oauth_core::secret::Secret;
use oauth_core::source::SharedBackOff;

use crate::client::Client;
use crate::error::Error;
use crate::store::{SealedStore, TokenStore as _, names};

impl SealedStore {
    /// The pause of the tokens under this name, over or not. One that cannot be opened counts as
    /// absent: who can write such a value can also remove one.
    pub(crate) async fn back_off(
        &self,
        client: &Client,
        name: &str,
    ) -> Result<Option<SharedBackOff>, Error> {
        let key = names::back_off(name);
        let Some(entry) = self.store().load(&key).await? else {
            return Ok(None);
        };
        let sealed = entry.value.expose();
        Ok(SharedBackOff::open(self.keys(), client.configuration(), &key, sealed).ok())
    }

    pub(crate) async fn save_back_off(
        &self,
        client: &Client,
        name: &str,
        back_off: &SharedBackOff,
    ) -> Result<(), Error> {
        let key = names::back_off(name);
        let sealed = back_off.seal(self.current_key()?, client.configuration(), &key)?;
        let (sealed, lifetime) = (Secret::new(sealed), back_off.lifetime());
        self.store().save(&key, sealed, None, lifetime).await?;
        Ok(())
    }

    /// Removes the pause, because new tokens have arrived. A failure of the store is ignored: the
    /// pause also ends without this, after an hour at most.
    pub(crate) async fn end_back_off(&self, name: &str) {
        drop(self.store().take(&names::back_off(name)).await);
    }
}
