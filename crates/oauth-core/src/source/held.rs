//! The token that a source holds, and its remaining lifetime.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::endpoint::AccessToken;
use crate::env::Env;
use crate::error::Error;
use crate::flow::TokenSet;
use crate::source::back_off::random_share;
use crate::source::settings::SourceSettings;
use crate::time::UnixTime;

/// Tokens that a source handed out. Use them at once, and ask again for the next request.
#[derive(Debug, Clone)]
pub struct SourcedTokens {
    tokens: Arc<TokenSet>,
    warning: Option<Warning>,
}

/// Why a token is valid for less than the margin. It has not expired.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Warning {
    /// The server issues tokens whose lifetime is not longer than the margin. Each is handed out
    /// only to the callers that waited for it, so every later caller costs a request. Set a smaller
    /// [margin](SourceSettings::set_margin), or configure longer lifetimes at the server.
    ShortLived {
        /// The whole lifetime of the token.
        lifetime: Duration,
        /// The margin asked for.
        margin: Duration,
    },
    /// The old token is still used because it could not be replaced, or the new one arrived late.
    NotReplaced {
        /// How long the token is still good.
        left: Duration,
        /// What the last attempt failed with; `None` when there is no refresh token, and when the
        /// attempt was that of another instance.
        cause: Option<Error>,
    },
}

impl SourcedTokens {
    pub(super) const fn new(tokens: Arc<TokenSet>, warning: Option<Warning>) -> Self {
        Self { tokens, warning }
    }

    /// The tokens.
    pub fn tokens(&self) -> &TokenSet {
        &self.tokens
    }

    /// Set when the access token is valid for less than the margin.
    pub const fn warning(&self) -> Option<&Warning> {
        self.warning.as_ref()
    }
}

impl Deref for SourcedTokens {
    type Target = TokenSet;

    fn deref(&self) -> &TokenSet {
        &self.tokens
    }
}

impl From<&SourcedTokens> for AccessToken {
    fn from(tokens: &SourcedTokens) -> Self {
        tokens.tokens().into()
    }
}

/// The tokens of a source.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) tokens: Arc<TokenSet>,
    /// `None` where nothing says when the token expires.
    expiry: Option<Expiry>,
    /// How old the token was when the source got it.
    age: Duration,
    /// When the source got it, on the monotonic clock.
    since: Duration,
    /// A resource server has refused the access token.
    pub(super) invalid: bool,
    /// A token that lives no longer than the margin was handed out.
    pub(super) handed_out: bool,
}

/// A token is good only if both clocks agree: the monotonic clock may stop while a machine sleeps,
/// and the wall clock may be set back.
#[derive(Debug)]
struct Expiry {
    wall: UnixTime,
    elapsed: Duration,
    lifetime: Duration,
    /// The token is refreshed ahead when this much of its lifetime is left.
    threshold: Duration,
}

/// The state of a token at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Good,
    /// Valid, and it is time for a new one.
    Ahead,
    /// Valid for less than the margin.
    UnderMargin(Duration),
    /// Not returned yet, and its whole lifetime is shorter than the margin.
    ShortLived(Duration),
    Unusable,
}

impl Held {
    /// `age` is how long ago the token was issued.
    pub(super) fn new(
        tokens: Arc<TokenSet>,
        age: Duration,
        lifetime: Option<Duration>,
        settings: &SourceSettings,
        env: &Env<'_>,
    ) -> Self {
        let expiry = lifetime.map(|lifetime| {
            let left = lifetime.saturating_sub(age);
            let seconds = i64::try_from(left.as_secs()).unwrap_or(i64::MAX);
            Expiry {
                wall: env.now.saturating_add(seconds),
                elapsed: env.elapsed.saturating_add(left),
                lifetime,
                threshold: settings.threshold(lifetime, random_share(env)),
            }
        });
        Self {
            tokens,
            expiry,
            age,
            since: env.elapsed,
            invalid: false,
            handed_out: false,
        }
    }

    pub(super) fn standing(&self, settings: &SourceSettings, env: &Env<'_>) -> Standing {
        let Some(expiry) = &self.expiry else {
            return match self.invalid {
                true => Standing::Unusable,
                false => Standing::Good,
            };
        };
        let left = expiry.left(env);
        if self.invalid || left.is_zero() {
            return Standing::Unusable;
        }
        let margin = settings.margin();
        if expiry.lifetime <= margin && !margin.is_zero() {
            return match self.handed_out {
                true => Standing::Unusable,
                false => Standing::ShortLived(expiry.lifetime),
            };
        }
        if left < margin {
            Standing::UnderMargin(left)
        } else if left <= expiry.threshold {
            Standing::Ahead
        } else {
            Standing::Good
        }
    }

    /// The rest of the token's lifetime; `None` where nothing says when it ends.
    pub(super) fn left(&self, env: &Env<'_>) -> Option<Duration> {
        self.expiry.as_ref().map(|expiry| expiry.left(env))
    }

    /// How long ago the token was issued.
    pub(super) fn age(&self, env: &Env<'_>) -> Duration {
        self.age
            .saturating_add(env.elapsed.saturating_sub(self.since))
    }

    /// The whole lifetime, for a message.
    pub(super) fn lifetime(&self) -> Duration {
        self.expiry
            .as_ref()
            .map_or(Duration::MAX, |expiry| expiry.lifetime)
    }
}

impl Expiry {
    fn left(&self, env: &Env<'_>) -> Duration {
        let wall = self.wall.seconds_since(env.now);
        let monotonic = self.elapsed.saturating_sub(env.elapsed);
        monotonic.min(Duration::from_secs(wall))
    }
}
