//! The settings of a token source.

use std::time::Duration;

use crate::error::{Error, Misuse};
use crate::flow::TokenSet;
use crate::source::StoredTokenSet;
use crate::source::renewal::Renewal;
use crate::time::UnixTime;

/// When a source replaces its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSettings {
    margin: Duration,
    refresh_ahead: Option<Duration>,
    lifetime: Option<Duration>,
}

impl SourceSettings {
    /// The shortest remaining lifetime of a token that is handed out.
    pub const fn margin(&self) -> Duration {
        self.margin
    }

    /// Sets [`margin`](Self::margin); 30 seconds by default. It covers the duration of a request
    /// and the difference between the clocks of client and server.
    pub const fn set_margin(&mut self, margin: Duration) -> &mut Self {
        self.margin = margin;
        self
    }

    /// How long before the margin a new token is requested, while the old one still serves. `None`
    /// stands for a fifth of the token's lifetime, at most 5 minutes.
    pub const fn refresh_ahead(&self) -> Option<Duration> {
        self.refresh_ahead
    }

    /// Sets [`refresh_ahead`](Self::refresh_ahead). Up to half of it is added at random, so that
    /// instances that started together do not refresh together; half of a token's lifetime is the
    /// most. With zero, nothing is refreshed ahead.
    pub const fn set_refresh_ahead(&mut self, refresh_ahead: Duration) -> &mut Self {
        self.refresh_ahead = Some(refresh_ahead);
        self
    }

    /// How long a token without `expires_in` is used. `None` means 5 minutes, or until it is
    /// [invalidated](super::TokenSource::invalidate) where nothing can renew it.
    pub const fn lifetime(&self) -> Option<Duration> {
        self.lifetime
    }

    /// The lifetime of these tokens from their receipt on; `None` for tokens that are good until
    /// they are refused.
    pub(super) fn lifetime_of(&self, tokens: &TokenSet, renewal: Renewal) -> Option<Duration> {
        match tokens.lifetime() {
            Some(seconds) => Some(Duration::from_secs(seconds)),
            None => self.lifetime.or_else(|| {
                let renewable = !renewal.is_of_a_login() || tokens.refresh_token().is_some();
                renewable.then_some(DEFAULT_LIFETIME)
            }),
        }
    }

    /// Whether a source with these settings hands out stored tokens at `now` as they are.
    pub fn accept(&self, stored: &StoredTokenSet, now: UnixTime) -> bool {
        self.outlives(stored, now, self.margin)
    }

    /// Whether it hands out stored tokens at `now` that another instance has just got: a new
    /// refresh would bring nothing better, even where their whole lifetime is under the margin.
    pub fn accept_new(&self, stored: &StoredTokenSet, now: UnixTime) -> bool {
        self.outlives(stored, now, Duration::ZERO)
    }

    fn outlives(&self, stored: &StoredTokenSet, now: UnixTime, margin: Duration) -> bool {
        let tokens = stored.tokens();
        let age = Duration::from_secs(now.seconds_since(tokens.received_at()));
        self.lifetime_of(tokens, Renewal::Stored)
            .is_none_or(|lifetime| lifetime > age.saturating_add(margin))
    }

    /// Sets [`lifetime`](Self::lifetime), which the server's documentation has to say (RFC 6749
    /// section 5.1). A token with `expires_in` is not affected.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] when it is zero.
    pub fn set_lifetime(&mut self, lifetime: Duration) -> Result<&mut Self, Error> {
        if lifetime.is_zero() {
            return Err(Misuse::InvalidArgument {
                argument: "lifetime",
                expected: "longer than zero",
                found: "zero".to_owned(),
            }
            .into());
        }
        self.lifetime = Some(lifetime);
        Ok(self)
    }

    /// When a token of this lifetime is refreshed ahead: when this much of it is left, `jitter`
    /// (0 to 1 as 0 to 65,535) included.
    pub(super) fn threshold(&self, lifetime: Duration, jitter: u16) -> Duration {
        let fifth = lifetime.checked_div(5).unwrap_or_default();
        let ahead = self.refresh_ahead.unwrap_or(fifth.min(LONGEST_AHEAD));
        if ahead.is_zero() {
            return Duration::ZERO;
        }
        let jitter = ahead
            .checked_div(TWICE_THE_SHARES)
            .unwrap_or_default()
            .saturating_mul(u32::from(jitter));
        let half = lifetime.checked_div(2).unwrap_or_default();
        let wanted = self.margin.saturating_add(ahead).saturating_add(jitter);
        wanted.min(half)
    }
}

/// How long a token without `expires_in` is used where nothing else is set.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(300);

impl Default for SourceSettings {
    fn default() -> Self {
        Self {
            margin: Duration::from_secs(30),
            refresh_ahead: None,
            lifetime: None,
        }
    }
}

const LONGEST_AHEAD: Duration = Duration::from_secs(300);

/// Two bytes tell 65,536 shares apart; the largest jitter is half of what it is added to.
const TWICE_THE_SHARES: u32 = 2 * 65_536;
