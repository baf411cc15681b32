//! Introspection responses as JWT (RFC 9701 section 5).

use jose::json;
use jose::jws::Header;
use jose::jwt::Claims;

use crate::configuration::Configuration;
use crate::endpoint::IntrospectionResponse;
use crate::error::Reason;
use crate::time::UnixTime;
use crate::validate::times::Clock;
use crate::validate::{audience, issuer, token_type};

/// Checks the header and the claims of a JWT whose signature is valid, and reads its content.
///
/// The type is required: without it, any other JWT that the server signs for this client could pass
/// as an introspection response (section 8.1).
pub(crate) fn validate_introspection(
    configuration: &Configuration,
    now: UnixTime,
    header: &Header,
    claims: &Claims<'_>,
) -> Result<IntrospectionResponse, Reason> {
    // Section 8.1.
    token_type::explicit(header, TYPE)?;
    // The times of the response, not of the token that it describes (RFC 7519 sections 4.1.4 and
    // 4.1.5; RFC 9701 does not require them).
    let clock = Clock::new(configuration.policy(), now);
    if let Some(exp) = claims.exp() {
        clock.not_expired(exp)?;
    }
    if let Some(nbf) = claims.nbf() {
        clock.already_valid(nbf)?;
    }
    // Section 5 requires `iat`, `iss`, `aud` and `token_introspection`. Beyond it, which states no
    // check, they are compared like those of every JWT (RFC 8725 sections 3.8 and 3.9).
    clock.happened("iat", required("iat", claims.iat())?)?;
    let iss = required("iss", claims.iss())?;
    issuer::check_claim(configuration, claims, iss)?;
    let aud = required("aud", claims.aud())?;
    audience::contains_client(aud, &configuration.client().client_id)?;
    let token = claims.get("token_introspection");
    let token = token.filter(|token| !matches!(token, json::Value::Null));
    let token = required("token_introspection", token)?;
    let token = token.as_object().ok_or_else(|| Reason::IllTyped {
        member: "token_introspection".into(),
        expected: "an object",
        found: token.kind().to_owned(),
    })?;
    IntrospectionResponse::read(&Claims::from_object(token.clone())?)
}

fn required<T>(claim: &'static str, value: Option<T>) -> Result<T, Reason> {
    value.ok_or(Reason::Missing {
        member: claim.into(),
    })
}

const TYPE: &str = "token-introspection+jwt";
