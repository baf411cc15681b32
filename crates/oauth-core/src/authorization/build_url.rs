//! The URL of an authorization request whose parameters do not travel through the browser in the
//! open: signed (RFC 9101), pushed (RFC 9126), or both.
//!
//! ```text
//! Ready ──▶ AwaitingSignature, of a request object ──────────▶ Finished
//!       └─▶ Pushing, with its request object inside ─────────▶
//! ```

use std::mem;

use url::Url;

use super::request_object::RequestObject;
use super::request_object::SignedRequest;
use super::url::authorization_url;
use super::url::complete;
use super::url::require_form;
use crate::configuration::Configuration;
use crate::endpoint::PushedAuthorizationRequest;
use crate::env::Env;
use crate::error::Error;
use crate::error::Misuse;
use crate::error::Unsupported;
use crate::flow::Call;
use crate::key::PendingSignature;
use crate::operation::Action;
use crate::operation::Event;
use crate::operation::Operation;
use crate::wire::Parameters;

/// Makes the URL to send the browser to, for callers that keep their own state, nonce and verifier;
/// [`authorization_url`] with a request object, a pushed request or both.
///
/// Uses one key for a request object. For a pushed request it sends one request, with a client
/// assertion and a DPoP proof where the configuration has them, which are one key use each; all of
/// that twice, the request object too, when the server asks for another DPoP nonce.
///
/// # Errors
///
/// [`Error::Misuse`] for a parameter that cannot be sent in this way, or when the server requires
/// a request object or a pushed request that was not asked for; [`Error::Metadata`] when the server
/// metadata lacks a usable endpoint; [`Error::Unsupported`] when the server takes no request objects;
/// [`Error::ResponseBody`], [`Error::WwwAuthenticateChallenge`] and [`Error::Rejected`] for the
/// answer to a pushed request; [`Error::Unanswered`], [`Error::Key`] and [`Error::Entropy`].
#[derive(Debug)]
pub struct BuildAuthorizationUrl {
    configuration: Configuration,
    request_object: Option<RequestObject>,
    pushed: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(Parameters),
    AwaitingSignature(Parameters, PendingSignature),
    Pushing(Call<PushedAuthorizationRequest>),
    Finished,
}

impl BuildAuthorizationUrl {
    /// The URL with `parameters` as given, and `client_id` and `response_type=code` where they are
    /// missing.
    pub const fn new(configuration: Configuration, parameters: Parameters) -> Self {
        Self {
            configuration,
            request_object: None,
            pushed: false,
            state: State::Ready(parameters),
        }
    }

    /// Packs the parameters into a signed request object.
    #[must_use]
    pub fn request_object(mut self, request_object: RequestObject) -> Self {
        self.request_object = Some(request_object);
        self
    }

    /// Sends the parameters to the server ahead of the browser, which then brings a reference only.
    #[must_use]
    pub const fn pushed(mut self) -> Self {
        self.pushed = true;
        self
    }

    fn begin(&mut self, env: &mut Env<'_>, mut parameters: Parameters) -> Step {
        complete(&self.configuration, &mut parameters);
        let by_reference = parameters.contains("request_uri");
        let signed = self.request_object.is_some() || parameters.contains("request");
        require_form(
            &self.configuration,
            signed || by_reference,
            self.pushed || by_reference,
        )?;
        // RFC 9126 section 3 makes `request` part of every endpoint for pushed requests.
        if self.pushed {
            return self.push(env, parameters);
        }
        let Some(request_object) = &self.request_object else {
            return authorization_url(&self.configuration, parameters).map(Action::Done);
        };
        if self.configuration.server().request_parameter_supported == Some(false) {
            let feature = "request objects by value";
            return Err(Unsupported::Feature { feature }.into());
        }
        let signed = request_object.of_authorization(&self.configuration);
        let pending = signed.prepare(env, &parameters)?;
        let job = pending.job();
        self.state = State::AwaitingSignature(parameters, pending);
        Ok(Action::UseKey(job))
    }

    fn push(&mut self, env: &mut Env<'_>, parameters: Parameters) -> Step {
        let call = Call::new(PushedAuthorizationRequest {
            configuration: self.configuration.clone(),
            parameters,
            request_object: self.request_object.clone(),
        });
        self.await_reference(env, call, Event::Begin)
    }

    fn await_reference(
        &mut self,
        env: &mut Env<'_>,
        mut call: Call<PushedAuthorizationRequest>,
        event: Event,
    ) -> Step {
        match call.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Pushing(call);
                Ok(action)
            }
            Err(response) => {
                // A reference, with nothing beside it but whose it is.
                let client_id = self.configuration.client().client_id.as_str();
                let reference = [
                    ("client_id", client_id),
                    ("request_uri", response.request_uri()),
                ];
                let parameters = Parameters::from_iter(reference);
                authorization_url(&self.configuration, parameters).map(Action::Done)
            }
        }
    }
}

impl Operation for BuildAuthorizationUrl {
    type Output = Url;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(parameters), Event::Begin) => self.begin(env, parameters),
            (State::AwaitingSignature(mut parameters, pending), Event::KeyUsed(result)) => {
                SignedRequest::replace(&mut parameters, &pending.finish(result)?);
                authorization_url(&self.configuration, parameters).map(Action::Done)
            }
            (State::AwaitingSignature(..), Event::KeyUnavailable(fault)) => Err(fault.into()),
            (State::Pushing(call), event) => self.await_reference(env, call, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (_, Event::Aborted) => Err(Error::Aborted),
            (state, event) => Err(Misuse::UnexpectedEvent {
                expected: match state {
                    State::Ready(_) => "Begin",
                    _ => "KeyUsed or KeyUnavailable",
                },
                found: event.name(),
            }
            .into()),
        }
    }
}

type Step = Result<Action<Url>, Error>;
