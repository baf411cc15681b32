use std::mem;

use url::Url;

use super::pending::PendingLogin;
use super::request::AuthorizationRequest;
use crate::env::Env;
use crate::error::Error;
use crate::error::Misuse;
use crate::operation::Action;
use crate::operation::Event;
use crate::operation::Operation;

/// Begins a login: yields the URL to send the browser to, and the [`PendingLogin`] to keep until it
/// comes back.
///
/// Sends no request and uses no key.
///
/// # Errors
///
/// [`Error::Misuse`] when a setting of the request cannot be sent, [`Error::Metadata`] when the
/// server metadata lacks a usable `authorization_endpoint`, and [`Error::Entropy`] when the source
/// of randomness fails.
#[derive(Debug)]
pub struct BeginLogin {
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(AuthorizationRequest),
    Finished,
}

impl BeginLogin {
    pub(super) const fn new(request: AuthorizationRequest) -> Self {
        Self {
            state: State::Ready(request),
        }
    }
}

impl Operation for BeginLogin {
    type Output = (Url, PendingLogin);

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<Self::Output>, Error> {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(request), Event::Begin) => request.complete(env).map(Action::Done),
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready(_), Event::Aborted) => Err(Error::Aborted),
            (State::Ready(_), event) => Err(Misuse::UnexpectedEvent {
                expected: "Begin",
                found: event.name(),
            }
            .into()),
        }
    }
}
