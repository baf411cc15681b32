//! Claims that other parties state about a person.

use oauth_core::flow::{ClaimsProvider, FetchDistributedClaims, VerifyAggregatedClaims};
use oauth_core::validate::{DistributedClaims, SourcedClaims, UnverifiedAggregatedClaims};

use super::Client;
use crate::error::Error;

impl Client {
    /// Verifies aggregated claims: claims of another party that came as a JWT with the UserInfo
    /// response or the ID Token (OpenID Connect Core 1.0 section 5.6.2). Only the issuers in
    /// `providers` are accepted. [`UnverifiedClaimSource::all`] finds the sources.
    ///
    /// The issuer states the claims. That they are about the person who logged in is the statement
    /// of the server.
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// # use openid_client::{ClaimsProvider, SignatureAlgorithm, UnverifiedClaimSource};
    /// # server.provider().misbehave(test_provider::Misbehaviour::UserInfoAggregatedClaims);
    /// # let user = client.fetch_user_info(&tokens).await?;
    /// # let algorithms = [SignatureAlgorithm::RS256];
    /// # let providers = [ClaimsProvider::new(client.configuration().clone(), algorithms)?];
    /// for source in UnverifiedClaimSource::all(user.claims())? {
    ///     if let UnverifiedClaimSource::Aggregated(source) = source {
    ///         let verified = client.verify_aggregated_claims(&source, &providers).await?;
    /// #       assert_eq!(verified.claims()["address"]["country"], "NL");
    ///     }
    /// }
    /// # });
    /// ```
    ///
    /// [`UnverifiedClaimSource::all`]: crate::UnverifiedClaimSource::all
    ///
    /// # Errors
    ///
    /// [`CoreError::Rejected`](crate::CoreError::Rejected) for the JWT, with the claim at fault, or
    /// for the keys; [`CoreError::Unanswered`](crate::CoreError::Unanswered) and
    /// [`CoreError::Metadata`](crate::CoreError::Metadata) when the keys cannot be fetched.
    pub async fn verify_aggregated_claims(
        &self,
        source: &UnverifiedAggregatedClaims,
        providers: &[ClaimsProvider],
    ) -> Result<SourcedClaims, Error> {
        let operation = VerifyAggregatedClaims::new(source, providers);
        self.run_as("verify_aggregated_claims", operation).await
    }

    /// Fetches distributed claims from the endpoint of another party, with the access token of the
    /// source, and verifies them like [aggregated ones](Self::verify_aggregated_claims) (OpenID
    /// Connect Core 1.0 section 5.6.2).
    ///
    /// The server chooses the URL, which must be https. The request goes out on the terms of this
    /// client: its transport, its deadline and its
    /// [destination policy](crate::ClientBuilder::destination_policy). Set one, for example
    /// [`PublicAddresses`](crate::http::PublicAddresses). The response has at most 64 KiB.
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// # use openid_client::{ClaimsProvider, SignatureAlgorithm, UnverifiedClaimSource};
    /// # server.provider().misbehave(test_provider::Misbehaviour::UserInfoDistributedClaims);
    /// # let user = client.fetch_user_info(&tokens).await?;
    /// # let algorithms = [SignatureAlgorithm::RS256];
    /// # let providers = [ClaimsProvider::new(client.configuration().clone(), algorithms)?];
    /// for source in UnverifiedClaimSource::all(user.claims())? {
    ///     if let UnverifiedClaimSource::Distributed(source) = source {
    ///         let verified = client.fetch_distributed_claims(source, &providers).await?;
    /// #       assert_eq!(verified.claims()["address"]["country"], "NL");
    ///     }
    /// }
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`verify_aggregated_claims`](Self::verify_aggregated_claims);
    /// [`CoreError::Rejected`](crate::CoreError::Rejected) also for an endpoint that is not https
    /// and for a response without a JWT;
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge) when the
    /// endpoint refuses the access token.
    pub async fn fetch_distributed_claims(
        &self,
        source: DistributedClaims,
        providers: &[ClaimsProvider],
    ) -> Result<SourcedClaims, Error> {
        let policy = self.configuration.policy().clone();
        let operation = FetchDistributedClaims::new(source, providers, policy);
        self.run_as("fetch_distributed_claims", operation).await
    }
}
