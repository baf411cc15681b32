//! One request to one endpoint.
//!
//! ```text
//! Ready ──▶ AwaitingRequestObject ──▶ AwaitingAssertion ──▶ AwaitingProof ──▶ AwaitingResponse ──▶ Finished
//!            (a signed request)        (private_key_jwt)      (DPoP)             │
//!                ▲                                                               │ a proof needs another nonce
//!                │                                                               │ or challenge, or a GET met a
//!                └───────────────────────────────────────────────────────────────┘ closed connection, once each
//! ```

mod attempts;

use std::convert::Infallible;

use crate::endpoint::Endpoint;
use crate::env::Env;
use crate::error::Error;
use crate::flow::call::attempts::{Asked, Attempts, Followed};
use crate::flow::explained::explained;
use crate::operation::{Action, Event, Operation};
use crate::wire::Confidential;

/// Calls an endpoint: request object, client authentication, DPoP proof, request, response.
///
/// Sends one request. It sends another when the request carries a DPoP proof and the server asks
/// for another nonce, and another when it carries a client attestation and the server asks for
/// another challenge. It sends another when a GET without a body meets a connection that the server
/// has closed ([`ClosedUnanswered`](crate::error::NoAnswer::ClosedUnanswered)): such a request
/// changes nothing (RFC 9110 section 9.2.2), while one that spends a code or a refresh token is
/// never sent again. So a GET, or a request with an attestation, is sent three times at most, and
/// every other request two times.
///
/// Uses at most four keys for each request: two for a request object, which is signed and may be
/// encrypted, one for a client assertion, and one for the proof. All of them are made again for
/// each request.
#[derive(Debug)]
pub struct Call<E> {
    pub(super) endpoint: E,
    attempts: Attempts,
}

impl<E: Endpoint> Call<E> {
    /// A call that has not begun.
    pub const fn new(endpoint: E) -> Self {
        let attempts = Attempts::none();
        Self { endpoint, attempts }
    }

    /// The same call, which sends one request at most. A demand for another nonce, which is
    /// remembered, ends it, and so does a closed connection.
    #[must_use]
    pub const fn once(self) -> Self {
        self.at_most(1)
    }

    /// The same call, which sends this many requests at most; at least one.
    #[must_use]
    pub const fn at_most(mut self, requests: u8) -> Self {
        self.attempts.limit(requests);
        self
    }
}

impl<E: Endpoint> Operation for Call<E> {
    type Output = E::Output;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<E::Output>, Error> {
        let endpoint = &self.endpoint;
        let draft = || endpoint.request();
        let asked = Asked::of(endpoint, &draft);
        let (request, response) = match self.attempts.step(&asked, env, event)? {
            Followed::By(action) => {
                return action.or_done().map_err(|never: Infallible| match never {});
            }
            Followed::Answered(request, response) => (request, response),
        };
        endpoint
            .response(env.now, &response)
            .map(Action::Done)
            .map_err(|error| {
                let confidential = Confidential::of(&request);
                explained(error, &response, &confidential, endpoint.authenticated())
            })
    }
}

#[cfg(test)]
mod tests;
