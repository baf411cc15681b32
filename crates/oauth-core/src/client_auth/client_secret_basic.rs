//! `client_secret_basic`: identifier and secret as HTTP Basic credentials (RFC 6749 section 2.3.1).

use base64ct::{Base64, Encoding as _};
use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::client_auth::ClientSecret;
use crate::error::{Error, Misuse};
use crate::metadata::ClientMetadata;

/// The secret for HTTP Basic and the way it is encoded.
#[derive(Debug, Clone)]
pub struct ClientSecretBasic {
    secret: ClientSecret,
    unreserved_unescaped: bool,
}

impl ClientSecretBasic {
    /// Creates Basic credentials as RFC 6749 section 2.3.1 and appendix B define them: both halves
    /// encoded as `application/x-www-form-urlencoded`, with everything but letters and digits
    /// escaped.
    pub fn new(secret: impl Into<ClientSecret>) -> Self {
        Self {
            secret: secret.into(),
            unreserved_unescaped: false,
        }
    }

    /// Leaves `-`, `.`, `_` and `~` unescaped, for servers that compare without decoding first.
    #[must_use]
    pub fn with_unreserved_unescaped(mut self) -> Self {
        self.unreserved_unescaped = true;
        self
    }

    pub(super) fn bind_to_registered(&mut self) {
        self.secret = ClientSecret::Registered;
    }

    /// Refuses a secret that is missing.
    pub(super) fn check(&self, client: &ClientMetadata) -> Result<(), Error> {
        self.secret.resolve(client, NAME).map(drop)
    }

    /// Returns the value of the `Authorization` header. It is wiped when its last clone is dropped.
    pub(super) fn credentials(&self, client: &ClientMetadata) -> Result<HeaderValue, Error> {
        let secret = self.secret.resolve(client, NAME)?;
        let id = self.encode(&client.client_id);
        let secret = self.encode(secret.expose());
        let pair = Zeroizing::new([&*id, ":", &*secret].concat());
        // The standard alphabet with padding (RFC 7617 section 2).
        let encoded = Zeroizing::new(Base64::encode_string(pair.as_bytes()));
        let value = Zeroizing::new(["Basic ", &encoded].concat().into_bytes());
        let value = HeaderValue::from_maybe_shared(Bytes::from_owner(value));
        let mut value = value.map_err(|_| Misuse::InvalidArgument {
            argument: "client_secret",
            expected: "short enough for a header",
            found: "a longer one".to_owned(),
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    fn encode(&self, text: &str) -> Zeroizing<String> {
        let plain = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || self.unreserved_unescaped && matches!(byte, b'-' | b'.' | b'_' | b'~')
        };
        // A buffer that grows would leave copies of the secret.
        let mut encoded = Zeroizing::new(String::with_capacity(text.len().saturating_mul(3)));
        for byte in text.bytes() {
            match byte {
                b' ' => encoded.push('+'),
                byte if plain(byte) => encoded.push(char::from(byte)),
                byte => encoded.extend(['%', hexadecimal(byte >> 4), hexadecimal(byte & 0xF)]),
            }
        }
        encoded
    }
}

/// Returns a hexadecimal digit in upper case.
fn hexadecimal(digit: u8) -> char {
    let digit = char::from_digit(digit.into(), 16).unwrap_or_default();
    digit.to_ascii_uppercase()
}

pub(super) const NAME: &str = "client_secret_basic";

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(method: &ClientSecretBasic, client_id: &str) -> HeaderValue {
        let client = ClientMetadata::new(client_id);
        method.credentials(&client).unwrap()
    }

    #[test]
    fn everything_but_letters_and_digits_is_escaped() {
        let text = "client %&+-_.!~*'()";
        let method = ClientSecretBasic::new("");
        assert_eq!(
            *method.encode(text),
            "client+%25%26%2B%2D%5F%2E%21%7E%2A%27%28%29"
        );
        assert_eq!(
            *method.with_unreserved_unescaped().encode(text),
            "client+%25%26%2B-_.%21~%2A%27%28%29"
        );
        assert_eq!(*ClientSecretBasic::new("").encode("é"), "%C3%A9");
    }

    /// The example in RFC 6749 section 2.3.1.
    #[test]
    fn the_example_of_the_specification() {
        let value = credentials(
            &ClientSecretBasic::new("7Fjfp0ZBr1KtDRbnfVdmIw"),
            "s6BhdRkqt3",
        );
        assert_eq!(value, "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
        assert!(value.is_sensitive());
    }

    /// The result contains padding, which base64url omits, and a `/`, which base64url replaces.
    #[test]
    fn base64_is_the_standard_one() {
        let method = ClientSecretBasic::new("??>");
        let method = method.with_unreserved_unescaped();
        assert_eq!(credentials(&method, "a"), "Basic YTolM0YlM0YlM0U=");
        assert_eq!(
            credentials(&ClientSecretBasic::new("o"), "~~"),
            "Basic JTdFJTdFOm8="
        );
    }
}
