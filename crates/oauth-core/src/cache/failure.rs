//! For how long a failed fetch is remembered.

use std::time::Duration;

use crate::error::{Error, NoAnswer};

/// The last attempts to fetch a document have failed.
#[derive(Debug)]
pub(crate) struct Failure {
    error: Error,
    at: Duration,
    /// How many in a row.
    times: u32,
}

impl Failure {
    /// A failure after those before it.
    pub(crate) fn after(previous: Option<Self>, error: &Error, at: Duration) -> Self {
        let times = previous.map_or(0, |failure| failure.times);
        Self {
            error: error.clone(),
            at,
            times: times.saturating_add(1),
        }
    }

    pub(crate) const fn error(&self) -> &Error {
        &self.error
    }

    pub(super) const fn at(&self) -> Duration {
        self.at
    }

    /// The error while it is remembered: no other attempt begins during that time.
    pub(crate) fn remembered(&self, elapsed: Duration) -> Option<&Error> {
        self.remembered_for(elapsed).map(|_| &self.error)
    }

    /// How long the error is still remembered.
    pub(crate) fn remembered_for(&self, elapsed: Duration) -> Option<Duration> {
        let since = elapsed.saturating_sub(self.at);
        let left = self.pause().saturating_sub(since);
        (!left.is_zero()).then_some(left)
    }

    /// For how long it is remembered: a second, then twice as long each time.
    fn pause(&self) -> Duration {
        let seconds = 2_u64.saturating_pow(self.times.saturating_sub(1));
        Duration::from_secs(seconds).min(LONGEST_PAUSE)
    }
}

/// Whether the deadline of an operation with less time than this one has passed, which says little
/// to this one.
pub(crate) fn is_of_less_patience(error: &Error, patience: Duration) -> bool {
    matches!(error, Error::Unanswered(unanswered)
        if matches!(unanswered.reason, NoAnswer::TimedOut { deadline } if deadline < patience))
}

/// The longest time for which a failure is remembered.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(60);
