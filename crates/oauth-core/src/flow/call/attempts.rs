//! The requests of a call, and the keys that each needs, for an endpoint of any type.

use std::convert::Infallible;
use std::mem;

use bytes::Bytes;
use http::{Method, Response};

use crate::client_auth::{
    ClientAuthentication, PendingAssertion, demands_another_challenge, form_of, remember_challenge,
};
use crate::configuration::Configuration;
use crate::dpop::{PendingProof, ProofOfPossession, demands_another_nonce, remember_nonce};
use crate::endpoint::Endpoint;
use crate::env::Env;
use crate::error::{Error, Misuse, NoAnswer};
use crate::names::EndpointName;
use crate::operation::{Action, Event};
use crate::outbound::{Outbound, RequestBody, ResponseBody};
use crate::policy::Policy;
use crate::request_object::{PendingRequestObject, Progress, SignedRequest};
use crate::wire::{Draft, DraftBody, Presented};

/// An endpoint without the type of its result. What is below is compiled once, not for each
/// endpoint.
pub(super) struct Asked<'e> {
    name: EndpointName,
    draft: &'e dyn Fn() -> Result<Draft, Error>,
    policy: &'e Policy,
    authenticated: Option<&'e Configuration>,
    prepared_by: Option<&'e Configuration>,
    signed_request: Option<SignedRequest<'e>>,
    proof: Option<ProofOfPossession<'e>>,
    client_certificate: bool,
    response_body: ResponseBody,
}

impl<'e> Asked<'e> {
    /// What `endpoint` says; `draft` builds its request.
    pub(super) fn of<E: Endpoint>(
        endpoint: &'e E,
        draft: &'e dyn Fn() -> Result<Draft, Error>,
    ) -> Self {
        Self {
            name: E::NAME,
            draft,
            policy: endpoint.policy(),
            authenticated: endpoint.authenticated(),
            prepared_by: endpoint.prepared_by(),
            signed_request: endpoint.signed_request(),
            proof: endpoint.proof(),
            client_certificate: endpoint.client_certificate(),
            response_body: endpoint.response_body(),
        }
    }

    /// The client and the server, where the request carries a client attestation.
    fn attested(&self) -> Option<&'e Configuration> {
        let configuration = self.authenticated?;
        let method = configuration.authentication();
        matches!(method, ClientAuthentication::ClientAttestation(_)).then_some(configuration)
    }
}

/// How far a call is.
#[derive(Debug)]
pub(super) struct Attempts {
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

/// What follows from an event.
pub(super) enum Followed {
    /// An action.
    By(Action<Infallible>),
    /// The end: the response to this request is for the endpoint.
    Answered(Presented, Response<Bytes>),
}

impl Attempts {
    /// None so far.
    pub(super) const fn none() -> Self {
        Self {
            retried: false,
            challenged: false,
            challenge: None,
            resent: false,
            sends_left: MOST_SENDS,
            state: State::Ready,
        }
    }

    /// Allows this many requests at most; at least one.
    pub(super) const fn limit(&mut self, requests: u8) {
        if requests < self.sends_left {
            self.sends_left = requests;
        }
    }

    /// Takes the event that happened.
    pub(super) fn step(&mut self, asked: &Asked<'_>, env: &Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready, Event::Begin) => self.attempt(asked, env),
            (State::AwaitingRequestObject(waiting), Event::KeyUsed(result)) => {
                let (mut draft, pending) = *waiting;
                match pending.proceed(result)? {
                    Progress::Pending(pending) => Ok(self.make(draft, pending)),
                    Progress::Made(request_object) => {
                        SignedRequest::replace(form_of(&mut draft)?, &request_object);
                        self.authenticate(asked, env, draft)
                    }
                }
            }
            (State::AwaitingAssertion(waiting), Event::KeyUsed(result)) => {
                let (mut draft, assertion) = *waiting;
                assertion.complete(result, &mut draft)?;
                self.prove(asked, env, draft)
            }
            (State::AwaitingProof(waiting), Event::KeyUsed(result)) => {
                let (mut draft, proof) = *waiting;
                let nonce = proof.complete(result, &mut draft)?;
                self.send(asked, draft, nonce)
            }
            (
                State::AwaitingRequestObject(_)
                | State::AwaitingAssertion(_)
                | State::AwaitingProof(_),
                Event::KeyUnavailable(fault),
            ) => Err(fault.into()),
            (State::AwaitingResponse(sent), Event::Received(response)) => {
                let response = match asked.response_body {
                    ResponseBody::Buffered { .. } => asked.policy.repaired(asked.name, response),
                    ResponseBody::Streamed => response,
                };
                self.judge(asked, env, sent, response)
            }
            (State::AwaitingResponse(sent), Event::Unanswered(unanswered)) => {
                let is_closed = unanswered.reason == NoAnswer::ClosedUnanswered;
                if is_closed && sent.is_safe && !self.resent && self.sends_left > 0 {
                    self.resent = true;
                    return self.attempt(asked, env);
                }
                Err(unanswered.into())
            }
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (state, event) => Err(event.refused(state.awaits())),
        }
    }

    /// The first step of an attempt.
    fn attempt(&mut self, asked: &Asked<'_>, env: &Env<'_>) -> Step {
        let mut draft = (asked.draft)()?;
        let Some(signed) = asked.signed_request else {
            return self.authenticate(asked, env, draft);
        };
        let pending = signed.prepare(env, form_of(&mut draft)?)?;
        Ok(self.make(draft, pending))
    }

    fn make(&mut self, draft: Draft, pending: PendingRequestObject) -> Followed {
        let job = pending.job();
        self.state = State::AwaitingRequestObject(Box::new((draft, pending)));
        Followed::By(Action::UseKey(job))
    }

    fn authenticate(&mut self, asked: &Asked<'_>, env: &Env<'_>, mut draft: Draft) -> Step {
        self.challenge = asked
            .attested()
            .and_then(|configuration| env.cache.attestation_challenge(issuer(configuration)));
        let assertion = match asked.authenticated {
            None => None,
            Some(configuration) => configuration.authenticate(env, &mut draft)?,
        };
        let Some(assertion) = assertion else {
            return self.prove(asked, env, draft);
        };
        let job = assertion.job();
        self.state = State::AwaitingAssertion(Box::new((draft, assertion)));
        Ok(Followed::By(Action::UseKey(job)))
    }

    fn prove(&mut self, asked: &Asked<'_>, env: &Env<'_>, draft: Draft) -> Step {
        let Some(possession) = asked.proof else {
            return self.send(asked, draft, None);
        };
        let proof = possession.prepare(asked.policy, env, &draft)?;
        let job = proof.job();
        self.state = State::AwaitingProof(Box::new((draft, proof)));
        Ok(Followed::By(Action::UseKey(job)))
    }

    fn send(&mut self, asked: &Asked<'_>, mut draft: Draft, nonce: Option<String>) -> Step {
        let is_safe = draft.method == Method::GET && matches!(draft.body, DraftBody::Empty);
        let (body, repeatable) = match draft.body {
            DraftBody::Callers { repeatable } => (RequestBody::Callers, repeatable),
            DraftBody::Empty | DraftBody::Form(_) | DraftBody::Bytes(_) => {
                (RequestBody::Inline, true)
            }
        };
        let proves = asked.proof.is_some();
        let origin = proves.then(|| draft.url.origin().ascii_serialization());
        let policy = asked.policy;
        draft.url = policy.mapped(asked.name, draft.url);
        let configuration = asked.prepared_by;
        let target = configuration.and_then(|it| it.target(asked.name, &draft.url));
        let request = draft.into_request_to(target, asked.name)?;
        let sent = Sent {
            origin,
            nonce,
            repeatable,
            is_safe,
            request: Presented::by(&request),
        };
        let mut outbound = Outbound::new(request, asked.name, policy.timeout(), policy.body_cap());
        outbound.body = body;
        outbound.client_certificate = asked.client_certificate;
        outbound.response = asked.response_body;
        self.sends_left = self.sends_left.saturating_sub(1);
        self.state = State::AwaitingResponse(sent);
        Ok(Followed::By(Action::Send(Box::new(outbound))))
    }

    fn judge(
        &mut self,
        asked: &Asked<'_>,
        env: &Env<'_>,
        sent: Sent,
        response: Response<Bytes>,
    ) -> Step {
        // Kept before the demand for a nonce ends this attempt.
        let challenge = asked.attested().and_then(|configuration| {
            remember_challenge(env.cache, issuer(configuration), response.headers())
        });
        if let (Some(possession), Some(origin)) = (asked.proof, &sent.origin) {
            let role = possession.role;
            let nonce = remember_nonce(env.cache, role, origin, response.headers());
            if !self.retried
                && self.sends_left > 0
                && nonce.is_some()
                && nonce != sent.nonce
                && demands_another_nonce(role, &response)
            {
                if !sent.repeatable {
                    return Err(Misuse::BodySpent.into());
                }
                self.retried = true;
                return self.attempt(asked, env);
            }
        }
        if !self.challenged
            && self.sends_left > 0
            && challenge.is_some()
            && challenge != self.challenge
            && demands_another_challenge(&response)
        {
            self.challenged = true;
            return self.attempt(asked, env);
        }
        Ok(Followed::Answered(sent.request, response))
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

type Step = Result<Followed, Error>;

/// The first, one with another nonce, and one with another challenge or after a closed connection.
const MOST_SENDS: u8 = 3;
