//! The sources of the server metadata.

use std::fmt;
use std::sync::Arc;

use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint};
use oauth_core::flow::Discover;
use oauth_core::metadata::ServerMetadata;
use oauth_core::policy::Policy;
use oauth_core::validate::MetadataSigner;

use super::{ClientBuilder, Settings};
use crate::client::Client;
use crate::error::Error;
use crate::host::{Host, Shared, drive};
use crate::http::BoxFuture;
use crate::trace;

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

    pub(super) fn set_signer(&mut self, signer: MetadataSigner) {
        self.signer = Some(signer);
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
        let discovery = drive(&host, Discover::new(endpoint));
        let server = trace::operation("discover", &self.issuer, discovery).await?;
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
        let discovery = drive(&host, Discover::new(endpoint));
        let server = trace::operation("discover", "", discovery).await?;
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
    /// # use openid_client::{Client, MetadataSigner, SignatureAlgorithm};
    /// # test_provider::example!(at |issuer, root, server| {
    /// # server.provider().sign_metadata();
    /// # let jwks = test_provider::Provider::metadata_signer_jwks();
    /// let name = "https://federation.example.com";
    /// let signer = MetadataSigner::new(name, jwks.as_bytes(), [SignatureAlgorithm::Ed25519])?;
    /// let client = Client::discover(issuer, "my-app").metadata_signer(signer);
    /// # let client = client.root_certificate_pem(root).await?;
    /// # assert_eq!(client.server_metadata().issuer, issuer);
    /// # });
    /// ```
    pub fn metadata_signer(mut self, signer: MetadataSigner) -> Self {
        self.source.set_signer(signer);
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
