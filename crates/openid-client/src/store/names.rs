//! The names of values and leases in a store. Each kind has its own beginning, so the name of one
//! kind is never that of another, whatever names the application chooses.
//!
//! Other parts of the library keep leases in a store as well. Their names begin with
//! `logout-token:`, `dpop-proof:` and `login-layer:`.

use oauth_core::configuration::Configuration;

/// The tokens under a name of the application, and the lease to refresh them.
pub(super) fn tokens(name: &str) -> String {
    format!("tokens:{name}")
}

/// The count of failed refreshes of these tokens.
pub(super) fn back_off(name: &str) -> String {
    format!("back-off:{name}")
}

/// The pause after them, for as long as it lasts.
pub(super) fn pause(name: &str) -> String {
    format!("pause:{name}")
}

/// A login that has begun. The length says where the session's identifier ends, so the identifier
/// may contain any character.
pub(super) fn login(session_id: &str, state: &str) -> String {
    format!("login:{}:{session_id}:{state}", session_id.len())
}

/// The keys of a server. Clients that share a store may use the same URL, and each seals the keys
/// for itself.
pub(super) fn key_set(configuration: &Configuration, jwks_uri: &str) -> String {
    let issuer = &configuration.server().issuer;
    let client_id = &configuration.client().client_id;
    let (issuer_length, client_length) = (issuer.len(), client_id.len());
    format!("jwks:{issuer_length}:{issuer}:{client_length}:{client_id}:{jwks_uri}")
}
