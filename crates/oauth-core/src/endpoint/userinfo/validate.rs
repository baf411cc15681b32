//! UserInfo responses, as JSON and as JWT (OpenID Connect Core 1.0 section 5.3.2).

use bytes::Bytes;
use jose::json;
use jose::jws::Header;
use jose::jwt::Claims;

use crate::configuration::Configuration;
use crate::endpoint::{ExpectedSubject, UserInfoResponse};
use crate::error::{Reason, printable};
use crate::metadata::required_string;
use crate::policy::Danger;
use crate::secret::constant_time_eq;
use crate::time::UnixTime;
use crate::validate::claim::check_subject;
use crate::validate::reading::with_subject_as_text;
use crate::validate::times::Clock;
use crate::validate::{audience, issuer, token_type};

/// Reads the claims in `object`, whose text is `text`. They are refused unless they are about the
/// expected user (section 5.3.2: `sub` must be compared).
pub(crate) fn read_user_info(
    danger: &Danger,
    subject: &ExpectedSubject,
    text: Bytes,
    object: json::Object<'_>,
) -> Result<UserInfoResponse, Reason> {
    if danger.accept_numeric_sub {
        let object = with_subject_as_text(danger, &text, &["sub"], object);
        let sub = checked_subject(subject, &object)?;
        return Ok(UserInfoResponse::new(sub, object.to_owned_map()));
    }
    let sub = checked_subject(subject, &object)?;
    Ok(UserInfoResponse::of_text(sub, text))
}

/// Returns the `sub` of the claims, which must be that of the expected user.
fn checked_subject(subject: &ExpectedSubject, object: &json::Object<'_>) -> Result<String, Reason> {
    // Section 5.3.2: `sub` is always present.
    let sub = required_string(object, "sub")?;
    check_subject(&sub)?;
    // Section 5.3.2: `sub` must equal that of the ID Token, or no claim may be used.
    if let ExpectedSubject::Equals(expected) = subject
        && !constant_time_eq(expected.as_bytes(), sub.as_bytes())
    {
        return Err(Reason::AttributeMismatch {
            member: "sub",
            expected: Some(printable(expected)),
            found: Some(printable(&sub)),
        });
    }
    Ok(sub)
}

/// Checks the header and the claims of a JWT whose signature is valid, and reads the claims.
///
/// `iss`, `aud` and the times may be absent (section 5.3.2), but must be right if present. No
/// specification defines a type for UserInfo, so servers invent types; a type that is registered
/// for another kind of token is refused (RFC 8725 section 3.11).
pub(crate) fn validate_user_info(
    configuration: &Configuration,
    subject: &ExpectedSubject,
    now: UnixTime,
    header: &Header,
    claims: &Claims<'_>,
) -> Result<UserInfoResponse, Reason> {
    // RFC 8725 section 3.11.
    token_type::of_no_other_kind(header)?;
    // RFC 7519 sections 4.1.4 to 4.1.6.
    let clock = Clock::new(configuration.policy(), now);
    if let Some(exp) = claims.exp() {
        clock.not_expired(exp)?;
    }
    if let Some(nbf) = claims.nbf() {
        clock.already_valid(nbf)?;
    }
    if let Some(iat) = claims.iat() {
        clock.happened("iat", iat)?;
    }
    // Section 5.3.2.
    if let Some(iss) = claims.iss() {
        issuer::check_claim(configuration, claims, iss)?;
    }
    if let Some(aud) = claims.aud() {
        audience::contains_client(aud, &configuration.client().client_id)?;
    }
    let sub = checked_subject(subject, claims.as_object())?;
    Ok(UserInfoResponse::new(sub, claims.to_owned_map()))
}
