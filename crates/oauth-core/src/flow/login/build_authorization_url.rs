//! The URL of an authorization request whose parameters are signed (RFC 9101), pushed (RFC 9126) or
//! both.
//!
//! ```text
//! Ready ──▶ (Choosing, the key to encrypt to) ──▶ AwaitingRequestObject ───────────────────▶ Finished
//!                                             └─▶ Pushing, with the request object inside ─▶
//! ```

use std::mem;

use url::Url;

use crate::authorization::{complete, require_form, require_support, url_of};
use crate::configuration::Configuration;
use crate::endpoint::PushedAuthorizationRequest;
use crate::env::Env;
use crate::error::{Error, Misuse};
use crate::flow::{Call, ChooseRecipient};
use crate::key::registered_encryption;
use crate::names::EndpointName;
use crate::operation::{Action, Event, Operation};
use crate::request_object::{PendingRequestObject, Progress, RequestObject, RequestUri};
use crate::secret::Secret;
use crate::validate::{Form, check_request};
use crate::wire::Parameters;

/// Makes the URL to send the browser to, for callers that keep state, nonce and verifier
/// themselves. It is [`build_authorization_url`](crate::authorization::build_authorization_url)
/// with a request object, a pushed request or both.
///
/// Uses one key for a request object, and another one to encrypt it if the client has registered
/// that. To encrypt, it sends one request for the server's keys, unless the cached ones suffice. A
/// pushed request is one more request. It uses one key for a client assertion and one for a DPoP
/// proof, where the configuration has them. When the server asks for another DPoP nonce, the pushed
/// request is sent twice, and each of its keys is used twice.
///
/// # Errors
///
/// [`Error::Misuse`] for a parameter that cannot be sent in this way, or when the server requires a
/// request object or a pushed request that was not asked for; [`Error::Metadata`] when the server
/// metadata lacks a usable endpoint; [`Error::Unsupported`] when the server does not accept request
/// objects, as for [`build_authorization_url`](crate::authorization::build_authorization_url);
/// [`Error::Profile`] for a request that leaves the client's [profile](crate::profile);
/// [`Error::ResponseBody`], [`Error::WwwAuthenticateChallenge`] and [`Error::Rejected`] for the
/// answer to a pushed request; [`Error::Rejected`] for keys of the server that lack one to encrypt
/// to; [`Error::Unanswered`], [`Error::Key`] and [`Error::Entropy`].
#[derive(Debug)]
pub struct BuildAuthorizationUrl {
    configuration: Configuration,
    request_object: Option<RequestObject>,
    pushed: bool,
    hosted: Option<Hosted>,
    state: State,
}

/// The request object that the application hosts.
#[derive(Debug)]
struct Hosted {
    request_uri: RequestUri,
    /// The object, once it is made.
    request_object: Option<Secret>,
}

#[derive(Debug)]
enum State {
    Ready(Parameters),
    Choosing(Parameters, Box<ChooseRecipient>),
    /// The parameters outside the request object.
    AwaitingRequestObject(Parameters, Box<PendingRequestObject>),
    Pushing(Box<Call<PushedAuthorizationRequest>>),
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
            hosted: None,
            state: State::Ready(parameters),
        }
    }

    /// Packs the parameters into a signed request object.
    #[must_use]
    pub fn request_object(mut self, request_object: RequestObject) -> Self {
        self.request_object = Some(request_object);
        self
    }

    /// Sends the parameters to the server first. The browser then brings only a reference to them.
    #[must_use]
    pub const fn pushed(mut self) -> Self {
        self.pushed = true;
        self
    }

    /// Puts the URL of the request object into the URL for the browser, in place of the object.
    pub(super) fn hosted_at(mut self, request_uri: RequestUri) -> Self {
        self.hosted = Some(Hosted {
            request_uri,
            request_object: None,
        });
        self
    }

    /// The request object for the application to host, once the URL is made.
    pub(super) fn into_hosted(self) -> Option<Secret> {
        self.hosted?.request_object
    }

    fn begin(&mut self, env: &mut Env<'_>, mut parameters: Parameters) -> Step {
        complete(&self.configuration, &mut parameters);
        let form = Form {
            signed: self.request_object.is_some(),
            pushed: self.pushed,
        };
        check_request(&self.configuration, &parameters, form)?;
        let by_reference = parameters.contains("request_uri");
        let signed = self.request_object.is_some() || parameters.contains("request");
        require_form(
            &self.configuration,
            signed || by_reference,
            self.pushed || by_reference,
        )?;
        // RFC 9126 section 3 makes `request` part of every endpoint for pushed requests. The
        // support for a hosted request object was checked with its URL.
        if !self.pushed && self.hosted.is_none() {
            require_support(&self.configuration, signed, by_reference)?;
        }
        let Some(_) = &self.request_object else {
            return self.go_on(env, parameters);
        };
        let Some((alg, enc)) = registered_encryption(self.configuration.client())? else {
            return self.go_on(env, parameters);
        };
        if self.pushed {
            self.configuration
                .endpoint(EndpointName::PushedAuthorization)?;
        }
        let choice = ChooseRecipient::new(self.configuration.clone(), alg, enc);
        self.choose(env, parameters, choice, Event::Begin)
    }

    /// Chooses the key to encrypt to, then signs the request.
    fn choose(
        &mut self,
        env: &mut Env<'_>,
        parameters: Parameters,
        mut choice: ChooseRecipient,
        event: Event,
    ) -> Step {
        match choice.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Choosing(parameters, Box::new(choice));
                Ok(action)
            }
            Err(recipient) => {
                let request_object = self.request_object.take();
                self.request_object =
                    request_object.map(|request_object| request_object.encrypted_for(recipient));
                self.go_on(env, parameters)
            }
        }
    }

    /// Signs the request and pushes it, each only if the caller asked for it.
    fn go_on(&mut self, env: &mut Env<'_>, parameters: Parameters) -> Step {
        if self.pushed {
            let call = Call::new(PushedAuthorizationRequest {
                configuration: self.configuration.clone(),
                parameters,
                request_object: self.request_object.clone(),
            });
            return self.await_reference(env, call, Event::Begin);
        }
        let Some(request_object) = &self.request_object else {
            return url_of(&self.configuration, parameters).map(Action::Done);
        };
        let signed = request_object.of_authorization(&self.configuration);
        let pending = signed.prepare(env, &parameters)?;
        Ok(self.use_key(signed.outside(&parameters, &pending), pending))
    }

    fn use_key(&mut self, parameters: Parameters, pending: PendingRequestObject) -> Action<Url> {
        let job = pending.job();
        self.state = State::AwaitingRequestObject(parameters, Box::new(pending));
        Action::UseKey(job)
    }

    fn await_reference(
        &mut self,
        env: &mut Env<'_>,
        mut call: Call<PushedAuthorizationRequest>,
        event: Event,
    ) -> Step {
        match call.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Pushing(Box::new(call));
                Ok(action)
            }
            Err(response) => {
                // The reference and the client that it belongs to, and no other parameter (RFC 9126
                // section 4).
                let client_id = self.configuration.client().client_id.as_str();
                let reference = [
                    ("client_id", client_id),
                    ("request_uri", response.request_uri()),
                ];
                let parameters = Parameters::from_iter(reference);
                url_of(&self.configuration, parameters).map(Action::Done)
            }
        }
    }
}

impl Operation for BuildAuthorizationUrl {
    type Output = Url;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(parameters), Event::Begin) => self.begin(env, parameters),
            (State::Choosing(parameters, choice), event) => {
                self.choose(env, parameters, *choice, event)
            }
            (State::AwaitingRequestObject(mut parameters, pending), Event::KeyUsed(result)) => {
                match pending.proceed(result)? {
                    Progress::Pending(pending) => Ok(self.use_key(parameters, pending)),
                    Progress::Made(request_object) => {
                        match &mut self.hosted {
                            None => parameters.set("request", request_object),
                            Some(hosted) => {
                                let request_uri = hosted.request_uri.of(&request_object);
                                parameters.set("request_uri", request_uri);
                                hosted.request_object = Some(Secret::new(request_object));
                            }
                        }
                        url_of(&self.configuration, parameters).map(Action::Done)
                    }
                }
            }
            (State::AwaitingRequestObject(..), Event::KeyUnavailable(fault)) => Err(fault.into()),
            (State::Pushing(call), event) => self.await_reference(env, *call, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (state, event) => Err(event.refused(match state {
                State::Ready(_) => "Begin",
                _ => "KeyUsed or KeyUnavailable",
            })),
        }
    }
}

type Step = Result<Action<Url>, Error>;
