//! The sources of the server metadata.

use std::fmt;
use std::sync::Arc;

use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint, RegistrationEndpoint};
use oauth_core::error::Misuse;
use oauth_core::flow::{Discover, Register};
use oauth_core::metadata::ServerMetadata;
use oauth_core::policy::Policy;
use oauth_core::secret::Secret;
use oauth_core::validate::MetadataSigner;

use super::{ClientBuilder, Settings};
use crate::client::{Client, expected};
use crate::error::{Error, RegistrationUnusable};
use crate::host::{Host, Shared, drive};
use crate::http::BoxFuture;

/// The issuer of a server whose metadata are to be fetched.
#[derive(Debug, Clone)]
pub struct IssuerOnly {
    issuer: String,
    algorithm: DiscoveryAlgorithm,
    metadata_url: Option<MetadataUrl>,
    signer: Option<MetadataSigner>,
}

impl IssuerOnly {
    pub(crate) fn new(issuer: String) -> Self {
        Self {
            issuer,
            algorithm: DiscoveryAlgorithm::default(),
            metadata_url: None,
            signer: None,
        }
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(super) const fn set_algorithm(&mut self, algorithm: DiscoveryAlgorithm) {
        self.algorithm = algorithm;
    }

    pub(super) fn set_metadata_url(&mut self, url: String) {
        self.metadata_url = Some(MetadataUrl(url));
    }

    /// The request for the metadata.
    pub(super) fn endpoint(&self, policy: &Policy) -> Result<DiscoveryEndpoint, Error> {
        let endpoint = DiscoveryEndpoint::new(&self.issuer, self.algorithm, policy.clone())?;
        Ok(match &self.metadata_url {
            Some(MetadataUrl(url)) => endpoint.metadata_url(url)?,
            None => endpoint,
        })
    }

    pub(super) fn into_signer(self) -> Option<MetadataSigner> {
        self.signer
    }

    pub(super) async fn fetch(
        &self,
        settings: &Settings,
        shared: &Arc<Shared>,
    ) -> Result<ServerMetadata, Error> {
        let policy = &settings.policy;
        let endpoint = self.endpoint(policy)?;
        let host = Host::new(shared, &settings.keyring, policy);
        let server = drive(&host, Discover::new(endpoint)).await?;
        Ok(match &self.signer {
            Some(signer) => signer.verify(&server, policy, shared.clock.now())?,
            None => server,
        })
    }
}

/// The URL of a metadata document. `Debug` does not show it, because it may hold a key.
#[derive(Clone)]
struct MetadataUrl(String);

impl fmt::Debug for MetadataUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MetadataUrl")
    }
}

/// The URL of a metadata document that is to be fetched, and may name any issuer. `Debug` does not
/// show the URL, which may hold a key.
#[derive(Clone)]
pub struct DangerDocument(pub(crate) String);

impl fmt::Debug for DangerDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DangerDocument")
    }
}

impl ClientBuilder<DangerDocument> {
    async fn fetch(self) -> Result<Client, Error> {
        self.check_any_issuer()?;
        self.load().await;
        let (DangerDocument(url), settings, shared) = self.prepare()?;
        let endpoint = DiscoveryEndpoint::danger_document(&url, settings.policy.clone())?;
        let host = Host::new(&shared, &settings.keyring, &settings.policy);
        let server = drive(&host, Discover::new(endpoint)).await?;
        settings.pair(server, shared)
    }
}

impl<Source> ClientBuilder<Source> {
    /// Refuses a profile where the metadata may name any issuer: it requires that check.
    pub(super) const fn check_any_issuer(&self) -> Result<(), Error> {
        match self.settings.profile {
            Some(_) => Err(Error::Conflict {
                setting: "profile",
                other: "danger_discover_document",
            }),
            None => Ok(()),
        }
    }
}

impl IntoFuture for ClientBuilder<DangerDocument> {
    type Output = Result<Client, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.fetch())
    }
}

impl ClientBuilder<IssuerOnly> {
    /// The place of the metadata; by default the one of OpenID Connect Discovery.
    pub fn algorithm(mut self, algorithm: DiscoveryAlgorithm) -> Self {
        self.source.algorithm = algorithm;
        self
    }

    /// Reads the metadata from this URL instead of the one that is made from the issuer. They must
    /// name the issuer nevertheless. For a server whose public address cannot be reached from here,
    /// for example in the network of its containers; [`map_origin`](Self::map_origin) does the same
    /// for its endpoints.
    ///
    /// The host of this URL is trusted like the issuer's; see
    /// [`DiscoveryEndpoint::metadata_url`].
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let internal = format!("{issuer}/.well-known/openid-configuration");
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .metadata_url(internal)
    ///     .await?;
    /// # assert_eq!(client.server_metadata().issuer, issuer);
    /// # });
    /// ```
    pub fn metadata_url(mut self, url: impl Into<String>) -> Self {
        self.source.set_metadata_url(url.into());
        self
    }

    /// Requires metadata that this party has signed (RFC 8414 section 2.1). The signed values
    /// replace the plain ones.
    ///
    /// ```
    /// # use openid_client::{Client, MetadataSigner, SignatureAlgorithm, SigningKey};
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// # let jwks = format!(r#"{{"keys":[{}]}}"#, serde_json::json!(key.public_jwk().unwrap().to_json()));
    /// let algorithms = [SignatureAlgorithm::ES256];
    /// let signer = MetadataSigner::new("https://federation.example", jwks.as_bytes(), algorithms)?;
    /// let client = Client::discover(issuer, "my-app").metadata_signer(signer);
    /// # let refused = client.root_certificate_pem(root).await.unwrap_err();
    /// # assert_eq!(refused.to_string().contains("signed_metadata"), true);
    /// # Ok(()) });
    /// ```
    pub fn metadata_signer(mut self, signer: MetadataSigner) -> Self {
        self.source.signer = Some(signer);
        self
    }

    async fn fetch(self) -> Result<Client, Error> {
        self.load().await;
        let (source, settings, shared) = self.prepare()?;
        let server = source.fetch(&settings, &shared).await?;
        settings.pair(server, shared)
    }
}

impl IntoFuture for ClientBuilder<IssuerOnly> {
    type Output = Result<Client, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.fetch())
    }
}

/// A client that is to be registered, at the server of an issuer, or at one whose
/// [metadata](ServerMetadata) the application has.
pub struct NewClient {
    server: Server,
    initial_access_token: Option<Secret>,
    /// Whether the initial access token is bound to the client's DPoP key.
    is_bound: bool,
}

enum Server {
    Issuer(IssuerOnly),
    Known(Box<ServerMetadata>),
}

impl NewClient {
    const fn at(server: Server) -> Self {
        Self {
            server,
            initial_access_token: None,
            is_bound: false,
        }
    }
}

impl From<String> for NewClient {
    fn from(issuer: String) -> Self {
        Self::at(Server::Issuer(IssuerOnly::new(issuer)))
    }
}

impl From<&str> for NewClient {
    fn from(issuer: &str) -> Self {
        issuer.to_owned().into()
    }
}

impl From<&String> for NewClient {
    fn from(issuer: &String) -> Self {
        issuer.clone().into()
    }
}

impl From<ServerMetadata> for NewClient {
    fn from(server: ServerMetadata) -> Self {
        Self::at(Server::Known(Box::new(server)))
    }
}

impl ClientBuilder<NewClient> {
    /// The place of the server metadata; by default the one of OpenID Connect Discovery. With
    /// metadata that the application has, the build fails with [`Error::Conflict`].
    pub fn algorithm(mut self, algorithm: DiscoveryAlgorithm) -> Self {
        let set = match &mut self.source.server {
            Server::Issuer(issuer) => {
                issuer.algorithm = algorithm;
                Ok(())
            }
            Server::Known(_) => Err(Error::Conflict {
                setting: "algorithm",
                other: "server metadata",
            }),
        };
        self.check(set)
    }

    /// Reads the server metadata from this URL; see
    /// [`metadata_url`](ClientBuilder::<IssuerOnly>::metadata_url). With metadata that the
    /// application has, the build fails with [`Error::Conflict`].
    pub fn metadata_url(mut self, url: impl Into<String>) -> Self {
        let set = match &mut self.source.server {
            Server::Issuer(issuer) => {
                issuer.set_metadata_url(url.into());
                Ok(())
            }
            Server::Known(_) => Err(Error::Conflict {
                setting: "metadata_url",
                other: "server metadata",
            }),
        };
        self.check(set)
    }

    /// The token that permits the registration, at a server that requires one (RFC 7591 section 3).
    ///
    /// ```
    /// # use openid_client::{Client, ClientMetadata};
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let (token, metadata) = ("a-token-that-permits-registration", ClientMetadata::default());
    /// let client = Client::register(issuer, metadata)
    /// #   .root_certificate_pem(root)
    ///     .initial_access_token(token)
    ///     .await?;
    /// # assert!(client.client_information().is_some());
    /// # });
    /// ```
    pub fn initial_access_token(mut self, token: impl Into<Secret>) -> Self {
        self.source.initial_access_token = Some(token.into());
        self.source.is_bound = false;
        self
    }

    /// Like [`initial_access_token`](Self::initial_access_token), for a token that is bound to the
    /// client's [`dpop_key`](Self::dpop_key). The registration proves that the client has the key
    /// (RFC 9449 section 7).
    ///
    /// ```
    /// # use openid_client::{Client, ClientMetadata};
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let (token, metadata) = ("a-token-that-permits-registration", ClientMetadata::default());
    /// use openid_client::jose::{SignatureAlgorithm, SigningKey};
    ///
    /// let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// let client = Client::register(issuer, metadata)
    /// #   .root_certificate_pem(root)
    ///     .dpop_key(key)
    ///     .dpop_initial_access_token(token)
    ///     .await?;
    /// # assert!(client.client_information().is_some());
    /// # });
    /// ```
    pub fn dpop_initial_access_token(mut self, token: impl Into<Secret>) -> Self {
        self.source.initial_access_token = Some(token.into());
        self.source.is_bound = true;
        self
    }

    async fn register(self) -> Result<Client, Error> {
        self.load().await;
        let (source, mut settings, shared) = self.prepare()?;
        settings.register_authentication()?;
        let mut client = settings.client.clone();
        settings.bind_to_certificate(&mut client, &shared);
        settings.bind_to_dpop_key(&mut client);
        settings.client = client;
        let server = match source.server {
            Server::Issuer(issuer) => issuer.fetch(&settings, &shared).await?,
            Server::Known(server) => *server,
        };
        // A mistake that is found after the registration would leave an unused client at the
        // server.
        let expected = expected(settings.client.clone(), "to be issued");
        settings.configure(server.clone(), expected, &shared)?;
        let (client, policy) = (settings.client.clone(), settings.policy.clone());
        let mut endpoint = RegistrationEndpoint::new(server.clone(), client, policy);
        if let Some(token) = source.initial_access_token {
            endpoint = endpoint.initial_access_token(token);
        }
        if source.is_bound {
            let key = settings.dpop_key.clone();
            let key = key.ok_or(oauth_core::Error::from(Misuse::MissingArgument {
                argument: "dpop_key",
                purpose: "an initial access token that is bound to it",
            }))?;
            endpoint = endpoint.dpop_key(key);
        }
        let host = Host::new(&shared, &settings.keyring, &settings.policy);
        let registered = drive(&host, Register::new(endpoint)).await;
        let information =
            registered.map_err(|error| RegistrationUnusable::of_core(error.into()))?;
        settings.client = information.metadata().clone();
        settings.information = Some(information.clone());
        settings
            .pair(server, shared)
            .map_err(|cause| RegistrationUnusable::new(cause, information).into())
    }
}

impl IntoFuture for ClientBuilder<NewClient> {
    type Output = Result<Client, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.register())
    }
}

impl fmt::Debug for NewClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Server::Issuer(issuer) => issuer.fmt(f),
            Server::Known(server) => f.debug_tuple("NewClient").field(&server.issuer).finish(),
        }
    }
}

impl ClientBuilder<ServerMetadata> {
    /// Builds the client.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] when the issuer or a setting is not valid; another variant of [`Error`] when
    /// the settings do not fit together.
    pub fn build(self) -> Result<Client, Error> {
        let (server, settings, shared) = self.prepare()?;
        settings.pair(server, shared)
    }
}
