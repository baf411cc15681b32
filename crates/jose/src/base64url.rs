//! base64url without padding (RFC 7515 section 2, RFC 4648 section 5), strict in both directions.

use base64ct::{Base64UrlUnpadded, Encoding};

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
/// impossible length, or bits left over in the last character. Each byte string therefore has
/// exactly one accepted spelling.
pub fn decode(text: &str) -> Result<Vec<u8>, InvalidBase64Url> {
    Base64UrlUnpadded::decode_vec(text).map_err(|_| InvalidBase64Url)
}

/// The text is not base64url as RFC 7515 section 2 spells it.
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
        }
        assert_eq!(decode(""), Ok(Vec::new()));
    }
}
