//! Claims of other parties (OpenID Connect Core 1.0 section 5.6.2): the verification of aggregated
//! claims, and the fetch of distributed ones.
//!
//! ```text
//! VerifyAggregatedClaims: ──────────▶ Verifying ──▶ Finished
//! FetchDistributedClaims: Fetching ──▶ Verifying ──▶ Finished
//! ```

use std::mem;

use jose::SignatureAlgorithm;
use jose::jws::Header;
use jose::jwt::Claims;

use crate::configuration::Configuration;
use crate::endpoint::DistributedClaimsEndpoint;
use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason, printable};
use crate::flow::Call;
use crate::flow::verification::keyed::{JwtKind, Keyed};
use crate::flow::verification::named_issuer::named_issuer;
use crate::metadata::ClientMetadata;
use crate::operation::{Action, Event, Operation};
use crate::policy::Policy;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::{
    DistributedClaims, SourcedClaims, UnverifiedAggregatedClaims, validate_sourced_claims,
};

/// A party whose claims about users the application accepts.
#[derive(Debug, Clone)]
pub struct ClaimsProvider {
    configuration: Configuration,
    algorithms: Vec<SignatureAlgorithm>,
}

impl ClaimsProvider {
    /// Accepts the claims of one issuer, signed with one of these algorithms.
    ///
    /// The server of `configuration` is the claims provider, with its `issuer` and `jwks_uri`. Its
    /// client is the identifier that `aud` of the claims contains, if they have one.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for an algorithm that is symmetric, or without an algorithm.
    pub fn new(
        configuration: Configuration,
        algorithms: impl IntoIterator<Item = SignatureAlgorithm>,
    ) -> Result<Self, Error> {
        let algorithms: Vec<_> = algorithms.into_iter().collect();
        let symmetric = algorithms.iter().find(|algorithm| algorithm.is_symmetric());
        if symmetric.is_some() || algorithms.is_empty() {
            return Err(Misuse::InvalidArgument {
                argument: "algorithms",
                expected: "algorithms with a public key",
                found: symmetric.map_or_else(|| "none".to_owned(), ToString::to_string),
            }
            .into());
        }
        Ok(Self {
            configuration,
            algorithms,
        })
    }
}

/// Verifies aggregated claims: `iss` is one of the providers, the signature is of one of its keys,
/// and `typ`, `aud` and the times are right if they are present.
///
/// Sends at most one request, for the provider's keys.
///
/// # Errors
///
/// [`Error::Rejected`] for the JWT, with the claim at fault, or for the key set; the other errors
/// of [`VerifyLogoutToken`](crate::flow::VerifyLogoutToken) for the keys.
#[derive(Debug)]
pub struct VerifyAggregatedClaims(Verification);

impl VerifyAggregatedClaims {
    /// Verifies the claims of `source`, if one of `providers` has issued them.
    pub fn new(source: &UnverifiedAggregatedClaims, providers: &[ClaimsProvider]) -> Self {
        let (names, providers) = (source.names().to_vec(), providers.to_vec());
        let state = State::Ready(source.jwt.clone());
        Self(Verification {
            names,
            providers,
            state,
        })
    }
}

impl Operation for VerifyAggregatedClaims {
    type Output = SourcedClaims;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        self.0.step(env, event)
    }
}

/// Fetches distributed claims, and verifies them like [aggregated ones](VerifyAggregatedClaims).
///
/// Sends at most two requests: one to the endpoint of the source, with its access token, and one
/// for the provider's keys.
///
/// # Errors
///
/// [`Error::Rejected`] for an endpoint that is not https, before a request is sent, and for the
/// response: a status other than 200, no JWT, or a JWT that fails a check;
/// [`Error::WwwAuthenticateChallenge`] when the endpoint refuses the access token; otherwise those
/// of [`VerifyAggregatedClaims`].
#[derive(Debug)]
pub struct FetchDistributedClaims(Verification);

impl FetchDistributedClaims {
    /// Fetches the claims of `source` on the terms of `policy`, and accepts them if one of
    /// `providers` has issued them.
    pub fn new(source: DistributedClaims, providers: &[ClaimsProvider], policy: Policy) -> Self {
        let (names, providers) = (source.names().to_vec(), providers.to_vec());
        let call = Call::new(DistributedClaimsEndpoint::new(source, policy));
        let state = State::Fetching(Box::new(call));
        Self(Verification {
            names,
            providers,
            state,
        })
    }
}

impl Operation for FetchDistributedClaims {
    type Output = SourcedClaims;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        self.0.step(env, event)
    }
}

#[derive(Debug)]
struct Verification {
    names: Vec<String>,
    providers: Vec<ClaimsProvider>,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(Secret),
    Fetching(Box<Call<DistributedClaimsEndpoint>>),
    Verifying(Box<Keyed<ClaimsKind>>),
    Finished,
}

impl Verification {
    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(jwt), Event::Begin) => self.begin(env, jwt),
            (State::Fetching(mut call), event) => match call.step(env, event)?.or_done() {
                Ok(action) => {
                    self.state = State::Fetching(call);
                    Ok(action)
                }
                Err(jwt) => self.begin(env, jwt),
            },
            (State::Verifying(keyed), event) => self.verify(env, keyed, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready(_), event) => Err(event.refused("Begin")),
        }
    }

    /// Chooses the provider by the issuer that the JWT names.
    fn begin(&mut self, env: &mut Env<'_>, jwt: Secret) -> Step {
        let iss = named_issuer(Artefact::SourcedClaims, jwt.expose())?;
        let mut providers = self.providers.iter();
        let provider = providers.find(|it| it.configuration.server().issuer == iss);
        let provider = provider.ok_or_else(|| {
            Artefact::SourcedClaims.rejected(Reason::ClaimMismatch {
                claim: "iss",
                expected: None,
                found: Some(printable(&iss)),
            })
        })?;
        let kind = ClaimsKind {
            provider: provider.clone(),
            names: mem::take(&mut self.names),
        };
        self.verify(env, Box::new(Keyed::new(kind, jwt)), Event::Begin)
    }

    fn verify(
        &mut self,
        env: &mut Env<'_>,
        mut keyed: Box<Keyed<ClaimsKind>>,
        event: Event,
    ) -> Step {
        let action = keyed.step(env, event)?;
        if !matches!(action, Action::Done(_)) {
            self.state = State::Verifying(keyed);
        }
        Ok(action)
    }
}

#[derive(Debug)]
struct ClaimsKind {
    provider: ClaimsProvider,
    names: Vec<String>,
}

impl JwtKind for ClaimsKind {
    type Output = SourcedClaims;

    const ARTEFACT: Artefact = Artefact::SourcedClaims;

    fn configuration(&self) -> &Configuration {
        &self.provider.configuration
    }

    fn algorithms(&self) -> Vec<SignatureAlgorithm> {
        self.provider.algorithms.clone()
    }

    fn encryption(_: &ClientMetadata) -> [Option<&str>; 2] {
        [None, None]
    }

    fn judge(
        &self,
        now: UnixTime,
        header: &Header,
        claims: &Claims<'_>,
        _jwt: &Secret,
    ) -> Result<SourcedClaims, Reason> {
        validate_sourced_claims(self.configuration(), &self.names, now, header, claims)
    }
}

type Step = Result<Action<SourcedClaims>, Error>;

#[cfg(test)]
mod tests;
