use crate::compact::{MAXIMUM_TOKEN_LENGTH, decode_onto, room, segments};
use crate::jwt::Claims;
use crate::{Error, Part, SignatureAlgorithm, VerifyingKey};

use super::Header;

/// A JWS that is parsed but not verified. It gives access only to its header, which selects the
/// key.
#[derive(Clone)]
pub struct Unverified<'a> {
    header: Header,
    signing_input: &'a str,
    /// The payload, followed by the signature.
    decoded: Vec<u8>,
    payload_length: usize,
}

impl<'a> Unverified<'a> {
    /// Parses a token.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`]: longer than [`MAXIMUM_TOKEN_LENGTH`], not three segments, or a segment
    /// that is not base64url. [`Error::Json`]: the header is not an object, has a member twice, or
    /// is too deep or too long. [`Error::Header`]: `alg` is missing, or a parameter is ill-typed.
    /// [`Error::Unsecured`]: `alg` is `none`, in upper or lower case. [`Error::UnknownAlgorithm`].
    /// [`Error::Critical`]: there is a `crit`.
    pub fn parse(token: &'a str) -> Result<Self, Error> {
        let [header, payload, signature] = segments(token, MAXIMUM_TOKEN_LENGTH)?;
        // The length of both segments and of the full stop between them.
        let length = header.len().saturating_add(payload.len()).saturating_add(1);
        // The header is parsed before the other segments overwrite it.
        let mut decoded = room(token);
        decode_onto(&mut decoded, Part::Header, header)?;
        let header = Header::parse(&decoded)?;
        decoded.clear();
        decode_onto(&mut decoded, Part::Payload, payload)?;
        let payload_length = decoded.len();
        decode_onto(&mut decoded, Part::Signature, signature)?;
        Ok(Self {
            header,
            signing_input: token.get(..length).unwrap_or_default(),
            decoded,
            payload_length,
        })
    }

    /// The header. Its content is not verified.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Verifies the signature. `alg` in the header must equal `expected`, which comes from
    /// configuration and never from the token (RFC 8725 section 3.1).
    ///
    /// # Errors
    ///
    /// [`Error::AlgorithmMismatch`] when the header names another algorithm; the errors of
    /// [`VerifyingKey::verify`].
    pub fn verify(
        self,
        key: &VerifyingKey,
        expected: SignatureAlgorithm,
    ) -> Result<Verified, Error> {
        if self.header.alg() != expected {
            return Err(Error::AlgorithmMismatch {
                expected,
                found: self.header.alg(),
            });
        }
        let mut payload = self.decoded;
        let signature = payload.get(self.payload_length..).unwrap_or_default();
        key.verify(expected, self.signing_input.as_bytes(), signature)?;
        payload.truncate(self.payload_length);
        Ok(Verified {
            header: self.header,
            payload,
        })
    }
}

impl std::fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unverified")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// A JWS whose signature is valid. The caller must still check the claims, for example with
/// [`Validation`](crate::jwt::Validation).
#[derive(Clone)]
pub struct Verified {
    header: Header,
    payload: Vec<u8>,
}

impl Verified {
    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) fn into_header(self) -> Header {
        self.header
    }

    /// The payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload as a claims set (RFC 7519 section 4).
    ///
    /// # Errors
    ///
    /// [`Error::Json`], and [`Error::Claim`] for a registered claim of the wrong type.
    pub fn claims(&self) -> Result<Claims<'_>, Error> {
        Claims::parse(&self.payload)
    }

    /// The payload as a claims set in which a claim may be repeated with the same value; see
    /// [`json::parse_object_with_repeats`](crate::json::parse_object_with_repeats). Use it only for
    /// tokens that are known to come from the issuer. RFC 7519 section 4 lets a reader take the
    /// last of several claims of one name.
    ///
    /// # Errors
    ///
    /// The errors of [`claims`](Self::claims), for example when a claim is repeated with another
    /// value.
    pub fn claims_with_repeats(&self) -> Result<Claims<'_>, Error> {
        Claims::parse_with_repeats(&self.payload)
    }
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verified")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
