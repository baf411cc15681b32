//! One request to one endpoint.
//!
//! ```text
//! Ready ──▶ AwaitingRequestObject ──▶ AwaitingAssertion ──▶ AwaitingProof ──▶ AwaitingResponse ──▶ Finished
//!            (a signed request)        (private_key_jwt)      (DPoP)             │
//!                ▲                                                               │ a proof needs another nonce
//!                │                                                               │ or challenge, or a GET met a
//!                └───────────────────────────────────────────────────────────────┘ closed connection, once each
//! ```

use std::mem;

use bytes::Bytes;
use http::{Method, Response};

use crate::client_auth::{
    ClientAuthentication, PendingAssertion, demands_another_challenge, form_of, remember_challenge,
};
use crate::configuration::Configuration;
use crate::dpop::{PendingProof, demands_another_nonce, remember_nonce};
use crate::endpoint::Endpoint;
use crate::env::Env;
use crate::error::{Error, Misuse, NoAnswer};
use crate::flow::explained::explained;
use crate::operation::{Action, Event, Operation};
use crate::outbound::{Outbound, RequestBody, ResponseBody};
use crate::request_object::{PendingRequestObject, Progress, SignedRequest};
use crate::wire::{Confidential, Draft, DraftBody, Presented};

/// Calls an endpoint: request object, client authentication, DPoP proof, request, response.
///
/// Sends one request. It sends another when the request carries a DPoP proof and the server asks
/// for another nonce, and another when it carries a client attestation and the server asks for
/// another challenge. It sends another when a GET without a body meets a connection that the server
/// has closed ([`NoAnswer::ClosedUnanswered`]): such a request changes nothing (RFC 9110 section
/// 9.2.2), while one that spends a code or a refresh token is never sent again. So a GET, or a
/// request with an attestation, is sent three times at most, and every other request two times.
///
/// Uses at most four keys for each request: two for a request object, which is signed and may be
/// encrypted, one for a client assertion, and one for the proof. All of them are made again for
/// each request.
#[derive(Debug)]
pub struct Call<E> {
    pub(super) endpoint: E,
    /// Whether the server has already asked for a nonce.
    retried: bool,
    /// Whether the server has already asked for a challenge.
    challenged: bool,
    /// The challenge in the last proof of a client attestation.
    challenge: Option<String>,
    /// Whether the request was sent again after a closed connection.
    resent: bool,
    /// How many requests may still be sent.
    sends_left: u8,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    AwaitingRequestObject(Box<(Draft, PendingRequestObject)>),
    AwaitingAssertion(Box<(Draft, PendingAssertion)>),
    AwaitingProof(Box<(Draft, PendingProof)>),
    AwaitingResponse(Sent),
    Finished,
}

/// The parts of a request that its response is judged with.
#[derive(Debug)]
struct Sent {
    /// Where the request carries a proof.
    origin: Option<String>,
    nonce: Option<String>,
    /// Whether its body can be sent again.
    repeatable: bool,
    /// Whether it changes nothing at the server and has no body.
    is_safe: bool,
    request: Presented,
}

impl<E: Endpoint> Call<E> {
    /// A call that has not begun.
    pub const fn new(endpoint: E) -> Self {
        Self {
            endpoint,
            retried: false,
            challenged: false,
            challenge: None,
            resent: false,
            sends_left: MOST_SENDS,
            state: State::Ready,
        }
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
        if requests < self.sends_left {
            self.sends_left = requests;
        }
        self
    }

    /// The first step of an attempt.
    fn attempt(&mut self, env: &Env<'_>) -> Step<E> {
        let mut draft = self.endpoint.request()?;
        let Some(signed) = self.endpoint.signed_request() else {
            return self.authenticate(env, draft);
        };
        let pending = signed.prepare(env, form_of(&mut draft)?)?;
        Ok(self.make(draft, pending))
    }

    fn make(&mut self, draft: Draft, pending: PendingRequestObject) -> Action<E::Output> {
        let job = pending.job();
        self.state = State::AwaitingRequestObject(Box::new((draft, pending)));
        Action::UseKey(job)
    }

    fn authenticate(&mut self, env: &Env<'_>, mut draft: Draft) -> Step<E> {
        self.challenge = self
            .attested()
            .and_then(|configuration| env.cache.attestation_challenge(issuer(configuration)));
        let assertion = match self.endpoint.authenticated() {
            None => None,
            Some(configuration) => configuration.authenticate(env, &mut draft)?,
        };
        let Some(assertion) = assertion else {
            return self.prove(env, draft);
        };
        let job = assertion.job();
        self.state = State::AwaitingAssertion(Box::new((draft, assertion)));
        Ok(Action::UseKey(job))
    }

    fn prove(&mut self, env: &Env<'_>, draft: Draft) -> Step<E> {
        let Some(possession) = self.endpoint.proof() else {
            return self.send(draft, None);
        };
        let proof = possession.prepare(self.endpoint.policy(), env, &draft)?;
        let job = proof.job();
        self.state = State::AwaitingProof(Box::new((draft, proof)));
        Ok(Action::UseKey(job))
    }

    fn send(&mut self, mut draft: Draft, nonce: Option<String>) -> Step<E> {
        let is_safe = draft.method == Method::GET && matches!(draft.body, DraftBody::Empty);
        let (body, repeatable) = match draft.body {
            DraftBody::Callers { repeatable } => (RequestBody::Callers, repeatable),
            DraftBody::Empty | DraftBody::Form(_) | DraftBody::Bytes(_) => {
                (RequestBody::Inline, true)
            }
        };
        let proves = self.endpoint.proof().is_some();
        let origin = proves.then(|| draft.url.origin().ascii_serialization());
        let policy = self.endpoint.policy();
        draft.url = policy.mapped(E::NAME, draft.url);
        let configuration = self.endpoint.prepared_by();
        let target = configuration.and_then(|it| it.target(E::NAME, &draft.url));
        let request = draft.into_request_to(target, E::NAME)?;
        let sent = Sent {
            origin,
            nonce,
            repeatable,
            is_safe,
            request: Presented::by(&request),
        };
        let mut outbound = Outbound::new(request, E::NAME, policy.timeout(), policy.body_cap());
        outbound.body = body;
        outbound.client_certificate = self.endpoint.client_certificate();
        outbound.response = self.endpoint.response_body();
        self.sends_left = self.sends_left.saturating_sub(1);
        self.state = State::AwaitingResponse(sent);
        Ok(Action::Send(Box::new(outbound)))
    }

    /// The client and the server, where the request carries a client attestation.
    fn attested(&self) -> Option<&Configuration> {
        let configuration = self.endpoint.authenticated()?;
        let method = configuration.authentication();
        matches!(method, ClientAuthentication::ClientAttestation(_)).then_some(configuration)
    }

    fn judge(&mut self, env: &Env<'_>, sent: &Sent, response: &Response<Bytes>) -> Step<E> {
        // Kept before the demand for a nonce ends this attempt.
        let challenge = self.attested().and_then(|configuration| {
            remember_challenge(env.cache, issuer(configuration), response.headers())
        });
        if let (Some(possession), Some(origin)) = (self.endpoint.proof(), &sent.origin) {
            let role = possession.role;
            let nonce = remember_nonce(env.cache, role, origin, response.headers());
            if !self.retried
                && self.sends_left > 0
                && nonce.is_some()
                && nonce != sent.nonce
                && demands_another_nonce(role, response)
            {
                if !sent.repeatable {
                    return Err(Misuse::BodySpent.into());
                }
                self.retried = true;
                return self.attempt(env);
            }
        }
        if !self.challenged
            && self.sends_left > 0
            && challenge.is_some()
            && challenge != self.challenge
            && demands_another_challenge(response)
        {
            self.challenged = true;
            return self.attempt(env);
        }
        match self.endpoint.response(env.now, response) {
            Ok(output) => Ok(Action::Done(output)),
            Err(error) => {
                let authenticated = self.endpoint.authenticated();
                Err(explained(
                    error,
                    response,
                    &Confidential::of(&sent.request),
                    authenticated,
                ))
            }
        }
    }
}

impl<E: Endpoint> Operation for Call<E> {
    type Output = E::Output;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step<E> {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready, Event::Begin) => self.attempt(env),
            (State::AwaitingRequestObject(waiting), Event::KeyUsed(result)) => {
                let (mut draft, pending) = *waiting;
                match pending.proceed(result)? {
                    Progress::Pending(pending) => Ok(self.make(draft, pending)),
                    Progress::Made(request_object) => {
                        SignedRequest::replace(form_of(&mut draft)?, &request_object);
                        self.authenticate(env, draft)
                    }
                }
            }
            (State::AwaitingAssertion(waiting), Event::KeyUsed(result)) => {
                let (mut draft, assertion) = *waiting;
                assertion.complete(result, &mut draft)?;
                self.prove(env, draft)
            }
            (State::AwaitingProof(waiting), Event::KeyUsed(result)) => {
                let (mut draft, proof) = *waiting;
                let nonce = proof.complete(result, &mut draft)?;
                self.send(draft, nonce)
            }
            (
                State::AwaitingRequestObject(_)
                | State::AwaitingAssertion(_)
                | State::AwaitingProof(_),
                Event::KeyUnavailable(fault),
            ) => Err(fault.into()),
            (State::AwaitingResponse(sent), Event::Received(response)) => {
                let response = match self.endpoint.response_body() {
                    ResponseBody::Buffered { .. } => {
                        self.endpoint.policy().repaired(E::NAME, response)
                    }
                    ResponseBody::Streamed => response,
                };
                self.judge(env, &sent, &response)
            }
            (State::AwaitingResponse(sent), Event::Unanswered(unanswered)) => {
                let is_closed = unanswered.reason == NoAnswer::ClosedUnanswered;
                if is_closed && sent.is_safe && !self.resent && self.sends_left > 0 {
                    self.resent = true;
                    return self.attempt(env);
                }
                Err(unanswered.into())
            }
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (state, event) => Err(event.refused(state.awaits())),
        }
    }
}

impl State {
    const fn awaits(&self) -> &'static str {
        match self {
            Self::Ready => "Begin",
            Self::AwaitingRequestObject(_)
            | Self::AwaitingAssertion(_)
            | Self::AwaitingProof(_) => "KeyUsed or KeyUnavailable",
            Self::AwaitingResponse(_) => "Received or Unanswered",
            Self::Finished => "nothing",
        }
    }
}

fn issuer(configuration: &Configuration) -> &str {
    &configuration.server().issuer
}

type Step<E> = Result<Action<<E as Endpoint>::Output>, Error>;

/// The first, one with another nonce, and one with another challenge or after a closed connection.
const MOST_SENDS: u8 = 3;

#[cfg(test)]
mod tests;
