//! The reading of claims: `null` counts as absent, and `danger` permits conversions of numbers and
//! text.

use jose::json::{Limits, Object, Value};
use jose::jwt::Claims;
use jose::{base64url, json};
use serde_json::{Map, Number, Value as JsonValue};

use crate::policy::Danger;

/// Reads the claims in `object`, whose text is `text`.
///
/// A claim that is `null` counts as absent, because servers write omitted claims this way. The
/// claims with a defined type are removed here if they are `null`; none of them is ever forbidden.
/// All others are kept, because a forbidden claim that is `null` counts as present.
pub(crate) fn read_claims<'t>(
    danger: &Danger,
    text: &[u8],
    object: Object<'t>,
) -> Result<Claims<'t>, jose::Error> {
    let is_read_as_written =
        !converts_claims(danger) && object.iter().all(|(_, value)| !may_be_changed(value));
    if is_read_as_written {
        return Claims::from_object(object);
    }
    let object = object.map_members(|name, value| match (name, value) {
        // The claims inside the introspection response (RFC 9701 section 5).
        (name @ "token_introspection", Value::Object(inner)) => {
            let inner = readable(danger, text, &[name, "sub"], inner);
            Some(Value::Object(inner))
        }
        (_, value) => Some(value),
    });
    Claims::from_object(readable(danger, text, &["sub"], object))
}

/// Whether [`read_claims`] may convert claims. Their text then no longer says what was read.
pub(crate) const fn converts_claims(danger: &Danger) -> bool {
    danger.accept_numeric_sub || danger.accept_times_as_text
}

/// Reads the claims of a verified JWT again, which [`read_claims`] has read without conversions.
pub(crate) fn reread_claims(jwt: &str) -> Map<String, JsonValue> {
    let read = || {
        let payload = base64url::decode(jwt.split('.').nth(1)?).ok()?;
        let object = json::parse_object_with_repeats(&payload, Limits::CLAIMS).ok()?;
        let claims = read_claims(&Danger::default(), &payload, object).ok()?;
        Some(claims.to_owned_map())
    };
    // It was read before, so it can be read again.
    read().unwrap_or_default()
}

/// Whether the value of a claim may be left out, or contain one that is.
const fn may_be_changed(value: &Value<'_>) -> bool {
    matches!(value, Value::Null | Value::Object(_))
}

fn readable<'t>(
    danger: &Danger,
    text: &[u8],
    path_of_sub: &[&str],
    object: Object<'t>,
) -> Object<'t> {
    let object = object.map_members(|name, value| match (name, value) {
        ("iss" | "sub" | "aud" | "jti" | "exp" | "nbf" | "iat" | "auth_time", Value::Null) => None,
        ("exp" | "nbf" | "iat" | "auth_time", Value::String(digits))
            if danger.accept_times_as_text =>
        {
            Some(seconds(&digits).map_or(Value::String(digits), Value::Number))
        }
        (_, value) => Some(value),
    });
    with_subject_as_text(danger, text, path_of_sub, object)
}

/// Converts a `sub` that is an integer to text, digit for digit, if
/// [`accept_numeric_sub`](Danger::accept_numeric_sub) is set. It is at `path` in `text`.
pub(crate) fn with_subject_as_text<'t>(
    danger: &Danger,
    text: &[u8],
    path: &[&str],
    object: Object<'t>,
) -> Object<'t> {
    if !danger.accept_numeric_sub {
        return object;
    }
    object.map_members(|name, value| match (name, value) {
        ("sub", Value::Number(number)) => {
            // The parsed value keeps only 53 bits of a large number.
            let digits = json::number_text(text, path).filter(|digits| is_integer(digits));
            Some(digits.map_or(Value::Number(number), |digits| {
                Value::String(digits.to_owned().into())
            }))
        }
        (_, value) => Some(value),
    })
}

/// Whether a JSON number is written as an integer. Minus zero is refused: it is another notation of
/// zero.
fn is_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    number != "-0" && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads a time that consists of digits only and fits into 64 bits.
fn seconds(digits: &str) -> Option<Number> {
    let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: u64 = is_decimal.then(|| digits.parse().ok())??;
    Some(seconds.into())
}
