//! One document that may be at several places.

use std::collections::VecDeque;

use http::StatusCode;

use crate::endpoint::Endpoint;
use crate::env::Env;
use crate::error::{Error, Reason};
use crate::flow::Call;
use crate::operation::{Action, Event, Operation};

/// Requests a document at one place after another, until one has it. A document that fails a check
/// ends the search: another place must not make up for it.
#[derive(Debug)]
pub(super) struct FirstFound<E> {
    call: Call<E>,
    left: VecDeque<E>,
}

impl<E: Endpoint> FirstFound<E> {
    pub(super) fn new(first: E, others: impl IntoIterator<Item = E>) -> Self {
        Self {
            call: Call::new(first),
            left: others.into_iter().collect(),
        }
    }
}

impl<E: Endpoint> Operation for FirstFound<E> {
    type Output = E::Output;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<E::Output>, Error> {
        match self.call.step(env, event) {
            Err(error) if is_absent(&error) => match self.left.pop_front() {
                Some(endpoint) => {
                    self.call = Call::new(endpoint);
                    self.call.step(env, Event::Begin)
                }
                None => Err(error),
            },
            other => other,
        }
    }
}

/// Whether the server says that the document is not here: by a status 4xx, or by a page that is no
/// JSON, with which some servers answer for every path.
fn is_absent(error: &Error) -> bool {
    let is_client_error =
        |status: StatusCode| status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS;
    match error {
        Error::ResponseBody(error) => is_client_error(error.status),
        Error::WwwAuthenticateChallenge(error) => is_client_error(error.status),
        Error::Rejected(rejection) => match rejection.reason {
            Reason::Status { found, .. } => StatusCode::from_u16(found).is_ok_and(is_client_error),
            Reason::MediaType { .. } => true,
            _ => false,
        },
        _ => false,
    }
}
