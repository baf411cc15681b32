//! The numbers of a public key (RFC 7518 section 6, RFC 8037 section 2), read and checked.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::backend::{AgreementCurve, Curve, MlDsa, RsaPublicKey};
use crate::json::{Object, Value};
use crate::{KeyFamily, KeyRejected, base64url};

use super::{roca, small_order};

/// A public key by type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parameters {
    /// Shared with the keys that verify.
    Rsa(Arc<RsaPublicKey>),
    /// The uncompressed point: 4, `x`, `y`.
    Ec { curve: Curve, point: Vec<u8> },
    /// The encoded point. A key is moved faster without the point in it.
    Okp { curve: OkpCurve, x: Box<[u8; 32]> },
    /// The encoded public key of the one algorithm that the key has.
    Akp { set: MlDsa, public: Vec<u8> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OkpCurve {
    Ed25519,
    X25519,
}

impl Parameters {
    pub(crate) fn read(object: &Object<'_>) -> Result<Self, KeyRejected> {
        match required_text(object, "kty")? {
            "RSA" => {
                let (mut n, mut e) = (Vec::new(), Vec::new());
                append_bytes(&mut n, object, "n")?;
                match required_text(object, "e")? {
                    // 65537, which nearly all keys have.
                    "AQAB" => e.extend_from_slice(&[1, 0, 1]),
                    _ => append_bytes(&mut e, object, "e")?,
                }
                Self::rsa(n, e)
            }
            "EC" => {
                let curve = match required_text(object, "crv")? {
                    "P-256" => Curve::P256,
                    "P-384" => Curve::P384,
                    "P-521" => Curve::P521,
                    other => {
                        return Err(KeyRejected::Curve {
                            crv: other.to_owned(),
                        });
                    }
                };
                let length = field_length(curve);
                // Room for the most bytes that the decoder reserves before it knows the length.
                let mut point = Vec::with_capacity(length.saturating_mul(2).saturating_add(4));
                point.push(4);
                for member in ["x", "y"] {
                    append_coordinate(&mut point, object, member, length)?;
                }
                Ok(Self::Ec { curve, point })
            }
            "OKP" => {
                let curve = match required_text(object, "crv")? {
                    "Ed25519" => OkpCurve::Ed25519,
                    "X25519" => OkpCurve::X25519,
                    other => {
                        return Err(KeyRejected::Curve {
                            crv: other.to_owned(),
                        });
                    }
                };
                let mut x = Vec::new();
                append_bytes(&mut x, object, "x")?;
                Self::okp(curve, &x)
            }
            "AKP" => {
                // RFC 9964 section 4: the algorithm is part of the key.
                let alg = required_text(object, "alg")?;
                let set = MlDsa::ALL
                    .into_iter()
                    .find(|set| set.algorithm().as_str() == alg);
                let set = set.ok_or_else(|| KeyRejected::KeyAlgorithm {
                    alg: alg.to_owned(),
                })?;
                let mut public = Vec::new();
                append_bytes(&mut public, object, "pub")?;
                Self::akp(set, public)
            }
            "oct" => Err(KeyRejected::Symmetric),
            other => Err(KeyRejected::KeyType {
                kty: other.to_owned(),
            }),
        }
    }

    /// RFC 7518 section 6.3.1: numbers have no leading zeros. Some publishers write a sign byte,
    /// which is removed here.
    pub(crate) fn rsa(mut n: Vec<u8>, mut e: Vec<u8>) -> Result<Self, KeyRejected> {
        remove_leading_zeros(&mut n);
        remove_leading_zeros(&mut e);
        let found = bit_length(&n);
        if !(MINIMUM_MODULUS..=MAXIMUM_MODULUS).contains(&found) {
            return Err(KeyRejected::ModulusLength {
                minimum: MINIMUM_MODULUS,
                maximum: MAXIMUM_MODULUS,
                found,
            });
        }
        if n.last().is_none_or(|last| last & 1 == 0) {
            return Err(KeyRejected::Inconsistent);
        }
        if e.last().is_none_or(|last| last & 1 == 0) || e == [1] || bit_length(&e) > 33 {
            return Err(KeyRejected::PublicExponent);
        }
        if roca::has_fingerprint(&n) {
            return Err(KeyRejected::FaultyGenerator);
        }
        Ok(Self::Rsa(Arc::new(RsaPublicKey::new(n, e))))
    }

    /// RFC 8037 section 2. The point must not be of small order.
    pub(crate) fn okp(curve: OkpCurve, x: &[u8]) -> Result<Self, KeyRejected> {
        let x = fixed("x", x)?;
        if small_order::is_small(curve, &x) {
            return Err(KeyRejected::SmallOrder);
        }
        Ok(Self::Okp {
            curve,
            x: Box::new(x),
        })
    }

    pub(crate) fn akp(set: MlDsa, public: Vec<u8>) -> Result<Self, KeyRejected> {
        let expected = set.public_key_length();
        if public.len() != expected {
            return Err(KeyRejected::Length {
                member: "pub",
                expected,
                found: public.len(),
            });
        }
        Ok(Self::Akp { set, public })
    }

    pub(crate) const fn kty(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::Ec { .. } => "EC",
            Self::Okp { .. } => "OKP",
            Self::Akp { .. } => "AKP",
        }
    }

    pub(crate) const fn crv(&self) -> Option<&'static str> {
        match self {
            Self::Rsa(_) | Self::Akp { .. } => None,
            Self::Ec {
                curve: Curve::P256, ..
            } => Some("P-256"),
            Self::Ec {
                curve: Curve::P384, ..
            } => Some("P-384"),
            Self::Ec {
                curve: Curve::P521, ..
            } => Some("P-521"),
            Self::Okp {
                curve: OkpCurve::Ed25519,
                ..
            } => Some("Ed25519"),
            Self::Okp {
                curve: OkpCurve::X25519,
                ..
            } => Some("X25519"),
        }
    }

    /// The first bytes of the numbers. They are the same for the same key.
    pub(super) fn beginning(&self) -> [u8; 8] {
        let numbers = match self {
            Self::Rsa(key) => key.n.as_slice(),
            Self::Ec { point, .. } => point.get(1..).unwrap_or_default(),
            Self::Okp { x, .. } => x.as_slice(),
            Self::Akp { public, .. } => public,
        };
        numbers.first_chunk().copied().unwrap_or_default()
    }

    /// `x` and `y`, for a point that has both.
    pub(crate) fn coordinates(&self) -> Option<(&[u8], &[u8])> {
        match self {
            Self::Ec { curve, point } => point.get(1..)?.split_at_checked(field_length(*curve)),
            _ => None,
        }
    }

    /// Returns the parameters of a public key for agreement; the inverse of
    /// [`agreement`](Self::agreement).
    pub(crate) fn from_agreement(
        curve: AgreementCurve,
        public: &[u8],
    ) -> Result<Self, KeyRejected> {
        let curve = match curve {
            AgreementCurve::P256 => Curve::P256,
            AgreementCurve::P384 => Curve::P384,
            AgreementCurve::P521 => Curve::P521,
            AgreementCurve::X25519 => {
                return Self::okp(OkpCurve::X25519, public);
            }
        };
        Self::ec_point(curve, public)
    }

    /// Takes the uncompressed point.
    pub(crate) fn ec_point(curve: Curve, point: &[u8]) -> Result<Self, KeyRejected> {
        let length = field_length(curve).saturating_mul(2);
        match point.split_first() {
            Some((4, coordinates)) if coordinates.len() == length => Ok(Self::Ec {
                curve,
                point: point.to_vec(),
            }),
            _ => Err(KeyRejected::Inconsistent),
        }
    }

    /// The curve and the encoded point, for a key that can agree on secrets.
    pub(crate) fn agreement(&self) -> Option<(AgreementCurve, &[u8])> {
        match self {
            Self::Ec { curve, point } => Some(((*curve).into(), point)),
            Self::Okp {
                curve: OkpCurve::X25519,
                x,
            } => Some((AgreementCurve::X25519, x.as_slice())),
            Self::Rsa(_)
            | Self::Akp { .. }
            | Self::Okp {
                curve: OkpCurve::Ed25519,
                ..
            } => None,
        }
    }

    /// The family of signature keys, or `None` for a key that only agrees on secrets.
    pub(crate) const fn family(&self) -> Option<KeyFamily> {
        match self {
            Self::Rsa(_) => Some(KeyFamily::Rsa),
            Self::Akp { set, .. } => Some(set.algorithm().key_family()),
            Self::Ec {
                curve: Curve::P256, ..
            } => Some(KeyFamily::P256),
            Self::Ec {
                curve: Curve::P384, ..
            } => Some(KeyFamily::P384),
            Self::Ec {
                curve: Curve::P521, ..
            } => Some(KeyFamily::P521),
            Self::Okp {
                curve: OkpCurve::Ed25519,
                ..
            } => Some(KeyFamily::Ed25519),
            Self::Okp {
                curve: OkpCurve::X25519,
                ..
            } => None,
        }
    }
}

/// The length of a coordinate, and of a private key, in bytes.
pub(crate) const fn field_length(curve: Curve) -> usize {
    match curve {
        Curve::P256 => 32,
        Curve::P384 => 48,
        Curve::P521 => 66,
    }
}

/// An optional member that must be a string where it is present.
pub(crate) fn text<'o>(
    object: &'o Object<'_>,
    member: &'static str,
) -> Result<Option<&'o str>, KeyRejected> {
    match object.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(KeyRejected::Member {
            member,
            expected: "a string",
            found: other.kind(),
        }),
    }
}

fn required_text<'o>(object: &'o Object<'_>, member: &'static str) -> Result<&'o str, KeyRejected> {
    match text(object, member)? {
        Some(text) => Ok(text),
        None => Err(KeyRejected::MissingMember { member }),
    }
}

/// Reads a required member in base64url that is public.
fn append_bytes(
    bytes: &mut Vec<u8>,
    object: &Object<'_>,
    member: &'static str,
) -> Result<(), KeyRejected> {
    let text = required_text(object, member)?;
    base64url::decode_public_onto(bytes, text).map_err(|_| not_base64url(member, text))
}

/// Padding has its own error, because some publishers add it.
fn not_base64url(member: &'static str, text: &str) -> KeyRejected {
    if text.ends_with('=') {
        KeyRejected::Padding { member }
    } else {
        KeyRejected::Base64Url { member }
    }
}

/// Reads a coordinate, which must be as long as its field (RFC 7518 section 6.2.1.2).
fn append_coordinate(
    point: &mut Vec<u8>,
    object: &Object<'_>,
    member: &'static str,
    expected: usize,
) -> Result<(), KeyRejected> {
    let start = point.len();
    append_bytes(point, object, member)?;
    let found = point.len().saturating_sub(start);
    if found != expected {
        return Err(KeyRejected::Length {
            member,
            expected,
            found,
        });
    }
    Ok(())
}

/// A required member in base64url that is secret.
pub(crate) fn secret_bytes(
    object: &Object<'_>,
    member: &'static str,
) -> Result<Zeroizing<Vec<u8>>, KeyRejected> {
    let text = required_text(object, member)?;
    base64url::decode(text)
        .map(Zeroizing::new)
        .map_err(|_| not_base64url(member, text))
}

/// Returns the bytes if there are exactly 32.
pub(crate) fn fixed(member: &'static str, bytes: &[u8]) -> Result<[u8; 32], KeyRejected> {
    bytes.try_into().map_err(|_| KeyRejected::Length {
        member,
        expected: 32,
        found: bytes.len(),
    })
}

fn remove_leading_zeros(number: &mut Vec<u8>) {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    if zeros > 0 {
        number.drain(..zeros);
    }
}

/// The number of bits in a number without leading zero bytes.
pub(crate) fn bit_length(number: &[u8]) -> usize {
    let leading = number
        .first()
        .map_or(0, |byte| byte.leading_zeros() as usize);
    number.len().saturating_mul(8).saturating_sub(leading)
}

/// The shortest modulus, in bits (RFC 7518 section 3.3).
pub(crate) const MINIMUM_MODULUS: usize = 2048;
/// The longest modulus, in bits. Both libraries verify up to this length.
const MAXIMUM_MODULUS: usize = 8192;
