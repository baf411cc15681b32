//! Key agreement with a static private key (RFC 7518 section 4.6, RFC 8037 section 3.2).

use aws_lc_rs::agreement;
use aws_lc_rs::agreement::{ParsedPublicKey, PrivateKey, UnparsedPublicKey};
use zeroize::Zeroizing;

use super::{AgreementCurve, Refused};

/// A private key for agreement.
pub(crate) struct AgreementKey {
    curve: AgreementCurve,
    key: PrivateKey,
}

impl AgreementKey {
    /// Takes the scalar, exactly as long as the curve's field.
    pub(crate) fn new(curve: AgreementCurve, d: &[u8]) -> Result<Self, Refused> {
        PrivateKey::from_private_key(algorithm(curve), d)
            .map(|key| Self { curve, key })
            .map_err(|_| Refused)
    }

    pub(crate) fn generate(curve: AgreementCurve) -> Result<Self, Refused> {
        PrivateKey::generate(algorithm(curve))
            .map(|key| Self { curve, key })
            .map_err(|_| Refused)
    }

    pub(crate) fn curve(&self) -> AgreementCurve {
        self.curve
    }

    /// The uncompressed point, or the 32 bytes of X25519.
    pub(crate) fn public(&self) -> Result<Vec<u8>, Refused> {
        self.key
            .compute_public_key()
            .map(|key| key.as_ref().to_vec())
            .map_err(|_| Refused)
    }

    /// Agrees on a secret with the owner of `public`, which must be a point of the same curve. A
    /// secret of zeros, which a point of small order gives, is refused.
    pub(crate) fn agree(&self, public: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let public = UnparsedPublicKey::new(algorithm(self.curve), public);
        agreement::agree(&self.key, public, Refused, |secret| {
            if secret.iter().all(|byte| *byte == 0) {
                return Err(Refused);
            }
            Ok(Zeroizing::new(secret.to_vec()))
        })
    }
}

/// Whether `public` is a point of the curve.
pub(crate) fn check_agreement_point(curve: AgreementCurve, public: &[u8]) -> Result<(), Refused> {
    ParsedPublicKey::try_from(UnparsedPublicKey::new(algorithm(curve), public))
        .map(|_| ())
        .map_err(|_| Refused)
}

fn algorithm(curve: AgreementCurve) -> &'static agreement::Algorithm {
    match curve {
        AgreementCurve::P256 => &agreement::ECDH_P256,
        AgreementCurve::P384 => &agreement::ECDH_P384,
        AgreementCurve::P521 => &agreement::ECDH_P521,
        AgreementCurve::X25519 => &agreement::X25519,
    }
}
