//! Claims as they are read: `null` is absent, and `danger` lets numbers and text stand for each other.

use jose::json;
use jose::json::{Object, Value};
use jose::jwt::Claims;
use serde_json::Number;

use crate::policy::Danger;

/// Reads the claims set in `object`, the text of which is `text`.
///
/// A claim that is `null` is absent, as real servers write what they leave out so. Those that have a type
/// by their definition are left out here; none of them is ever one that must be absent. All others are
/// kept as they are, since a claim that must be absent and is `null` is present.
pub(crate) fn read_claims<'t>(
    danger: &Danger,
    text: &[u8],
    object: Object<'t>,
) -> Result<Claims<'t>, jose::Error> {
    let object = object.map_members(|name, value| match (name, value) {
        // The claims within (RFC 9701 section 5).
        (name @ "token_introspection", Value::Object(inner)) => {
            let inner = readable(danger, text, &[name, "sub"], inner);
            Some(Value::Object(inner))
        }
        (_, value) => Some(value),
    });
    Claims::from_object(readable(danger, text, &["sub"], object))
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

/// Puts text in the place of a `sub` that is an integer, digit for digit, where
/// [`accept_numeric_sub`](Danger::accept_numeric_sub) says so. It is at `path` in `text`.
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
            // The value has no more than 53 bits of a large number.
            let digits = json::number_text(text, path).filter(|digits| is_integer(digits));
            Some(digits.map_or(Value::Number(number), |digits| {
                Value::String(digits.to_owned().into())
            }))
        }
        (_, value) => Some(value),
    })
}

/// Whether a JSON number is written as an integer. Minus zero is another way to write zero.
fn is_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    number != "-0" && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A time of the digits alone; those of a time fit into 64 bits.
fn seconds(digits: &str) -> Option<Number> {
    let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: u64 = is_decimal.then(|| digits.parse().ok())??;
    Some(seconds.into())
}
