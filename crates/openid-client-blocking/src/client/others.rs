//! The server's keys, the issuer of a person, and claims that other parties state.

use oauth_core::cache::ExportedJwksCache;
use oauth_core::endpoint::{UserIdentifier, WebFingerEndpoint};
use oauth_core::flow::{
    ClaimsProvider, FetchDistributedClaims, FindIssuer, PrefetchKeys, VerifyAggregatedClaims,
};
use oauth_core::names::EndpointName;
use oauth_core::validate::{DistributedClaims, SourcedClaims, UnverifiedAggregatedClaims};

use super::Client;
use crate::error::Error;

impl Client {
    /// Fetches the server's keys, unless the cache has fresh ones.
    ///
    /// # Errors
    ///
    /// The errors of [`PrefetchKeys`].
    pub fn prefetch_keys(&self) -> Result<(), Error> {
        self.run(PrefetchKeys::new(self.configuration.clone()))
    }

    /// The server's keys in the cache, for
    /// [`ClientBuilder::jwks_cache`](crate::ClientBuilder::jwks_cache) of another process; `None`
    /// if there are none, or only old ones.
    pub fn export_jwks_cache(&self) -> Option<ExportedJwksCache> {
        let jwks_uri = self.configuration.endpoint(EndpointName::Jwks).ok()?;
        self.shared.export_jwks(jwks_uri.as_str())
    }

    /// Finds the issuer of a person by WebFinger (OpenID Connect Discovery 1.0 section 2).
    ///
    /// # Errors
    ///
    /// The errors of [`UserIdentifier::parse`] and [`FindIssuer`].
    pub fn find_issuer(&self, identifier: &str) -> Result<String, Error> {
        let identifier = UserIdentifier::parse(identifier)?;
        let policy = self.configuration.policy().clone();
        self.run(FindIssuer::new(WebFingerEndpoint::new(identifier, policy)))
    }

    /// Verifies claims that another party has signed (OpenID Connect Core 1.0 section 5.6.2).
    ///
    /// # Errors
    ///
    /// The errors of [`VerifyAggregatedClaims`].
    pub fn verify_aggregated_claims(
        &self,
        source: &UnverifiedAggregatedClaims,
        providers: &[ClaimsProvider],
    ) -> Result<SourcedClaims, Error> {
        self.run(VerifyAggregatedClaims::new(source, providers))
    }

    /// Fetches claims from another party, and verifies them (OpenID Connect Core 1.0 section
    /// 5.6.2).
    ///
    /// # Errors
    ///
    /// The errors of [`FetchDistributedClaims`].
    pub fn fetch_distributed_claims(
        &self,
        source: DistributedClaims,
        providers: &[ClaimsProvider],
    ) -> Result<SourcedClaims, Error> {
        let policy = self.configuration.policy().clone();
        self.run(FetchDistributedClaims::new(source, providers, policy))
    }
}
