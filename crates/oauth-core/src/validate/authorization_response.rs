//! Authorization responses as JWTs (JARM section 2.4).

use jose::json;
use jose::jws::Header;
use jose::jwt::Claims;

use super::claim::required;
use super::times::Clock;
use super::{audience, issuer, token_type};
use crate::configuration::Configuration;
use crate::error::Reason;
use crate::time::UnixTime;
use crate::wire::Parameters;

/// Checks the header and the claims of a response whose signature is valid, and returns its
/// parameters: every claim but those about the JWT itself. `iss` is both.
pub(crate) fn validate_authorization_response(
    configuration: &Configuration,
    now: UnixTime,
    header: &Header,
    claims: &Claims<'_>,
) -> Result<Parameters, Reason> {
    // RFC 8725 section 3.11; JARM gives the response no type.
    token_type::untyped(header, &[])?;
    // `exp` is required (section 2.1) and checked (section 2.4). `nbf` and `iat` may be there (RFC
    // 7519 sections 4.1.5 and 4.1.6).
    let clock = Clock::new(configuration.policy(), now);
    clock.not_expired(required("exp", claims.exp())?)?;
    if let Some(nbf) = claims.nbf() {
        clock.already_valid(nbf)?;
    }
    if let Some(iat) = claims.iat() {
        clock.happened("iat", iat)?;
    }
    // Sections 2.1 and 2.4: both are required and compared.
    let iss = required("iss", claims.iss())?;
    issuer::check_claim(configuration, claims, iss)?;
    let aud = required("aud", claims.aud())?;
    audience::contains_client(aud, &configuration.client().client_id)?;

    // `state` is compared with the one that was sent, and the other parameters are checked, as in a
    // plain response.
    let mut parameters = Parameters::new();
    for (name, value) in claims.as_object().iter() {
        match value.as_str() {
            _ if ABOUT_THE_JWT.contains(&name) => {}
            Some(text) => parameters.append(name, text),
            // A null `state` or `error` counts as absent. Any other null parameter, which may be
            // forbidden here, becomes an empty one: present, but useless where it is required.
            None if value == &json::Value::Null && ABSENT_IF_NULL.contains(&name) => {}
            None if value == &json::Value::Null && PARAMETERS_ONCE.contains(&name) => {
                parameters.append(name, "");
            }
            // An ill-typed parameter must not look absent.
            None if PARAMETERS_ONCE.contains(&name) => {
                return Err(Reason::IllTyped {
                    member: name.to_owned().into(),
                    expected: "a string",
                    found: value.kind().to_owned(),
                });
            }
            None => {}
        }
    }
    Ok(parameters)
}

/// Claims about the JWT that are text; the times are numbers, and are left out for that reason.
const ABOUT_THE_JWT: [&str; 2] = ["aud", "jti"];

/// Parameters that no response type forbids.
const ABSENT_IF_NULL: [&str; 2] = ["state", "error"];

/// Parameters with a meaning for this client. Each may occur once (RFC 6749 section 3.1).
pub(crate) const PARAMETERS_ONCE: [&str; 10] = [
    "iss",
    "state",
    "response",
    "error",
    "code",
    "id_token",
    "token",
    "access_token",
    "token_type",
    "expires_in",
];
