//! When a failed attempt may be followed by another.

use std::time::Duration;

use crate::env::Env;

/// The pause after attempts that failed, on the monotonic clock.
#[derive(Debug, Default)]
pub(super) struct BackOff {
    /// Attempts in a row that failed.
    failures: u32,
    until: Duration,
    /// When a source may look into its store again, although the pause goes on: another instance or
    /// a new login may have put tokens there, and a look sends nothing to the server.
    looks_from: Duration,
}

impl BackOff {
    /// How much of the pause is left; zero when it is over.
    pub(super) fn left(&self, env: &Env<'_>) -> Duration {
        self.until.saturating_sub(env.elapsed)
    }

    /// Whether no attempt may begin now.
    pub(super) fn prevents_attempts(&self, env: &Env<'_>) -> bool {
        env.elapsed < self.looks_from
    }

    /// Counts a failure, and returns the [`pause`] after it.
    pub(super) fn failed(&mut self, env: &Env<'_>, asked_for: Option<Duration>) -> Duration {
        let pause = pause(self.failures, asked_for, random_share(env));
        self.failures = self.failures.saturating_add(1);
        self.pause(env, pause);
        pause
    }

    /// Begins a pause of this length.
    pub(super) fn pause(&mut self, env: &Env<'_>, pause: Duration) {
        self.until = env.elapsed.saturating_add(pause);
        self.looks_from = self.until;
    }

    /// Begins a pause that the store knows as well, so the source may look into the store before
    /// its end.
    pub(super) fn share(&mut self, env: &Env<'_>, pause: Duration) {
        self.pause(env, pause);
        self.looks_from = env.elapsed.saturating_add(pause.min(LOOK_AGAIN));
    }

    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }
}

/// The pause after this many failures and one more. It doubles with each failure, up to half of it
/// is added at random, and it is at least as long as the server asked for.
///
/// The pause is at most an hour, even if the server asks for more: a mistake in its response must
/// not end the source.
pub(super) fn pause(failures: u32, asked_for: Option<Duration>, share: u16) -> Duration {
    let factor = 2_u32.saturating_pow(failures);
    let pause = FIRST.saturating_mul(factor).min(LONGEST);
    let jitter = pause
        .checked_div(TWICE_THE_SHARES)
        .unwrap_or_default()
        .saturating_mul(u32::from(share));
    let asked_for = asked_for.unwrap_or_default().min(LONGEST_ASKED_FOR);
    pause.saturating_add(jitter).max(asked_for)
}

/// A random number, or 0 where the source of randomness fails. It spreads requests over time and
/// protects no secret, so a failure is no reason to refuse a token.
pub(super) fn random_share(env: &Env<'_>) -> u16 {
    let mut random = [0_u8; 2];
    match env.entropy.fill(&mut random) {
        Ok(()) => u16::from_be_bytes(random),
        Err(_) => 0,
    }
}

const FIRST: Duration = Duration::from_secs(1);

const LONGEST: Duration = Duration::from_secs(300);

/// How long a source waits before it looks into its store again.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(10);

pub(super) const LONGEST_ASKED_FOR: Duration = Duration::from_secs(3600);

/// Two bytes tell 65,536 shares apart; the largest jitter is half of what it is added to.
const TWICE_THE_SHARES: u32 = 2 * 65_536;
