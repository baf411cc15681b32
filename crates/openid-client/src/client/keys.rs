//! The server's keys, ahead of their use and from one process to the next.

use oauth_core::cache::ExportedJwksCache;
use oauth_core::flow::PrefetchKeys;
use oauth_core::names::EndpointName;

use super::Client;
use crate::error::Error;

impl Client {
    /// Fetches the server's keys where none are cached, or where they are more than 300 seconds old; see
    /// [`PrefetchKeys`]. When the program starts, or before many people log in at once.
    ///
    /// There is no need to: each grant does it before it sends the code or the refresh token. The token
    /// endpoint takes these once, so that a key set that could not be had afterwards would lose the
    /// tokens.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
    /// client.prefetch_keys().await?;
    /// # assert!(client.export_jwks_cache().is_some());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`PrefetchKeys`]: the key set cannot be had or read, and no older one is there.
    pub async fn prefetch_keys(&self) -> Result<(), Error> {
        self.run(PrefetchKeys::new(self.configuration.clone()))
            .await
    }

    /// The server's keys as they are in this client's cache, with their age, for
    /// [`ClientBuilder::jwks_cache`](crate::ClientBuilder::jwks_cache); `None` when none have been fetched, or none that may still be
    /// used. It is meant for programs that end and start too often to fetch them each time.
    ///
    /// Keep them as safe as the program itself: see [`ExportedJwksCache`].
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
    /// # client.prefetch_keys().await?;
    /// let exported = client.export_jwks_cache().ok_or("nothing was fetched")?;
    /// let kept = serde_json::to_string(&exported.to_json())?;
    /// # assert!(kept.contains("jwks"));
    /// # Ok(()) });
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
