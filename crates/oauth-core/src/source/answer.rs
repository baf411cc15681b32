//! The answers of a source.

use std::sync::Arc;

use crate::flow::TokenSet;
use crate::source::attempt::{Attempt, AttemptId};
use crate::source::error::SourceError;
use crate::source::held::{Held, SourcedTokens, Warning};

/// The answer to a caller, and the attempt that must begin.
#[derive(Debug)]
#[must_use]
pub struct Asked {
    /// What the caller gets.
    pub answer: Answer,
    /// The attempt to begin, independent of what the caller gets.
    pub attempt: Option<Attempt>,
}

/// What a caller gets.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Tokens that have not expired.
    Tokens(SourcedTokens),
    /// The caller waits for this attempt. Its [`Answered::answer`] is the answer to the caller,
    /// too.
    Wait(AttemptId),
    /// No token.
    Failed(SourceError),
}

/// The result of an attempt.
#[derive(Debug)]
#[must_use]
pub struct Answered {
    /// Tokens or an error, for all callers that wait for the attempt.
    pub answer: Result<SourcedTokens, SourceError>,
    /// Tokens to store before the callers get the answer. There may be some after an error, too:
    /// the refresh token of a refused response has replaced the old one.
    pub changed: Option<Arc<TokenSet>>,
}

/// The fate of an access token that a resource server refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalidation {
    /// It is not handed out again. Ask for the token that replaces it.
    Replacing,
    /// It was replaced already. Ask for the newer token.
    Superseded,
    /// It is new, so its age is not the reason, and a new token would be refused as well. The
    /// source keeps it; report the refusal.
    TooYoung,
}

impl Asked {
    pub(super) fn tokens(held: &Held, warning: Option<Warning>) -> Self {
        Self {
            answer: Answer::Tokens(SourcedTokens::new(Arc::clone(&held.tokens), warning)),
            attempt: None,
        }
    }

    pub(super) const fn failed(error: SourceError) -> Self {
        Self {
            answer: Answer::Failed(error),
            attempt: None,
        }
    }
}
