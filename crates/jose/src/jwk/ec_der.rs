//! Keys on the NIST curves in DER. The public point may be complete, compressed or absent.

use pkcs8::der::asn1::{AnyRef, ContextSpecific, ObjectIdentifier};
use pkcs8::der::{Decode, Reader, Tag, TagNumber, Tagged};
use zeroize::Zeroizing;

use crate::backend::{AgreementKey, Curve};
use crate::{Error, KeyRejected, SignatureAlgorithm, backend};

use super::identifiers::named;
use super::parameters::{Parameters, field_length};
use super::private::{PrivateNumbers, PrivateParameters};

/// Reads an `ECPrivateKey` (RFC 5915 section 3). The structure around it, the structure itself or
/// both name the curve; both names must be equal. The public point is optional, and Java leaves it
/// out.
pub(super) fn private(
    around: Option<ObjectIdentifier>,
    document: &[u8],
) -> Result<PrivateParameters, Error> {
    let key = sec1::EcPrivateKey::from_der(document).map_err(|_| {
        if has_explicit_parameters(document) {
            KeyRejected::ExplicitParameters
        } else {
            not_a("ECPrivateKey")
        }
    })?;
    let within = key
        .parameters
        .and_then(|parameters| parameters.named_curve());
    let named_curve = match (around, within) {
        (Some(around), Some(within)) if around != within => {
            return Err(KeyRejected::Inconsistent.into());
        }
        (Some(curve), _) | (None, Some(curve)) => curve,
        (None, None) => return Err(not_a("ECPrivateKey").into()),
    };
    let curve = named(named_curve)?;
    if curve == Curve::P521 {
        SignatureAlgorithm::ES512.require_support()?;
    }
    let scalar = scalar(curve, key.private_key);
    let public = match key.public_key {
        Some([4, ..]) | None => key.public_key.map(<[u8]>::to_vec),
        Some(compressed) => Some(decompressed(curve, compressed)?),
    };
    let point = match public {
        Some(point) => point,
        None if cfg!(feature = "aws-lc-rs") => AgreementKey::new(curve.into(), &scalar)
            .and_then(|key| key.public())
            .map_err(|_| KeyRejected::Inconsistent)?,
        None => return Err(KeyRejected::MissingPublicKey.into()),
    };
    let public = Parameters::ec_point(curve, &point)?;
    let numbers = PrivateNumbers::Curve(scalar);
    Ok(PrivateParameters::new(public, numbers)?)
}

/// RFC 5915 section 3: the private key is as long as the field. Some writers drop leading zeros,
/// which are restored here.
fn scalar(curve: Curve, number: &[u8]) -> Zeroizing<Vec<u8>> {
    let zeros = field_length(curve).saturating_sub(number.len());
    let mut scalar = Zeroizing::new(Vec::with_capacity(zeros.saturating_add(number.len())));
    scalar.resize(zeros, 0);
    scalar.extend_from_slice(number);
    scalar
}

/// Reads a point (RFC 5480 section 2.2), which may be compressed.
pub(super) fn public(curve: Curve, point: &[u8]) -> Result<Parameters, KeyRejected> {
    match point {
        [2 | 3, ..] => Parameters::ec_point(curve, &decompressed(curve, point)?),
        _ => Parameters::ec_point(curve, point),
    }
}

/// Decompresses a point: 2 or 3, and `x`.
fn decompressed(curve: Curve, point: &[u8]) -> Result<Vec<u8>, KeyRejected> {
    let length = field_length(curve).saturating_add(1);
    if !matches!(point, [2 | 3, ..]) || point.len() != length {
        return Err(KeyRejected::Inconsistent);
    }
    if !cfg!(feature = "aws-lc-rs") {
        return Err(KeyRejected::CompressedPoint);
    }
    backend::decompress(curve, point).map_err(|_| KeyRejected::Inconsistent)
}

/// RFC 5915 section 3: `parameters` is the third member, and names a curve.
fn has_explicit_parameters(document: &[u8]) -> bool {
    let parameters = AnyRef::from_der(document).and_then(|key| {
        key.sequence(|members| {
            for _ in 0..2 {
                AnyRef::decode(members)?;
            }
            let parameters = ContextSpecific::<AnyRef<'_>>::decode_explicit(members, TagNumber(0))?;
            while !members.is_finished() {
                AnyRef::decode(members)?;
            }
            Ok::<_, pkcs8::der::Error>(parameters)
        })
    });
    matches!(parameters, Ok(Some(parameters)) if parameters.value.tag() == Tag::Sequence)
}

fn not_a(expected: &'static str) -> KeyRejected {
    KeyRejected::Der { expected }
}
