//! The server's keys in a store, for instances that start often.

use oauth_core::cache::ExportedJwksCache;
use oauth_core::names::EndpointName;
use oauth_core::secret::Secret;

use crate::client::Client;
use crate::error::Error;
use crate::store::{SealedStore, TokenStore as _, names};

impl SealedStore {
    /// Keeps the server's keys as they are in this client's cache, for instances that start later.
    /// Answers whether there were any; see [`Client::export_jwks_cache`].
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let client = Client::discover(issuer, "my-app").root_certificate_pem(root).await?;
    /// # let starting = Client::discover(issuer, "my-app").root_certificate_pem(root).await?;
    /// # use openid_client::{SealingKey, store::{MemoryStore, SealedStore}};
    /// # let store = SealedStore::new(MemoryStore::new(), SealingKey::new([7; 32]));
    /// client.prefetch_keys().await?;
    /// store.save_jwks_cache(&client).await?;
    /// // In an instance that starts.
    /// assert!(store.load_jwks_cache(&starting).await?);
    /// # assert!(starting.export_jwks_cache().is_some());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails, and
    /// [`Misuse::NotSealed`](oauth_core::error::Misuse::NotSealed).
    pub async fn save_jwks_cache(&self, client: &Client) -> Result<bool, Error> {
        let Some(exported) = client.export_jwks_cache() else {
            return Ok(false);
        };
        let sealed = Secret::new(exported.seal(self.current_key()?, client.configuration())?);
        let name = names::key_set(client.configuration(), exported.jwks_uri());
        let lifetime = ExportedJwksCache::LIFETIME;
        self.store().save(&name, sealed, None, lifetime).await?;
        Ok(true)
    }

    /// Takes the server's keys from the store into this client's cache, unless that has keys which
    /// may be used. Answers whether there were any. They continue to age as in the cache that they
    /// came from.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the store fails, and
    /// [`Misuse::NotSealedHere`](oauth_core::error::Misuse::NotSealedHere) when the value cannot be
    /// opened.
    pub async fn load_jwks_cache(&self, client: &Client) -> Result<bool, Error> {
        let configuration = client.configuration();
        let jwks_uri = configuration.endpoint(EndpointName::Jwks)?;
        let name = names::key_set(configuration, jwks_uri.as_str());
        let Some(entry) = self.store().load(&name).await? else {
            return Ok(false);
        };
        let sealed = entry.value.expose();
        let exported = ExportedJwksCache::open(self.keys(), configuration, sealed)?;
        client.import_jwks_cache(exported);
        Ok(true)
    }
}
