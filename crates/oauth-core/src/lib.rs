//! The OAuth 2 and OpenID Connect client as pure state machines, without I/O, clock and source of
//! randomness.
//!
//! An application under tokio uses the crate `openid-client`, which runs these machines over HTTPS.
//! This crate is for programs with another runtime, another HTTP library or no async runtime.
//!
//! # A login
//!
//! A program supplies a [`Host`](run::Host): how to send a request, use a private key, wait, and
//! tell the time. [`run`](run::run) then carries out any operation. Here the host passes requests
//! to a provider that is a function; a program passes them to its HTTP library.
//!
//! ```
//! use std::time::Duration;
//!
//! use oauth_core::authorization::{AuthorizationRequest, Callback};
//! use oauth_core::configuration::Configuration;
//! use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint};
//! use oauth_core::env::Env;
//! use oauth_core::error::KeyFault;
//! use oauth_core::flow::Discover;
//! use oauth_core::key::KeyJob;
//! use oauth_core::metadata::ClientMetadata;
//! use oauth_core::operation::Event;
//! use oauth_core::outbound::Outbound;
//! use oauth_core::policy::Policy;
//! use oauth_core::run::{Host, run};
//! # use oauth_core::cache::Cache;
//! # use oauth_core::entropy::{Entropy, EntropyFault};
//! # use oauth_core::time::UnixTime;
//! # use test_provider::{ClientRegistration, Provider};
//! # struct Random(std::sync::atomic::AtomicU64);
//! # impl Entropy for Random {
//! #     fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
//! #         let draw = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
//! #         let stream = jose::HashAlgorithm::Sha512.digest(&draw.to_be_bytes());
//! #         bytes.iter_mut().zip(stream).for_each(|(byte, random)| *byte = random);
//! #         Ok(())
//! #     }
//! # }
//! # const NOW: i64 = 1_700_000_000;
//! # struct Surroundings { provider: Provider, random: Random, cache: Cache }
//!
//! impl Host for Surroundings {
//!     fn env(&self) -> Env<'_> {
//!         let now = UnixTime::from_seconds(NOW);
//!         Env { now, elapsed: Duration::ZERO, entropy: &self.random, cache: &self.cache }
//!     }
//!
//!     // Follows no redirect, and observes the deadline and the cap of `outbound`.
//!     fn send(&self, outbound: Outbound) -> Event {
//!         Event::Received(self.provider.handle(&outbound.request, NOW))
//!     }
//!
//!     // This client has no private key.
//!     fn use_key(&self, job: KeyJob) -> Event {
//!         Event::KeyUnavailable(KeyFault { key: job.key().clone(), source: None })
//!     }
//!
//!     fn wait(&self, duration: Duration) -> Event {
//!         std::thread::sleep(duration);
//!         Event::Elapsed
//!     }
//! }
//!
//! # let issuer = "https://id.example.com";
//! # let (provider, random, cache) = (Provider::new(issuer), Random(0.into()), Cache::new());
//! # let app = ClientRegistration::public("my-app");
//! # provider.register(app.redirect_uri("https://app.example.com/cb"));
//! # let host = Surroundings { provider, random, cache };
//! # let browse = |url: &url::Url| {
//! #     let request = http::Request::get(url.as_str()).body(bytes::Bytes::new()).unwrap();
//! #     let response = host.provider.handle(&request, NOW);
//! #     response.headers()["location"].to_str().unwrap().to_owned()
//! # };
//! // Once: fetch the metadata of the issuer. The client is public, so it has no secret.
//! let policy = Policy::default();
//! let discovery = DiscoveryEndpoint::new(issuer, DiscoveryAlgorithm::Oidc, policy.clone())?;
//! let server = run(&host, Discover::new(discovery))?;
//! let configuration = Configuration::new(server, ClientMetadata::new("my-app"), policy)?;
//!
//! // A person wants to log in: send the browser to `url`, and store `pending`.
//! let request = AuthorizationRequest::new(configuration.clone())
//!     .redirect_uri("https://app.example.com/cb")
//!     .scope("openid email");
//! let (url, pending) = run(&host, request.begin())?;
//!
//! // The browser comes back: take `pending` out of the store. Every check is made here.
//! # let callback_url = browse(&url);
//! let callback = Callback::from_url(&callback_url)?;
//! let tokens = run(&host, pending.resume(&configuration, &callback)?)?;
//! assert_eq!(tokens.id_token().map(|id_token| id_token.sub()), Some("alice"));
//! # Ok::<(), oauth_core::Error>(())
//! ```
//!
//! An async program writes the dozen lines of [`run`](run::run) with `.await`.
//!
//! # The map
//!
//! | task | modules |
//! |---|---|
//! | describe the server, the client and the rules between them | [`metadata`], [`client_auth`], [`policy`], [`profile`], [`configuration`] |
//! | log a person in | [`authorization`], [`request_object`], [`pkce`] |
//! | carry out an operation: grants, UserInfo, introspection, registration and more | [`flow`] |
//! | build one request and read one response, without a machine | [`endpoint`], [`challenge`], [`wire`] |
//! | drive operations | [`operation`], [`run`], [`env`](mod@env), [`outbound`], [`key`], [`entropy`], [`cache`] |
//! | bind tokens to a key | [`dpop`] |
//! | keep tokens valid, for many callers and instances | [`source`] |
//! | end sessions | [`logout`] |
//! | protect an API | [`resource_server`] |
//! | read verified claims, and find out why something was refused | [`validate`], [`error`], [`report`] |
//!
//! # Guarantees
//!
//! - The result of a step depends only on the operation, the event and the [`Env`](env::Env). Tests
//!   run on virtual time with fixed random values.
//! - An operation sends at most the number of requests that its documentation states, and a GET
//!   once more when it meets a closed connection.
//! - The crate never holds an asymmetric private key: it asks the host to use one, wherever it is.
//! - Only claims whose signature was verified can be read. What gives up a check has `danger` in
//!   its name.
//! - `Debug` and errors show no token, code, secret, verifier or key.
//!
//! The features `ring` and `aws-lc-rs`, both on by default, are those of the crate `jose`. The
//! crate builds for `wasm32-unknown-unknown` with `ring` and `wasm-js` and without the default
//! features.

#![cfg_attr(docsrs, feature(doc_cfg))]

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
pub mod report;
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

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
