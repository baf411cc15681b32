//! The OAuth 2 and OpenID Connect client as pure state machines, without I/O, clock and source of
//! randomness.

pub mod authorization;
pub mod cache;
pub mod challenge;
pub mod client_auth;
pub mod configuration;
mod documents;
pub mod dpop;
pub mod endpoint;
pub mod entropy;
pub mod env;
pub mod error;
pub mod flow;
pub mod key;
pub mod logout;
pub mod metadata;
pub mod names;
pub mod operation;
pub mod outbound;
mod parties;
pub mod pkce;
pub mod policy;
pub mod profile;
mod reason;
pub mod request_object;
pub mod resource_server;
pub mod run;
pub mod secret;
pub mod source;
#[cfg(test)]
mod testing;
pub mod time;
pub mod validate;
pub mod wire;

pub use self::error::Error;
