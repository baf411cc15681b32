//! New tokens for a refresh token (RFC 6749 section 6, OpenID Connect Core 1.0 section 12).

use crate::configuration::Configuration;
use crate::endpoint::RefreshTokenRequest;
use crate::env::Env;
use crate::error::Error;
use crate::flow::TokenSet;
use crate::flow::token::token_grant::{ExpectedIdToken, Presence, TokenGrant};
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::validate::{IdTokenExpectations, PreviousIdToken};
use crate::wire::Parameters;

/// Gets new tokens for a refresh token.
///
/// Sends at most three requests (the key set, the refresh token, and the key set again when the ID
/// Token is signed with a key that is not in it) and uses at most one key. With a DPoP key, the
/// refresh token may be sent twice, and at most four keys are used; see
/// [`Call`](crate::flow::Call).
///
/// # Errors
///
/// [`Error::ResponseBody`] and [`Error::WwwAuthenticateChallenge`] when the server refuses,
/// `invalid_grant` when the refresh token is spent; [`Error::Rejected`] for the token response, the
/// key set or the ID Token; [`Error::TokensUnverified`] when tokens came, but with an ID Token that
/// could not be verified without keys or without a [`previous`](Self::previous) one;
/// [`Error::Metadata`], [`Error::Unanswered`], [`Error::Key`] and [`Error::Entropy`].
///
/// A server that rotates refresh tokens has invalidated the one that was sent when the response is
/// refused: [`Error::refresh_token`] is the one to use from then on.
#[derive(Debug)]
pub struct RefreshTokenGrant {
    grant: TokenGrant<RefreshTokenRequest>,
    previous: Option<PreviousIdToken>,
    session_state: Option<Secret>,
}

impl RefreshTokenGrant {
    /// Creates a refresh in plain OAuth: an ID Token in the response is refused, because it has no
    /// previous one to be compared with (see [`previous`](Self::previous)). For the tokens of a
    /// login, use [`from_tokens`](Self::from_tokens).
    pub fn new(configuration: Configuration, refresh_token: impl Into<Secret>) -> Self {
        let presence = match configuration.policy().danger.skip_continuity_check {
            true => Presence::Likely,
            false => Presence::Refused,
        };
        let id_token = ExpectedIdToken::new(presence, IdTokenExpectations::refresh(None));
        let request = RefreshTokenRequest {
            configuration,
            refresh_token: refresh_token.into(),
            parameters: Parameters::new(),
        };
        Self {
            grant: TokenGrant::requesting(request, id_token),
            previous: None,
            session_state: None,
        }
    }

    /// Creates the refresh of these tokens: a new ID Token must continue their
    /// [login](TokenSet::login), and the new tokens keep its
    /// [`session_state`](TokenSet::session_state). `None` if they have no refresh token.
    pub fn from_tokens(configuration: Configuration, tokens: &TokenSet) -> Option<Self> {
        let grant = Self::new(configuration, tokens.refresh_token()?);
        let mut grant = match tokens.login() {
            Some(login) => grant.previous(login.clone()),
            None => grant,
        };
        grant.session_state = tokens.session().cloned();
        Some(grant)
    }

    /// Sets the ID Token of the login. The new one must have the same issuer, subject and audience
    /// (OpenID Connect Core 1.0 section 12.2). The previous one may have expired.
    #[must_use]
    pub fn previous(mut self, id_token: impl Into<PreviousIdToken>) -> Self {
        let previous = id_token.into();
        let expectations = IdTokenExpectations::refresh(Some(previous.clone()));
        self.grant
            .expect(ExpectedIdToken::new(Presence::Likely, expectations));
        self.previous = Some(previous);
        self
    }

    /// Requests a part of the granted scope; without it, the scope stays as it is.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.grant.request_mut().parameters.set("scope", scope);
        self
    }

    /// Adds any other parameter, such as `resource`; those of the protocol take precedence.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.grant.request_mut().parameters.append(name, value);
        self
    }
}

impl Operation for RefreshTokenGrant {
    type Output = TokenSet;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match self.grant.step(env, event)?.or_done() {
            Ok(action) => Ok(action),
            Err(tokens) => {
                let refresh_token = self.grant.request_mut().refresh_token.clone();
                let tokens = tokens.refreshed_with(refresh_token, self.previous.take());
                Ok(Action::Done(tokens.of_session(self.session_state.take())))
            }
        }
    }
}

type Step = Result<Action<TokenSet>, Error>;

#[cfg(test)]
mod tests;
