//! When to poll next, and when to stop.

use std::time::Duration;

use crate::env::Env;
use crate::error::{Error, Expired};
use crate::time::UnixTime;

/// The times of a polling operation, on the monotonic clock.
#[derive(Debug)]
pub(super) struct Schedule {
    interval: Duration,
    /// Requests in a row that got no answer.
    failures: u32,
    /// The error at the end of the lifetime.
    expired: Expired,
    received_at: UnixTime,
    waits_first: bool,
    /// Set by the first step.
    deadline: Duration,
}

impl Schedule {
    /// `expired.lifetime` counts from `received_at` on.
    pub(super) fn new(interval: Option<Duration>, expired: Expired, received_at: UnixTime) -> Self {
        Self {
            interval: interval.unwrap_or(DEFAULT_INTERVAL).max(SHORTEST_INTERVAL),
            failures: 0,
            expired,
            received_at,
            waits_first: true,
            deadline: Duration::ZERO,
        }
    }

    /// When the login began.
    pub(super) const fn received_at(&self) -> UnixTime {
        self.received_at
    }

    pub(super) const fn skip_first_wait(&mut self) {
        self.waits_first = false;
    }

    /// Sets the end, and returns the first wait, if there is one.
    ///
    /// The wall clock tells how much of the lifetime is over. From here on the monotonic clock
    /// counts.
    pub(super) fn start(&mut self, env: &Env<'_>) -> Option<Duration> {
        let age = Duration::from_secs(env.now.seconds_since(self.received_at));
        let left = self.expired.lifetime.saturating_sub(age);
        self.deadline = env.elapsed.saturating_add(left);
        self.waits_first.then_some(self.interval)
    }

    /// The wait after an answer.
    pub(super) fn next(&mut self, asked_to_wait: Option<Duration>) -> Duration {
        self.failures = 0;
        self.interval.max(asked_to_wait.unwrap_or_default())
    }

    /// The wait after `slow_down`, which holds for every later one too (RFC 8628 section 3.5).
    pub(super) fn slower(&mut self, asked_to_wait: Option<Duration>) -> Duration {
        self.interval = self.interval.saturating_add(SLOWER);
        self.next(asked_to_wait)
    }

    /// The wait after a request without an answer: doubled, and up to half of that added at random.
    pub(super) fn back_off(&mut self, env: &Env<'_>) -> Result<Duration, Error> {
        self.failures = self.failures.saturating_add(1);
        let factor = 2_u32.saturating_pow(self.failures);
        let most = LONGEST_BACK_OFF.max(self.interval.saturating_mul(2));
        let wait = self.interval.saturating_mul(factor).min(most);
        let mut random = [0_u8; 2];
        env.entropy.fill(&mut random)?;
        let share = wait.saturating_mul(u32::from(u16::from_be_bytes(random)));
        let jitter = share.checked_div(TWICE_THE_SHARES);
        Ok(wait.saturating_add(jitter.unwrap_or_default()))
    }

    /// Fails after the end.
    pub(super) fn check_alive(&self, env: &Env<'_>) -> Result<(), Error> {
        self.check_worthwhile(env, Duration::ZERO)
    }

    /// Fails for a wait that goes beyond the end.
    pub(super) fn check_worthwhile(&self, env: &Env<'_>, wait: Duration) -> Result<(), Error> {
        if env.elapsed.saturating_add(wait) < self.deadline {
            return Ok(());
        }
        Err(self.expired.into())
    }
}

/// The interval when the server names none (RFC 8628 section 3.2, CIBA Core 1.0 section 7.3).
const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);

/// The shortest interval. A shorter one would flood the server.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);

/// What `slow_down` adds.
const SLOWER: Duration = Duration::from_secs(5);

/// Two bytes tell 65,536 shares apart.
const TWICE_THE_SHARES: u32 = 2 * 65_536;

const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);
