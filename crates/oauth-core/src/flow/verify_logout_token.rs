//! The verification of a logout token.

use jose::SignatureAlgorithm;
use jose::jws::Header;
use jose::jwt::Claims;

use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::{Artefact, Error, Reason};
use crate::flow::verification::keyed::{JwtKind, Keyed};
use crate::flow::verification::verify_id_token::{algorithms, encryption};
use crate::metadata::ClientMetadata;
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::{LogoutToken, validate_logout_token};

/// Verifies a logout token: algorithm, signature, type and claims (OpenID Connect Back-Channel
/// Logout 1.0 section 2.6).
///
/// Algorithms, keys and encryption are those of the client's ID Tokens. The signature is checked in
/// any case: `danger.skip_id_token_signature_check` does not apply to a token that anyone can send.
/// Compare the [name](LogoutToken::replay_name) of an accepted token with those that were accepted
/// before, because a logout token is valid once.
///
/// Sends at most one request, for the server's keys: when the cache has none or only old ones, or
/// when the right key is not among them and no token caused such a request in the last 60 seconds.
/// Uses at most one key, for an encrypted logout token.
///
/// # Errors
///
/// [`Error::Rejected`] for the logout token, with the claim at fault, or for the key set;
/// [`Error::Unanswered`], [`Error::ResponseBody`] or [`Error::WwwAuthenticateChallenge`] when the
/// keys cannot be fetched; [`Error::Metadata`] without a usable `jwks_uri`; [`Error::Unsupported`]
/// for an encrypted logout token without a key for it; [`Error::Key`] when that key cannot be used.
#[derive(Debug)]
pub struct VerifyLogoutToken(Keyed<LogoutTokenKind>);

impl VerifyLogoutToken {
    /// The verification of `logout_token`, a JWT in the compact serialisation.
    /// [`logout_token`](crate::logout::logout_token) reads it from the body of the request.
    pub fn new(configuration: Configuration, logout_token: impl Into<Secret>) -> Self {
        let kind = LogoutTokenKind(configuration);
        Self(Keyed::new(kind, logout_token.into()))
    }
}

impl Operation for VerifyLogoutToken {
    type Output = LogoutToken;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<LogoutToken>, Error> {
        self.0.step(env, event)
    }
}

#[derive(Debug)]
struct LogoutTokenKind(Configuration);

impl JwtKind for LogoutTokenKind {
    type Output = LogoutToken;

    const ARTEFACT: Artefact = Artefact::LogoutToken;

    fn configuration(&self) -> &Configuration {
        &self.0
    }

    /// Returns the algorithms of ID Tokens (section 2.6, step 3).
    fn algorithms(&self) -> Vec<SignatureAlgorithm> {
        algorithms(&self.0)
    }

    fn encryption(client: &ClientMetadata) -> [Option<&str>; 2] {
        encryption(client)
    }

    fn judge(
        &self,
        now: UnixTime,
        header: &Header,
        claims: &Claims<'_>,
        _jwt: &Secret,
    ) -> Result<LogoutToken, Reason> {
        validate_logout_token(&self.0, now, header, claims)
    }
}

#[cfg(test)]
mod tests;
