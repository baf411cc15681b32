//! One attempt to get a token.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::configuration::Configuration;
use crate::flow::{RefreshTokenGrant, TokenSet};

/// The name of an attempt of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptId(pub(super) u64);

/// The one attempt that a source has allowed. Run its grant to the end, whether or not a caller
/// still waits, and report the result with [`TokenSource::answered`](super::TokenSource::answered).
///
/// A driver that loses the result must report [`Error::Aborted`](crate::Error::Aborted): the source
/// begins no other attempt before a report.
#[must_use = "the source waits for the result of this attempt"]
pub struct Attempt {
    pub(super) id: AttemptId,
    pub(super) begun_at: Duration,
    /// The tokens to refresh.
    pub(super) refreshed: Option<Arc<TokenSet>>,
}

impl Attempt {
    /// Which attempt this is: the one that callers [wait](super::Answer::Wait) for.
    pub const fn id(&self) -> AttemptId {
        self.id
    }

    /// The grant to run for a source of [`Renewal::RefreshToken`](super::Renewal::RefreshToken);
    /// `None` for the others, whose grant the driver makes.
    pub fn refresh_token_grant(&self, configuration: &Configuration) -> Option<RefreshTokenGrant> {
        RefreshTokenGrant::from_tokens(configuration.clone(), self.refreshed.as_ref()?)
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
