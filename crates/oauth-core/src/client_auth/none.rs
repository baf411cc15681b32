//! `none`: a public client sends its identifier without proof (OpenID Connect Core 1.0 section 9).

use crate::wire::Parameters;

/// Adds `client_id` (RFC 6749 section 3.2.1).
pub(super) fn apply(client_id: &str, form: &mut Parameters) {
    form.set("client_id", client_id);
}
