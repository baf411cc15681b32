//! A token request and the verification of an ID Token that comes back.
//!
//! ```text
//! Ready ──▶ (Prefetching) ──▶ Requesting ──▶ (Verifying) ──▶ Finished
//!            keys, when an     tokens         an ID Token
//!            ID Token may                     that came
//!            come
//! ```

use std::mem;

use crate::configuration::Configuration;
use crate::endpoint::{Endpoint, TokenResponse};
use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason};
use crate::flow::token::verified::VerifiedTokens;
use crate::flow::{Call, PrefetchKeys, TokenSet};
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::{IdTokenExpectations, NonceExpectation};

/// One token request.
#[derive(Debug)]
pub(crate) struct TokenGrant<E> {
    configuration: Configuration,
    id_token: ExpectedIdToken,
    state: State<E>,
}

/// What is known of the ID Token before the request.
#[derive(Debug, Clone, Default)]
pub(crate) struct ExpectedIdToken {
    pub(crate) presence: Presence,
    /// The nonce that was sent along when the grant began.
    pub(crate) nonce: Option<Secret>,
    /// When the login began, where the person may take their time over it.
    pub(crate) begun_at: Option<UnixTime>,
    /// When the request was made that it answers.
    pub(crate) issued_since: Option<UnixTime>,
}

/// Whether an ID Token comes back. One that comes unexpectedly is verified all the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Presence {
    #[default]
    Unlikely,
    /// `openid` was asked for: keys are fetched before the tokens, or a failure there would lose
    /// them.
    Likely,
    /// The specification demands one.
    Required,
}

impl Presence {
    /// What the `scope` of a request says about it.
    pub(crate) fn of_scope(scope: Option<&str>) -> Self {
        match scope.is_some_and(|scope| scope.split(' ').any(|value| value == "openid")) {
            true => Self::Likely,
            false => Self::Unlikely,
        }
    }
}

#[derive(Debug)]
enum State<E> {
    Ready(E),
    Prefetching(PrefetchKeys, E),
    Requesting(Call<E>),
    Verifying(Box<VerifiedTokens>),
    Finished,
}

impl<E: Endpoint<Output = TokenResponse>> TokenGrant<E> {
    pub(crate) const fn new(
        configuration: Configuration,
        endpoint: E,
        id_token: ExpectedIdToken,
    ) -> Self {
        Self {
            configuration,
            id_token,
            state: State::Ready(endpoint),
        }
    }

    fn begin(&mut self, env: &mut Env<'_>, endpoint: E) -> Step {
        if self.id_token.presence == Presence::Unlikely {
            return self.request(env, Call::new(endpoint), Event::Begin);
        }
        let keys = PrefetchKeys::new(self.configuration.clone());
        self.prefetch(env, keys, endpoint, Event::Begin)
    }

    fn prefetch(
        &mut self,
        env: &mut Env<'_>,
        mut keys: PrefetchKeys,
        endpoint: E,
        event: Event,
    ) -> Step {
        match keys.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Prefetching(keys, endpoint);
                Ok(action)
            }
            Err(()) => self.request(env, Call::new(endpoint), Event::Begin),
        }
    }

    fn request(&mut self, env: &mut Env<'_>, mut call: Call<E>, event: Event) -> Step {
        match call.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Requesting(call);
                Ok(action)
            }
            Err(response) => self.judge(env, response),
        }
    }

    fn judge(&mut self, env: &mut Env<'_>, response: TokenResponse) -> Step {
        let Some(id_token) = response.unverified_id_token().cloned() else {
            if self.id_token.presence == Presence::Required {
                let member = "id_token".into();
                return Err(Artefact::TokenResponse
                    .rejected(Reason::Missing { member })
                    .with_refresh_token(response.refresh_token().cloned())
                    .into());
            }
            return Ok(Action::Done(TokenSet::new(response, None)));
        };
        let nonce = self.id_token.nonce.take();
        let nonce = nonce.map_or(NonceExpectation::Absent, NonceExpectation::Equals);
        let mut expectations = IdTokenExpectations::login(nonce, self.max_age(env.now));
        if let Some(request) = self.id_token.issued_since {
            expectations = expectations.issued_since(request);
        }
        let configuration = self.configuration.clone();
        let verification = VerifiedTokens::new(configuration, response, id_token, expectations);
        self.verify(env, Box::new(verification), Event::Begin)
    }

    /// The registered `default_max_age`, counted from the beginning of a login that took a while: it
    /// asks how old the authentication may be then, not how long the person takes to answer.
    fn max_age(&self, now: UnixTime) -> Option<u64> {
        let age = now.seconds_since(self.id_token.begun_at?);
        let max_age = self.configuration.client().default_max_age?;
        Some(max_age.saturating_add(age))
    }

    fn verify(
        &mut self,
        env: &mut Env<'_>,
        mut verification: Box<VerifiedTokens>,
        event: Event,
    ) -> Step {
        let action = verification.step(env, event)?;
        if !matches!(action, Action::Done(_)) {
            self.state = State::Verifying(verification);
        }
        Ok(action)
    }
}

impl<E: Endpoint<Output = TokenResponse>> Operation for TokenGrant<E> {
    type Output = TokenSet;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready(endpoint), Event::Begin) => self.begin(env, endpoint),
            (State::Ready(_), event) => Err(event.refused("Begin")),
            (State::Prefetching(keys, endpoint), event) => {
                self.prefetch(env, keys, endpoint, event)
            }
            (State::Requesting(call), event) => self.request(env, call, event),
            (State::Verifying(verification), event) => self.verify(env, verification, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
        }
    }
}

type Step = Result<Action<TokenSet>, Error>;
