//! The time, randomness, and the keys that another process has fetched.

use std::sync::Arc;

use oauth_core::cache::ExportedJwksCache;
use oauth_core::entropy::Entropy;

use super::ClientBuilder;
use crate::clock::Clock;

impl<Source> ClientBuilder<Source> {
    /// The source of the time; the operating system by default. For tests.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The source of randomness for states, nonces and verifiers; the operating system by default.
    /// For tests: an attacker who can predict them can forge a login.
    pub fn entropy(mut self, entropy: impl Entropy + 'static) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }

    /// The server's keys as another client has [exported](crate::Client::export_jwks_cache) them,
    /// for programs that start too often to fetch them each time. They are used for the URL that
    /// they came from. They are fetched again when they are 300 seconds old, or when this client's
    /// clock says that they come from the future.
    ///
    /// The client trusts them: an attacker who can write where they are stored can log in as any
    /// user.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::example!(|client, server| {
    /// # client.prefetch_keys().await?;
    /// # let metadata = client.server_metadata().clone();
    /// # let kept = serde_json::to_vec(&client.export_jwks_cache().unwrap().to_json())?;
    /// use openid_client::ExportedJwksCache;
    ///
    /// // In the next process.
    /// let exported = ExportedJwksCache::from_json(&kept)?;
    /// let next = Client::from_metadata(metadata, "my-app")
    ///     .jwks_cache(exported)
    ///     .build()?;
    /// # assert!(next.export_jwks_cache().is_some());
    /// # });
    /// ```
    pub fn jwks_cache(mut self, exported: ExportedJwksCache) -> Self {
        self.jwks_cache = Some(exported);
        self
    }
}
