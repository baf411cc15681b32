//! The first half of a login (RFC 6749 section 4.1.1).
//!
//! ```text
//! Ready ──▶ Building, the URL ──▶ Finished
//! ```

use std::mem;

use url::Url;

use crate::authorization::{AuthorizationRequest, PendingLogin};
use crate::env::Env;
use crate::error::{Error, Misuse};
use crate::flow::BuildAuthorizationUrl;
use crate::operation::{Action, Event, Operation};
use crate::profile::Profile;

/// Begins a login: returns the URL to send the browser to, and the [`PendingLogin`] to keep until
/// the browser comes back.
///
/// Uses no key and sends nothing, unless the request is signed or pushed; see
/// [`BuildAuthorizationUrl`].
///
/// # Errors
///
/// [`Error::Misuse`] when a setting of the request cannot be sent, or when the server requires a
/// request object or a pushed request that was not asked for; otherwise those of
/// [`BuildAuthorizationUrl`].
#[derive(Debug)]
pub struct MakeAuthorizationRequest {
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(Box<AuthorizationRequest>),
    Building(Box<BuildAuthorizationUrl>, Box<PendingLogin>),
    Finished,
}

impl AuthorizationRequest {
    /// The operation that makes the URL for the browser and the login to remember.
    pub fn begin(self) -> MakeAuthorizationRequest {
        MakeAuthorizationRequest {
            state: State::Ready(Box::new(self)),
        }
    }
}

impl MakeAuthorizationRequest {
    fn begin(
        &mut self,
        env: &mut Env<'_>,
        request: AuthorizationRequest,
    ) -> Result<Action<(Url, PendingLogin)>, Error> {
        let (parameters, pending) = request.complete(env)?;
        let profile = request.configuration.profile();
        let pushed = request.pushed || profile.is_some_and(Profile::pushes);
        let mut url = BuildAuthorizationUrl::new(request.configuration, parameters);
        if let Some(request_object) = request.request_object {
            url = url.request_object(request_object);
        }
        if pushed {
            url = url.pushed();
        }
        self.build(env, Box::new(url), Box::new(pending), Event::Begin)
    }

    fn build(
        &mut self,
        env: &mut Env<'_>,
        mut url: Box<BuildAuthorizationUrl>,
        pending: Box<PendingLogin>,
        event: Event,
    ) -> Result<Action<(Url, PendingLogin)>, Error> {
        match url.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Building(url, pending);
                Ok(action)
            }
            Err(url) => Ok(Action::Done((url, *pending))),
        }
    }
}

impl Operation for MakeAuthorizationRequest {
    type Output = (Url, PendingLogin);

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<Self::Output>, Error> {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(request), Event::Begin) => self.begin(env, *request),
            (State::Building(url, pending), event) => self.build(env, url, pending, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready(_), event) => Err(event.refused("Begin")),
        }
    }
}
