//! The first half of a login whose request object the application hosts (OpenID Connect Core 1.0
//! section 6.2).
//!
//! ```text
//! Ready ──▶ Building, the request object and the URL ──▶ Finished
//! ```

use std::mem;

use crate::authorization::{AuthorizationRequest, PendingLogin};
use crate::env::Env;
use crate::error::{Error, Misuse};
use crate::flow::BuildAuthorizationUrl;
use crate::operation::{Action, Event, Operation};
use crate::request_object::{HostedRequest, RequestUri};

/// Begins a login whose request object the application hosts: returns the [`HostedRequest`], and
/// the [`PendingLogin`] to keep until the browser comes back.
///
/// Uses one key for the request object, and another one to encrypt it if the client has registered
/// that. To encrypt, it sends one request for the server's keys, unless the cached ones suffice.
///
/// # Errors
///
/// [`Misuse::InvalidArgument`] for a URL at which the server cannot fetch the request object, or
/// which is not among the client's `request_uris` where the server requires that, and for a request
/// that is also to be pushed; [`Misuse::MissingArgument`] without a key for request objects, or
/// when the server requires pushed requests; [`Error::Unsupported`] when the server says that it
/// does not support `request_uri`; otherwise those of [`BuildAuthorizationUrl`].
#[derive(Debug)]
pub struct HostAuthorizationRequest {
    state: State,
}

#[derive(Debug)]
enum State {
    /// The request, and the URL of its request object.
    Ready(Box<AuthorizationRequest>, String),
    Building(Box<BuildAuthorizationUrl>, Box<PendingLogin>),
    Finished,
}

impl AuthorizationRequest {
    /// The operation that makes the request object to host at `request_uri`, the URL for the
    /// browser, and the login to remember.
    ///
    /// `request_uri` is an https URL of at most 468 characters without fragment. Choose a new,
    /// unguessable one for each login, for example with [`random_state`] in its path (RFC 9101
    /// section 5.2.1), and stop answering it when the login has ended. If the server requires
    /// registered URLs, use one of `request_uris`: its content changes with each login.
    ///
    /// [`random_state`]: crate::authorization::random_state
    pub fn host_at(self, request_uri: impl Into<String>) -> HostAuthorizationRequest {
        HostAuthorizationRequest {
            state: State::Ready(Box::new(self), request_uri.into()),
        }
    }
}

impl HostAuthorizationRequest {
    fn begin(&mut self, env: &mut Env<'_>, request: AuthorizationRequest, uri: &str) -> Step {
        if request.pushed {
            return Err(Misuse::InvalidArgument {
                argument: "pushed",
                expected: "absent for a request object that the application hosts",
                found: "a pushed request".to_owned(),
            }
            .into());
        }
        let request_uri = RequestUri::new(&request.configuration, uri)?;
        let request_object = request.request_object.clone();
        let request_object = request_object.ok_or(Misuse::MissingArgument {
            argument: "request_object",
            purpose: "a request object that the application hosts",
        })?;
        let (parameters, pending) = request.complete(env)?;
        let url = BuildAuthorizationUrl::new(request.configuration, parameters)
            .request_object(request_object)
            .hosted_at(request_uri);
        self.build(env, Box::new(url), Box::new(pending), Event::Begin)
    }

    fn build(
        &mut self,
        env: &mut Env<'_>,
        mut building: Box<BuildAuthorizationUrl>,
        pending: Box<PendingLogin>,
        event: Event,
    ) -> Step {
        match building.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Building(building, pending);
                Ok(action)
            }
            Err(url) => {
                let request_object = building.into_hosted().ok_or(Misuse::Finished)?;
                let hosted = HostedRequest {
                    url,
                    request_object,
                };
                Ok(Action::Done((hosted, *pending)))
            }
        }
    }
}

impl Operation for HostAuthorizationRequest {
    type Output = (HostedRequest, PendingLogin);

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(request, uri), Event::Begin) => self.begin(env, *request, &uri),
            (State::Building(building, pending), event) => {
                self.build(env, building, pending, event)
            }
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready(..), event) => Err(event.refused("Begin")),
        }
    }
}

type Step = Result<Action<(HostedRequest, PendingLogin)>, Error>;
