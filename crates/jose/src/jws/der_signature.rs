//! ECDSA signatures of services that return DER.

use pkcs8::der;
use pkcs8::der::asn1::UintRef;
use pkcs8::der::{Decode, Reader, SliceReader};

use crate::SignatureAlgorithm;

/// Why a DER signature cannot become one of a JWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DerSignatureRejected {
    /// Signatures of this algorithm have no DER form to convert: RSA, EdDSA, ML-DSA and HMAC
    /// signatures are used as they come.
    #[error("signatures of {0} are not converted: use them as they come")]
    NotEcdsa(SignatureAlgorithm),
    /// The bytes are not DER of a sequence of two positive integers (RFC 3279 section 2.2.3). The
    /// signature may have the form of a JWS already.
    #[error("expected an ECDSA signature in DER: a SEQUENCE of two positive INTEGERs")]
    Malformed,
    /// An integer is longer than the algorithm's curve allows: the key is on another curve.
    #[error("the signature is of a longer curve than that of {0}")]
    TooLong(SignatureAlgorithm),
}

impl SignatureAlgorithm {
    /// Converts an ECDSA signature from DER, which AWS KMS and Google Cloud KMS return, to the form
    /// of a JWS: r and s, each with the length of the curve (RFC 7518 section 3.4).
    ///
    /// ```
    /// # use jose::SignatureAlgorithm;
    /// let der = [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x7F];
    /// let signature = SignatureAlgorithm::ES256.signature_from_der(&der)?;
    /// assert_eq!((signature.len(), signature[31], signature[63]), (64, 0x01, 0x7F));
    /// # Ok::<_, jose::jws::DerSignatureRejected>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DerSignatureRejected`] for an algorithm other than ES256, ES384 and ES512, for bytes that
    /// are not such a signature, and for one of a longer curve.
    pub fn signature_from_der(self, der: &[u8]) -> Result<Vec<u8>, DerSignatureRejected> {
        let length: usize = match self {
            Self::ES256 => 32,
            Self::ES384 => 48,
            Self::ES512 => 66,
            _ => return Err(DerSignatureRejected::NotEcdsa(self)),
        };
        let (r, s) = numbers(der).map_err(|_| DerSignatureRejected::Malformed)?;
        let mut signature = Vec::with_capacity(length.saturating_mul(2));
        for number in [r.as_bytes(), s.as_bytes()] {
            let padding = length.checked_sub(number.len());
            let padding = padding.ok_or(DerSignatureRejected::TooLong(self))?;
            signature.resize(signature.len().saturating_add(padding), 0);
            signature.extend_from_slice(number);
        }
        Ok(signature)
    }
}

fn numbers(der: &[u8]) -> der::Result<(UintRef<'_>, UintRef<'_>)> {
    let mut reader = SliceReader::new(der)?;
    let numbers = reader.sequence(|numbers| {
        let r = UintRef::decode(numbers)?;
        Ok::<_, der::Error>((r, UintRef::decode(numbers)?))
    })?;
    reader.finish()?;
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ES256: SignatureAlgorithm = SignatureAlgorithm::ES256;

    #[test]
    fn only_two_positive_integers_in_der_are_a_signature() {
        let good = [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02];
        assert!(ES256.signature_from_der(&good).is_ok());
        for malformed in [
            &[][..],
            &[0x30],
            // A byte after the sequence, and one after the integers.
            &[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02, 0x00],
            &[0x30, 0x07, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02, 0x00],
            // One integer, a negative one, and one with a zero too many.
            &[0x30, 0x03, 0x02, 0x01, 0x01],
            &[0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x02],
            &[0x30, 0x07, 0x02, 0x02, 0x00, 0x01, 0x02, 0x01, 0x02],
            // A length in a longer form than needed, a set, and a signature of a JWS.
            &[0x30, 0x81, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02],
            &[0x31, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02],
            &[0x17; 64],
        ] {
            let refused = ES256.signature_from_der(malformed);
            assert_eq!(
                refused,
                Err(DerSignatureRejected::Malformed),
                "{malformed:02X?}"
            );
        }
    }

    /// The first bit of the number is set, so DER begins with a zero.
    #[test]
    fn a_number_may_be_as_long_as_the_curve() {
        let of = |length: u8| -> Vec<u8> {
            let number = [&[0x02, length + 1, 0x00][..], &vec![0xFF; length.into()]].concat();
            [&[0x30, 2 * (length + 3)], &number[..], &number[..]].concat()
        };
        assert_eq!(ES256.signature_from_der(&of(32)), Ok(vec![0xFF; 64]));
        let refused = ES256.signature_from_der(&of(33));
        assert_eq!(refused, Err(DerSignatureRejected::TooLong(ES256)));
        let es384 = SignatureAlgorithm::ES384;
        assert_eq!(es384.signature_from_der(&of(33)).unwrap().len(), 96);
    }

    #[test]
    fn other_algorithms_have_no_such_form() {
        for &algorithm in SignatureAlgorithm::ALL {
            let converted = algorithm.signature_from_der(&[]);
            let expected = match algorithm.as_str() {
                "ES256" | "ES384" | "ES512" => DerSignatureRejected::Malformed,
                _ => DerSignatureRejected::NotEcdsa(algorithm),
            };
            assert_eq!(converted, Err(expected));
        }
    }
}
