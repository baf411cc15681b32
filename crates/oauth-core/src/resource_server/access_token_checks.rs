//! The checks of an access token whose signature is valid (RFC 9068 section 4).

use jose::json::Value;
use jose::jws::Header;
use jose::jwt::{Claims, NumericDate};

use crate::error::{Reason, printable};
use crate::resource_server::issuer::AccessTokenExpectations;
use crate::resource_server::{DangerAccessTokenProfile, TokenBinding, ValidatedAccessToken};
use crate::time::UnixTime;
use crate::validate::claim::{check_subject, not_empty, required, text};
use crate::validate::times::Clock;
use crate::validate::{issuer, token_type};

/// Checks header and claims in the order of RFC 9068 section 4; section 2.2 says which claims are
/// required.
pub(super) fn validate_access_token(
    expected: &AccessTokenExpectations,
    now: UnixTime,
    header: &Header,
    claims: &Claims<'_>,
) -> Result<ValidatedAccessToken, Reason> {
    let profile = expected.profile.as_ref();
    // RFC 9068 section 4: `typ` must be `at+jwt`.
    match profile {
        None => token_type::explicit(header, AT_JWT)?,
        Some(profile) => is_no_id_token(profile, header, claims)?,
    }
    // Section 4: `iss` must equal the issuer of the server, and `aud` must contain the resource.
    let iss = required("iss", claims.iss())?;
    issuer::check_claim(&expected.configuration, claims, iss)?;
    let audience_claim = profile.map_or("aud", |profile| profile.audience_claim);
    contains_resource(claims, audience_claim, &expected.resource)?;
    // Section 4: the token must not have expired. `nbf` is RFC 7519 section 4.1.5.
    let clock = Clock::new(expected.configuration.policy(), now);
    let exp = required("exp", claims.exp())?;
    clock.not_expired(exp)?;
    if let Some(nbf) = claims.nbf() {
        clock.already_valid(nbf)?;
    }
    // Section 2.2 requires `iat`, `jti`, `sub` and `client_id`.
    let (iat, jti) = match profile {
        None => (
            Some(required("iat", claims.iat())?),
            Some(required("jti", claims.jti())?),
        ),
        Some(_) => (claims.iat(), claims.jti()),
    };
    iat.map(|iat| clock.happened("iat", iat)).transpose()?;
    jti.map(|jti| not_empty("jti", jti)).transpose()?;
    let sub = required("sub", claims.sub())?;
    check_subject(sub)?;
    let client_claim = profile.map_or("client_id", |profile| profile.client_claim);
    let client_id = required(client_claim, text(claims, client_claim)?)?;
    let time = |date: NumericDate| UnixTime::from_seconds(date.seconds());
    let members = claims.to_owned_map();
    Ok(ValidatedAccessToken {
        iss: iss.to_owned(),
        sub: Some(sub.to_owned()),
        client_id: Some(not_empty(client_claim, client_id)?.to_owned()),
        jti: jti.map(str::to_owned),
        exp: Some(time(exp)),
        iat: iat.map(time),
        auth_time: claims.auth_time().map(time),
        acr: text(claims, "acr")?.map(str::to_owned),
        scope: scope(claims, profile)?,
        authorization_details: authorization_details(&members)?,
        binding: TokenBinding::read(&members)?,
        claims: members,
    })
}

/// Refuses a token of another `typ`, and a token with the marks of an ID Token (OpenID Connect Core
/// 1.0 sections 2 and 3.3.2.11). A profile by choice gives up the `typ` of RFC 9068 section 4,
/// which keeps ID Tokens out, so their claims take its place.
fn is_no_id_token(
    profile: &DangerAccessTokenProfile,
    header: &Header,
    claims: &Claims<'_>,
) -> Result<(), Reason> {
    match (profile.typ, header.typ()) {
        (Some(expected), _) => token_type::explicit(header, expected)?,
        (None, Some(found)) => {
            let expected = "nothing";
            let found = printable(found);
            return Err(Reason::TokenType { expected, found });
        }
        (None, None) => {}
    }
    let mark = ["nonce", "at_hash", "c_hash"]
        .into_iter()
        .find(|mark| claims.get(mark).is_some());
    match mark {
        Some(member) => Err(Reason::Unexpected {
            member: member.into(),
        }),
        None => Ok(()),
    }
}

/// Requires the claim to be the resource, or an array that contains it (RFC 9068 section 4, RFC
/// 7519 section 4.1.3).
fn contains_resource(
    claims: &Claims<'_>,
    claim: &'static str,
    resource: &str,
) -> Result<(), Reason> {
    let found = strings(claim, required(claim, claims.get(claim))?)?;
    is_for(claim, &found, resource)
}

/// Requires that the audience contains the resource.
pub(super) fn is_for(claim: &'static str, found: &[&str], resource: &str) -> Result<(), Reason> {
    if found.contains(&resource) {
        return Ok(());
    }
    // Five values are enough for the message.
    let found: Vec<_> = found.iter().copied().take(5).collect();
    Err(Reason::ClaimMismatch {
        claim,
        expected: Some(resource.to_owned()),
        found: Some(printable(&found.join(", "))),
    })
}

/// Reads the scope: text with spaces (RFC 9068 section 2.2.3), and by choice also an array.
fn scope(
    claims: &Claims<'_>,
    profile: Option<&DangerAccessTokenProfile>,
) -> Result<Vec<String>, Reason> {
    let text = match profile {
        None => text(claims, "scope")?,
        Some(profile) => match claims.get(profile.scope_claim) {
            Some(array @ Value::Array(_)) => {
                let values = strings(profile.scope_claim, array)?;
                return Ok(values.into_iter().map(str::to_owned).collect());
            }
            _ => text(claims, profile.scope_claim)?,
        },
    };
    Ok(scope_values(text.unwrap_or_default()))
}

/// Splits a scope into its values (RFC 6749 section 3.3).
pub(super) fn scope_values(text: &str) -> Vec<String> {
    let values = text.split(' ').filter(|value| !value.is_empty());
    values.map(str::to_owned).collect()
}

/// Reads the authorization details: an array of objects, each with a `type` (RFC 9396 section 2).
pub(super) fn authorization_details(
    members: &serde_json::Map<String, serde_json::Value>,
) -> Result<Vec<serde_json::Map<String, serde_json::Value>>, Reason> {
    const DETAILS: &str = "authorization_details";
    let Some(value) = members.get(DETAILS) else {
        return Ok(Vec::new());
    };
    let detail = |value: &serde_json::Value| {
        let detail = value.as_object()?;
        detail.get("type")?.as_str()?;
        Some(detail.clone())
    };
    let details: Option<Vec<_>> = value
        .as_array()
        .and_then(|values| values.iter().map(detail).collect());
    details.ok_or_else(|| Reason::IllTyped {
        member: DETAILS.into(),
        expected: "an array of objects with a type",
        found: kind(value).to_owned(),
    })
}

/// The kind of a JSON value, as in messages.
pub(super) const fn kind(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "boolean",
        serde_json::Value::Number(_) => "number",
        serde_json::Value::String(_) => "string",
        serde_json::Value::Array(_) => "array",
        serde_json::Value::Object(_) => "object",
    }
}

/// Reads a string or an array of strings.
fn strings<'c>(claim: &'static str, value: &'c Value<'_>) -> Result<Vec<&'c str>, Reason> {
    let texts = match value {
        Value::String(text) => Some(vec![text.as_ref()]),
        Value::Array(values) => values.iter().map(Value::as_str).collect(),
        _ => None,
    };
    texts.ok_or_else(|| Reason::IllTyped {
        member: claim.into(),
        expected: "a string or an array of strings",
        found: value.kind().to_owned(),
    })
}

const AT_JWT: &str = "at+jwt";
