//! A request whose response may be signed.
//!
//! ```text
//! Requesting ──▶ (Verifying, when a JWT came) ──▶ Finished
//! ```

use crate::endpoint::{Endpoint, JsonOrJwt};
use crate::env::Env;
use crate::error::Error;
use crate::flow::Call;
use crate::flow::verification::keyed::{JwtKind, Keyed};
use crate::operation::{Action, Event, Operation};

/// Asks `E`, and verifies the answer as `K` when it is a JWT.
#[derive(Debug)]
pub(crate) struct SignedResponse<E, K> {
    call: Call<E>,
    verification: Option<Box<Keyed<K>>>,
}

impl<E, K> SignedResponse<E, K>
where
    E: Endpoint<Output = JsonOrJwt<K::Output>>,
    K: JwtKind + for<'e> From<&'e E>,
{
    pub(crate) const fn new(endpoint: E) -> Self {
        Self {
            call: Call::new(endpoint),
            verification: None,
        }
    }

    pub(crate) fn step(
        &mut self,
        env: &mut Env<'_>,
        event: Event,
    ) -> Result<Action<K::Output>, Error> {
        if let Some(verification) = &mut self.verification {
            return verification.step(env, event);
        }
        match self.call.step(env, event)?.or_done() {
            Ok(action) => Ok(action),
            Err(JsonOrJwt::Json(response)) => Ok(Action::Done(*response)),
            Err(JsonOrJwt::Jwt(jwt)) => {
                let verification = Keyed::new(K::from(&self.call.endpoint), jwt);
                let verification = self.verification.insert(Box::new(verification));
                verification.step(env, Event::Begin)
            }
        }
    }
}

#[cfg(test)]
pub(in crate::flow) mod tests;
