use std::fmt;

use crate::{Error, SignatureAlgorithm, SigningKey, base64url};

use super::ProtectedHeader;

/// The bytes that a signature covers (RFC 7515 section 5.1): header and payload in base64url,
/// joined by a full stop. `Debug` shows only the algorithm, because a payload may be secret.
///
/// ```
/// use jose::jws::{ProtectedHeader, SigningInput};
/// use jose::{SignatureAlgorithm, SigningKey};
///
/// let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
/// let header = ProtectedHeader::new(SignatureAlgorithm::ES256).typ("JWT");
/// let input = SigningInput::new(&header, br#"{"iss":"client"}"#);
///
/// // A remote key would be sent `input.as_bytes()` and answer with the signature.
/// let signature = key.sign(input.algorithm(), input.as_bytes())?;
/// let token = input.finish(&signature)?;
/// assert_eq!(token.split('.').count(), 3);
/// # Ok::<(), jose::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SigningInput {
    alg: SignatureAlgorithm,
    text: Vec<u8>,
}

impl SigningInput {
    /// Joins header and payload.
    #[must_use]
    pub fn new(header: &ProtectedHeader, payload: &[u8]) -> Self {
        let header_segment = header.encoded();
        // Room for the whole token, a signature of 2048 bits and two full stops.
        let length = [
            header_segment.len(),
            base64url::encoded_length(payload.len()),
            344,
        ]
        .into_iter()
        .fold(0_usize, usize::saturating_add);
        let mut text = Vec::with_capacity(length);
        text.extend_from_slice(header_segment.as_bytes());
        text.push(b'.');
        base64url::encode_public_onto(&mut text, payload);
        Self {
            alg: header.alg(),
            text,
        }
    }

    /// The bytes to sign.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// The algorithm to sign with.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.alg
    }

    /// Adds a signature that was made elsewhere, and returns the compact serialisation. The
    /// signature is not verified.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureLength`] for a length that the algorithm never produces. This detects
    /// DER-encoded ECDSA signatures, which some key stores return.
    pub fn finish(self, signature: &[u8]) -> Result<String, Error> {
        let fits = match self.alg.signature_length() {
            Some(length) => signature.len() == length,
            // As long as the modulus: 2048 to 8192 bits.
            None => (256..=1024).contains(&signature.len()),
        };
        if !fits {
            return Err(Error::SignatureLength {
                alg: self.alg,
                found: signature.len(),
            });
        }
        let mut token = self.text;
        token.push(b'.');
        base64url::encode_public_onto(&mut token, signature);
        // The text is three times base64url and two full stops, all ASCII.
        String::from_utf8(token).map_err(|_| Error::OperationFailed)
    }

    /// Signs with a key and returns the compact serialisation.
    ///
    /// # Errors
    ///
    /// The errors of [`SigningKey::sign`].
    pub fn sign(self, key: &SigningKey) -> Result<String, Error> {
        let signature = key.signature(self.alg, self.as_bytes())?;
        self.finish(signature.as_ref())
    }
}

impl fmt::Debug for SigningInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningInput")
            .field("alg", &self.alg)
            .finish_non_exhaustive()
    }
}
