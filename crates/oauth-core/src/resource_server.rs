//! The resource server: decides whether a request to a protected resource may pass.
//!
//! [`AuthorizeRequest`] checks a request in this order: its `Authorization` header, the access token
//! (RFC 9068 section 4), the binding of the token to a key (RFC 9449 section 7, RFC 8705 section
//! 3), the DPoP proof (RFC 9449 section 4.3), and last whether the proof was used before.
//! [`ResourceServer::answer`] builds the response to a request that fails a check.
//!
//! ```text
//! ResourceRequest ──▶ AuthorizeRequest ──▶ Authorized ──▶ AccessToken::require_scope, …
//!                            │                                   │
//!                            └── Error ──▶ Refusal ◀─────────────┘
//!                                             └──▶ ResourceServer::answer
//! ```
//!
//! An access token in a form body or in the query is never read (RFC 6750 sections 2.2 and 2.3).

mod access_token;
mod access_token_checks;
mod answer;
mod authorize_request;
mod binding;
mod issuer;
mod nonce;
mod proof;
mod refusal;
mod replay;
mod request;
mod server;
mod target;

pub use self::access_token::AccessToken;
pub use self::authorize_request::{AuthorizeRequest, Authorized};
pub use self::binding::Binding;
pub use self::issuer::DangerAccessTokenProfile;
pub use self::nonce::DPoPNonces;
pub use self::refusal::Refusal;
pub use self::replay::{MemoryReplayStore, ReplayStore, Unstored};
pub use self::request::{ResourceRequest, Scheme};
pub use self::server::ResourceServer;

#[cfg(test)]
mod tests;
