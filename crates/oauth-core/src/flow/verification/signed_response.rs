//! A question whose answer may be signed.
//!
//! ```text
//! Requesting ──▶ (Verifying, when a JWT came) ──▶ Finished
//! ```

use std::mem;

use crate::endpoint::{Endpoint, Unverified};
use crate::env::Env;
use crate::error::{Error, Misuse};
use crate::flow::Call;
use crate::flow::verification::keyed::{Keyed, Kind};
use crate::operation::{Action, Event, Operation};

/// Asks `E`, and verifies the answer as `K` when it is a JWT.
#[derive(Debug)]
pub(crate) struct SignedResponse<E, K>(State<E, K>);

#[derive(Debug)]
enum State<E, K> {
    Requesting(Box<(Call<E>, K)>),
    Verifying(Box<Keyed<K>>),
    Finished,
}

impl<E, K> SignedResponse<E, K>
where
    E: Endpoint<Output = Unverified<K::Output>>,
    K: Kind,
{
    pub(crate) fn new(endpoint: E, kind: K) -> Self {
        Self(State::Requesting(Box::new((Call::new(endpoint), kind))))
    }

    pub(crate) fn step(
        &mut self,
        env: &mut Env<'_>,
        event: Event,
    ) -> Result<Action<K::Output>, Error> {
        match mem::replace(&mut self.0, State::Finished) {
            State::Requesting(request) => self.request(env, request, event),
            State::Verifying(verification) => self.verify(env, verification, event),
            State::Finished => Err(Misuse::Finished.into()),
        }
    }

    fn request(
        &mut self,
        env: &mut Env<'_>,
        mut request: Box<(Call<E>, K)>,
        event: Event,
    ) -> Result<Action<K::Output>, Error> {
        match request.0.step(env, event)?.or_done() {
            Ok(action) => {
                self.0 = State::Requesting(request);
                Ok(action)
            }
            Err(Unverified::Json(response)) => Ok(Action::Done(*response)),
            Err(Unverified::Jwt(jwt)) => {
                let verification = Keyed::new(request.1, jwt);
                self.verify(env, Box::new(verification), Event::Begin)
            }
        }
    }

    fn verify(
        &mut self,
        env: &mut Env<'_>,
        mut verification: Box<Keyed<K>>,
        event: Event,
    ) -> Result<Action<K::Output>, Error> {
        let action = verification.step(env, event)?;
        if !matches!(action, Action::Done(_)) {
            self.0 = State::Verifying(verification);
        }
        Ok(action)
    }
}
