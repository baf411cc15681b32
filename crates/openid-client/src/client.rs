//! The client: one method for each operation.

mod authorization_request;
mod authorization_url;
mod back_channel_logout;
mod backchannel_authentication;
mod device_authorization;
mod grants;
mod initiated_login;
mod keys;
mod logout;
mod protected_resource;
mod registration;
mod resource_token;
mod sealed_login;
mod setters;
mod step_up;
mod token_management;
mod token_source;
mod tokens;
mod webfinger;

use std::fmt;
use std::sync::Arc;

use jose::SigningKey;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::ClientInformation;
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::operation::Operation;
use oauth_core::policy::Policy;
use oauth_core::request_object::RequestObject;
use oauth_core::time::UnixTime;

pub use self::authorization_request::AuthorizationRequest;
pub use self::backchannel_authentication::BackchannelAuthenticationRequest;
pub use self::protected_resource::ProtectedResourceRequest;
pub(crate) use self::registration::expected;
pub use self::resource_token::ResourceToken;
pub use self::token_source::{SourceGrant, TokenSource, TokenSourceBuilder};
use crate::builder::{ClientBuilder, DangerDocument, IssuerOnly};
use crate::drive::drive;
use crate::error::Error;
use crate::host::{Host, Shared};
use crate::keyring::{Derived, Keyring};

/// One client at one authorization server.
///
/// Cheap to clone, and every clone shares connections, key sets and private keys: make one and keep
/// it. All of its methods need a tokio runtime with time and I/O enabled.
#[derive(Clone)]
pub struct Client {
    configuration: Configuration,
    keyring: Keyring,
    /// How authorization requests are signed, where all of them are.
    request_object: Option<RequestObject>,
    /// The keys that change with the client secret.
    derived: Arc<[Derived]>,
    shared: Arc<Shared>,
    /// Of a client that registered itself.
    information: Option<Arc<ClientInformation>>,
}

impl Client {
    /// Sets up a client at the server that publishes its metadata under `issuer`
    /// (OpenID Connect Discovery 1.0 section 4).
    ///
    /// `.await` the builder to send the request.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .redirect_uri("https://app.example.com/cb")
    ///     .await?;
    /// # assert_eq!(client.server_metadata().issuer, issuer);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Of the awaited builder: [`Error::Core`] when the metadata cannot be fetched or fails a check,
    /// or when a setting cannot be used; the other variants when the set-up is at fault.
    pub fn discover(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
    ) -> ClientBuilder<IssuerOnly> {
        ClientBuilder::new(IssuerOnly::new(issuer.into()), client_id.into())
    }

    /// Sets up a client at the server that the metadata document at `url` describes, whatever issuer
    /// it names; see [`DiscoveryEndpoint::danger_document`](oauth_core::endpoint::DiscoveryEndpoint::danger_document)
    /// for what that means.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let url = format!("{}/.well-known/openid-configuration", server.url());
    /// let client = Client::danger_discover_document(url, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .await?;
    /// # assert_eq!(client.server_metadata().issuer, server.url());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`discover`](Self::discover).
    pub fn danger_discover_document(
        url: impl Into<String>,
        client_id: impl Into<String>,
    ) -> ClientBuilder<DangerDocument> {
        ClientBuilder::new(DangerDocument(url.into()), client_id.into())
    }

    /// Sets up a client at a server whose metadata is written by hand. Nothing is sent.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # let document = r#"{"issuer": "https://id.example.com"}"#.as_bytes();
    /// use openid_client::ServerMetadata;
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

    pub(crate) const fn new(
        configuration: Configuration,
        keyring: Keyring,
        request_object: Option<RequestObject>,
        derived: Arc<[Derived]>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            configuration,
            keyring,
            request_object,
            derived,
            shared,
            information: None,
        }
    }

    /// The same client, with what the server has registered for it.
    pub(crate) fn informed(mut self, information: ClientInformation) -> Self {
        self.information = Some(Arc::new(information));
        self
    }

    /// The same client under another policy; connections, key sets and keys are shared.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
    /// use openid_client::Policy;
    /// use std::time::Duration;
    ///
    /// let mut patient = Policy::default();
    /// patient.set_timeout(Duration::from_secs(60))?;
    /// let client = client.with(patient);
    /// # assert_eq!(client.configuration().policy().timeout().as_secs(), 60);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with(&self, policy: Policy) -> Self {
        Self {
            configuration: self.configuration.with_policy(policy),
            ..self.clone()
        }
    }

    /// The same client, whose tokens are bound to this key (RFC 9449), as
    /// [`ClientBuilder::dpop_key`] sets it. For servers at which each user has a key of their own.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// use openid_client::jose::{SignatureAlgorithm, SigningKey};
    ///
    /// let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// let client = client.with_dpop_key(key)?;
    /// # let (url, pending) = client.authorization_request().begin().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # assert!(tokens.dpop_thumbprint().is_some());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](oauth_core::error::Misuse::InvalidArgument) when the key is an
    /// HMAC secret.
    pub fn with_dpop_key(&self, key: SigningKey) -> Result<Self, Error> {
        let mut client = self.clone();
        let dpop_key = client.keyring.insert_dpop_key(key)?;
        client.configuration = self.configuration.with_dpop_key(dpop_key);
        Ok(client)
    }

    /// Server metadata, client metadata, client authentication and policy.
    pub const fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// What the server publishes about itself.
    pub fn server_metadata(&self) -> &ServerMetadata {
        self.configuration.server()
    }

    /// What the client has registered about itself.
    pub fn client_metadata(&self) -> &ClientMetadata {
        self.configuration.client()
    }

    /// A login about to begin (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2.1).
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// let request = client.authorization_request().scope("openid email");
    /// let (url, pending) = request.begin().await?;
    /// // The browser goes to `url` and comes back to the redirect URI.
    /// # let callback = server.log_in(url);
    /// let tokens = client.authorization_code_grant(pending, callback).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # Ok(()) });
    /// ```
    pub fn authorization_request(&self) -> AuthorizationRequest {
        AuthorizationRequest::new(self.clone())
    }

    /// The time by this client's clock, for [`TokenSet::expires_in`](oauth_core::flow::TokenSet::expires_in).
    pub fn now(&self) -> UnixTime {
        self.shared.clock.now()
    }

    /// Runs any operation of the core with this client's transport, clock, caches and keys.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let (url, pending) = client.authorization_request().scope("openid email").begin().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # let stored = tokens.refresh_token().unwrap().clone();
    /// use openid_client::core::flow::RefreshTokenGrant;
    ///
    /// let grant = RefreshTokenGrant::new(client.configuration().clone(), stored);
    /// let tokens = client.run(grant.scope("email")).await?;
    /// # assert!(tokens.refresh_token().is_some());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Whatever the operation ends in.
    pub async fn run<O: Operation>(&self, operation: O) -> Result<O::Output, Error> {
        Ok(drive(&self.host(), operation).await?)
    }

    fn host(&self) -> Host<'_> {
        Host::new(&self.shared, &self.keyring, self.configuration.policy())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("issuer", &self.server_metadata().issuer)
            .field("client_id", &self.client_metadata().client_id)
            .finish_non_exhaustive()
    }
}
