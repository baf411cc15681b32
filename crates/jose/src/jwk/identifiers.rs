//! The object identifiers of keys.

use pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use pkcs8::spki::AlgorithmIdentifierRef;

use crate::KeyRejected;
use crate::backend::{Curve, MlDsa};

use super::parameters::{OkpCurve, Parameters};

/// The curve of an identifier.
pub(super) fn named(curve: ObjectIdentifier) -> Result<Curve, KeyRejected> {
    match curve {
        P256 => Ok(Curve::P256),
        P384 => Ok(Curve::P384),
        P521 => Ok(Curve::P521),
        other => Err(KeyRejected::AlgorithmIdentifier {
            oid: other.to_string(),
        }),
    }
}

pub(super) const fn curve_identifier(curve: Curve) -> ObjectIdentifier {
    match curve {
        Curve::P256 => P256,
        Curve::P384 => P384,
        Curve::P521 => P521,
    }
}

/// The identifier of a type of key in PKCS#8 and SPKI. It has no parameters for an `EC` key, where
/// they name the curve.
pub(super) fn algorithm_identifier<'a>(key: &Parameters) -> AlgorithmIdentifierRef<'a> {
    let (oid, parameters) = match key {
        // The parameters must be NULL (RFC 8017 appendix A.1).
        Parameters::Rsa(_) => (RSA_ENCRYPTION, Some(AnyRef::NULL)),
        Parameters::Ec { .. } => (EC_PUBLIC_KEY, None),
        Parameters::Okp {
            curve: OkpCurve::Ed25519,
            ..
        } => (ED25519, None),
        Parameters::Okp {
            curve: OkpCurve::X25519,
            ..
        } => (X25519, None),
        Parameters::Akp { set, .. } => (ml_dsa_identifier(*set), None),
    };
    AlgorithmIdentifierRef { oid, parameters }
}

/// The parameter set of an identifier.
pub(super) fn ml_dsa(oid: ObjectIdentifier) -> Option<MlDsa> {
    MlDsa::ALL
        .into_iter()
        .find(|set| ml_dsa_identifier(*set) == oid)
}

const fn ml_dsa_identifier(set: MlDsa) -> ObjectIdentifier {
    match set {
        MlDsa::MlDsa44 => ML_DSA_44,
        MlDsa::MlDsa65 => ML_DSA_65,
        MlDsa::MlDsa87 => ML_DSA_87,
    }
}

/// RFC 8017 appendix A.1.
pub(super) const RSA_ENCRYPTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 4055 section 1.2.
pub(super) const RSASSA_PSS: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// RFC 5480 section 2.1.1.
pub(super) const EC_PUBLIC_KEY: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// RFC 8410 section 3.
pub(super) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// RFC 8410 section 3.
pub(super) const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");
/// RFC 9881 section 2.
const ML_DSA_44: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17");
const ML_DSA_65: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18");
const ML_DSA_87: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19");
/// RFC 5480 section 2.1.1.1.
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
