//! One request to one endpoint.
//!
//! ```text
//! Ready ──▶ (AwaitingSignature, for private_key_jwt) ──▶ AwaitingResponse ──▶ Finished
//! ```

use std::mem;

use crate::client_auth::PendingAssertion;
use crate::endpoint::Endpoint;
use crate::env::Env;
use crate::error::Error;
use crate::error::Misuse;
use crate::operation::Action;
use crate::operation::Event;
use crate::operation::Operation;
use crate::outbound::Outbound;
use crate::outbound::ResponseBody;
use crate::wire::Draft;

/// Calls an endpoint once: client authentication, request, response.
///
/// Sends at most one request and uses at most one key.
#[derive(Debug)]
pub struct Call<E> {
    endpoint: E,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    AwaitingSignature(Box<(Draft, PendingAssertion)>),
    AwaitingResponse,
    Finished,
}

impl<E: Endpoint> Call<E> {
    /// A call that has not begun.
    pub const fn new(endpoint: E) -> Self {
        Self {
            endpoint,
            state: State::Ready,
        }
    }

    fn send(&mut self, draft: Draft) -> Result<Action<E::Output>, Error> {
        let policy = self.endpoint.policy();
        let outbound = Outbound {
            request: draft.into_request(E::NAME)?,
            endpoint: E::NAME,
            response: ResponseBody::Buffered {
                cap: policy.body_cap(),
            },
            deadline: policy.timeout(),
            flight: None,
        };
        self.state = State::AwaitingResponse;
        Ok(Action::Send(Box::new(outbound)))
    }
}

impl<E: Endpoint> Operation for Call<E> {
    type Output = E::Output;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<E::Output>, Error> {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready, Event::Begin) => {
                let mut draft = self.endpoint.request()?;
                let Some(configuration) = self.endpoint.authenticated() else {
                    return self.send(draft);
                };
                match configuration
                    .authentication()
                    .prepare(configuration, env, &mut draft)?
                {
                    None => self.send(draft),
                    Some(assertion) => {
                        let job = assertion.job();
                        self.state = State::AwaitingSignature(Box::new((draft, assertion)));
                        Ok(Action::UseKey(job))
                    }
                }
            }
            (State::AwaitingSignature(waiting), Event::KeyUsed(result)) => {
                let (mut draft, assertion) = *waiting;
                assertion.complete(result, &mut draft)?;
                self.send(draft)
            }
            (State::AwaitingSignature(_), Event::KeyUnavailable(fault)) => Err(fault.into()),
            (State::AwaitingResponse, Event::Received(response)) => {
                self.endpoint.response(env.now, &response).map(Action::Done)
            }
            (State::AwaitingResponse, Event::Unanswered(unanswered)) => Err(unanswered.into()),
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (_, Event::Aborted) => Err(Error::Aborted),
            (state, event) => Err(Misuse::UnexpectedEvent {
                expected: state.awaits(),
                found: event.name(),
            }
            .into()),
        }
    }
}

impl State {
    const fn awaits(&self) -> &'static str {
        match self {
            Self::Ready => "Begin",
            Self::AwaitingSignature(_) => "KeyUsed or KeyUnavailable",
            Self::AwaitingResponse => "Received or Unanswered",
            Self::Finished => "nothing",
        }
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
