//! `client_secret_post`: identifier and secret in the request body (RFC 6749 section 2.3.1).

use crate::secret::Secret;
use crate::wire::Parameters;

/// Adds `client_id` and `client_secret`.
pub(super) fn apply(client_id: &str, secret: &Secret, form: &mut Parameters) {
    form.set("client_id", client_id);
    form.set("client_secret", secret.expose().as_str());
}
