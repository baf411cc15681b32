//! The way from a protected resource to a token for it, with the resource and its authorization
//! server on different origins; and what hostile ones do on the way.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod credentials;
mod hostile;
mod journey;
mod mix_up;
mod step_up;
mod tokens;
mod world;
