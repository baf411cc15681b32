//! From the callback to verified tokens (RFC 6749 section 4.1, OpenID Connect Core 1.0 sections 3.1
//! and 3.3).
//!
//! ```text
//! Ready ──▶ Answering ──▶ Prefetching ──▶ Redeeming ──▶ Verifying ──▶ Finished
//!   callback   (when it is   (when an ID     code for       (when an ID
//!   checked    a JWT or      Token must      tokens         Token came)
//!              holds one)    come) keys
//! ```

use std::mem;

use crate::authorization::{AuthorizationCodeGrantChecks, Callback, PendingLogin, check_grant};
use crate::configuration::Configuration;
use crate::endpoint::{AuthorizationCode, TokenResponse};
use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason};
use crate::flow::login::authorization_response::VerifyAuthorizationResponse;
use crate::flow::token::verified::VerifiedTokens;
use crate::flow::{Call, PrefetchKeys, TokenSet};
use crate::operation::{Action, Event, Operation};
use crate::validate::{IdToken, IdTokenExpectations, NonceExpectation};
use crate::wire::Parameters;

/// Finishes a login: checks the callback, redeems its code, verifies the ID Token.
///
/// Sends at most three requests (the key set, the code, and the key set again when the ID Token is signed with
/// a key that is not in it) and uses at most one key. With a DPoP key, the code may be sent twice,
/// and at most four keys are used; see [`Call`]. A callback that is a JWT or holds an ID Token is
/// verified with the same key set; one more request is sent only when that grows old on the way.
/// Nothing else is sent before the callback has passed every check.
///
/// # Errors
///
/// [`Misuse::LoginExpired`]; [`Error::Profile`] for a login that the client's
/// [profile](crate::profile) does not know; [`Error::Rejected`] for the callback, the token response, the key set or
/// the ID Token; [`Error::AuthorizationResponse`] when the server reports an error through the
/// browser, [`Error::ResponseBody`] and [`Error::WwwAuthenticateChallenge`] when its token endpoint
/// refuses; [`Error::TokensUnverified`] when tokens came but the keys to verify them could not be
/// had; [`Error::Metadata`], [`Error::Unanswered`], [`Error::Key`] and [`Error::Entropy`].
#[derive(Debug)]
pub struct CodeGrant {
    configuration: Configuration,
    parameters: Parameters,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(Box<(Callback, Login)>),
    Answering(
        Box<VerifyAuthorizationResponse>,
        Box<(String, AuthorizationCodeGrantChecks)>,
    ),
    Prefetching(PrefetchKeys, Box<(AuthorizationCode, Expected)>),
    Redeeming(Call<AuthorizationCode>, Box<Expected>),
    Verifying(VerifiedTokens),
    Finished,
}

/// What the token response is held against.
#[derive(Debug)]
struct Expected {
    checks: AuthorizationCodeGrantChecks,
    /// The ID Token that came through the browser.
    id_token: Option<IdToken>,
}

/// What is known of the request that the callback answers.
#[derive(Debug)]
enum Login {
    Remembered(PendingLogin),
    Stated {
        redirect_uri: String,
        checks: AuthorizationCodeGrantChecks,
    },
}

impl CodeGrant {
    /// The grant for a login whose parts the caller has kept by hand.
    /// [`PendingLogin::resume`] is the other way, and leaves no check to the caller.
    ///
    /// `redirect_uri` is the one of the authorization request, byte for byte.
    pub fn new(
        configuration: &Configuration,
        callback: &Callback,
        redirect_uri: impl Into<String>,
        checks: AuthorizationCodeGrantChecks,
    ) -> Self {
        let redirect_uri = redirect_uri.into();
        Self::begin(
            configuration,
            callback,
            Login::Stated {
                redirect_uri,
                checks,
            },
        )
    }

    pub(crate) fn resumed(
        configuration: &Configuration,
        callback: &Callback,
        pending: PendingLogin,
    ) -> Self {
        Self::begin(configuration, callback, Login::Remembered(pending))
    }

    fn begin(configuration: &Configuration, callback: &Callback, login: Login) -> Self {
        Self {
            configuration: configuration.clone(),
            parameters: Parameters::new(),
            state: State::Ready(Box::new((callback.clone(), login))),
        }
    }

    /// Adds a parameter to the token request, such as `resource` (RFC 8707 section 2.2); those of
    /// the protocol take precedence.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.append(name, value);
        self
    }

    /// Checks the callback; nothing is sent before that.
    fn check(&mut self, env: &mut Env<'_>, callback: Callback, login: Login) -> Step {
        let (redirect_uri, checks) = match login {
            Login::Remembered(pending) => {
                pending.check_age(env.now)?;
                pending.into_checks(env.now)
            }
            Login::Stated {
                redirect_uri,
                checks,
            } => (redirect_uri, checks),
        };
        check_grant(&self.configuration, &checks)?;
        let configuration = self.configuration.clone();
        let response = VerifyAuthorizationResponse::new(
            configuration,
            callback,
            Some(redirect_uri.clone()),
            checks.clone(),
        );
        let next = Box::new((redirect_uri, checks));
        self.answer(env, Box::new(response), next, Event::Begin)
    }

    fn answer(
        &mut self,
        env: &mut Env<'_>,
        mut response: Box<VerifyAuthorizationResponse>,
        next: Box<(String, AuthorizationCodeGrantChecks)>,
        event: Event,
    ) -> Step {
        let handed_out = match response.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Answering(response, next);
                return Ok(action);
            }
            Err(handed_out) => handed_out,
        };
        let (redirect_uri, checks) = *next;
        let redemption = AuthorizationCode {
            configuration: self.configuration.clone(),
            code: handed_out.code.ok_or_else(|| Misuse::InvalidArgument {
                argument: "response_type",
                expected: "one with a code",
                found: checks.response_type.as_str().to_owned(),
            })?,
            redirect_uri,
            code_verifier: checks.pkce_code_verifier.clone(),
            parameters: mem::take(&mut self.parameters),
        };
        let expected = Expected {
            id_token: handed_out.id_token,
            checks,
        };
        if !expected.checks.requires_id_token() {
            return self.redeem(env, Call::new(redemption), Box::new(expected), Event::Begin);
        }
        let keys = PrefetchKeys::new(self.configuration.clone());
        self.prefetch(env, keys, Box::new((redemption, expected)), Event::Begin)
    }

    /// Fetches stale keys before the code is spent, so that a broken key set costs no tokens.
    fn prefetch(
        &mut self,
        env: &mut Env<'_>,
        mut keys: PrefetchKeys,
        next: Box<(AuthorizationCode, Expected)>,
        event: Event,
    ) -> Step {
        match keys.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Prefetching(keys, next);
                Ok(action)
            }
            Err(()) => {
                let (redemption, expected) = *next;
                self.redeem(env, Call::new(redemption), Box::new(expected), Event::Begin)
            }
        }
    }

    fn redeem(
        &mut self,
        env: &mut Env<'_>,
        mut call: Call<AuthorizationCode>,
        expected: Box<Expected>,
        event: Event,
    ) -> Step {
        match call.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Redeeming(call, expected);
                Ok(action)
            }
            Err(response) => self.judge(env, response, *expected),
        }
    }

    /// An ID Token that must come has to be there; one that came anyway is verified all the same.
    fn judge(&mut self, env: &mut Env<'_>, response: TokenResponse, expected: Expected) -> Step {
        let checks = expected.checks;
        let Some(id_token) = response.unverified_id_token().cloned() else {
            if checks.requires_id_token() {
                let member = "id_token".into();
                return Err(Artefact::TokenResponse
                    .rejected(Reason::Missing { member })
                    .with_refresh_token(response.refresh_token().cloned())
                    .into());
            }
            return Ok(Action::Done(TokenSet::new(response, None)));
        };
        let nonce = match checks.expected_nonce {
            Some(nonce) => NonceExpectation::Equals(nonce),
            None => NonceExpectation::Absent,
        };
        let mut expectations = IdTokenExpectations::login(nonce, checks.max_age);
        if let Some(first) = &expected.id_token {
            // Both ID Tokens are about the same login (OpenID Connect Core 1.0 section 3.3.3.6).
            expectations = expectations.same_person_as(first);
        }
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
        let action = verification.step(env, event)?;
        if !matches!(action, Action::Done(_)) {
            self.state = State::Verifying(verification);
        }
        Ok(action)
    }
}

impl Operation for CodeGrant {
    type Output = TokenSet;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(ready), Event::Begin) => {
                let (callback, login) = *ready;
                self.check(env, callback, login)
            }
            (State::Ready(_), event) => Err(event.refused("Begin")),
            (State::Answering(response, next), event) => self.answer(env, response, next, event),
            (State::Prefetching(keys, next), event) => self.prefetch(env, keys, next, event),
            (State::Redeeming(call, expected), event) => self.redeem(env, call, expected, event),
            (State::Verifying(verification), event) => self.verify(env, verification, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
        }
    }
}

type Step = Result<Action<TokenSet>, Error>;

#[cfg(test)]
mod tests;
