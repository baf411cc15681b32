//! Comparison of the times in a token with the current time.

use std::time::Duration;

use jose::jwt::NumericDate;

use crate::error::{Reason, TimestampRule};
use crate::policy::Policy;
use crate::time::UnixTime;

/// The current time with clock skew, and the tolerance; both in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    now: i64,
    tolerance: u64,
}

impl Clock {
    pub(crate) fn new(policy: &Policy, now: UnixTime) -> Self {
        Self {
            now: policy.skewed(now).seconds(),
            tolerance: policy.clock_tolerance().as_secs(),
        }
    }

    /// Checks `exp`: the current time must be before it (RFC 7519 section 4.1.4).
    pub(crate) fn not_expired(&self, exp: NumericDate) -> Result<(), Reason> {
        self.rule("exp", exp, TimestampRule::Expired, |exp| {
            exp > self.earliest()
        })
    }

    /// Checks `nbf`: the current time must be at or after it (RFC 7519 section 4.1.5).
    pub(crate) fn already_valid(&self, nbf: NumericDate) -> Result<(), Reason> {
        self.rule("nbf", nbf, TimestampRule::NotYetValid, |nbf| {
            nbf <= self.latest()
        })
    }

    /// Checks `iat` (RFC 7519 section 4.1.6) or `auth_time` (OpenID Connect Core 1.0 section 2): a
    /// past event must not lie in the future. Beyond these sections, which define the claims
    /// without a check: a time in the future comes from a wrong clock, so `exp` is wrong too.
    pub(crate) fn happened(&self, claim: &'static str, at: NumericDate) -> Result<(), Reason> {
        self.rule(claim, at, TimestampRule::InTheFuture, |at| {
            at <= self.latest()
        })
    }

    /// Checks `auth_time` with a `max_age` in seconds (OpenID Connect Core 1.0 section 3.1.2.1).
    pub(crate) fn recent(&self, auth_time: NumericDate, max_age: u64) -> Result<(), Reason> {
        self.rule("auth_time", auth_time, TimestampRule::TooOld, |auth_time| {
            auth_time.saturating_add_unsigned(max_age) >= self.earliest()
        })
    }

    /// Checks `iat`: at most `age` seconds ago, without tolerance (OpenID Connect Core 1.0 section
    /// 3.1.3.7, step 10; RFC 9449 section 4.3, check 11). Both leave the age to the receiver.
    pub(crate) fn issued_within(&self, iat: NumericDate, age: u64) -> Result<(), Reason> {
        self.rule("iat", iat, TimestampRule::TooOld, |iat| {
            iat.saturating_add_unsigned(age) >= self.now
        })
    }

    /// Checks `iat`: not before `time`, to which the skew also applies (OpenID Connect Core 1.0
    /// section 3.1.3.7, step 10). A token that was issued before a request does not answer it.
    pub(crate) fn issued_since(&self, iat: NumericDate, time: UnixTime) -> Result<(), Reason> {
        let earliest = time.seconds().saturating_sub_unsigned(self.tolerance);
        self.rule("iat", iat, TimestampRule::TooOld, |iat| iat >= earliest)
    }

    const fn earliest(&self) -> i64 {
        self.now.saturating_sub_unsigned(self.tolerance)
    }

    const fn latest(&self) -> i64 {
        self.now.saturating_add_unsigned(self.tolerance)
    }

    fn rule(
        &self,
        claim: &'static str,
        found: NumericDate,
        rule: TimestampRule,
        holds: impl FnOnce(i64) -> bool,
    ) -> Result<(), Reason> {
        let found = found.seconds();
        if holds(found) {
            return Ok(());
        }
        Err(Reason::Timestamp {
            claim,
            found,
            rule,
            now: self.now,
            tolerance: Duration::from_secs(self.tolerance),
        })
    }
}
