//! The settings of a resource server.

mod build;
mod lazy;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jose::SignatureAlgorithm;
use oauth_core::endpoint::DiscoveryAlgorithm;
use oauth_core::error::Misuse;
use oauth_core::metadata::ServerMetadata;
use oauth_core::resource_server::{DPoPNonces, DangerAccessTokenProfile};
use url::Url;

pub use self::lazy::LazyProtectedResource;
use super::{ClientBuilder, IssuerOnly};
use crate::error::Error;
use crate::store::TokenStore;

/// The source of a [`ResourceServer`](crate::ResourceServer): the issuers that it trusts, and what
/// it requires of requests.
pub struct ProtectedResource {
    resource: String,
    origin: Option<String>,
    /// At least one.
    issuers: Vec<Issuer>,
    profiles: Vec<(String, DangerAccessTokenProfile)>,
    introspects: bool,
    introspection_cache: Option<(Duration, usize)>,
    accepts_missing_audience: bool,
    algorithms: Option<Vec<SignatureAlgorithm>>,
    max_proof_age: Option<Duration>,
    nonces: Option<DPoPNonces>,
    requires_dpop: bool,
    resource_metadata: Option<String>,
    replay_capacity: Option<usize>,
    replay_store: Option<Arc<dyn TokenStore>>,
}

/// An issuer, or its metadata where the application has them.
enum Issuer {
    Named(IssuerOnly),
    Known(Box<ServerMetadata>),
}

impl Issuer {
    fn as_str(&self) -> &str {
        match self {
            Self::Named(named) => named.issuer(),
            Self::Known(server) => &server.issuer,
        }
    }
}

impl ProtectedResource {
    fn new(issuer: Issuer, resource: String) -> ClientBuilder<Self> {
        let source = Self {
            resource: resource.clone(),
            origin: None,
            issuers: vec![issuer],
            profiles: Vec::new(),
            introspects: false,
            introspection_cache: None,
            accepts_missing_audience: false,
            algorithms: None,
            max_proof_age: None,
            nonces: None,
            requires_dpop: false,
            resource_metadata: None,
            replay_capacity: None,
            replay_store: None,
        };
        ClientBuilder::new(source, resource)
    }

    pub(crate) fn discovered(issuer: String, resource: String) -> ClientBuilder<Self> {
        Self::new(Issuer::Named(IssuerOnly::new(issuer)), resource)
    }

    pub(crate) fn known(server: ServerMetadata, resource: String) -> ClientBuilder<Self> {
        Self::new(Issuer::Known(Box::new(server)), resource)
    }

    /// Where clients reach the resource.
    fn origin(&self) -> Result<String, Error> {
        if let Some(origin) = &self.origin {
            return Ok(origin.clone());
        }
        let url = Url::parse(&self.resource).ok();
        let origin = url.filter(|url| matches!(url.scheme(), "https" | "http"));
        let origin = origin.map(|url| url.origin().ascii_serialization());
        origin.ok_or_else(|| {
            let purpose = "a resource whose identifier is not a URL";
            let argument = "origin";
            oauth_core::Error::from(Misuse::MissingArgument { argument, purpose }).into()
        })
    }
}

impl ClientBuilder<ProtectedResource> {
    /// Where clients reach the resource server, for example `https://api.example.com`; by default
    /// the origin of its identifier. Behind a proxy, this is the origin of the proxy, followed by
    /// the path that the proxy or a router removes from the path of each request. DPoP proofs are
    /// compared with it, and never with a header of the request.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.source.origin = Some(origin.into());
        self
    }

    /// Trusts another issuer as well. Its tokens are JWTs that follow RFC 9068.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        let issuer = Issuer::Named(IssuerOnly::new(issuer.into()));
        self.source.issuers.push(issuer);
        self
    }

    /// Trusts another issuer as well, whose metadata the application has.
    pub fn issuer_metadata(mut self, server: ServerMetadata) -> Self {
        let issuer = Issuer::Known(Box::new(server));
        self.source.issuers.push(issuer);
        self
    }

    /// The place of the metadata of all issuers; by default the one of OpenID Connect Discovery.
    pub fn algorithm(mut self, algorithm: DiscoveryAlgorithm) -> Self {
        for issuer in &mut self.source.issuers {
            if let Issuer::Named(named) = issuer {
                named.set_algorithm(algorithm);
            }
        }
        self
    }

    /// Reads the metadata of the issuer that was named last from this URL; see
    /// [`metadata_url`](ClientBuilder::<IssuerOnly>::metadata_url). If the application has that
    /// issuer's metadata, the build fails with [`Error::Conflict`].
    pub fn metadata_url(mut self, url: impl Into<String>) -> Self {
        let set = match self.source.issuers.last_mut() {
            Some(Issuer::Named(named)) => {
                named.set_metadata_url(url.into());
                Ok(())
            }
            Some(Issuer::Known(_)) | None => Err(Error::Conflict {
                setting: "metadata_url",
                other: "server metadata",
            }),
        };
        self.check(set)
    }

    /// Reads the tokens of this issuer, which do not follow RFC 9068, by `profile`. The tokens are
    /// weaker; see [`DangerAccessTokenProfile`].
    pub fn danger_access_token_profile(
        mut self,
        issuer: impl Into<String>,
        profile: DangerAccessTokenProfile,
    ) -> Self {
        self.source.profiles.push((issuer.into(), profile));
        self
    }

    /// Asks the first issuer about each of its tokens (RFC 7662), instead of verifying signatures.
    /// For opaque tokens, and for tokens that must be refused as soon as they are revoked.
    ///
    /// The resource server is the client `client_id` of that issuer. Set its credentials as for any
    /// client, for example by [`client_secret_basic`](Self::client_secret_basic) or
    /// [`private_key`](Self::private_key). If [`client_metadata`](Self::client_metadata) has
    /// `introspection_signed_response_alg`, the response must be signed (RFC 9701).
    ///
    /// Each request causes one introspection request, unless
    /// [`introspection_cache`](Self::introspection_cache) is set.
    pub fn introspect_as(mut self, client_id: impl Into<String>) -> Self {
        self.source.introspects = true;
        self.settings.client_mut().client_id = client_id.into();
        self
    }

    /// Uses the response about an active token for `max_age`, and never past its `exp`, for at most
    /// `entries` tokens. A token that is revoked is accepted for up to `max_age` longer; 60 seconds
    /// are a common choice. By default, no response is kept. See
    /// [`Introspection::with_cache`](crate::Introspection::with_cache).
    pub fn introspection_cache(mut self, max_age: Duration, entries: usize) -> Self {
        self.source.introspection_cache = Some((max_age, entries));
        self
    }

    /// Accepts introspected tokens without `aud`; see
    /// [`Introspection::danger_accept_missing_audience`](crate::Introspection::danger_accept_missing_audience).
    pub fn danger_accept_missing_audience(mut self) -> Self {
        self.source.accepts_missing_audience = true;
        self
    }

    /// Accepts only these signature algorithms, for access tokens and for proofs. By default, all
    /// asymmetric algorithms of this build are accepted.
    pub fn access_token_algorithms(
        mut self,
        algorithms: impl IntoIterator<Item = SignatureAlgorithm>,
    ) -> Self {
        self.source.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// The greatest age of a DPoP proof in whole seconds, to which the clock tolerance is added; 60
    /// seconds by default, at most ten minutes.
    pub fn max_proof_age(mut self, age: Duration) -> Self {
        self.source.max_proof_age = Some(age);
        self
    }

    /// Requires a nonce of this server in every DPoP proof (RFC 9449 section 9).
    pub fn dpop_nonces(mut self, nonces: DPoPNonces) -> Self {
        self.source.nonces = Some(nonces);
        self
    }

    /// Accepts only access tokens that are bound to a DPoP key.
    pub fn require_dpop(mut self) -> Self {
        self.source.requires_dpop = true;
        self
    }

    /// Names the URL of the protected resource metadata in every challenge (RFC 9728 section 5.1).
    pub fn resource_metadata(mut self, url: impl Into<String>) -> Self {
        self.source.resource_metadata = Some(url.into());
        self
    }

    /// Keeps the names of used DPoP proofs in memory, at most this many; 200 000 by default. A full
    /// memory refuses further proofs with status 503. It should hold the requests of three minutes.
    /// Building fails for zero, and with a [`replay_store`](Self::replay_store).
    pub fn replay_capacity(mut self, names: usize) -> Self {
        self.source.replay_capacity = Some(names);
        self
    }

    /// Keeps the names of used DPoP proofs in a store that all instances share. Otherwise each
    /// instance accepts a proof once. A request is refused with status 503 if the store fails, is
    /// full, or does not answer within the [`timeout`](Self::timeout). A
    /// [`FileStore`](crate::store::FileStore) writes its whole file for each proof.
    pub fn replay_store(mut self, store: impl TokenStore + 'static) -> Self {
        self.source.replay_store = Some(Arc::new(store));
        self
    }
}

impl fmt::Debug for ProtectedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectedResource")
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}
