//! One request of a flight.

use std::fmt;
use std::time::Duration;

use jose::JwkSet;

use super::{Failure, Flight};
use crate::error::{Error, NoAnswer, Unanswered};

/// A request of a flight that is being sent. One that is dropped without a report counts as lost.
#[must_use = "report the result to `Cache::land` or `MetadataSource::land`"]
pub struct Attempt<T = JwkSet> {
    pub(super) flight: Flight<T>,
    pub(super) number: u64,
    pub(crate) begun: Duration,
    pub(super) deadline: Duration,
}

impl<T> Attempt<T> {
    /// How long the exchange may take.
    pub const fn deadline(&self) -> Duration {
        self.deadline
    }

    pub(crate) const fn flight(&self) -> &Flight<T> {
        &self.flight
    }

    /// The attempt has brought no response. Says whether the flight has failed: no response came
    /// before, and no newer attempt is under way. An older one stood still when this one began, and
    /// its response is still taken.
    pub(crate) fn failed(self, unanswered: Unanswered) -> Option<Error> {
        let mut state = self.flight.state();
        state.take(self.number);
        let has_newer = state.attempts.iter().any(|it| it.number > self.number);
        if has_newer || state.has_failed_for_good() || self.flight.0.answer.get().is_some() {
            return None;
        }
        let is_closed = unanswered.reason == NoAnswer::ClosedUnanswered && !state.was_closed;
        state.was_closed |= is_closed;
        let has_timed_out = matches!(unanswered.reason, NoAnswer::TimedOut { .. });
        let error = Error::from(unanswered);
        state.failure = Some(Failure {
            error: error.clone(),
            is_of_the_attempt: has_timed_out || is_closed,
            is_closed,
        });
        (!is_closed).then_some(error)
    }
}

impl<T> Drop for Attempt<T> {
    fn drop(&mut self) {
        let mut state = self.flight.state();
        if state.take(self.number) && state.attempts.is_empty() && !state.has_failed_for_good() {
            let unanswered = Unanswered {
                endpoint: self.flight.0.endpoint,
                reason: NoAnswer::Interrupted,
                source: None,
            };
            state.failure = Some(Failure {
                error: unanswered.into(),
                is_of_the_attempt: true,
                is_closed: false,
            });
        }
    }
}

impl<T> fmt::Debug for Attempt<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("flight", &self.flight)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
