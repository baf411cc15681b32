use oauth_core::metadata::ServerMetadata;

use crate::builder::{ClientBuilder, DangerDocument, IssuerOnly};
use crate::client::Client;

impl Client {
    /// Sets up a client at the server that publishes its metadata under `issuer` (OpenID Connect
    /// Discovery 1.0 section 4). `.await` the builder to send the request.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// use openid_client::Client;
    ///
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .redirect_uri("https://app.example.com/cb")
    ///     .await?;
    /// # assert_eq!(client.server_metadata().issuer, issuer);
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The awaited builder fails with [`Error::Core`](crate::Error::Core) when the metadata cannot
    /// be fetched or fails a check, or when a setting is not valid, and with another variant of
    /// [`Error`](crate::Error) when the settings do not fit together.
    pub fn discover(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
    ) -> ClientBuilder<IssuerOnly> {
        ClientBuilder::new(IssuerOnly::new(issuer.into()), client_id.into())
    }

    /// Sets up a client at a server whose metadata the application has already. Nothing is sent.
    ///
    /// ```
    /// # let document = r#"{"issuer": "https://id.example.com"}"#.as_bytes();
    /// use openid_client::{Client, ServerMetadata};
    ///
    /// let server = ServerMetadata::from_json(document)?;
    /// let client = Client::from_metadata(server, "my-app").build()?;
    /// # assert_eq!(client.server_metadata().issuer, "https://id.example.com");
    /// # Ok::<(), openid_client::Error>(())
    /// ```
    pub fn from_metadata(
        server: ServerMetadata,
        client_id: impl Into<String>,
    ) -> ClientBuilder<ServerMetadata> {
        ClientBuilder::new(server, client_id.into())
    }

    /// Sets up a client at the server that the metadata document at `url` describes, without a
    /// check that the document names a certain issuer (OpenID Connect Discovery 1.0 section 4.3).
    /// The issuer that ID Tokens must name is then the one in the document.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let url = format!("{issuer}/.well-known/openid-configuration");
    /// use openid_client::Client;
    ///
    /// let client = Client::danger_discover_document(url, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .await?;
    /// # assert_eq!(client.server_metadata().issuer, server.url());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`discover`](Self::discover).
    pub fn danger_discover_document(
        url: impl Into<String>,
        client_id: impl Into<String>,
    ) -> ClientBuilder<DangerDocument> {
        ClientBuilder::new(DangerDocument(url.into()), client_id.into())
    }
}
