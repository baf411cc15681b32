//! The resource server: decides whether a request to a protected resource may pass.
//!
//! [`AuthorizeRequest`] checks a request in this order: its `Authorization` header, the access
//! token (RFC 9068 section 4, or [`Introspection`] for an opaque one), the binding of the token to
//! a key (RFC 9449 section 7, RFC 8705 section 3), the DPoP proof (RFC 9449 section 4.3), and last
//! whether the proof was used before. [`ResourceServer::answer`] builds the response to a request
//! that fails a check.
//!
//! ```text
//! ResourceRequest ──▶ AuthorizeRequest ──▶ Authorized ──▶ ValidatedAccessToken::require_scope, …
//!                            │                                   │
//!                            └── Error ──▶ Refusal ◀─────────────┘
//!                                             └──▶ ResourceServer::answer
//! ```
//!
//! [`VerifyRequest`] leaves the last check to the caller, for a store that must be awaited.
//!
//! An access token in a form body or in the query is never read (RFC 6750 sections 2.2 and 2.3).
//!
//! # Example
//!
//! A request without an access token is answered with one challenge for each scheme:
//!
//! ```
//! use std::sync::Arc;
//!
//! use oauth_core::cache::Cache;
//! use oauth_core::metadata::ServerMetadata;
//! use oauth_core::operation::{Event, Operation};
//! use oauth_core::policy::Policy;
//! use oauth_core::resource_server::{AuthorizeRequest, ResourceRequest, ResourceServer};
//! # use oauth_core::{entropy, env::Env, time::UnixTime};
//! # struct NoEntropy;
//! # impl entropy::Entropy for NoEntropy {
//! #     fn fill(&self, _: &mut [u8]) -> Result<(), entropy::EntropyFault> {
//! #         Err(entropy::EntropyFault)
//! #     }
//! # }
//! # let (cache, now) = (Cache::new(), UnixTime::from_seconds(1_700_000_000));
//! # let elapsed = std::time::Duration::ZERO;
//! # let mut env = Env { now, elapsed, entropy: &NoEntropy, cache: &cache };
//!
//! let mut issuer = ServerMetadata::new("https://id.example.com");
//! issuer.jwks_uri = Some("https://id.example.com/jwks".to_owned());
//! let origin = "https://api.example.com";
//! let server = ResourceServer::new(origin, origin, Policy::default())?.with_issuer(issuer)?;
//! let server = Arc::new(server);
//!
//! let (head, ()) = http::Request::get("/items").body(()).unwrap().into_parts();
//! let request = ResourceRequest::new(&head.method, &head.uri, &head.headers);
//! let scheme = request.scheme();
//! // `run` carries out the steps until the decision; here the first step is the last.
//! let mut decision = AuthorizeRequest::new(Arc::clone(&server), request);
//! let refused = decision.step(&mut env, Event::Begin).unwrap_err();
//! let response = server.answer(scheme, &refused.into(), now);
//! assert_eq!(response.status(), 401);
//! assert_eq!(response.headers().get_all("www-authenticate").iter().count(), 2);
//! # Ok::<(), oauth_core::Error>(())
//! ```

mod access_token;
mod access_token_checks;
mod answer;
mod authorize_request;
mod binding;
mod introspection;
mod issuer;
mod members;
mod nonce;
mod proof;
mod refusal;
mod replay;
mod request;
mod server;
mod target;
mod token_form;
mod verified_request;
mod verify_request;

pub use self::access_token::ValidatedAccessToken;
pub use self::authorize_request::AuthorizeRequest;
pub use self::binding::TokenBinding;
pub use self::introspection::Introspection;
pub use self::issuer::DangerAccessTokenProfile;
pub use self::nonce::DPoPNonces;
pub use self::refusal::Refusal;
pub use self::replay::{MemoryReplayStore, ReplayStore, Unstored};
pub use self::request::{AuthorizationScheme, ResourceRequest};
pub use self::server::ResourceServer;
pub use self::verified_request::{Authorized, UsedProof, VerifiedRequest};
pub use self::verify_request::VerifyRequest;

#[cfg(test)]
mod tests;
