//! The names of client authentication methods (RFC 7591 section 2), for decisions that are made
//! before a method exists.

use crate::metadata::ClientMetadata;

/// Whether the method of this name sends the client secret itself.
pub(crate) fn sends_secret(method: &str) -> bool {
    matches!(method, "client_secret_basic" | "client_secret_post")
}

/// The method of a registered client if neither the client nor the server names one:
/// `client_secret_basic` (RFC 7591 section 2), or `none` for a client without a secret.
pub(crate) const fn registered_default_method(client: &ClientMetadata) -> &'static str {
    match client.client_secret {
        Some(_) => "client_secret_basic",
        None => "none",
    }
}
