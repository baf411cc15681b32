//! The compact serialisations cut into their segments (RFC 7515 section 7.1, RFC 7516 section 7.1).

use crate::{Error, Malformed, Part, base64url};

/// The longest token that is looked at, in bytes.
pub const MAXIMUM_TOKEN_LENGTH: usize = 256 << 10;

/// Cuts a token into exactly `N` segments. Its length is checked first, and no more than six are
/// ever counted.
pub(crate) fn segments<const N: usize>(token: &str, limit: usize) -> Result<[&str; N], Malformed> {
    if token.len() > limit {
        return Err(Malformed::Length {
            limit,
            found: token.len(),
        });
    }
    let mut segments = [""; N];
    let mut found = 0_usize;
    for (index, segment) in token.split('.').take(COUNTED).enumerate() {
        if let Some(slot) = segments.get_mut(index) {
            *slot = segment;
        }
        found = index.saturating_add(1);
    }
    if found != N {
        return Err(Malformed::Segments { expected: N, found });
    }
    Ok(segments)
}

pub(crate) fn decode(part: Part, segment: &str) -> Result<Vec<u8>, Error> {
    base64url::decode_public(segment).map_err(|_| Malformed::Base64Url { part }.into())
}

/// Decodes onto the end of `bytes`, and leaves room for as many more.
pub(crate) fn decode_onto(
    bytes: &mut Vec<u8>,
    part: Part,
    segment: &str,
    more: usize,
) -> Result<(), Error> {
    base64url::decode_public_onto(bytes, segment, more)
        .map_err(|_| Malformed::Base64Url { part }.into())
}

/// One more than the five segments of a JWE.
const COUNTED: usize = 6;
