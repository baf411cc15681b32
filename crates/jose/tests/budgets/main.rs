//! What a hostile document costs: each parser works in time and memory that grow as its input
//! does, and a document never takes more memory than a stated multiple of its length.

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
