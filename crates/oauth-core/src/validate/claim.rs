//! Checks of single claims: whether a claim is present, and its type.

use jose::json::Value;
use jose::jwt::Claims;

use crate::error::Reason;

/// Returns a claim that must be present. RFC 7519 section 4 leaves it to each kind of token which
/// claims are required; the caller names the section.
pub(crate) fn required<T>(claim: &'static str, value: Option<T>) -> Result<T, Reason> {
    value.ok_or(Reason::Missing {
        member: claim.into(),
    })
}

/// Returns a claim that must be a string if present. A claim that is `null` counts as absent.
pub(crate) fn text<'c>(claims: &'c Claims<'_>, claim: &str) -> Result<Option<&'c str>, Reason> {
    match claims.get(claim) {
        Some(Value::Null) => Ok(None),
        _ => claims.get_string(claim).map_err(Reason::from),
    }
}

/// Refuses a `sub` that is empty or longer than 255 characters (OpenID Connect Core 1.0 section 2).
pub(crate) fn check_subject(sub: &str) -> Result<(), Reason> {
    let (expected, found) = if sub.is_empty() {
        ("a string that is not empty", "an empty string")
    } else if sub.len() > LONGEST_SUBJECT && sub.chars().nth(LONGEST_SUBJECT).is_some() {
        ("a string of at most 255 characters", "a longer string")
    } else {
        return Ok(());
    };
    Err(Reason::IllTyped {
        member: "sub".into(),
        expected,
        found: found.to_owned(),
    })
}

const LONGEST_SUBJECT: usize = 255;

/// Refuses an empty string in a claim that identifies something. No section forbids it; beyond
/// them, it is refused because all empty identifiers would name the same thing.
pub(crate) fn not_empty<'c>(claim: &'static str, value: &'c str) -> Result<&'c str, Reason> {
    if value.is_empty() {
        return Err(Reason::IllTyped {
            member: claim.into(),
            expected: "a string that is not empty",
            found: "an empty string".to_owned(),
        });
    }
    Ok(value)
}
