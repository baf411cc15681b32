//! From the callback to a verified ID Token, without a code (OpenID Connect Core 1.0 section 3.2).

use std::mem;

use crate::authorization::{AuthorizationCodeGrantChecks, Callback, PendingLogin, ResponseType};
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason};
use crate::flow::login::authorization_response::VerifyAuthorizationResponse;
use crate::operation::{Action, Event, Operation};
use crate::profile::{Party, Requirement};
use crate::validate::IdToken;

/// Finishes a login that asked for an ID Token alone: checks the callback and verifies the ID Token.
///
/// Sends at most one request, for the server's keys, and uses no key.
///
/// # Errors
///
/// [`Misuse::LoginExpired`]; [`Error::Rejected`] for the callback, the key set or the ID Token;
/// [`Error::AuthorizationResponse`] when the server reports an error through the browser;
/// [`Error::Metadata`] and [`Error::Unanswered`] when the keys cannot be had.
#[derive(Debug)]
pub struct ImplicitAuthentication {
    configuration: Configuration,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(Box<(Callback, Login)>),
    Verifying(Box<VerifyAuthorizationResponse>),
    Finished,
}

/// What is known of the request that the callback answers.
#[derive(Debug)]
enum Login {
    Remembered(PendingLogin),
    Stated(AuthorizationCodeGrantChecks),
}

impl ImplicitAuthentication {
    /// The end of a login whose parts the caller has kept by hand.
    /// [`PendingLogin::resume_implicit`] is the other way, and leaves no check to the caller.
    ///
    /// `checks` must expect a nonce; the response type in it is `id_token` whatever it says.
    pub fn new(
        configuration: &Configuration,
        callback: &Callback,
        mut checks: AuthorizationCodeGrantChecks,
    ) -> Self {
        checks.response_type = ResponseType::IdToken;
        Self::begin(configuration, callback, Login::Stated(checks))
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
            state: State::Ready(Box::new((callback.clone(), login))),
        }
    }

    fn verify(
        &mut self,
        env: &mut Env<'_>,
        mut verification: Box<VerifyAuthorizationResponse>,
        event: Event,
    ) -> Step {
        match verification.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Verifying(verification);
                Ok(action)
            }
            Err(handed_out) => {
                let member = "id_token".into();
                let missing =
                    || Artefact::AuthorizationResponse.rejected(Reason::Missing { member });
                Ok(Action::Done(handed_out.id_token.ok_or_else(missing)?))
            }
        }
    }
}

impl Operation for ImplicitAuthentication {
    type Output = IdToken;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(ready), Event::Begin) => {
                let (callback, login) = *ready;
                self.configuration
                    .require(Requirement::ResponseType, Party::Request, |_| {
                        Some("asks for an ID Token alone")
                    })?;
                let (redirect_uri, checks) = match login {
                    Login::Remembered(pending) => {
                        pending.check_age(env.now)?;
                        let (redirect_uri, checks) = pending.into_checks(env.now);
                        (Some(redirect_uri), checks)
                    }
                    Login::Stated(checks) => (None, checks),
                };
                let configuration = self.configuration.clone();
                let verification =
                    VerifyAuthorizationResponse::new(configuration, callback, redirect_uri, checks);
                self.verify(env, Box::new(verification), Event::Begin)
            }
            (State::Verifying(verification), event) => self.verify(env, verification, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready(_), event) => Err(event.refused("Begin")),
        }
    }
}

type Step = Result<Action<IdToken>, Error>;
