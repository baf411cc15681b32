//! The cost of hostile documents. The time and memory of each parser are proportional to its input,
//! and a document needs at most a stated multiple of its length.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unreachable,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test may fail by panicking, and this one measures time"
)]

mod growth;
mod hostile;
mod memory;
