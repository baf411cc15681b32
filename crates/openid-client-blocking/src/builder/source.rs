//! Where the server metadata come from.

use std::fmt;

use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint};
use oauth_core::error::Misuse;
use oauth_core::flow::Discover;
use oauth_core::metadata::ServerMetadata;
use oauth_core::run::run;

use super::{ClientBuilder, Settings};
use crate::client::Client;
use crate::error::Error;
use crate::host::{Host, Shared};

/// An issuer whose metadata are fetched.
#[derive(Debug, Clone)]
pub struct Issuer {
    issuer: String,
    algorithm: DiscoveryAlgorithm,
}

impl Issuer {
    pub(crate) fn new(issuer: String) -> Self {
        Self {
            issuer,
            algorithm: DiscoveryAlgorithm::default(),
        }
    }

    pub(super) fn fetch(
        &self,
        settings: &Settings,
        shared: &Shared,
    ) -> Result<ServerMetadata, Error> {
        let policy = &settings.policy;
        let endpoint = DiscoveryEndpoint::new(&self.issuer, self.algorithm, policy.clone())?;
        let host = Host::new(shared, &settings.keyring, policy);
        Ok(run(&host, Discover::new(endpoint))?)
    }
}

impl ClientBuilder<Issuer> {
    /// Sets where the metadata are published: that of OpenID Connect Discovery unless this is
    /// called.
    pub fn algorithm(mut self, algorithm: DiscoveryAlgorithm) -> Self {
        self.source.algorithm = algorithm;
        self
    }

    /// Fetches the server metadata and makes the client. Sends one request.
    ///
    /// # Errors
    ///
    /// The error of the first setting that is not valid; those of
    /// [`Discover`](oauth_core::flow::Discover); [`Error::Core`] for settings that do not fit the
    /// server or each other.
    pub fn send(self) -> Result<Client, Error> {
        let (source, settings, shared) = self.prepare()?;
        let server = source.fetch(&settings, &shared)?;
        settings.pair(server, shared)
    }
}

/// The URL of a metadata document that may name any issuer. `Debug` does not show the URL, which
/// may hold a key.
#[derive(Clone)]
pub struct DangerDocument(pub(crate) String);

impl fmt::Debug for DangerDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DangerDocument")
    }
}

impl ClientBuilder<DangerDocument> {
    /// Fetches the document and makes the client. Sends one request.
    ///
    /// # Errors
    ///
    /// As for a client that is discovered. A profile needs the issuer and is refused
    /// ([`Misuse::InvalidArgument`]).
    pub fn send(self) -> Result<Client, Error> {
        let (DangerDocument(url), settings, shared) = self.prepare()?;
        if let Some(profile) = settings.profile {
            return Err(Misuse::InvalidArgument {
                argument: "profile",
                expected: "none, because the document may name any issuer",
                found: format!("{profile:?}"),
            }
            .into());
        }
        let policy = &settings.policy;
        let endpoint = DiscoveryEndpoint::danger_document(&url, policy.clone())?;
        let host = Host::new(&shared, &settings.keyring, policy);
        let server = run(&host, Discover::new(endpoint))?;
        settings.pair(server, shared)
    }
}

impl ClientBuilder<ServerMetadata> {
    /// Makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// The error of the first setting that is not valid; [`Error::Core`] for settings that do not
    /// fit the server or each other.
    pub fn build(self) -> Result<Client, Error> {
        let (server, settings, shared) = self.prepare()?;
        settings.pair(server, shared)
    }
}
