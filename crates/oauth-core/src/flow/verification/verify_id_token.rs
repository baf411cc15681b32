//! The verification of an ID Token.

use jose::SignatureAlgorithm;
use jose::jws::Header;
use jose::jwt::Claims;

use crate::cache::Channel;
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::{Artefact, Error, Reason};
use crate::flow::verification::keyed::{JwtKind, Keyed};
use crate::metadata::{ClientMetadata, RegisteredAlgorithm, signed};
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::{IdToken, IdTokenExpectations, permitted_algorithms, validate_id_token};

/// Verifies an ID Token: algorithm, signature, type and claims (OpenID Connect Core 1.0 section
/// 3.1.3.7).
///
/// Sends at most one request, for the server's keys: when the cache has none or only old ones, or
/// when the right key is not among them and no token caused such a request in the last 60 seconds.
/// Without a `kid`, a key under which the signature is not valid is not the right one. Uses at most
/// one key, for an encrypted ID Token.
///
/// # Errors
///
/// [`Error::Rejected`] for the ID Token, with the claim at fault, or for the key set;
/// [`Error::Unanswered`], [`Error::ResponseBody`] or [`Error::WwwAuthenticateChallenge`] when the
/// keys cannot be fetched; [`Error::Metadata`] without a usable `jwks_uri`; [`Error::Unsupported`]
/// for an encrypted ID Token without a key for it; [`Error::Key`] when that key cannot be used.
#[derive(Debug)]
pub struct VerifyIdToken(Keyed<IdTokenKind>);

impl VerifyIdToken {
    /// The verification of `id_token`, a JWT in the compact serialisation.
    pub fn new(
        configuration: Configuration,
        id_token: impl Into<Secret>,
        expectations: IdTokenExpectations,
    ) -> Self {
        let kind = IdTokenKind {
            configuration,
            channel: Channel::Stranger,
            expectations,
        };
        Self(Keyed::new(kind, id_token.into()))
    }

    /// The same for an ID Token that came this way.
    pub(crate) fn through(self, channel: Channel) -> Self {
        Self(self.0.map_kind(|kind| IdTokenKind { channel, ..kind }))
    }

    /// Checks everything except for the signature. Success proves nothing about who issued the
    /// token. An ID Token that is still encrypted fails.
    pub(crate) fn judge_unverified(&self, now: UnixTime) -> Result<(), Error> {
        self.0.judge_unverified(now).map(drop)
    }
}

impl Operation for VerifyIdToken {
    type Output = IdToken;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<IdToken>, Error> {
        self.0.step(env, event)
    }
}

#[derive(Debug)]
struct IdTokenKind {
    configuration: Configuration,
    channel: Channel,
    expectations: IdTokenExpectations,
}

impl JwtKind for IdTokenKind {
    type Output = IdToken;

    const ARTEFACT: Artefact = Artefact::IdToken;

    fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    fn channel(&self) -> Channel {
        self.channel
    }

    fn algorithms(&self) -> Vec<SignatureAlgorithm> {
        algorithms(&self.configuration)
    }

    fn encryption(client: &ClientMetadata) -> [Option<&str>; 2] {
        encryption(client)
    }

    fn skips_signature(&self) -> bool {
        let danger = &self.configuration.policy().danger;
        danger.skip_id_token_signature_check && !self.expectations.needs_signature()
    }

    fn judge(
        &self,
        now: UnixTime,
        header: &Header,
        claims: &Claims<'_>,
        jwt: &Secret,
    ) -> Result<IdToken, Reason> {
        let Self {
            configuration,
            expectations,
            ..
        } = self;
        validate_id_token(configuration, expectations, now, header, claims, jwt)
    }
}

/// Whether ID Tokens are verified with the server's public keys.
pub(crate) fn needs_keys(configuration: &Configuration) -> bool {
    let skips = configuration.policy().danger.skip_id_token_signature_check;
    let public_keys = algorithms(configuration)
        .iter()
        .any(|algorithm| !algorithm.is_symmetric());
    !skips && public_keys
}

/// The algorithms that ID Tokens, and the tokens that follow their rules, are encrypted with.
pub(in crate::flow) fn encryption(client: &ClientMetadata) -> [Option<&str>; 2] {
    [
        client.id_token_encrypted_response_alg.as_deref(),
        client.id_token_encrypted_response_enc.as_deref(),
    ]
}

/// The algorithms that ID Tokens, and the tokens that follow their rules, may be signed with.
pub(in crate::flow) fn algorithms(configuration: &Configuration) -> Vec<SignatureAlgorithm> {
    const DEFAULT: SignatureAlgorithm = SignatureAlgorithm::RS256;
    let registered = configuration.client().id_token_signed_response_alg.as_ref();
    let advertised = &configuration.server().id_token_signing_alg_values_supported;
    let profile = configuration.profile();
    // A registration of `none` does not permit an unsecured ID Token (RFC 8725 section 3.2).
    let asked_for = signed(registered);
    let permitted = permitted_algorithms(profile, asked_for, advertised.as_deref(), DEFAULT);
    // Where nothing else is known either, it is the algorithm that every server has (OpenID Connect
    // Core 1.0 section 15.1).
    if permitted.is_empty() && registered == Some(&RegisteredAlgorithm::Unsigned) {
        return permitted_algorithms(profile, None, None, DEFAULT);
    }
    permitted
}

#[cfg(test)]
mod tests;
