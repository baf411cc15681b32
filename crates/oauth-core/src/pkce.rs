//! Proof Key for Code Exchange (RFC 7636): a client that redeems a code proves that it began the
//! login.
//!
//! The method is always S256. The other method, `plain`, sends the verifier itself through the
//! browser and protects against fewer attacks.

use jose::HashAlgorithm;

use crate::entropy::{Entropy, EntropyFault, random_token};
use crate::error::{Error, Misuse};
use crate::secret::Secret;

/// A `code_verifier` (RFC 7636 section 4.1): the secret behind a `code_challenge`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeVerifier(Secret);

impl CodeVerifier {
    /// Generates a verifier: 32 random bytes in base64url, 43 characters.
    ///
    /// # Errors
    ///
    /// [`EntropyFault`] when the source of randomness fails.
    pub fn random(entropy: &dyn Entropy) -> Result<Self, EntropyFault> {
        random_token(entropy).map(|text| Self(Secret::new(text)))
    }

    /// Reads a verifier that was made elsewhere: 43 to 128 characters from `A-Z a-z 0-9 - . _ ~`.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if it has another length or other characters.
    pub fn new(text: impl Into<Secret>) -> Result<Self, Error> {
        let text = text.into();
        let bytes = text.expose().as_bytes();
        if !(SHORTEST..=LONGEST).contains(&bytes.len()) {
            return Err(unusable(format!("{} bytes", bytes.len())));
        }
        if !bytes.iter().all(|byte| is_unreserved(*byte)) {
            return Err(unusable("another character".to_owned()));
        }
        Ok(Self(text))
    }

    /// The verifier as it is sent to the token endpoint.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Returns the `code_challenge` for the method S256 (section 4.2): base64url of the SHA-256
    /// hash.
    pub fn code_challenge(&self) -> String {
        let hash = HashAlgorithm::Sha256.digest(self.expose().as_bytes());
        jose::base64url::encode(&hash)
    }
}

fn unusable(found: String) -> Error {
    Misuse::InvalidArgument {
        argument: "code_verifier",
        expected: "43 to 128 characters out of A-Z a-z 0-9 - . _ ~",
        found,
    }
    .into()
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

const SHORTEST: usize = 43;
const LONGEST: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    /// The example in RFC 7636 appendix B.
    #[test]
    fn the_example_of_the_specification() {
        let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
        assert_eq!(
            verifier.code_challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn length_and_characters_are_held_to() {
        for usable in [43, 128] {
            assert!(CodeVerifier::new("~".repeat(usable)).is_ok());
        }
        for (text, found) in [
            ("a".repeat(42), "42 bytes"),
            ("a".repeat(129), "129 bytes"),
            ("+".repeat(43), "another character"),
            ("é".repeat(43), "another character"),
        ] {
            let Err(Error::Misuse(misuse)) = CodeVerifier::new(text) else {
                panic!("accepted");
            };
            assert_eq!(
                misuse,
                Misuse::InvalidArgument {
                    argument: "code_verifier",
                    expected: "43 to 128 characters out of A-Z a-z 0-9 - . _ ~",
                    found: found.to_owned(),
                }
            );
        }
    }

    #[test]
    fn a_verifier_is_not_printed() {
        let verifier = CodeVerifier::new("a".repeat(43)).unwrap();
        assert_eq!(format!("{verifier:?}"), "CodeVerifier([redacted])");
    }
}
