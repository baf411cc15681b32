//! Encryption and decryption with every supported algorithm.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod direct;

#[cfg(feature = "aws-lc-rs")]
mod changed;
#[cfg(feature = "aws-lc-rs")]
mod ephemeral;
#[cfg(feature = "aws-lc-rs")]
mod every_kind;
#[cfg(feature = "aws-lc-rs")]
mod keys;
#[cfg(feature = "aws-lc-rs")]
mod refused;
#[cfg(feature = "aws-lc-rs")]
mod sealing;
#[cfg(feature = "aws-lc-rs")]
mod set;
