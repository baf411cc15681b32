//! Client assertions (RFC 7523 section 2.2, OpenID Connect Core 1.0 section 9): what is in them, and
//! how they travel.

use serde_json::Map;
use serde_json::Value;

use crate::configuration::Configuration;
use crate::env::Env;
use crate::env::random_token;
use crate::error::Error;
use crate::wire::Parameters;

/// The claims of a new assertion: `jti` and times are never used twice.
pub(super) fn claims(
    configuration: &Configuration,
    env: &Env<'_>,
) -> Result<Map<String, Value>, Error> {
    let client_id = configuration.client().client_id.as_str();
    let now = configuration.policy().skewed(env.now);
    let claims: [(&str, Value); 7] = [
        ("jti", random_token(env.entropy)?.into()),
        // The issuer alone, as one string, at every endpoint: an assertion that names an
        // endpoint, or several audiences, can be replayed by another server.
        ("aud", configuration.audience().into()),
        ("exp", now.saturating_add(LIFETIME).seconds().into()),
        ("iat", now.seconds().into()),
        ("nbf", now.seconds().into()),
        ("iss", client_id.into()),
        ("sub", client_id.into()),
    ];
    Ok(claims
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect())
}

/// Adds a signed assertion to a request.
pub(super) fn add(client_id: impl Into<String>, assertion: String, form: &mut Parameters) {
    form.set("client_id", client_id);
    form.set("client_assertion_type", ASSERTION_TYPE);
    form.set("client_assertion", assertion);
}

/// RFC 7523 section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Seconds for which an assertion is valid.
const LIFETIME: i64 = 60;
