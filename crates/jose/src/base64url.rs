//! base64url without padding (RFC 7515 section 2, RFC 4648 section 5), strict in both directions.
//!
//! These functions take the same time for all bytes of one length, so they are safe for secrets.
//! This crate decodes tokens and public keys, which are public, with a faster coder.

use base64::Engine;
use base64ct::{Base64UrlUnpadded, Encoding};

/// The coder for public data. It uses vector instructions where the processor has them. The vector
/// code for aarch64 is for little-endian machines.
#[cfg(any(
    target_arch = "x86_64",
    all(
        target_arch = "aarch64",
        target_endian = "little",
        target_feature = "neon"
    )
))]
static PUBLIC: std::sync::LazyLock<base64::engine::Simd> = std::sync::LazyLock::new(|| {
    base64::engine::Simd::url_safe(base64::engine::general_purpose::NO_PAD)
});
#[cfg(not(any(
    target_arch = "x86_64",
    all(
        target_arch = "aarch64",
        target_endian = "little",
        target_feature = "neon"
    )
)))]
use base64::engine::general_purpose::URL_SAFE_NO_PAD as PUBLIC;

/// Encodes bytes as base64url without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Decodes base64url without padding.
///
/// # Errors
///
/// [`InvalidBase64Url`] for padding, whitespace, characters of the standard alphabet (`+`, `/`), an
/// impossible length, or unused bits in the last character that are not zero. Each byte string
/// therefore has exactly one accepted encoding.
pub fn decode(text: &str) -> Result<Vec<u8>, InvalidBase64Url> {
    Base64UrlUnpadded::decode_vec(text).map_err(|_| InvalidBase64Url)
}

/// Decodes public data. It accepts exactly what [`decode`] accepts.
pub(crate) fn decode_public(text: &str) -> Result<Vec<u8>, InvalidBase64Url> {
    let mut bytes = Vec::new();
    decode_public_onto(&mut bytes, text)?;
    Ok(bytes)
}

/// Decodes public data onto the end of `bytes`. After an error, the content of `bytes` is
/// unspecified.
pub(crate) fn decode_public_onto(bytes: &mut Vec<u8>, text: &str) -> Result<(), InvalidBase64Url> {
    PUBLIC.decode_vec(text, bytes).map_err(|_| InvalidBase64Url)
}

/// Encodes public data.
pub(crate) fn encode_public(bytes: &[u8]) -> String {
    PUBLIC.encode(bytes)
}

/// Encodes public data onto the end of a text.
#[expect(
    clippy::expect_used,
    reason = "the room is as long as the encoding, which is all that could fail"
)]
pub(crate) fn encode_public_onto(text: &mut Vec<u8>, bytes: &[u8]) {
    let start = text.len();
    let end = start.saturating_add(encoded_length(bytes.len()));
    text.resize(end, 0);
    let room = text.get_mut(start..).unwrap_or_default();
    PUBLIC
        .encode_slice(bytes, room)
        .expect("room for the encoding");
}

/// The number of characters in the encoding of so many bytes.
pub(crate) fn encoded_length(bytes: usize) -> usize {
    bytes.saturating_mul(4).div_ceil(3)
}

/// Error for a text that is not base64url without padding (RFC 7515 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base64url without padding")]
pub struct InvalidBase64Url;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7515_appendix_c() {
        let bytes = [3, 236, 255, 224, 193];
        assert_eq!(encode(&bytes), "A-z_4ME");
        assert_eq!(decode("A-z_4ME").unwrap(), bytes);
    }

    #[test]
    fn only_the_one_spelling_is_accepted() {
        for text in [
            "A-z_4ME=",
            "A-z_4MF",
            "A+z/4ME",
            "A-z_4 ME",
            "A-z_4ME\n",
            "A",
            "AAAAA",
            "é",
        ] {
            assert_eq!(decode(text), Err(InvalidBase64Url), "{text:?}");
            assert_eq!(decode_public(text), Err(InvalidBase64Url), "{text:?}");
        }
        assert_eq!(decode(""), Ok(Vec::new()));
        assert_eq!(decode_public(""), Ok(Vec::new()));
    }

    /// Each character at each place of a text that is right everywhere else.
    #[test]
    fn both_coders_agree_on_each_character_of_a_long_text() {
        // Without bits left over, with two, and with four.
        for length in [99, 98, 97] {
            let good = encode(&(0..length).collect::<Vec<u8>>());
            for place in 0..good.len() {
                for character in (0..=127).map(char::from).chain(['é', '€']) {
                    let mut text = good.clone();
                    text.replace_range(place..=place, character.encode_utf8(&mut [0; 4]));
                    assert_eq!(decode_public(&text), decode(&text), "{text:?}");
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn both_coders_agree(text in "[A-Za-z0-9_=+/ -]{0,24}", bytes: Vec<u8>) {
            proptest::prop_assert_eq!(decode_public(&text), decode(&text));
            let encoded = encode_public(&bytes);
            proptest::prop_assert_eq!(encoded.len(), encoded_length(bytes.len()));
            proptest::prop_assert_eq!(decode_public(&encoded), Ok(bytes.clone()));
            proptest::prop_assert_eq!(&encoded, &encode(&bytes));
            let mut text = b"start.".to_vec();
            encode_public_onto(&mut text, &bytes);
            proptest::prop_assert_eq!(text, format!("start.{encoded}").into_bytes());
        }

        /// Long enough for vector instructions.
        #[test]
        fn both_coders_agree_on_long_texts(
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 48..400),
        ) {
            let text = encode(&bytes);
            proptest::prop_assert_eq!(encode_public(&bytes), text.clone());
            proptest::prop_assert_eq!(decode_public(&text), Ok(bytes));
        }

        /// Short texts of the right alphabet, in which the last character decides.
        #[test]
        fn both_coders_agree_on_the_last_bits(text in "[A-Za-z0-9_-]{0,6}") {
            proptest::prop_assert_eq!(decode_public(&text), decode(&text));
        }
    }
}
