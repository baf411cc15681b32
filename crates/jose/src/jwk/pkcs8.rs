//! Private keys in PKCS#8 (RFC 5958), with the structures of RFC 8017 A.1.2, RFC 5915 and RFC 8410
//! inside.

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{ObjectIdentifier, OctetStringRef};
use pkcs8::der::{Decode, SecretDocument};
use zeroize::Zeroizing;

use crate::backend::{AgreementCurve, AgreementKey, Curve, Ed25519Signer};
use crate::jwe::KeyManagement;
use crate::{Error, KeyRejected, SignatureAlgorithm};

use super::parameters::{OkpCurve, Parameters, fixed};
use super::private::{PrivateNumbers, PrivateParameters, RsaNumbers};

/// Reads a PEM document with the label `PRIVATE KEY`.
pub(crate) fn from_pem(pem: &str) -> Result<PrivateParameters, Error> {
    let (label, document) = SecretDocument::from_pem(pem).map_err(|_| KeyRejected::Pkcs8)?;
    if label != "PRIVATE KEY" {
        return Err(KeyRejected::Pkcs8.into());
    }
    from_der(document.as_bytes())
}

/// Reads a DER document.
pub(crate) fn from_der(document: &[u8]) -> Result<PrivateParameters, Error> {
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
        ED25519 => okp(OkpCurve::Ed25519, key, &info),
        X25519 => okp(OkpCurve::X25519, key, &info),
        other => Err(KeyRejected::AlgorithmIdentifier {
            oid: other.to_string(),
        }
        .into()),
    }
}

/// The public key need not be there (RFC 8410 section 7): it is computed.
fn okp(
    curve: OkpCurve,
    key: &[u8],
    info: &PrivateKeyInfoRef<'_>,
) -> Result<PrivateParameters, Error> {
    let seed = <&OctetStringRef>::from_der(key).map_err(|_| KeyRejected::Pkcs8)?;
    let seed = Zeroizing::new(fixed("d", seed.as_bytes())?);
    let inconsistent = |_| KeyRejected::Inconsistent;
    let x = match curve {
        OkpCurve::Ed25519 => {
            let key = Ed25519Signer::new(&seed).map_err(inconsistent)?;
            fixed("x", key.public())?
        }
        OkpCurve::X25519 => {
            KeyManagement::EcdhEs.require_support()?;
            let key = AgreementKey::new(AgreementCurve::X25519, seed.as_slice());
            fixed(
                "x",
                &key.and_then(|key| key.public()).map_err(inconsistent)?,
            )?
        }
    };
    if let Some(public) = info.public_key
        && public.as_bytes() != Some(&x)
    {
        return Err(KeyRejected::Inconsistent.into());
    }
    let numbers = PrivateNumbers::Curve(Zeroizing::new(seed.to_vec()));
    Ok(PrivateParameters::new(
        Parameters::Okp { curve, x },
        numbers,
    )?)
}

/// Reads an `RSAPrivateKey` (RFC 8017 appendix A.1.2).
pub(super) fn rsa(document: &[u8]) -> Result<PrivateParameters, Error> {
    let key = pkcs1::RsaPrivateKeyRef::from_der(document).map_err(|_| KeyRejected::Pkcs8)?;
    let secret = |number: pkcs1::UintRef<'_>| Zeroizing::new(number.as_bytes().to_vec());
    let public = Parameters::rsa(
        key.modulus.as_bytes().to_vec(),
        key.public_exponent.as_bytes().to_vec(),
    )?;
    let numbers = PrivateNumbers::Rsa(RsaNumbers {
        d: secret(key.private_exponent),
        p: secret(key.prime1),
        q: secret(key.prime2),
        dp: secret(key.exponent1),
        dq: secret(key.exponent2),
        qi: secret(key.coefficient),
    });
    Ok(PrivateParameters::new(public, numbers)?)
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

/// Reads an `ECPrivateKey` (RFC 5915 section 3).
fn ec(named_curve: ObjectIdentifier, document: &[u8]) -> Result<PrivateParameters, Error> {
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
    let public = Parameters::ec_point(curve, point)?;
    let numbers = PrivateNumbers::Curve(Zeroizing::new(key.private_key.to_vec()));
    Ok(PrivateParameters::new(public, numbers)?)
}

/// RFC 8017 appendix A.1.
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 5480 section 2.1.1.
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// RFC 8410 section 3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// RFC 8410 section 3.
const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");
/// RFC 5480 section 2.1.1.1.
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
