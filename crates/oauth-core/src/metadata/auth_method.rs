//! The names of client authentication methods (RFC 7591 section 2), where they decide something before
//! there is a method.

use crate::metadata::ClientMetadata;

/// Whether a method of this name sends the client secret itself.
pub(crate) fn sends_secret(method: &str) -> bool {
    matches!(method, "client_secret_basic" | "client_secret_post")
}

/// The method of a registered client where neither the client nor the server has named one:
/// `client_secret_basic` (RFC 7591 section 2), or `none` where the client has no secret.
pub(crate) const fn registered_default_method(client: &ClientMetadata) -> &'static str {
    match client.client_secret {
        Some(_) => "client_secret_basic",
        None => "none",
    }
}
