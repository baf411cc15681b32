//! One request for a key set, shared with whoever else waits for the same one.

use std::sync::Arc;

use jose::JwkSet;

use crate::cache::KeyFlight;
use crate::configuration::Configuration;
use crate::endpoint::Endpoint;
use crate::endpoint::Jwks;
use crate::env::Env;
use crate::error::Error;
use crate::error::Misuse;
use crate::operation::Event;
use crate::outbound::Outbound;

/// A flight with its request.
#[derive(Debug)]
pub(super) struct KeyFetch {
    endpoint: Jwks,
    flight: KeyFlight,
}

impl KeyFetch {
    pub(super) const fn new(configuration: Configuration, flight: KeyFlight) -> Self {
        Self {
            endpoint: Jwks::new(configuration),
            flight,
        }
    }

    /// The request; the machine then awaits what [`finish`](Self::finish) takes.
    pub(super) fn request(&self) -> Result<Box<Outbound>, Error> {
        let request = self.endpoint.request()?.into_request(Jwks::NAME)?;
        let mut outbound = Outbound::new(request, Jwks::NAME, self.endpoint.policy());
        outbound.flight = Some(self.flight.mark());
        Ok(Box::new(outbound))
    }

    /// The keys, or why there are none; the flight is over in any case.
    pub(super) fn finish(self, env: &Env<'_>, event: Event) -> Result<Arc<JwkSet>, Error> {
        let error = match event {
            Event::Received(response) => {
                return env.cache.complete_flight(&self.flight, env.elapsed, || {
                    let response = self.endpoint.policy().repaired(Jwks::NAME, response);
                    self.endpoint.response(env.now, &response)
                });
            }
            Event::Unanswered(unanswered) => {
                env.cache.release_flight(&self.flight, env.elapsed);
                unanswered.into()
            }
            Event::Aborted => Error::Aborted,
            event => Misuse::UnexpectedEvent {
                expected: "Received or Unanswered",
                found: event.name(),
            }
            .into(),
        };
        Err(error)
    }
}
