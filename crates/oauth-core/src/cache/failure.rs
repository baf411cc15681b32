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

/// The failures to fetch a document, for callers with different deadlines.
///
/// The end of a deadline says little to a caller with more time, so it does not count for it. Each
/// level has the failures that count for the callers with this patience, so that those of callers
/// with less neither delay it nor make its pause longer.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// By patience, the least first.
    levels: Vec<Level>,
}

#[derive(Debug)]
struct Level {
    patience: Duration,
    failure: Failure,
}

impl Failures {
    /// Adds a failure for all callers with at most this patience.
    pub(super) fn add(&mut self, error: &Error, patience: Duration, at: Duration) {
        let mut place = self.place(patience);
        if self.levels.get(place).map(|level| level.patience) != Some(patience) {
            if self.levels.len() >= MOST_LEVELS {
                // Its failure is the oldest one.
                self.levels.pop();
                place = place.min(self.levels.len());
            }
            // What counts for callers with more patience has counted for these, too.
            let times = self.levels.get(place).map_or(0, |more| more.failure.times);
            let failure = Failure {
                error: error.clone(),
                at,
                times,
            };
            self.levels.insert(place, Level { patience, failure });
        }
        for level in self.levels.iter_mut().take(place.saturating_add(1)) {
            let failure = &mut level.failure;
            failure.error = error.clone();
            failure.at = at;
            failure.times = failure.times.saturating_add(1);
        }
    }

    /// When the last failure happened that counts for callers with this patience.
    pub(super) fn last(&self, patience: Duration) -> Option<Duration> {
        Some(self.of(patience)?.at)
    }

    /// The error for callers with this patience while it is remembered: no other attempt of theirs
    /// begins during that time.
    pub(super) fn remembered(&self, patience: Duration, elapsed: Duration) -> Option<&Error> {
        self.of(patience)?.remembered(elapsed)
    }

    /// For how long the error is still remembered for callers with this patience.
    pub(super) fn remembered_for(&self, patience: Duration, elapsed: Duration) -> Option<Duration> {
        self.of(patience)?.remembered_for(elapsed)
    }

    #[cfg(test)]
    pub(super) fn levels(&self) -> usize {
        self.levels.len()
    }

    fn of(&self, patience: Duration) -> Option<&Failure> {
        let level = self.levels.get(self.place(patience))?;
        Some(&level.failure)
    }

    /// The place of the first level with at least this patience.
    fn place(&self, patience: Duration) -> usize {
        self.levels
            .partition_point(|level| level.patience < patience)
    }
}

/// The greatest patience of a caller for which this failure counts.
pub(super) fn patience_of(error: &Error) -> Duration {
    match error {
        Error::Unanswered(unanswered) => match unanswered.reason {
            NoAnswer::TimedOut { deadline } => deadline,
            _ => Duration::MAX,
        },
        _ => Duration::MAX,
    }
}

/// The largest number of deadlines whose failures are remembered apart.
const MOST_LEVELS: usize = 8;

/// The longest time for which a failure is remembered.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(60);
