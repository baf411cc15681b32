//! The compact serialisations cut into their segments (RFC 7515 section 7.1, RFC 7516 section 7.1).

use memchr::memchr_iter;

use crate::json::Value;
use crate::{Error, Malformed, Part, base64url};

/// The longest token that this crate reads, in bytes.
pub const MAXIMUM_TOKEN_LENGTH: usize = 256 << 10;

/// Splits a token into exactly `N` segments. The length is checked first, and counting stops at six
/// segments.
pub(crate) fn segments<const N: usize>(token: &str, limit: usize) -> Result<[&str; N], Malformed> {
    if token.len() > limit {
        return Err(Malformed::Length {
            limit,
            found: token.len(),
        });
    }
    let full_stops = memchr_iter(b'.', token.as_bytes());
    let mut segments = [""; N];
    let mut found = 0_usize;
    let mut start = 0;
    for end in full_stops.chain([token.len()]).take(COUNTED) {
        if let Some(segment) = segments.get_mut(found) {
            *segment = token.get(start..end).unwrap_or_default();
        }
        found = found.saturating_add(1);
        start = end.saturating_add(1);
    }
    if found != N {
        return Err(Malformed::Segments { expected: N, found });
    }
    Ok(segments)
}

pub(crate) fn decode(part: Part, segment: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    decode_onto(&mut bytes, part, segment)?;
    Ok(bytes)
}

/// Returns an empty buffer with room for the decoded token.
pub(crate) fn room(token: &str) -> Vec<u8> {
    Vec::with_capacity(token.len().div_ceil(4).saturating_mul(3))
}

/// Decodes onto the end of `bytes`.
pub(crate) fn decode_onto(bytes: &mut Vec<u8>, part: Part, segment: &str) -> Result<(), Error> {
    base64url::decode_public_onto(bytes, segment).map_err(|_| Malformed::Base64Url { part }.into())
}

/// A header parameter, which must be a string where it is present.
pub(crate) fn string<'v>(
    member: &'static str,
    value: Option<&'v Value<'_>>,
) -> Result<Option<&'v str>, Error> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(Error::Header {
            member,
            expected: "a string",
            found: other.kind(),
        }),
    }
}

/// A header parameter that must be present and a string.
pub(crate) fn required<'v>(
    member: &'static str,
    value: Option<&'v Value<'_>>,
) -> Result<&'v str, Error> {
    match string(member, value)? {
        Some(text) => Ok(text),
        None => Err(Error::Header {
            member,
            expected: "a string",
            found: "nothing",
        }),
    }
}

/// One more than the five segments of a JWE.
const COUNTED: usize = 6;
