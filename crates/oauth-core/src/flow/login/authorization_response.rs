//! From the callback to what it hands out, verified.
//!
//! ```text
//! Ready ──▶ (VerifyingResponse, when it is a JWT) ──▶ (VerifyingIdToken, when it holds one) ──▶ Finished
//! ```

use std::mem;

use jose::SignatureAlgorithm;
use jose::jws::Header;
use jose::jwt::Claims;

use crate::authorization::{
    Answer, AuthorizationCodeGrantChecks, Callback, ExpectedState, Received, ResponseParameters,
};
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason, UnverifiedError};
use crate::flow::VerifyIdToken;
use crate::flow::verification::keyed::{Keyed, Kind};
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
    checks: AuthorizationCodeGrantChecks,
    /// The one that was sent, where it is known.
    redirect_uri: Option<String>,
    /// The error in the callback, for the message of a refusal.
    unverified_error: Option<UnverifiedError>,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(Callback),
    VerifyingResponse(Keyed<ResponseKind>),
    VerifyingIdToken(VerifyIdToken, Option<Secret>),
    Finished,
}

/// What the response handed out.
#[derive(Debug)]
pub(crate) struct HandedOut {
    pub(crate) code: Option<Secret>,
    pub(crate) id_token: Option<IdToken>,
}

impl VerifyAuthorizationResponse {
    pub(crate) fn new(
        configuration: Configuration,
        callback: Callback,
        redirect_uri: Option<String>,
        checks: AuthorizationCodeGrantChecks,
    ) -> Self {
        Self {
            configuration,
            checks,
            redirect_uri,
            unverified_error: callback.unverified_error(),
            state: State::Ready(callback),
        }
    }

    fn begin(&mut self, env: &mut Env<'_>, callback: Callback) -> Step {
        let mode = self.checks.checked_mode()?;
        let redirect_uri = self.redirect_uri.as_deref();
        let policy = self.configuration.policy();
        let callback = callback.with_issuer_beside_the_answer(mode, redirect_uri, policy)?;
        match callback.received(mode)? {
            Received::Plain(parameters) => self.check(env, &parameters),
            Received::Jwt(jwt) => {
                let kind = ResponseKind {
                    configuration: self.configuration.clone(),
                };
                self.unpack(env, Keyed::new(kind, jwt), Event::Begin)
            }
        }
    }

    fn unpack(
        &mut self,
        env: &mut Env<'_>,
        mut verification: Keyed<ResponseKind>,
        event: Event,
    ) -> Step {
        match verification.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::VerifyingResponse(verification);
                Ok(action)
            }
            Err(parameters) => self.check(env, &ResponseParameters::new(parameters)),
        }
    }

    fn check(&mut self, env: &mut Env<'_>, parameters: &ResponseParameters) -> Step {
        let checks = &self.checks;
        let Answer { code, id_token } = parameters.check(
            &self.configuration,
            checks.response_type,
            &checks.expected_state,
        )?;
        let Some(id_token) = id_token else {
            return Ok(Action::Done(HandedOut {
                code,
                id_token: None,
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
        let expectations =
            IdTokenExpectations::front_channel(nonce.clone(), checks.max_age, code.clone(), state);
        let configuration = self.configuration.clone();
        let verification = VerifyIdToken::new(configuration, id_token, expectations);
        self.verify(env, verification, code, Event::Begin)
    }

    fn verify(
        &mut self,
        env: &mut Env<'_>,
        mut verification: VerifyIdToken,
        code: Option<Secret>,
        event: Event,
    ) -> Step {
        match verification.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::VerifyingIdToken(verification, code);
                Ok(action)
            }
            Err(id_token) => Ok(Action::Done(HandedOut {
                code,
                id_token: Some(id_token),
            })),
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

impl VerifyAuthorizationResponse {
    fn advance(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(callback), Event::Begin) => self.begin(env, callback),
            (State::VerifyingResponse(verification), event) => {
                self.unpack(env, verification, event)
            }
            (State::VerifyingIdToken(verification, code), event) => {
                self.verify(env, verification, code, event)
            }
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready(_), event) => Err(event.refused("Begin")),
        }
    }
}

type Step = Result<Action<HandedOut>, Error>;

/// A response as a JWT (JARM section 2.4).
#[derive(Debug)]
struct ResponseKind {
    configuration: Configuration,
}

impl Kind for ResponseKind {
    type Output = Parameters;

    const ARTEFACT: Artefact = Artefact::AuthorizationResponse;

    fn configuration(&self) -> &Configuration {
        &self.configuration
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

    fn encryption(&self) -> Option<&str> {
        let client = self.configuration.client();
        client.authorization_encrypted_response_alg.as_deref()
    }

    fn content_encryption(&self) -> Option<&str> {
        let client = self.configuration.client();
        client.authorization_encrypted_response_enc.as_deref()
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
