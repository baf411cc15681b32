//! Private keys from their documents (RFC 7518 sections 6.2.2, 6.3.2 and 6.4, RFC 8037 section 2).

use zeroize::Zeroizing;

use crate::KeyRejected;
use crate::backend::{Curve, EcdsaSigner, Ed25519Signer, RsaComponents, RsaSigner};
use crate::json::Object;

use super::parameters::{OkpCurve, Parameters, bit_length, bytes, field_length, fixed};
use super::signing_key::Material;

/// Reads the private members that belong to a public key and joins the two.
pub(super) fn read(public: &Parameters, object: &Object<'_>) -> Result<Material, KeyRejected> {
    let secret = |member| bytes(object, member).map(Zeroizing::new);
    match public {
        Parameters::Rsa { n, e } => {
            // Keys of more than two primes (RFC 7518 section 6.3.2.7).
            if let Some(other_primes) = object.get("oth") {
                return Err(KeyRejected::Member {
                    member: "oth",
                    expected: "absent",
                    found: other_primes.kind(),
                });
            }
            rsa(&RsaComponents {
                n,
                e,
                d: secret("d")?,
                p: secret("p")?,
                q: secret("q")?,
                dp: secret("dp")?,
                dq: secret("dq")?,
                qi: secret("qi")?,
            })
        }
        Parameters::Ec { curve, point } => ec(*curve, &secret("d")?, point),
        Parameters::Okp {
            curve: OkpCurve::Ed25519,
            x,
        } => ed25519(&secret("d")?, Some(x)).map(Material::Ed25519),
        Parameters::Okp {
            curve: OkpCurve::X25519,
            ..
        } => Err(KeyRejected::Curve {
            crv: "X25519".to_owned(),
        }),
    }
}

/// A private RSA key of 2048 to 4096 bits: what both libraries sign with.
pub(super) fn rsa(key: &RsaComponents<'_>) -> Result<Material, KeyRejected> {
    let found = bit_length(key.n);
    if !(MINIMUM_MODULUS..=MAXIMUM_MODULUS).contains(&found) {
        return Err(KeyRejected::ModulusLength {
            minimum: MINIMUM_MODULUS,
            maximum: MAXIMUM_MODULUS,
            found,
        });
    }
    if bit_length(key.e) < 17 {
        return Err(KeyRejected::PublicExponent);
    }
    RsaSigner::new(key)
        .map(Material::Rsa)
        .map_err(|_| KeyRejected::Inconsistent)
}

/// A private key on a NIST curve and its uncompressed point.
pub(super) fn ec(curve: Curve, d: &[u8], point: &[u8]) -> Result<Material, KeyRejected> {
    let expected = field_length(curve);
    if d.len() != expected {
        return Err(KeyRejected::Length {
            member: "d",
            expected,
            found: d.len(),
        });
    }
    EcdsaSigner::new(curve, d, point)
        .map(|key| Material::Ecdsa(curve, key))
        .map_err(|_| KeyRejected::Inconsistent)
}

/// A private key of Ed25519 and its public key, where the document has one.
pub(super) fn ed25519(
    seed: &[u8],
    public: Option<&[u8; 32]>,
) -> Result<Ed25519Signer, KeyRejected> {
    let seed = Zeroizing::new(fixed("d", seed)?);
    let key = Ed25519Signer::new(&seed).map_err(|_| KeyRejected::Inconsistent)?;
    if public.is_some_and(|public| public.as_slice() != key.public()) {
        return Err(KeyRejected::Inconsistent);
    }
    Ok(key)
}

/// In bits (RFC 7518 section 3.3).
const MINIMUM_MODULUS: usize = 2048;
/// In bits.
const MAXIMUM_MODULUS: usize = 4096;
