//! Measures `openid-client` against bare hyper and against its peers, on loopback.
//!
//! The program `provider` answers every request with bytes that it made when it started. Each other
//! program measures one operation of one library against it, and prints one line:
//! `PROGRAM LIBRARY OPERATION IN_FLIGHT COUNT PROVIDER`. `client clients COUNT PROVIDER` weighs many
//! clients in one process. `cargo xtask bench client` starts them all and writes the report.
//!
//! Every operation stops the program when it fails, so that nothing is measured that does not work.

mod allocations;
pub mod clients;
pub mod floor;
pub mod measure;
pub mod operation;
pub mod ours;
pub mod token;
pub mod wire;
