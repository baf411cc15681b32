//! What is registered about the client.

use std::mem;
use std::sync::Arc;

use oauth_core::endpoint::ClientInformation;
use oauth_core::error::Misuse;
use oauth_core::metadata::ClientMetadata;

use super::ClientBuilder;

impl<Source> ClientBuilder<Source> {
    /// The URL to which browsers come back, as registered: absolute, without fragment. Each login
    /// uses it, unless it [sets another](crate::AuthorizationRequest::redirect_uri). A client with
    /// several sets one with each login.
    ///
    /// It replaces those of [`client_metadata`](Self::client_metadata) and
    /// [`client_information`](Self::client_information) that were set before. A client with one
    /// redirect URI is not built when that is not valid, wherever it comes from. One of several is
    /// checked when a login uses it.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .redirect_uri("https://app.example.com/cb")
    ///     .await?;
    /// let (url, pending) = client.authorization_request().await?;
    /// # assert!(server.log_in(url).starts_with("https://app.example.com/cb?code="));
    /// # });
    /// ```
    pub fn redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.settings.client_mut().redirect_uris = Some(vec![redirect_uri.into()]);
        self
    }

    /// The metadata that the client has registered. The client identifier stays the one of this
    /// builder, and so do a secret and a redirect URI that were set, when `metadata` have none.
    pub fn client_metadata(mut self, metadata: ClientMetadata) -> Self {
        let client = self.settings.client_mut();
        let before = mem::replace(client, metadata);
        client.client_id = before.client_id;
        client.client_secret = client.client_secret.take().or(before.client_secret);
        client.redirect_uris = client.redirect_uris.take().or(before.redirect_uris);
        self
    }

    /// The stored registration of a client that registered itself; see
    /// [`Client::register`](crate::Client::register). It replaces metadata and secret that were set
    /// before.
    ///
    /// ```
    /// # use openid_client::{Client, ClientMetadata};
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let client = Client::register(issuer, ClientMetadata::default()).root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let kept = serde_json::to_vec(&client.client_information().unwrap().to_json())?;
    /// use openid_client::ClientInformation;
    ///
    /// let information = ClientInformation::from_json(&kept)?;
    /// let client_id = information.metadata().client_id.clone();
    /// let client = Client::discover(issuer, client_id)
    /// #   .root_certificate_pem(root)
    ///     .client_information(information)
    ///     .await?;
    /// # assert!(client.fetch_registration().await.is_ok());
    /// # });
    /// ```
    pub fn client_information(mut self, information: ClientInformation) -> Self {
        let registered = Arc::new(information.metadata().clone());
        let set = mem::replace(&mut self.settings.client, registered);
        let found = self.settings.client.client_id.as_str();
        let same = match set.client_id == found {
            true => Ok(()),
            false => Err(oauth_core::Error::from(Misuse::InvalidArgument {
                argument: "client_information",
                expected: "the registration of this client_id",
                found: found.escape_debug().to_string(),
            })),
        };
        self.settings.information = Some(Arc::new(information));
        self.check(same)
    }
}
