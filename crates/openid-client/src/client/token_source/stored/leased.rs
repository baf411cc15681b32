//! A refresh under a lease.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use oauth_core::env::Env;
use oauth_core::flow::{RefreshTokenGrant, TokenSet};
use oauth_core::names::EndpointName;
use oauth_core::operation::{Action, Event, Operation};
use tokio::time::Instant;

/// A refresh that sends its token only while enough of the lease is left for the answer to be
/// saved: after the end of the lease, another instance may use the same token.
pub(super) struct Leased<'a> {
    pub(super) grant: RefreshTokenGrant,
    /// The end of the lease.
    pub(super) until: Instant,
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
            let left = self.until.saturating_duration_since(Instant::now());
            if outbound.endpoint == EndpointName::Token && left < needed {
                return Err(oauth_core::Error::Aborted);
            }
            self.has_sent.store(true, Ordering::Relaxed);
        }
        Ok(action)
    }
}

/// How long a lease lasts. First the store answers three times: to the question for the lease, for
/// the tokens, and for the pause. Then come the keys, the token request, the keys again, and the
/// saving.
pub(super) fn lease_lifetime(timeout: Duration, store_deadline: Duration) -> Duration {
    timeout
        .saturating_mul(3)
        .saturating_add(store_deadline.saturating_mul(3))
        .saturating_add(to_save(store_deadline))
}

/// What is kept of a lease for saving: two answers to attempts to save tokens, and one to the
/// attempt to save the pause.
fn to_save(store_deadline: Duration) -> Duration {
    store_deadline.saturating_mul(3)
}
