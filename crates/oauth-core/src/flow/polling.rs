//! Polls until a person has answered elsewhere (RFC 8628 section 3.5, CIBA Core 1.0 section 11).
//!
//! ```text
//!                  not yet, slow down, no answer
//!            ┌───────────────────────────────────────┐
//!            ▼                                       │
//! Ready ──▶ Waiting ──▶ Asking (one TokenGrant) ─────┴──▶ Finished
//!   └── after a ping ───▲                      tokens, a refusal, the end of the lifetime
//! ```

mod schedule;

use std::time::Duration;
use std::{fmt, mem};

use http::StatusCode;

use self::schedule::Schedule;
use crate::configuration::Configuration;
use crate::endpoint::{
    BackchannelAuthenticationResponse, BackchannelAuthenticationTokenRequest,
    DeviceAuthorizationResponse, DeviceAuthorizationTokenRequest, Grant,
};
use crate::env::Env;
use crate::error::{Error, Expired, Misuse, NoAnswer, Reason};
use crate::flow::TokenSet;
use crate::flow::token::token_grant::{ExpectedIdToken, Presence, TokenGrant};
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::validate::{IdTokenExpectations, NonceExpectation};
use crate::wire::{Parameters, retry_after};

/// Asks the token endpoint at intervals until there is an answer; made as
/// [`PollDeviceAuthorizationGrant`] or [`PollBackchannelAuthenticationGrant`].
///
/// It waits before each request, also before the first, for the server's `interval`: 5 seconds by
/// default and at least 0.1 seconds. `slow_down` adds 5 seconds to every later wait. `Retry-After`
/// makes one wait longer. When no answer comes (a time-out, no connection, a broken connection),
/// the wait doubles with each failure in a row, up to five minutes or twice the interval. Up to
/// half of it is added at random, so that many clients do not come back at the same time. Status
/// 503 with `Retry-After` counts as no answer; every other refusal is final.
///
/// It ends with the lifetime of the request at the latest: no wait goes beyond it. So it asks at
/// most `expires_in / interval` times. Each time it sends one request, or two when the server asks
/// for another DPoP nonce, and uses at most two keys for each. If an ID Token must come, it first
/// fetches a key set that is more than 300 seconds old, and fetches it once more when the ID Token
/// is signed with a key that is not in it.
///
/// To stop earlier, drop it, or answer a wait with [`Event::Aborted`].
///
/// # Errors
///
/// [`Error::Expired`] at the end of the lifetime; [`Error::ResponseBody`] when the server refuses,
/// with `access_denied` when the person did, and `expired_token` when the server noticed the end of
/// the lifetime first; [`Error::WwwAuthenticateChallenge`]; [`Error::Rejected`] for the token
/// response, the key set or the ID Token; [`Error::TokensUnverified`] when tokens came but the keys
/// to verify the ID Token are missing; [`Error::Unanswered`] when an answer cannot come, for
/// example without a trusted connection; [`Error::Aborted`], [`Error::Metadata`], [`Error::Key`]
/// and [`Error::Entropy`].
pub struct Polling<G> {
    request: G,
    id_token: ExpectedIdToken,
    schedule: Schedule,
    state: State<G>,
}

/// Finishes a login that began with [`InitiateDeviceAuthorization`]: polls until the person has
/// answered (RFC 8628 section 3.4).
///
/// [`InitiateDeviceAuthorization`]: crate::flow::InitiateDeviceAuthorization
pub type PollDeviceAuthorizationGrant = Polling<DeviceAuthorizationTokenRequest>;

/// Finishes a login that began with [`InitiateBackchannelAuthentication`]: polls until the person
/// has answered (CIBA Core 1.0 section 10.1). An ID Token must come, and not be older than the
/// request.
///
/// [`InitiateBackchannelAuthentication`]: crate::flow::InitiateBackchannelAuthentication
pub type PollBackchannelAuthenticationGrant = Polling<BackchannelAuthenticationTokenRequest>;

enum State<G> {
    Ready,
    Waiting,
    Asking(Box<TokenGrant<G>>),
    Finished,
}

impl Polling<DeviceAuthorizationTokenRequest> {
    /// Polls for the answer to `response`, until it expires.
    pub fn new(configuration: Configuration, response: &DeviceAuthorizationResponse) -> Self {
        let request = DeviceAuthorizationTokenRequest {
            configuration,
            device_code: response.device_code.clone(),
            parameters: Parameters::new(),
        };
        let presence = Presence::of_scope(response.scope.as_deref());
        let expired = Expired {
            credential: "device_code",
            lifetime: response.expires_in,
        };
        let schedule = Schedule::new(response.interval, expired, response.received_at);
        Self::begin(request, presence, schedule)
    }

    /// The nonce that an ID Token must have, for servers that take one with the device
    /// authorization request. Without it, an ID Token that has one is refused: it belongs to
    /// another login.
    #[must_use]
    pub fn expected_nonce(mut self, nonce: impl Into<Secret>) -> Self {
        let nonce = NonceExpectation::Equals(nonce.into());
        self.id_token
            .expect(IdTokenExpectations::login(nonce, None));
        self
    }
}

impl Polling<BackchannelAuthenticationTokenRequest> {
    /// Polls for the answer to `response`, until it expires.
    pub fn new(configuration: Configuration, response: &BackchannelAuthenticationResponse) -> Self {
        let request = BackchannelAuthenticationTokenRequest {
            configuration,
            auth_req_id: response.auth_req_id.clone(),
            parameters: Parameters::new(),
        };
        let expired = Expired {
            credential: "auth_req_id",
            lifetime: response.expires_in,
        };
        let schedule = Schedule::new(response.interval, expired, response.received_at);
        let mut polling = Self::begin(request, Presence::Required, schedule);
        polling
            .id_token
            .expect(login().issued_since(response.received_at));
        polling
    }

    /// Sends the first request at once, for an authentication whose
    /// [`Ping`](crate::endpoint::Ping) has come and was checked.
    #[must_use]
    pub const fn after_ping(mut self) -> Self {
        self.schedule.skip_first_wait();
        self
    }
}

impl<G: Grant + Clone> Polling<G> {
    const fn begin(request: G, presence: Presence, schedule: Schedule) -> Self {
        let mut id_token = ExpectedIdToken::new(presence, login());
        id_token.begun_at = Some(schedule.received_at());
        Self {
            request,
            id_token,
            schedule,
            state: State::Ready,
        }
    }

    /// Adds a parameter to each request, such as `resource`; those of the protocol take precedence.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.parameters_mut().append(name, value);
        self
    }

    fn ask(&mut self, env: &mut Env<'_>) -> Step {
        self.schedule.check_alive(env)?;
        // A new grant each time, so that an assertion is never used twice.
        let grant = TokenGrant::requesting(self.request.clone(), self.id_token.clone());
        self.listen(env, Box::new(grant), Event::Begin)
    }

    fn listen(&mut self, env: &mut Env<'_>, mut grant: Box<TokenGrant<G>>, event: Event) -> Step {
        let asked_to_wait = match &event {
            Event::Received(response) => retry_after(
                response.headers(),
                self.request.configuration().policy().skewed(env.now),
            ),
            _ => None,
        };
        let error = match grant.step(env, event) {
            Ok(action) => {
                if !matches!(action, Action::Done(_)) {
                    self.state = State::Asking(grant);
                }
                return Ok(action);
            }
            Err(error) => error,
        };
        let wait = match Outcome::of(&error, asked_to_wait) {
            Outcome::NotYet => self.schedule.next(asked_to_wait),
            Outcome::SlowDown => self.schedule.slower(asked_to_wait),
            Outcome::NoAnswer => self.schedule.back_off(env)?,
            Outcome::Final => return Err(error),
        };
        self.wait(env, wait)
    }

    fn wait(&mut self, env: &Env<'_>, wait: Duration) -> Step {
        self.schedule.check_worthwhile(env, wait)?;
        self.state = State::Waiting;
        Ok(Action::Wait(wait))
    }
}

impl<G: Grant + Clone> Operation for Polling<G> {
    type Output = TokenSet;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Step {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready, Event::Begin) => match self.schedule.start(env) {
                Some(wait) => self.wait(env, wait),
                None => self.ask(env),
            },
            (State::Waiting, Event::Elapsed) => self.ask(env),
            (State::Asking(grant), event) => self.listen(env, grant, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (state, event) => Err(event.refused(match state {
                State::Ready => "Begin",
                _ => "Elapsed or Aborted",
            })),
        }
    }
}

impl<G> fmt::Debug for Polling<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polling")
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}

/// No nonce, and the client's `default_max_age`, counted from the beginning of the login.
const fn login() -> IdTokenExpectations {
    IdTokenExpectations::login(NonceExpectation::Absent, None)
}

/// What a failed request means for the next one.
enum Outcome {
    NotYet,
    SlowDown,
    NoAnswer,
    Final,
}

impl Outcome {
    /// Tokens that came but could not be verified are an [`Error::TokensUnverified`], and final.
    fn of(error: &Error, asked_to_wait: Option<Duration>) -> Self {
        match error {
            Error::ResponseBody(refusal) => match refusal.error.as_str() {
                "authorization_pending" => Self::NotYet,
                "slow_down" => Self::SlowDown,
                _ => Self::of_status(refusal.status, asked_to_wait),
            },
            Error::Unanswered(unanswered) => match unanswered.reason {
                NoAnswer::TimedOut { .. }
                | NoAnswer::StillUnderWay { .. }
                | NoAnswer::NotConnected { .. }
                | NoAnswer::Interrupted
                | NoAnswer::ClosedUnanswered => Self::NoAnswer,
                _ => Self::Final,
            },
            Error::WwwAuthenticateChallenge(refusal) => {
                Self::of_status(refusal.status, asked_to_wait)
            }
            Error::Rejected(rejection) => match rejection.reason {
                Reason::Status { found: 503, .. } if asked_to_wait.is_some() => Self::NotYet,
                _ => Self::Final,
            },
            _ => Self::Final,
        }
    }

    /// A busy server has not answered yet; the form of its refusal does not matter.
    fn of_status(status: StatusCode, asked_to_wait: Option<Duration>) -> Self {
        match (status, asked_to_wait) {
            (StatusCode::SERVICE_UNAVAILABLE, Some(_)) => Self::NotYet,
            _ => Self::Final,
        }
    }
}

type Step = Result<Action<TokenSet>, Error>;

#[cfg(test)]
mod tests;
