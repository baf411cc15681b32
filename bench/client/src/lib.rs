//! Measures `openid-client`, and compares it with bare hyper and with other libraries, on loopback.
//!
//! The program `provider` answers every request with bytes that it created when it started. Each
//! other program measures one operation of one library with it, and prints one line: `PROGRAM
//! LIBRARY OPERATION IN_FLIGHT COUNT PROVIDER`. `client clients COUNT PROVIDER` measures the memory
//! of many clients in one process. `cargo xtask bench client` starts all of them and writes the
//! report.
//!
//! Every operation that fails stops the program, so that only successful operations are measured.

mod allocations;
pub mod api;
pub mod clients;
pub mod floor;
pub mod measure;
pub mod operation;
pub mod ours;
pub mod token;
pub mod wire;
