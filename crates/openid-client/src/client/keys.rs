//! The server's keys, before they are needed and from one process to the next.

use oauth_core::cache::ExportedJwksCache;
use oauth_core::flow::PrefetchKeys;
use oauth_core::names::EndpointName;

use super::Client;
use crate::error::Error;

impl Client {
    /// Fetches the server's keys, unless those in the cache are less than 300 seconds old. For
    /// example when the program starts, or before many people log in at once.
    ///
    /// It is optional: each grant fetches the keys before it sends a code or a refresh token. These
    /// can be used only once, so a key set that cannot be fetched afterwards would lose the tokens.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// client.prefetch_keys().await?;
    /// # assert!(client.export_jwks_cache().is_some());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// When the cache has no older key set: [`CoreError::Rejected`](crate::CoreError::Rejected)
    /// when the key set fails a check, [`CoreError::Metadata`](crate::CoreError::Metadata) when the
    /// server publishes none, and [`CoreError::Unanswered`](crate::CoreError::Unanswered).
    pub async fn prefetch_keys(&self) -> Result<(), Error> {
        let operation = PrefetchKeys::new(self.configuration.clone());
        self.run_as("prefetch_keys", operation).await
    }

    /// Exports the server's keys from this client's cache, with their age, for
    /// [`ClientBuilder::jwks_cache`](crate::ClientBuilder::jwks_cache). Returns `None` when there
    /// are none, or only keys that are too old.
    ///
    /// It is for programs that start too often to fetch the keys each time. Store the result as
    /// safely as the program itself: the next process trusts these keys.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # client.prefetch_keys().await?;
    /// let exported = client.export_jwks_cache().ok_or("nothing was fetched")?;
    /// let kept = serde_json::to_string(&exported.to_json())?;
    /// # assert!(kept.contains("jwks"));
    /// # });
    /// ```
    pub fn export_jwks_cache(&self) -> Option<ExportedJwksCache> {
        let jwks_uri = self.configuration.endpoint(EndpointName::Jwks).ok()?;
        let elapsed = self.shared.started.elapsed();
        let cache = &self.shared.cache;
        cache.export_jwks(jwks_uri.as_str(), self.now(), elapsed)
    }

    /// Takes the keys in, unless the cache has some that may be used.
    pub(crate) fn import_jwks_cache(&self, exported: ExportedJwksCache) {
        let elapsed = self.shared.started.elapsed();
        let cache = &self.shared.cache;
        cache.import_jwks(exported, self.now(), elapsed);
    }
}
