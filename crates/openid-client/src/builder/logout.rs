//! Where accepted logout tokens are remembered.

use std::sync::Arc;

use super::ClientBuilder;
use crate::store::TokenStore;

impl<Source> ClientBuilder<Source> {
    /// Remembers in this store which logout tokens were accepted, so that each is accepted once by
    /// all instances that share the store; see
    /// [`Client::verify_logout_token`](crate::Client::verify_logout_token). Without a store, each
    /// client remembers its own in memory, up to 16,384 of them. The store has to answer within the
    /// [timeout](Self::timeout) of the client.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// use openid_client::store::MemoryStore;
    ///
    /// let store = MemoryStore::new();
    /// let client = Client::discover(issuer, "my-app").logout_token_store(store);
    /// # let client = client.root_certificate_pem(root).await?;
    /// # assert_eq!(client.client_metadata().client_id, "my-app");
    /// # });
    /// ```
    pub fn logout_token_store(mut self, store: impl TokenStore + 'static) -> Self {
        self.logout_token_store = Some(Arc::new(store));
        self
    }
}
