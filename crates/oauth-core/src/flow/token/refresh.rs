//! New tokens for a refresh token (RFC 6749 section 6, OpenID Connect Core 1.0 section 12).
//!
//! ```text
//! Ready ──▶ Prefetching ──▶ Refreshing ──▶ Verifying ──▶ Finished
//!            (when an ID     tokens for      (when an ID
//!            Token may       tokens          Token came)
//!            come) keys
//! ```

use std::mem;

use crate::configuration::Configuration;
use crate::endpoint::{RefreshToken, TokenResponse};
use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason, TokensUnverified};
use crate::flow::token::verified::VerifiedTokens;
use crate::flow::{Call, PrefetchKeys, TokenSet};
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::validate::{IdTokenExpectations, PreviousIdToken};
use crate::wire::Parameters;

/// Gets new tokens for a refresh token.
///
/// Sends at most three requests (the key set, the refresh token, and the key set again when the ID
/// Token is signed with a key that is not in it) and uses at most one key. With a DPoP key, the refresh token
/// may be sent twice, and at most four keys are used; see [`Call`].
///
/// # Errors
///
/// [`Error::ResponseBody`] and [`Error::WwwAuthenticateChallenge`] when the server refuses,
/// `invalid_grant` when the refresh token is spent; [`Error::Rejected`] for the token response, the
/// key set or the ID Token; [`Error::TokensUnverified`] when tokens came, but with an ID Token that
/// could not be verified for want of keys or of a [`previous`](Self::previous) one;
/// [`Error::Metadata`], [`Error::Unanswered`], [`Error::Key`] and [`Error::Entropy`].
///
/// A server that rotates refresh tokens has invalidated the one that was sent when the response is
/// refused: [`Error::refresh_token`] is the one to go on with.
#[derive(Debug)]
pub struct RefreshTokenGrant {
    configuration: Configuration,
    refresh_token: Secret,
    previous: Option<PreviousIdToken>,
    parameters: Parameters,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    Prefetching(PrefetchKeys),
    Refreshing(Call<RefreshToken>),
    Verifying(VerifiedTokens),
    Finished,
}

impl RefreshTokenGrant {
    /// A refresh in plain OAuth: an ID Token that comes back is refused, because there is nothing to
    /// hold it against (see [`previous`](Self::previous)).
    pub fn new(configuration: Configuration, refresh_token: impl Into<Secret>) -> Self {
        Self {
            configuration,
            refresh_token: refresh_token.into(),
            previous: None,
            parameters: Parameters::new(),
            state: State::Ready,
        }
    }

    /// The ID Token of the login, so that one that comes back can be held against it: same issuer,
    /// same person, same audience (OpenID Connect Core 1.0 section 12.2). It may have expired.
    #[must_use]
    pub fn previous(mut self, id_token: impl Into<PreviousIdToken>) -> Self {
        self.previous = Some(id_token.into());
        self
    }

    /// Asks for less than was granted; without it the scope stays as it is.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.parameters.set("scope", scope);
        self
    }

    /// Adds any other parameter, such as `resource`; those of the protocol take precedence.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.append(name, value);
        self
    }

    fn begin(&mut self, env: &mut Env<'_>) -> Step {
        if self.accepts_id_token() {
            let keys = PrefetchKeys::new(self.configuration.clone());
            return self.prefetch(env, keys, Event::Begin);
        }
        self.refresh(env)
    }

    fn accepts_id_token(&self) -> bool {
        let danger = &self.configuration.policy().danger;
        self.previous.is_some() || danger.skip_continuity_check
    }

    /// Fetches stale keys before the refresh token is used: it may be rotated, and the new one would
    /// be lost with an ID Token that cannot be verified.
    fn prefetch(&mut self, env: &mut Env<'_>, mut keys: PrefetchKeys, event: Event) -> Step {
        match keys.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Prefetching(keys);
                Ok(action)
            }
            Err(()) => self.refresh(env),
        }
    }

    fn refresh(&mut self, env: &mut Env<'_>) -> Step {
        let call = Call::new(RefreshToken {
            configuration: self.configuration.clone(),
            refresh_token: self.refresh_token.clone(),
            parameters: mem::take(&mut self.parameters),
        });
        self.call(env, call, Event::Begin)
    }

    fn call(&mut self, env: &mut Env<'_>, mut call: Call<RefreshToken>, event: Event) -> Step {
        match call.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Refreshing(call);
                Ok(action)
            }
            Err(response) => self.judge(env, response),
        }
    }

    fn judge(&mut self, env: &mut Env<'_>, response: TokenResponse) -> Step {
        let Some(id_token) = response.unverified_id_token().cloned() else {
            return Ok(Action::Done(self.refreshed(TokenSet::new(response, None))));
        };
        if !self.accepts_id_token() {
            let member = "id_token".into();
            let cause = Artefact::TokenResponse
                .rejected(Reason::Unexpected { member })
                .into();
            return Err(TokensUnverified::new(cause, response).into());
        }
        let expectations = IdTokenExpectations::refresh(self.previous.clone());
        let configuration = self.configuration.clone();
        let verification = VerifiedTokens::new(configuration, response, id_token, expectations);
        self.verify(env, verification, Event::Begin)
    }

    fn verify(
        &mut self,
        env: &mut Env<'_>,
        mut verification: VerifiedTokens,
        event: Event,
    ) -> Step {
        match verification.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Verifying(verification);
                Ok(action)
            }
            Err(tokens) => Ok(Action::Done(self.refreshed(tokens))),
        }
    }

    fn refreshed(&mut self, tokens: TokenSet) -> TokenSet {
        tokens.refreshed_with(mem::take(&mut self.refresh_token), self.previous.take())
    }
}

impl Operation for RefreshTokenGrant {
    type Output = TokenSet;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready, Event::Begin) => self.begin(env),
            (State::Ready, event) => Err(event.refused("Begin")),
            (State::Prefetching(keys), event) => self.prefetch(env, keys, event),
            (State::Refreshing(call), event) => self.call(env, call, event),
            (State::Verifying(verification), event) => self.verify(env, verification, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
        }
    }
}

type Step = Result<Action<TokenSet>, Error>;

#[cfg(test)]
mod tests;
