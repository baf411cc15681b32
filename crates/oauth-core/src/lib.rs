//! The OAuth 2 and OpenID Connect client as pure state machines: no I/O, no clock, no randomness of
//! its own.

pub mod assertion;
pub mod authorization;
pub mod cache;
pub mod challenge;
pub mod client_auth;
pub mod configuration;
pub mod decryption;
pub mod dpop;
pub mod encryption;
pub mod endpoint;
pub mod env;
pub mod error;
pub mod flow;
pub mod key;
pub mod logout;
pub mod metadata;
pub mod operation;
pub mod outbound;
pub mod ping;
pub mod pkce;
pub mod policy;
pub mod profile;
pub mod repair;
pub mod run;
pub mod secret;
pub mod tenants;
#[cfg(test)]
mod testing;
pub mod validate;
pub mod wire;

pub use self::error::Error;
