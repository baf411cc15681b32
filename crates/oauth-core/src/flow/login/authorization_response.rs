//! From the callback to a verified authorization response.
//!
//! ```text
//! Ready ──▶ (VerifyingResponse, when it is a JWT) ──▶ (VerifyingIdToken, when it holds one) ──▶ Finished
//! ```

use std::mem;

use jose::SignatureAlgorithm;
use jose::jws::Header;
use jose::jwt::Claims;

use crate::authorization::{
    AuthorizationCodeGrantChecks, Callback, ExpectedState, Granted, PendingLogin, Received,
    ResponseParameters, check_grant,
};
use crate::cache::Channel;
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason, UnverifiedError};
use crate::flow::VerifyIdToken;
use crate::flow::verification::keyed::{JwtKind, Keyed};
use crate::metadata::ClientMetadata;
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::{
    IdToken, IdTokenExpectations, permitted_algorithms, validate_authorization_response,
};
use crate::wire::Parameters;

/// Checks a callback and verifies what is signed in it.
///
/// Sends at most one request, for the server's keys, and none for a plain code.
#[derive(Debug)]
pub(crate) struct VerifyAuthorizationResponse {
    configuration: Configuration,
    /// The error in the callback, for the message of a refusal.
    unverified_error: Option<UnverifiedError>,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(Box<(Callback, Login)>),
    VerifyingResponse(Keyed<ResponseKind>, Box<Request>),
    VerifyingIdToken(VerifyIdToken, Box<HandedOut>),
    Finished,
}

/// What is known of the login that the callback belongs to.
#[derive(Debug)]
enum Login {
    Remembered(PendingLogin),
    Stated(Request),
}

/// The request that the callback answers.
#[derive(Debug)]
pub(crate) struct Request {
    /// The redirect URI that was sent, where it is known.
    pub(crate) redirect_uri: Option<String>,
    pub(crate) checks: AuthorizationCodeGrantChecks,
}

/// The verified response, with the request that it answers.
#[derive(Debug)]
pub(crate) struct HandedOut {
    pub(crate) request: Request,
    pub(crate) code: Option<Secret>,
    pub(crate) id_token: Option<IdToken>,
    /// The session at the server. Some servers put its identifier here.
    pub(crate) session_state: Option<Secret>,
}

impl VerifyAuthorizationResponse {
    /// The response to a request whose parts the caller has kept.
    pub(crate) fn new(
        configuration: Configuration,
        callback: Callback,
        redirect_uri: Option<String>,
        checks: AuthorizationCodeGrantChecks,
    ) -> Self {
        let request = Request {
            redirect_uri,
            checks,
        };
        Self::begin(configuration, callback, Login::Stated(request))
    }

    /// The response to the request of a remembered login.
    pub(crate) fn resumed(
        configuration: Configuration,
        callback: Callback,
        pending: PendingLogin,
    ) -> Self {
        Self::begin(configuration, callback, Login::Remembered(pending))
    }

    fn begin(configuration: Configuration, callback: Callback, login: Login) -> Self {
        Self {
            configuration,
            unverified_error: callback.unverified_error(),
            state: State::Ready(Box::new((callback, login))),
        }
    }

    /// Checks the login itself, then where and how the response came.
    fn receive(&mut self, env: &mut Env<'_>, callback: Callback, login: Login) -> Step {
        let request = match login {
            Login::Remembered(pending) => {
                pending.check_age(env.now)?;
                let (redirect_uri, checks) = pending.into_checks(env.now);
                Request {
                    redirect_uri: Some(redirect_uri),
                    checks,
                }
            }
            Login::Stated(request) => request,
        };
        check_grant(&self.configuration, &request.checks)?;
        let mode = request.checks.checked_mode()?;
        let redirect_uri = request.redirect_uri.as_deref();
        let policy = self.configuration.policy();
        let callback = callback.with_issuer_in_the_query(mode, redirect_uri, policy)?;
        match callback.received(mode)? {
            Received::Plain(parameters) => self.check(env, &parameters, request),
            Received::Jwt(jwt) => {
                let kind = ResponseKind {
                    configuration: self.configuration.clone(),
                };
                let verification = Keyed::new(kind, jwt);
                self.unpack(env, verification, Box::new(request), Event::Begin)
            }
        }
    }

    fn unpack(
        &mut self,
        env: &mut Env<'_>,
        mut verification: Keyed<ResponseKind>,
        request: Box<Request>,
        event: Event,
    ) -> Step {
        match verification.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::VerifyingResponse(verification, request);
                Ok(action)
            }
            Err(parameters) => self.check(env, &ResponseParameters::new(parameters), *request),
        }
    }

    fn check(
        &mut self,
        env: &mut Env<'_>,
        parameters: &ResponseParameters,
        request: Request,
    ) -> Step {
        let checks = &request.checks;
        let Granted { code, id_token } = parameters.check(
            &self.configuration,
            checks.response_type,
            &checks.expected_state,
        )?;
        let Some(id_token) = id_token else {
            return Ok(Action::Done(HandedOut {
                request,
                code,
                id_token: None,
                session_state: parameters.session_state(),
            }));
        };
        let nonce = checks
            .expected_nonce
            .as_ref()
            .ok_or(Misuse::MissingArgument {
                argument: "expected_nonce",
                purpose: "an ID Token that comes through the browser",
            })?;
        let state = match &checks.expected_state {
            ExpectedState::Equals(state) => Some(state.clone()),
            ExpectedState::Absent | ExpectedState::DangerUnchecked => None,
        };
        let max_age = checks.max_age;
        let expectations =
            IdTokenExpectations::front_channel(nonce.clone(), max_age, code.clone(), state);
        let verification = VerifyIdToken::new(self.configuration.clone(), id_token, expectations)
            .through(Channel::Browser);
        let handed_out = HandedOut {
            request,
            code,
            id_token: None,
            session_state: parameters.session_state(),
        };
        self.verify(env, verification, Box::new(handed_out), Event::Begin)
    }

    fn verify(
        &mut self,
        env: &mut Env<'_>,
        mut verification: VerifyIdToken,
        mut handed_out: Box<HandedOut>,
        event: Event,
    ) -> Step {
        match verification.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::VerifyingIdToken(verification, handed_out);
                Ok(action)
            }
            Err(id_token) => {
                handed_out.id_token = Some(id_token);
                Ok(Action::Done(*handed_out))
            }
        }
    }

    fn advance(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(ready), Event::Begin) => self.receive(env, ready.0, ready.1),
            (State::VerifyingResponse(verification, request), event) => {
                self.unpack(env, verification, request, event)
            }
            (State::VerifyingIdToken(verification, handed_out), event) => {
                self.verify(env, verification, handed_out, event)
            }
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready(_), event) => Err(event.refused("Begin")),
        }
    }
}

impl Operation for VerifyAuthorizationResponse {
    type Output = HandedOut;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        self.advance(env, event)
            .map_err(|error| error.with_unverified_error(self.unverified_error.as_ref()))
    }
}

type Step = Result<Action<HandedOut>, Error>;

/// A response as a JWT (JARM section 2.4).
#[derive(Debug)]
struct ResponseKind {
    configuration: Configuration,
}

impl JwtKind for ResponseKind {
    type Output = Parameters;

    const ARTEFACT: Artefact = Artefact::AuthorizationResponse;

    fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    fn channel(&self) -> Channel {
        Channel::Browser
    }

    fn algorithms(&self) -> Vec<SignatureAlgorithm> {
        let client = self.configuration.client();
        let server = self.configuration.server();
        permitted_algorithms(
            self.configuration.profile(),
            client.authorization_signed_response_alg.as_ref(),
            server.authorization_signing_alg_values_supported.as_deref(),
            SignatureAlgorithm::RS256,
        )
    }

    fn encryption(client: &ClientMetadata) -> [Option<&str>; 2] {
        [
            client.authorization_encrypted_response_alg.as_deref(),
            client.authorization_encrypted_response_enc.as_deref(),
        ]
    }

    fn judge(
        &self,
        now: UnixTime,
        header: &Header,
        claims: &Claims<'_>,
        _jwt: &Secret,
    ) -> Result<Parameters, Reason> {
        validate_authorization_response(&self.configuration, now, header, claims)
    }
}

#[cfg(test)]
mod tests;
