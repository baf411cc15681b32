//! The numbers of a private key (RFC 7518 sections 6.2.2 and 6.3.2, RFC 8037 section 2). Their
//! lengths are checked here. Whether they belong together is checked when they become a key.

use zeroize::Zeroizing;

use crate::KeyRejected;
use crate::backend::RsaComponents;
use crate::json::Object;

use super::parameters::{Parameters, bit_length, field_length, secret_bytes};

/// A private key and its public half.
pub(crate) struct PrivateParameters {
    pub(crate) public: Parameters,
    pub(crate) numbers: PrivateNumbers,
}

pub(crate) enum PrivateNumbers {
    Rsa(RsaNumbers),
    /// The scalar of an `EC` key, big-endian and as long as the field, or the seed of an `OKP` or
    /// `AKP` key.
    Curve(Zeroizing<Vec<u8>>),
}

/// All numbers that RFC 7518 section 6.3.2 defines for two primes, big-endian.
pub(crate) struct RsaNumbers {
    pub(crate) d: Zeroizing<Vec<u8>>,
    pub(crate) p: Zeroizing<Vec<u8>>,
    pub(crate) q: Zeroizing<Vec<u8>>,
    pub(crate) dp: Zeroizing<Vec<u8>>,
    pub(crate) dq: Zeroizing<Vec<u8>>,
    pub(crate) qi: Zeroizing<Vec<u8>>,
}

impl PrivateParameters {
    /// Reads the private members that belong to a public key.
    pub(crate) fn read(public: Parameters, object: &Object<'_>) -> Result<Self, KeyRejected> {
        let secret = |member| secret_bytes(object, member);
        let numbers = match &public {
            Parameters::Rsa(_) => {
                // Keys of more than two primes (RFC 7518 section 6.3.2.7).
                if let Some(other_primes) = object.get("oth") {
                    return Err(KeyRejected::Member {
                        member: "oth",
                        expected: "absent",
                        found: other_primes.kind(),
                    });
                }
                PrivateNumbers::Rsa(RsaNumbers {
                    d: secret("d")?,
                    p: secret("p")?,
                    q: secret("q")?,
                    dp: secret("dp")?,
                    dq: secret("dq")?,
                    qi: secret("qi")?,
                })
            }
            other => PrivateNumbers::Curve(secret(scalar_member(other))?),
        };
        Self::new(public, numbers)
    }

    /// Checks the lengths of the numbers: an RSA modulus of 2048 to 4096 bits, with which both
    /// libraries sign, and a scalar or seed as long as its field.
    pub(crate) fn new(public: Parameters, numbers: PrivateNumbers) -> Result<Self, KeyRejected> {
        match (&public, &numbers) {
            (Parameters::Rsa(key), PrivateNumbers::Rsa(_)) => {
                let found = bit_length(&key.n);
                if !(MINIMUM_MODULUS..=MAXIMUM_MODULUS).contains(&found) {
                    return Err(KeyRejected::ModulusLength {
                        minimum: MINIMUM_MODULUS,
                        maximum: MAXIMUM_MODULUS,
                        found,
                    });
                }
                if bit_length(&key.e) < 17 {
                    return Err(KeyRejected::PublicExponent);
                }
            }
            (Parameters::Ec { curve, .. }, PrivateNumbers::Curve(d)) => {
                scalar_length("d", d, field_length(*curve))?;
            }
            (Parameters::Okp { .. } | Parameters::Akp { .. }, PrivateNumbers::Curve(seed)) => {
                scalar_length(scalar_member(&public), seed, 32)?;
            }
            _ => return Err(KeyRejected::Inconsistent),
        }
        Ok(Self { public, numbers })
    }

    /// All numbers of an RSA key; `None` for a key of another type.
    pub(crate) fn rsa(&self) -> Option<RsaComponents<'_>> {
        match (&self.public, &self.numbers) {
            (Parameters::Rsa(key), PrivateNumbers::Rsa(numbers)) => Some(RsaComponents {
                n: &key.n,
                e: &key.e,
                d: &numbers.d,
                p: &numbers.p,
                q: &numbers.q,
                dp: &numbers.dp,
                dq: &numbers.dq,
                qi: &numbers.qi,
            }),
            _ => None,
        }
    }

    /// The member of a JWK that holds the scalar or the seed.
    pub(crate) fn scalar_member(&self) -> &'static str {
        scalar_member(&self.public)
    }

    /// The scalar or the seed; `None` for an RSA key.
    pub(crate) fn scalar(&self) -> Option<&[u8]> {
        match &self.numbers {
            PrivateNumbers::Curve(scalar) => Some(scalar),
            PrivateNumbers::Rsa(_) => None,
        }
    }
}

fn scalar_member(public: &Parameters) -> &'static str {
    match public {
        Parameters::Akp { .. } => "priv",
        _ => "d",
    }
}

fn scalar_length(member: &'static str, scalar: &[u8], expected: usize) -> Result<(), KeyRejected> {
    if scalar.len() == expected {
        return Ok(());
    }
    Err(KeyRejected::Length {
        member,
        expected,
        found: scalar.len(),
    })
}

/// The shortest modulus, in bits (RFC 7518 section 3.3).
const MINIMUM_MODULUS: usize = 2048;
/// The longest modulus, in bits.
const MAXIMUM_MODULUS: usize = 4096;
