//! Sources of tokens and of server metadata, each for many callers, and the form in which tokens
//! are stored.
//!
//! A [`TokenSource`] decides, for each caller that asks, whether the token that it holds is good
//! enough, whether a new one is requested, and who waits for it. It is pure: it sends nothing,
//! waits for nothing and reads no clock.
//!
//! ```text
//!              ask: good                        ask: the lifetime is nearly over
//!            ┌──────────┐                     ┌──────────────────────────────────┐
//!            ▼          │                     │ (the old token still serves)     ▼
//!  Empty ─▶ Holding ────┘                  Holding ────────────────────────▶ Requesting
//!    │                                        ▲     ask: expired (callers wait)  │
//!    │ ask (callers wait)                     │                                  │
//!    └────────▶ Requesting ──── tokens ───────┘◀──────────── tokens ─────────────┤
//!                   │                                                            │
//!                   ├── no answer, temporary refusal ──▶ Backing off ◀───────────┤
//!                   └── invalid_grant, mismatch ───────▶ Ended ◀─────────────────┘
//! ```
//!
//! The driver runs the grant of an [`Attempt`] in a separate task, reports the result with
//! [`TokenSource::answered`], stores the tokens that have changed, and then wakes the callers that
//! wait. [`MetadataSource`] is simpler: it fetches one document, and renews it.

mod answer;
mod attempt;
mod back_off;
mod error;
mod grant_request;
mod held;
mod metadata_source;
mod metadata_version;
mod renewal;
mod sealed;
mod settings;
mod shared_back_off;
mod stored;
mod stored_id_token;
mod token_source;
mod verdict;

#[cfg(test)]
mod tests;

pub use self::answer::{Answer, Answered, Asked, Invalidation};
pub use self::attempt::{Attempt, AttemptId};
pub use self::error::{LoginNeeded, SourceError};
pub use self::grant_request::{RequestedGrant, SourceGrantRequest};
pub use self::held::{SourcedTokens, Warning};
pub use self::metadata_source::{MetadataAnswer, MetadataSource};
pub use self::metadata_version::MetadataVersion;
pub use self::renewal::Renewal;
pub use self::settings::SourceSettings;
pub use self::shared_back_off::SharedBackOff;
pub use self::stored::StoredTokenSet;
pub use self::stored_id_token::StoredIdToken;
pub use self::token_source::TokenSource;
