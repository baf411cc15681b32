//! Private keys in PKCS#8 (RFC 5958), with the structures of RFC 8017 A.1.2, RFC 5915 and RFC 8410
//! inside.

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{ObjectIdentifier, OctetStringRef};
use pkcs8::der::{Decode, SecretDocument};
use zeroize::Zeroizing;

use crate::backend::{Curve, RsaComponents};
use crate::{Error, KeyRejected, SignatureAlgorithm};

use super::parameters::{OkpCurve, Parameters, field_length, fixed};
use super::private;
use super::signing_key::Material;

/// Reads a PEM document with the label `PRIVATE KEY`.
pub(super) fn from_pem(pem: &str) -> Result<(Material, Parameters), Error> {
    let (label, document) = SecretDocument::from_pem(pem).map_err(|_| KeyRejected::Pkcs8)?;
    if label != "PRIVATE KEY" {
        return Err(KeyRejected::Pkcs8.into());
    }
    from_der(document.as_bytes())
}

/// Reads a DER document.
pub(super) fn from_der(document: &[u8]) -> Result<(Material, Parameters), Error> {
    let info = PrivateKeyInfoRef::from_der(document).map_err(|_| KeyRejected::Pkcs8)?;
    let key = info.private_key.as_bytes();
    match info.algorithm.oid {
        RSA_ENCRYPTION => rsa(key),
        EC_PUBLIC_KEY => {
            let curve = info
                .algorithm
                .parameters_oid()
                .map_err(|_| KeyRejected::Pkcs8)?;
            ec(curve, key)
        }
        ED25519 => {
            let seed = <&OctetStringRef>::from_der(key).map_err(|_| KeyRejected::Pkcs8)?;
            let public = match info.public_key {
                Some(bits) => Some(fixed("x", bits.as_bytes().ok_or(KeyRejected::Pkcs8)?)?),
                None => None,
            };
            let key = private::ed25519(seed.as_bytes(), public.as_ref())?;
            let x = fixed("x", key.public())?;
            Ok((
                Material::Ed25519(key),
                Parameters::Okp {
                    curve: OkpCurve::Ed25519,
                    x,
                },
            ))
        }
        other => Err(KeyRejected::AlgorithmIdentifier {
            oid: other.to_string(),
        }
        .into()),
    }
}

fn rsa(document: &[u8]) -> Result<(Material, Parameters), Error> {
    let key = pkcs1::RsaPrivateKeyRef::from_der(document).map_err(|_| KeyRejected::Pkcs8)?;
    let secret = |number: pkcs1::UintRef<'_>| Zeroizing::new(number.as_bytes().to_vec());
    let public = Parameters::rsa(
        key.modulus.as_bytes().to_vec(),
        key.public_exponent.as_bytes().to_vec(),
    )?;
    let material = private::rsa(&RsaComponents {
        n: key.modulus.as_bytes(),
        e: key.public_exponent.as_bytes(),
        d: secret(key.private_exponent),
        p: secret(key.prime1),
        q: secret(key.prime2),
        dp: secret(key.exponent1),
        dq: secret(key.exponent2),
        qi: secret(key.coefficient),
    })?;
    Ok((material, public))
}

/// The public half of a generated key, as the library gives it: a DER `RSAPublicKey` (RFC 8017
/// appendix A.1.1).
#[cfg(feature = "aws-lc-rs")]
pub(super) fn rsa_public_key(document: &[u8]) -> Result<Parameters, Error> {
    let key = pkcs1::RsaPublicKeyRef::from_der(document).map_err(|_| Error::OperationFailed)?;
    Ok(Parameters::rsa(
        key.modulus.as_bytes().to_vec(),
        key.public_exponent.as_bytes().to_vec(),
    )?)
}

fn ec(named_curve: ObjectIdentifier, document: &[u8]) -> Result<(Material, Parameters), Error> {
    let curve = match named_curve {
        P256 => Curve::P256,
        P384 => Curve::P384,
        P521 => {
            SignatureAlgorithm::ES512.require_support()?;
            Curve::P521
        }
        other => {
            return Err(KeyRejected::AlgorithmIdentifier {
                oid: other.to_string(),
            }
            .into());
        }
    };
    let key = sec1::EcPrivateKey::from_der(document).map_err(|_| KeyRejected::Pkcs8)?;
    // RFC 5915 section 3 repeats the curve here; the two must agree.
    if key
        .parameters
        .is_some_and(|parameters| parameters.named_curve() != Some(named_curve))
    {
        return Err(KeyRejected::Inconsistent.into());
    }
    let point = key.public_key.ok_or(KeyRejected::MissingPublicKey)?;
    let (x, y) = match point.split_first() {
        Some((4, coordinates)) => coordinates
            .split_at_checked(field_length(curve))
            .ok_or(KeyRejected::Inconsistent)?,
        _ => return Err(KeyRejected::Inconsistent.into()),
    };
    let public = Parameters::ec(curve, x, y)?;
    Ok((private::ec(curve, key.private_key, point)?, public))
}

/// RFC 8017 appendix A.1.
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 5480 section 2.1.1.
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// RFC 8410 section 3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// RFC 5480 section 2.1.1.1.
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
