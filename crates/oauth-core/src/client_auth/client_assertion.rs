//! Client assertions (RFC 7523 section 2.2, OpenID Connect Core 1.0 section 9): what is in them, and
//! how they travel.

use serde_json::Map;
use serde_json::Value;

use crate::assertion::claims_of_client;
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::Error;
use crate::wire::Parameters;

/// The claims of a new assertion, whose subject is the client itself.
pub(super) fn claims(
    configuration: &Configuration,
    env: &Env<'_>,
) -> Result<Map<String, Value>, Error> {
    let mut claims = claims_of_client(configuration, env)?;
    let client_id = configuration.client().client_id.as_str();
    claims.insert("sub".to_owned(), client_id.into());
    Ok(claims)
}

/// Adds a signed assertion to a request.
pub(super) fn add(client_id: impl Into<String>, assertion: String, form: &mut Parameters) {
    form.set("client_id", client_id);
    form.set("client_assertion_type", ASSERTION_TYPE);
    form.set("client_assertion", assertion);
}

/// RFC 7523 section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
