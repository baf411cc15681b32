//! What a source answers.

use std::sync::Arc;

use crate::flow::TokenSet;
use crate::source::attempt::{Attempt, AttemptId};
use crate::source::error::SourceError;
use crate::source::held::{Held, SourcedTokens, Warning};

/// The answer to a caller, and the attempt that its question sets off.
#[derive(Debug)]
#[must_use]
pub struct Asked {
    /// What the caller gets.
    pub answer: Answer,
    /// The attempt to begin, beside whatever the caller does.
    pub attempt: Option<Attempt>,
}

/// What a caller gets.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Tokens that have not expired.
    Tokens(SourcedTokens),
    /// The end of this attempt; its [`Answered::answer`] is the caller's as well.
    Wait(AttemptId),
    /// No token.
    Failed(SourceError),
}

/// What came of an attempt.
#[derive(Debug)]
#[must_use]
pub struct Answered {
    /// For everyone who waits for the attempt: tokens or an error.
    pub answer: Result<SourcedTokens, SourceError>,
    /// Tokens to be stored before anyone learns the answer. There are such tokens after an error
    /// too: a refresh token that came in a response that was refused has replaced the old one.
    pub changed: Option<Arc<TokenSet>>,
}

/// What becomes of an access token that a resource server refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalidation {
    /// It is not handed out again. Ask for the token that replaces it.
    Replacing,
    /// It was replaced already. Ask for the newer token.
    Superseded,
    /// It is too young for its age to be the reason: a new token would be refused alike. It stays,
    /// and the refusal is the answer.
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
