//! An OpenID Provider as a pure function, with a switch for each misbehaviour.
//!
//! [`Provider::handle`] turns a request and a time into a response. It serves discovery, the key
//! set, and the endpoints for authorization, tokens, UserInfo, logout, device authorization,
//! backchannel authentication, introspection, revocation and registration. The keys, the signatures
//! and the client authentication are real. The provider uses no clock, socket or random values, so
//! the same requests at the same times give the same tokens. The signatures of PS* and ES* are
//! randomised and differ.
//!
//! A [`Misbehaviour`] makes one thing wrong in one place. It documents what the provider does, and
//! whether a client must accept or refuse that ([`Misbehaviour::verdict`]). [`Misbehaviour::ALL`]
//! lists them, so that a test can prove that it covers all.
//!
//! ```
//! use bytes::Bytes;
//! use test_provider::{ClientRegistration, Misbehaviour, Provider};
//!
//! let provider = Provider::new("https://id.example.com");
//! provider.register(ClientRegistration::public("my-app").redirect_uri("https://app.example.com/cb"));
//!
//! let request = http::Request::get("https://id.example.com/.well-known/openid-configuration").body(Bytes::new())?;
//! assert_eq!(provider.handle(&request, 1_700_000_000).status(), 200);
//!
//! provider.misbehave(Misbehaviour::DiscoveryServerError);
//! assert_eq!(provider.handle(&request, 1_700_000_000).status(), 500);
//! # Ok::<(), http::Error>(())
//! ```
//!
//! A [`ProtectedResource`] at another origin accepts the access tokens of a provider.
//!
//! With the feature `server`, `TestProvider::start().await` serves a provider on a loopback port
//! over HTTPS, with a certificate that it makes at start, or over HTTP. `server::Server` adds the
//! faults that need a socket.
//!
//! This is a tool for tests and demonstrations. Its private keys are published with its source, so
//! it must not protect anything.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test tool: a panic is a failed test, and no attacker reaches it"
)]

mod client;
mod dpop;
mod keys;
mod members;
mod misbehaviour;
mod parameters;
mod protected_resource;
mod provider;
mod response;
#[cfg(feature = "server")]
pub mod server;
#[cfg(test)]
mod tests;
mod user;

pub use jose::SignatureAlgorithm;

pub use crate::client::{ClientAuthentication, ClientRegistration, PeerCertificate};
pub use crate::dpop::DPoPBehaviour;
pub use crate::misbehaviour::{Misbehaviour, Verdict};
pub use crate::protected_resource::ProtectedResource;
pub use crate::provider::{Endpoint, Provider};
#[cfg(feature = "server")]
pub use crate::server::TestProvider;
pub use crate::user::User;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
