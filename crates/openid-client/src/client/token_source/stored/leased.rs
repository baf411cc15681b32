//! A refresh under a lease.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use oauth_core::env::Env;
use oauth_core::flow::{RefreshTokenGrant, TokenSet};
use oauth_core::names::EndpointName;
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::time::UnixTime;
use tokio::time::Instant;

use super::saving::SAVE_AGAIN;

/// A refresh that sends its token only while enough of the lease is left for the answer to be
/// saved: after the end of the lease, another instance may use the same token.
pub(super) struct Leased<'a> {
    pub(super) grant: RefreshTokenGrant,
    /// The end of the lease.
    pub(super) until: Instant,
    pub(super) until_wall: UnixTime,
    pub(super) store_deadline: Duration,
    /// Set when a request is sent.
    pub(super) has_sent: &'a AtomicBool,
}

impl Operation for Leased<'_> {
    type Output = TokenSet;

    fn step(
        &mut self,
        env: &mut Env<'_>,
        event: Event,
    ) -> Result<Action<TokenSet>, oauth_core::Error> {
        let action = self.grant.step(env, event)?;
        if let Action::Send(outbound) = &action {
            // The answer, the keys that may have to be fetched for it, and the saving.
            let to_answer = outbound.deadline.saturating_mul(2);
            let needed = to_answer.saturating_add(to_save(self.store_deadline));
            if outbound.endpoint == EndpointName::Token && self.left(env) < needed {
                return Err(oauth_core::Error::Aborted);
            }
            self.has_sent.store(true, Ordering::Relaxed);
        }
        Ok(action)
    }
}

impl Leased<'_> {
    /// How much of the lease is left. Both clocks have to agree: the monotonic clock may stand
    /// still while a machine sleeps, and the wall clock may be set back.
    fn left(&self, env: &Env<'_>) -> Duration {
        // The wall clock tells whole seconds at both ends.
        let wall = self.until_wall.seconds().saturating_sub(env.now.seconds());
        let wall = u64::try_from(wall.saturating_add(2)).unwrap_or_default();
        let left = self.until.saturating_duration_since(Instant::now());
        left.min(Duration::from_secs(wall))
    }
}

/// How long a lease lasts. First the store answers five times: to the questions for the lease, the
/// tokens, the failures before and the pause, and to the note that a refresh begins. An instance
/// that has stopped in the middle of a refresh is waited for. Then come the keys, the token
/// request, the keys again, and the saving.
pub(super) fn lease_lifetime(timeout: Duration, store_deadline: Duration) -> Duration {
    timeout
        .saturating_mul(3)
        .saturating_add(store_deadline.saturating_mul(5))
        .saturating_add(grace(store_deadline))
        .saturating_add(to_save(store_deadline))
}

/// How long an instance that could not save new tokens may take to save them when the store answers
/// again: an attempt that the store did not answer, the time until the next one, and that one.
pub(super) fn grace(store_deadline: Duration) -> Duration {
    SAVE_AGAIN.saturating_add(store_deadline.saturating_mul(2))
}

/// What is kept of a lease for saving: two answers to attempts to save tokens, or three to the
/// attempts to save the end of the refresh, the failures and the pause.
fn to_save(store_deadline: Duration) -> Duration {
    store_deadline.saturating_mul(3)
}
