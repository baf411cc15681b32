//! The way from a protected resource to its authorization server (RFC 9728 section 5, Model Context
//! Protocol 2026-07-28).
//!
//! ```text
//! challenge or URL ──▶ FetchProtectedResourceMetadata ──▶ choice of an issuer by the application
//!                                                                      │
//!           login ◀── RegistrationOptions::choose ◀── DiscoverAuthorizationServer
//! ```

mod discover_authorization_server;
mod fetch_metadata;
mod first_found;

pub use self::discover_authorization_server::DiscoverAuthorizationServer;
pub use self::fetch_metadata::FetchProtectedResourceMetadata;
