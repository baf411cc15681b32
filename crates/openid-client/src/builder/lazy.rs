//! Clients whose server metadata are fetched when they are needed.

use std::sync::Arc;
use std::time::Duration;

use oauth_core::endpoint::DiscoveryEndpoint;
use oauth_core::policy::Policy;
use oauth_core::source::MetadataSource;

use super::{ClientBuilder, DangerDocument, IssuerOnly};
use crate::client::LazyClient;
use crate::client::renewed::Renewed;
use crate::error::Error;

/// A source of server metadata that is asked when the metadata are needed; see
/// [`ClientBuilder::lazy`](ClientBuilder::<IssuerOnly>::lazy).
#[derive(Debug, Clone)]
pub struct Lazy {
    place: Place,
    max_age: Option<Duration>,
}

#[derive(Debug, Clone)]
enum Place {
    Issuer(IssuerOnly),
    Document(DangerDocument),
}

impl Lazy {
    const fn at(place: Place) -> Self {
        Self {
            place,
            max_age: None,
        }
    }

    fn source(self, policy: &Policy) -> Result<MetadataSource, Error> {
        let source = match self.place {
            Place::Issuer(issuer) => {
                let source = MetadataSource::new(issuer.endpoint(policy)?);
                match issuer.into_signer() {
                    Some(signer) => source.signer(signer),
                    None => source,
                }
            }
            Place::Document(DangerDocument(url)) => {
                MetadataSource::new(DiscoveryEndpoint::danger_document(&url, policy.clone())?)
            }
        };
        Ok(match self.max_age {
            Some(age) => source.max_age(age)?,
            None => source,
        })
    }
}

impl ClientBuilder<IssuerOnly> {
    /// Fetches the server metadata when they are needed and not now, so that the application starts
    /// while the server is down. [`build`](ClientBuilder::<Lazy>::build) makes a [`LazyClient`],
    /// which also renews them by age.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// // Once, when the application starts. Nothing is sent.
    /// let lazy = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .lazy()
    ///     .build()?;
    ///
    /// // For each request. The first one fetches the metadata.
    /// let client = lazy.client().await?;
    /// # assert_eq!(client.server_metadata().issuer, issuer);
    /// # });
    /// ```
    pub fn lazy(self) -> ClientBuilder<Lazy> {
        self.map_source(|issuer| Lazy::at(Place::Issuer(issuer)))
    }
}

impl ClientBuilder<DangerDocument> {
    /// Fetches the document when it is needed; see [`lazy`](ClientBuilder::<IssuerOnly>::lazy). The
    /// first document may name any issuer, and a later one must name the same.
    pub fn lazy(self) -> ClientBuilder<Lazy> {
        self.map_source(|document| Lazy::at(Place::Document(document)))
    }
}

impl ClientBuilder<Lazy> {
    /// The age from which the metadata are renewed; an hour by default, at least a minute.
    pub fn metadata_max_age(mut self, age: Duration) -> Self {
        self.source.max_age = Some(age);
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] when the issuer or a setting is not valid; another variant of [`Error`] when
    /// the settings do not fit together. What depends on the server metadata is checked when they
    /// have been fetched, by [`LazyClient::client`].
    pub fn build(self) -> Result<LazyClient, Error> {
        if let Place::Document(_) = self.source.place {
            self.check_any_issuer()?;
        }
        let (lazy, settings, shared) = self.prepare()?;
        let source = lazy.source(settings.policy())?;
        let clients = Renewed::new(source, settings, shared, |settings, shared, server| {
            settings.clone().pair(server, Arc::clone(shared))
        });
        Ok(LazyClient::new(clients))
    }
}
