//! `client_secret_post`: identifier and secret in the request body (RFC 6749 section 2.3.1).

use crate::client_auth::ClientSecret;
use crate::error::Error;
use crate::metadata::ClientMetadata;
use crate::wire::Parameters;

/// Adds `client_id` and `client_secret`.
pub(super) fn apply(
    secret: &ClientSecret,
    client: &ClientMetadata,
    form: &mut Parameters,
) -> Result<(), Error> {
    let secret = secret.resolve(client, NAME)?;
    form.set("client_id", client.client_id.as_str());
    form.set("client_secret", secret.expose().as_str());
    Ok(())
}

pub(super) const NAME: &str = "client_secret_post";
