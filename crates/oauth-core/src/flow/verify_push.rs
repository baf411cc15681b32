//! The verification of tokens that the server pushes to the client (CIBA Core 1.0 section 10.3.1).
//!
//! ```text
//! Ready ──▶ Verifying (the ID Token; the keys may be fetched) ──▶ Finished
//! ```

use std::{fmt, mem};

use crate::configuration::Configuration;
use crate::endpoint::{BackchannelAuthenticationResponse, Push};
use crate::env::Env;
use crate::error::{Artefact, Error, Expired, Misuse, Reason, printable};
use crate::flow::TokenSet;
use crate::flow::token::verify_tokens::VerifyTokens;
use crate::operation::{Action, Event, Operation};
use crate::profile::{Party, Profile, Requirement};
use crate::validate::IdTokenExpectations;

/// Verifies the tokens that the server pushes when the person has answered, for clients that have
/// registered the push mode (CIBA Core 1.0 section 10.3.1).
///
/// The token of the request and `auth_req_id` are compared first, so a stranger causes no request.
/// Then the ID Token is verified: it must come, be newer than the request, and bind the access
/// token, the refresh token and `auth_req_id` together.
///
/// Sends at most one request, for the server's keys: when the cache has none or only old ones, or
/// when the right key is not among them and no response caused such a request in the last 60
/// seconds. Uses at most one key, for an encrypted ID Token.
///
/// # Errors
///
/// [`Error::Rejected`] for the push and its tokens ([`Artefact::Push`]), the key set or the ID
/// Token; [`Error::AuthorizationResponse`] when the push brings an error: `access_denied`,
/// `expired_token` or `transaction_failed` (section 12); [`Error::Expired`] when the lifetime of
/// the request is over; [`Error::TokensUnverified`] when the keys to verify the ID Token are
/// missing; [`Error::Profile`] under FAPI-CIBA, which excludes pushes.
pub struct VerifyPush(State);

enum State {
    Ready(Box<Begun>),
    Verifying(Box<VerifyTokens>),
    Finished,
}

struct Begun {
    configuration: Configuration,
    pending: BackchannelAuthenticationResponse,
    push: Push,
}

impl VerifyPush {
    /// The verification of `push`, which answers the request of `pending`.
    pub fn new(
        configuration: Configuration,
        pending: &BackchannelAuthenticationResponse,
        push: Push,
    ) -> Self {
        Self(State::Ready(Box::new(Begun {
            configuration,
            pending: pending.clone(),
            push,
        })))
    }

    fn verify(
        &mut self,
        env: &mut Env<'_>,
        mut verification: Box<VerifyTokens>,
        event: Event,
    ) -> Result<Action<TokenSet>, Error> {
        let action = verification.step(env, event)?;
        if !matches!(action, Action::Done(_)) {
            self.0 = State::Verifying(verification);
        }
        Ok(action)
    }
}

impl Begun {
    /// Makes every check except for that of the ID Token.
    fn begin(self, env: &Env<'_>) -> Result<VerifyTokens, Error> {
        let Self {
            configuration,
            pending,
            push,
        } = self;
        configuration.require(Requirement::TokenDeliveryMode, Party::Request, |profile| {
            (profile == Profile::Ciba).then_some("is a push")
        })?;
        push.check(&pending)?;
        // Section 5: a client uses one mode, which it has registered.
        let mode = configuration
            .client()
            .backchannel_token_delivery_mode
            .as_deref();
        if let Some(mode) = mode.filter(|mode| *mode != "push") {
            return Err(Misuse::InvalidArgument {
                argument: "backchannel_token_delivery_mode",
                expected: "`push`",
                found: printable(mode),
            }
            .into());
        }
        let response = push.tokens(&configuration, env.now)?;
        // Section 7.3: the lifetime of `auth_req_id`.
        let policy = configuration.policy();
        let age = env.now.seconds_since(pending.received_at);
        let lifetime = pending.expires_in.saturating_add(policy.clock_tolerance());
        if age > lifetime.as_secs() {
            return Err(Expired {
                credential: "auth_req_id",
                lifetime: pending.expires_in,
            }
            .into());
        }
        let id_token = response.id_token.clone().ok_or_else(|| {
            let member = "id_token".into();
            Artefact::Push.rejected(Reason::Missing { member })
        })?;
        // As for a poll: `max_age` says how old the authentication may be when the request begins.
        let max_age = configuration.client().default_max_age;
        let expectations = IdTokenExpectations::pushed(
            pending.auth_req_id,
            response.access_token().clone(),
            response.refresh_token().cloned(),
        )
        .issued_since(pending.received_at)
        .with_max_age(max_age.map(|it| it.saturating_add(age)));
        Ok(VerifyTokens::new(
            configuration,
            response,
            id_token,
            expectations,
        ))
    }
}

impl Operation for VerifyPush {
    type Output = TokenSet;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<TokenSet>, Error> {
        match (mem::replace(&mut self.0, State::Finished), event) {
            (State::Ready(begun), Event::Begin) => {
                let verification = Box::new(begun.begin(env)?);
                self.verify(env, verification, Event::Begin)
            }
            (State::Verifying(verification), event) => self.verify(env, verification, event),
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready(_), event) => Err(event.refused("Begin")),
        }
    }
}

impl fmt::Debug for VerifyPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyPush").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
