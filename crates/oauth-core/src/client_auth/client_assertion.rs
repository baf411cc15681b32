//! Client assertions (RFC 7523 section 2.2, OpenID Connect Core 1.0 section 9): their claims, and
//! how they are sent.

use serde_json::{Map, Value};
use url::Url;

use crate::entropy::random_token;
use crate::env::Env;
use crate::error::{Error, MetadataError, Misuse, printable};
use crate::names::EndpointName;
use crate::parties::Parties;
use crate::wire::Parameters;

/// Returns the claims of a new assertion for a request to `destination`. Its subject is the client.
///
/// # Errors
///
/// [`Misuse::InvalidArgument`] if the audience is the token endpoint and `destination` has another
/// origin.
pub(super) fn claims(
    parties: &Parties,
    env: &Env<'_>,
    destination: &Url,
) -> Result<Map<String, Value>, Error> {
    let mut claims = claims_of_client(parties, env)?;
    let danger = &parties.policy.danger;
    if danger.token_endpoint_as_assertion_audience {
        let audience = token_endpoint_audience(parties, destination)?;
        claims.insert("aud".to_owned(), audience.into());
    }
    let client_id = parties.client.client_id.as_str();
    claims.insert("sub".to_owned(), client_id.into());
    Ok(claims)
}

/// Returns the token endpoint as an audience: its mutual TLS alias if the client uses one and the
/// request goes to the alias's origin, and otherwise its usual URL.
///
/// Any other receiver of such an assertion could use it at the token endpoint (CVE-2025-27370).
/// Therefore the audience always has the same origin as `destination`. The metadata may belong to
/// an attacker and contain the token endpoint of another server.
fn token_endpoint_audience<'a>(parties: &'a Parties, destination: &Url) -> Result<&'a str, Error> {
    let member = EndpointName::Token.metadata_member();
    let usual = parties.server.token_endpoint.as_deref();
    let usual = usual.ok_or(MetadataError::Missing { member })?;
    // The methods that send an assertion do not authenticate by certificate.
    let aliases = parties.aliases_in_use(false);
    let alias = aliases.and_then(|aliases| aliases.token_endpoint.as_deref());
    let at_destination =
        |url: &&str| Url::parse(url).is_ok_and(|it| it.origin() == destination.origin());
    let mut audiences = alias.into_iter().chain([usual]);
    audiences.find(at_destination).ok_or_else(|| {
        Misuse::InvalidArgument {
            argument: "danger.token_endpoint_as_assertion_audience",
            expected: "off for an endpoint that is not at the origin of the token endpoint",
            found: printable(&destination.origin().ascii_serialization()),
        }
        .into()
    })
}

/// Adds a signed assertion to a request.
pub(super) fn add(client_id: impl Into<String>, assertion: String, form: &mut Parameters) {
    form.set("client_id", client_id);
    form.set("client_assertion_type", ASSERTION_TYPE);
    form.set("client_assertion", assertion);
}

/// The `client_assertion_type` of a JWT (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Returns the claims that each JWT of the client begins with; `jti` and times are new each time.
pub(crate) fn claims_of_client(
    parties: &Parties,
    env: &Env<'_>,
) -> Result<Map<String, Value>, Error> {
    let now = parties.policy.skewed(env.now);
    let claims: [(&str, Value); 6] = [
        ("jti", random_token(env.entropy)?.into()),
        // The issuer alone, as one string, at every endpoint: another server can replay an
        // assertion that names an endpoint or several audiences.
        ("aud", parties.audience().into()),
        ("exp", now.saturating_add(LIFETIME).seconds().into()),
        ("iat", now.seconds().into()),
        ("nbf", now.seconds().into()),
        ("iss", parties.client.client_id.as_str().into()),
    ];
    Ok(claims
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect())
}

/// The lifetime of such a JWT in seconds.
const LIFETIME: i64 = 60;
