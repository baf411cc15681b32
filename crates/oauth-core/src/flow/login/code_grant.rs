//! From the callback to verified tokens (RFC 6749 section 4.1, OpenID Connect Core 1.0 sections 3.1
//! and 3.3).
//!
//! ```text
//! Answering ──────────▶ Redeeming ──▶ Finished
//!   the callback is      code for
//!   checked              tokens
//! ```

use crate::authorization::{AuthorizationCodeGrantChecks, Callback, PendingLogin};
use crate::configuration::Configuration;
use crate::endpoint::AuthorizationCodeTokenRequest;
use crate::env::Env;
use crate::error::{Error, Misuse};
use crate::flow::TokenSet;
use crate::flow::login::authorization_response::{HandedOut, VerifyAuthorizationResponse};
use crate::flow::token::token_grant::{ExpectedIdToken, Presence, TokenGrant};
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::validate::{IdTokenExpectations, NonceExpectation};
use crate::wire::Parameters;

/// Finishes a login: checks the callback, redeems its code, verifies the ID Token.
///
/// Sends at most three requests: the key set, the code, and the key set again when the ID Token is
/// signed with a key that is not in it. Uses at most one key. With a DPoP key, the code may be sent
/// twice, and at most four keys are used; see [`Call`](crate::flow::Call). A callback that is a JWT
/// or holds an ID Token is verified with the same key set, which is fetched again only if it grows
/// stale on the way. Nothing else is sent before the callback has passed every check.
///
/// # Errors
///
/// [`Misuse::LoginExpired`]; [`Error::Profile`] for a login that the client's
/// [profile](crate::profile) does not permit; [`Error::Rejected`] for the callback, the token
/// response, the key set or the ID Token; [`Error::AuthorizationResponse`] when the server reports
/// an error through the browser, [`Error::ResponseBody`] and [`Error::WwwAuthenticateChallenge`]
/// when its token endpoint refuses; [`Error::TokensUnverified`] when tokens came but the keys to
/// verify them are missing; [`Error::Metadata`], [`Error::Unanswered`], [`Error::Key`] and
/// [`Error::Entropy`].
#[derive(Debug)]
pub struct AuthorizationCodeGrant {
    configuration: Configuration,
    parameters: Parameters,
    session_state: Option<Secret>,
    state: State,
}

/// Each machine records its own end.
#[derive(Debug)]
enum State {
    Answering(Box<VerifyAuthorizationResponse>),
    Redeeming(Box<TokenGrant<AuthorizationCodeTokenRequest>>),
}

impl PendingLogin {
    /// Resumes the login: the operation checks the callback, redeems its code and verifies the
    /// tokens.
    ///
    /// # Errors
    ///
    /// [`Misuse::AnotherConfiguration`] when the login was begun with another issuer, client or
    /// DPoP key, and [`Misuse::InvalidArgument`] when it asked for an ID Token alone. Nothing is
    /// sent before.
    pub fn resume(
        self,
        configuration: &Configuration,
        callback: impl Into<Callback>,
    ) -> Result<AuthorizationCodeGrant, Error> {
        self.check_configuration(configuration)?;
        if !self.response_type.has_code() {
            return Err(self.another_response_type("a login that asked for a code"));
        }
        Ok(AuthorizationCodeGrant::resumed(
            configuration,
            callback,
            self,
        ))
    }
}

impl AuthorizationCodeGrant {
    /// The grant for a login whose parts the caller has kept. [`PendingLogin::resume`] needs no
    /// such parts, and leaves no check to the caller.
    ///
    /// `redirect_uri` must equal that of the authorization request, byte for byte.
    pub fn new(
        configuration: &Configuration,
        callback: impl Into<Callback>,
        redirect_uri: impl Into<String>,
        checks: AuthorizationCodeGrantChecks,
    ) -> Self {
        Self::begin(
            configuration,
            VerifyAuthorizationResponse::new(
                configuration.clone(),
                callback.into(),
                Some(redirect_uri.into()),
                checks,
            ),
        )
    }

    pub(crate) fn resumed(
        configuration: &Configuration,
        callback: impl Into<Callback>,
        pending: PendingLogin,
    ) -> Self {
        Self::begin(
            configuration,
            VerifyAuthorizationResponse::resumed(configuration.clone(), callback.into(), pending),
        )
    }

    fn begin(configuration: &Configuration, response: VerifyAuthorizationResponse) -> Self {
        Self {
            configuration: configuration.clone(),
            parameters: Parameters::new(),
            session_state: None,
            state: State::Answering(Box::new(response)),
        }
    }

    /// Adds a parameter to the token request, such as `resource` (RFC 8707 section 2.2); those of
    /// the protocol take precedence.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.append(name, value);
        self
    }

    /// The grant for the code. An ID Token that is required must come; one that comes unexpectedly
    /// is verified, too.
    fn redemption(
        &self,
        handed_out: HandedOut,
    ) -> Result<TokenGrant<AuthorizationCodeTokenRequest>, Misuse> {
        let checks = handed_out.request.checks;
        let presence = match checks.requires_id_token() {
            true => Presence::Required,
            false => Presence::Unlikely,
        };
        let redemption = AuthorizationCodeTokenRequest {
            configuration: self.configuration.clone(),
            code: handed_out.code.ok_or_else(|| Misuse::InvalidArgument {
                argument: "response_type",
                expected: "one with a code",
                found: checks.response_type.as_str().to_owned(),
            })?,
            redirect_uri: handed_out
                .request
                .redirect_uri
                .ok_or(Misuse::MissingArgument {
                    argument: "redirect_uri",
                    purpose: "the redemption of a code",
                })?,
            code_verifier: checks.pkce_code_verifier,
            parameters: self.parameters.clone(),
        };
        let nonce = NonceExpectation::from(checks.expected_nonce);
        let mut expectations = IdTokenExpectations::login(nonce, checks.max_age);
        if let Some(first) = &handed_out.id_token {
            // Both ID Tokens are about the same login (OpenID Connect Core 1.0 section 3.3.3.6).
            expectations = expectations.same_person_as(first);
        }
        let id_token = ExpectedIdToken::new(presence, expectations);
        Ok(TokenGrant::requesting(redemption, id_token))
    }
}

impl Operation for AuthorizationCodeGrant {
    type Output = TokenSet;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        let response = match &mut self.state {
            State::Answering(response) => response,
            State::Redeeming(grant) => {
                return Ok(match grant.step(env, event)?.or_done() {
                    Ok(action) => action,
                    Err(tokens) => Action::Done(tokens.of_session(self.session_state.take())),
                });
            }
        };
        match response.step(env, event)?.or_done() {
            Ok(action) => Ok(action),
            Err(handed_out) => {
                self.session_state = handed_out.session_state.clone();
                let mut grant = self.redemption(handed_out)?;
                let action = grant.step(env, Event::Begin);
                self.state = State::Redeeming(Box::new(grant));
                action
            }
        }
    }
}

type Step = Result<Action<TokenSet>, Error>;

#[cfg(test)]
mod tests;
