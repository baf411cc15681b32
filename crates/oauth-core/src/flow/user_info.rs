//! Asking about the user who logged in, and verifying a signed answer (OpenID Connect Core 1.0
//! section 5.3).
//!
//! ```text
//! Requesting ──▶ (Verifying, when a JWT came) ──▶ Finished
//! ```

use std::mem;

use jose::SignatureAlgorithm;
use jose::json;
use jose::jws::Header;
use jose::jwt::Claims;

use crate::configuration::Configuration;
use crate::endpoint::ExpectedSubject;
use crate::endpoint::UnverifiedUserInfo;
use crate::endpoint::UserInfo;
use crate::endpoint::UserInfoResponse;
use crate::env::Env;
use crate::env::UnixTime;
use crate::error::Artefact;
use crate::error::Error;
use crate::error::Misuse;
use crate::error::Reason;
use crate::flow::Call;
use crate::flow::keyed::Keyed;
use crate::flow::keyed::Kind;
use crate::operation::Action;
use crate::operation::Event;
use crate::operation::Operation;
use crate::secret::Secret;
use crate::validate::advertised_algorithms;
use crate::validate::read_user_info;
use crate::validate::validate_user_info;

/// Asks the UserInfo endpoint about the user who logged in.
///
/// Sends at most two requests (the question, and the key set for a signed answer when the cached one
/// will not do), and the question twice when the access token is bound to a DPoP key and the server
/// asks for a nonce. Uses at most one key for each proof and one to decrypt.
///
/// # Errors
///
/// [`Error::WwwAuthenticateChallenge`] when the server refuses the access token; [`Error::Rejected`]
/// for the answer, with the member or claim at fault, unsigned or not encrypted where the client
/// registered that, or for the key set; [`Error::Unsupported`] for an encrypted answer without a key
/// for it; [`Error::Metadata`], [`Error::Unanswered`], [`Error::Key`], [`Error::Misuse`] and
/// [`Error::Entropy`].
#[derive(Debug)]
pub struct FetchUserInfo {
    configuration: Configuration,
    subject: ExpectedSubject,
    state: State,
}

#[derive(Debug)]
enum State {
    Requesting(Box<Call<UserInfo>>),
    Verifying(Box<Keyed<UserInfoKind>>),
    Finished,
}

impl FetchUserInfo {
    /// The question that `endpoint` asks.
    pub fn new(endpoint: UserInfo) -> Self {
        Self {
            configuration: endpoint.configuration().clone(),
            subject: endpoint.subject().clone(),
            state: State::Requesting(Box::new(Call::new(endpoint))),
        }
    }

    fn request(&mut self, env: &mut Env<'_>, mut call: Box<Call<UserInfo>>, event: Event) -> Step {
        match call.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Requesting(call);
                Ok(action)
            }
            Err(UnverifiedUserInfo::Json(response)) => Ok(Action::Done(*response)),
            Err(UnverifiedUserInfo::Jwt(jwt)) => {
                let kind = UserInfoKind {
                    configuration: self.configuration.clone(),
                    subject: self.subject.clone(),
                };
                self.verify(env, Box::new(Keyed::new(kind, jwt)), Event::Begin)
            }
        }
    }

    fn verify(
        &mut self,
        env: &mut Env<'_>,
        mut verification: Box<Keyed<UserInfoKind>>,
        event: Event,
    ) -> Step {
        let action = verification.step(env, event)?;
        if !matches!(action, Action::Done(_)) {
            self.state = State::Verifying(verification);
        }
        Ok(action)
    }
}

impl Operation for FetchUserInfo {
    type Output = UserInfoResponse;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match mem::replace(&mut self.state, State::Finished) {
            State::Requesting(call) => self.request(env, call, event),
            State::Verifying(verification) => self.verify(env, verification, event),
            State::Finished => Err(Misuse::Finished.into()),
        }
    }
}

type Step = Result<Action<UserInfoResponse>, Error>;

#[derive(Debug)]
struct UserInfoKind {
    configuration: Configuration,
    subject: ExpectedSubject,
}

impl Kind for UserInfoKind {
    type Output = UserInfoResponse;

    const ARTEFACT: Artefact = Artefact::UserInfoResponse;

    fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// There is no default: a client that registered no algorithm at a server that names none
    /// expects no JWT (OpenID Connect Dynamic Client Registration 1.0 section 2).
    fn algorithms(&self) -> Vec<SignatureAlgorithm> {
        let registered = &self.configuration.client().userinfo_signed_response_alg;
        let server = self.configuration.server();
        let advertised = &server.userinfo_signing_alg_values_supported;
        advertised_algorithms(registered.as_deref(), advertised.as_deref().unwrap_or(&[]))
    }

    fn encryption(&self) -> Option<&str> {
        let client = self.configuration.client();
        client.userinfo_encrypted_response_alg.as_deref()
    }

    fn content_encryption(&self) -> Option<&str> {
        let client = self.configuration.client();
        client.userinfo_encrypted_response_enc.as_deref()
    }

    fn skips_signature(&self) -> bool {
        false
    }

    fn judge(
        &self,
        now: UnixTime,
        header: &Header,
        claims: &Claims<'_>,
        _jwt: &Secret,
    ) -> Result<UserInfoResponse, Reason> {
        validate_user_info(&self.configuration, &self.subject, now, header, claims)
    }

    /// Encryption without a signature is as good as JSON over TLS, and no better: anybody can
    /// encrypt. It will do where encryption alone was registered (section 5.3.2).
    fn read_unsigned(&self, plaintext: &[u8]) -> Option<Result<UserInfoResponse, Reason>> {
        let client = self.configuration.client();
        if let Some(algorithm) = &client.userinfo_signed_response_alg {
            let expected = algorithm.clone();
            return Some(Err(Reason::NotSigned { expected }));
        }
        client.userinfo_encrypted_response_alg.as_ref()?;
        let limits = json::Limits::new(plaintext.len(), 32);
        Some(match json::parse_object(plaintext, limits) {
            Ok(object) => read_user_info(&self.subject, &object),
            Err(error) => Err(Reason::Json(error)),
        })
    }
}

#[cfg(test)]
#[path = "user_info_tests.rs"]
mod tests;
