//! A token request and the verification of an ID Token that comes back.
//!
//! ```text
//! Ready ──▶ (Prefetching) ──▶ Requesting ──▶ (Verifying) ──▶ Finished
//!            keys, when an     tokens         an ID Token
//!            ID Token may                     that came
//!            come
//! ```

use std::mem;

use crate::endpoint::{Grant, TokenResponse};
use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason, TokensUnverified};
use crate::flow::token::verify_tokens::VerifyTokens;
use crate::flow::{Call, PrefetchKeys, TokenSet};
use crate::operation::{Action, Event, Operation};
use crate::time::UnixTime;
use crate::validate::IdTokenExpectations;
use crate::wire::Parameters;

/// One token request of the grant `G`, made as
/// [`ClientCredentialsGrant`](crate::flow::ClientCredentialsGrant) or
/// [`GenericGrant`](crate::flow::GenericGrant); the other grants rest on it.
///
/// When an ID Token is likely to come, the keys to verify it are fetched before the tokens: a
/// failure afterwards would lose them.
///
/// # Errors
///
/// [`Error::ResponseBody`] and [`Error::WwwAuthenticateChallenge`] when the server refuses;
/// [`Error::Rejected`] for the token response, the key set or the ID Token;
/// [`Error::TokensUnverified`] when tokens came but the keys to verify the ID Token could not be
/// had; [`Error::Metadata`], [`Error::Unanswered`], [`Error::Key`] and [`Error::Entropy`].
#[derive(Debug)]
pub struct TokenGrant<G> {
    call: Call<G>,
    id_token: ExpectedIdToken,
    state: State,
}

/// What is known of the ID Token before the request.
#[derive(Debug, Clone)]
pub(crate) struct ExpectedIdToken {
    presence: Presence,
    expectations: IdTokenExpectations,
    /// When the login began, where the person may take their time over it.
    pub(crate) begun_at: Option<UnixTime>,
}

impl ExpectedIdToken {
    pub(crate) const fn new(presence: Presence, expectations: IdTokenExpectations) -> Self {
        Self {
            presence,
            expectations,
            begun_at: None,
        }
    }

    pub(crate) fn expect(&mut self, expectations: IdTokenExpectations) {
        self.expectations = expectations;
    }
}

/// Whether an ID Token comes back. An unexpected ID Token is verified too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Unlikely,
    /// Likely when the `scope` of the request has `openid`.
    Requested,
    Likely,
    /// The specification demands one.
    Required,
    /// There is nothing to compare one with: the tokens stay unverified.
    Refused,
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
enum State {
    Ready,
    Prefetching(PrefetchKeys),
    Requesting,
    Verifying(Box<VerifyTokens>),
    Finished,
}

impl<G: Grant> TokenGrant<G> {
    pub(crate) const fn requesting(request: G, id_token: ExpectedIdToken) -> Self {
        Self {
            call: Call::new(request),
            id_token,
            state: State::Ready,
        }
    }

    /// What to ask for: scope values with single spaces between them.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.request_mut().parameters_mut().set("scope", scope);
        self
    }

    /// Adds any other parameter, such as `resource` (RFC 8707 section 2) or `audience`; it may
    /// repeat.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request_mut().parameters_mut().append(name, value);
        self
    }

    /// Adds other parameters.
    #[must_use]
    pub fn parameters(mut self, parameters: impl Into<Parameters>) -> Self {
        let parameters = parameters.into();
        self.request_mut()
            .parameters_mut()
            .extend(parameters.iter());
        self
    }

    pub(crate) const fn request_mut(&mut self) -> &mut G {
        &mut self.call.endpoint
    }

    pub(crate) fn expect(&mut self, id_token: ExpectedIdToken) {
        self.id_token = id_token;
    }

    fn begin(&mut self, env: &mut Env<'_>) -> Step {
        let presence = match self.id_token.presence {
            Presence::Requested => {
                Presence::of_scope(self.request_mut().parameters_mut().first("scope"))
            }
            stated => stated,
        };
        if matches!(presence, Presence::Unlikely | Presence::Refused) {
            return self.request(env, Event::Begin);
        }
        let keys = PrefetchKeys::new(self.call.endpoint.configuration().clone());
        self.prefetch(env, keys, Event::Begin)
    }

    fn prefetch(&mut self, env: &mut Env<'_>, mut keys: PrefetchKeys, event: Event) -> Step {
        match keys.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Prefetching(keys);
                Ok(action)
            }
            Err(()) => self.request(env, Event::Begin),
        }
    }

    fn request(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match self.call.step(env, event)?.or_done() {
            Ok(action) => {
                self.state = State::Requesting;
                Ok(action)
            }
            Err(response) => self.judge(env, response),
        }
    }

    fn judge(&mut self, env: &mut Env<'_>, response: TokenResponse) -> Step {
        let member = "id_token".into();
        let presence = self.id_token.presence;
        let Some(id_token) = response.unverified_id_token().cloned() else {
            if presence == Presence::Required {
                return Err(Artefact::TokenResponse
                    .rejected(Reason::Missing { member })
                    .with_refresh_token(response.refresh_token().cloned())
                    .into());
            }
            return Ok(Action::Done(TokenSet::new(response, None)));
        };
        if presence == Presence::Refused {
            let cause = Artefact::TokenResponse
                .rejected(Reason::Unexpected { member })
                .into();
            return Err(TokensUnverified::new(cause, response).into());
        }
        let configuration = self.call.endpoint.configuration();
        let mut expectations = self.id_token.expectations.clone();
        if let Some(begun_at) = self.id_token.begun_at {
            // `max_age` says how old the authentication may be when the login begins, not how long
            // the person then takes (OpenID Connect Core 1.0 section 3.1.2.1).
            let age = env.now.seconds_since(begun_at);
            let max_age = configuration.client().default_max_age;
            expectations = expectations.with_max_age(max_age.map(|it| it.saturating_add(age)));
        }
        let verification =
            VerifyTokens::new(configuration.clone(), response, id_token, expectations);
        self.verify(env, Box::new(verification), Event::Begin)
    }

    fn verify(
        &mut self,
        env: &mut Env<'_>,
        mut verification: Box<VerifyTokens>,
        event: Event,
    ) -> Step {
        let action = verification.step(env, event)?;
        if !matches!(action, Action::Done(_)) {
            self.state = State::Verifying(verification);
        }
        Ok(action)
    }
}

impl<G: Grant> Operation for TokenGrant<G> {
    type Output = TokenSet;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready, Event::Begin) => self.begin(env),
            (State::Ready, event) => Err(event.refused("Begin")),
            (State::Prefetching(keys), event) => self.prefetch(env, keys, event),
            (State::Requesting, event) => self.request(env, event),
            (State::Verifying(verification), event) => self.verify(env, verification, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
        }
    }
}

type Step = Result<Action<TokenSet>, Error>;
