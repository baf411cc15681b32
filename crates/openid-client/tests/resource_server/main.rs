//! An API behind the layer, and the clients that call it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod certificate;
mod example;
mod introspection;
mod journey;
mod keys;
mod lazy;
mod lazy_tenants;
mod misuse;
mod replays;
mod settings;
mod world;
