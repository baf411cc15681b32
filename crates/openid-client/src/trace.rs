//! Spans and events of the crate `tracing`, with the feature of this name; nothing without it.
//!
//! The guide `docs/guide/operations.md` lists the names and fields, which are stable. No field
//! holds a token, a code, a secret, or a part of a URL other than its host.

#[cfg(not(feature = "tracing"))]
mod off;
#[cfg(feature = "tracing")]
mod on;

#[cfg(not(feature = "tracing"))]
pub(crate) use self::off::{
    Attempt, Attempts, Request, in_current_span, operation, renewal_failed,
};
#[cfg(feature = "tracing")]
pub(crate) use self::on::{Attempt, Attempts, Request, in_current_span, operation, renewal_failed};
