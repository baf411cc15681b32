use std::fmt;
use std::str::FromStr;

use crate::{Error, HashAlgorithm};

/// A signature or MAC algorithm: the `alg` of a JWS (RFC 7518 section 3.1, RFC 8037 section 3.1,
/// RFC 9864 section 2).
///
/// No value of this type is `none`, the algorithm of an unsecured JWS.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes.
    PS256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes.
    PS384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a salt of 64 bytes.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// ECDSA on P-521 with SHA-512. Needs the feature `aws-lc-rs`.
    ES512,
    /// EdDSA on Ed25519, under its fully specified name (RFC 9864).
    Ed25519,
    /// The older, polymorphic name (RFC 8037). Only keys of Ed25519 are accepted for it.
    EdDSA,
    /// ML-DSA-44 (FIPS 204, RFC 9964). The ML-DSA algorithms need the feature `aws-lc-rs`.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
    /// HMAC with SHA-256.
    HS256,
    /// HMAC with SHA-384.
    HS384,
    /// HMAC with SHA-512.
    HS512,
}

impl SignatureAlgorithm {
    /// Every algorithm that this crate knows, including those that a build leaves out.
    pub const ALL: &'static [Self] = &[
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::Ed25519,
        Self::EdDSA,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
        Self::HS256,
        Self::HS384,
        Self::HS512,
    ];

    /// The name as `alg` spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::Ed25519 => "Ed25519",
            Self::EdDSA => "EdDSA",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
        }
    }

    /// Whether this build can sign and verify with it.
    #[must_use]
    pub const fn is_supported(self) -> bool {
        self.missing_feature().is_none()
    }

    /// Whether signer and verifier share one secret (HMAC).
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }

    /// The hash function of the algorithm. It also computes `at_hash` and `c_hash` (OpenID Connect
    /// Core section 3.1.3.6), for which Ed25519 uses SHA-512.
    ///
    /// `None` for ML-DSA: its hash is SHAKE256 (FIPS 204 section 3.7), which neither cryptography
    /// library offers on its own.
    #[must_use]
    pub const fn hash(self) -> Option<HashAlgorithm> {
        match self {
            Self::RS256 | Self::PS256 | Self::ES256 | Self::HS256 => Some(HashAlgorithm::Sha256),
            Self::RS384 | Self::PS384 | Self::ES384 | Self::HS384 => Some(HashAlgorithm::Sha384),
            Self::RS512 | Self::PS512 | Self::ES512 | Self::HS512 | Self::Ed25519 | Self::EdDSA => {
                Some(HashAlgorithm::Sha512)
            }
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => None,
        }
    }

    /// The family of keys that the algorithm uses.
    #[must_use]
    pub const fn key_family(self) -> KeyFamily {
        match self {
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => {
                KeyFamily::Rsa
            }
            Self::ES256 => KeyFamily::P256,
            Self::ES384 => KeyFamily::P384,
            Self::ES512 => KeyFamily::P521,
            Self::Ed25519 | Self::EdDSA => KeyFamily::Ed25519,
            Self::MlDsa44 => KeyFamily::MlDsa44,
            Self::MlDsa65 => KeyFamily::MlDsa65,
            Self::MlDsa87 => KeyFamily::MlDsa87,
            Self::HS256 | Self::HS384 | Self::HS512 => KeyFamily::Hmac,
        }
    }

    /// Called before a key is used, so that an algorithm that is not compiled in never looks like a
    /// bad signature.
    pub(crate) fn require_support(self) -> Result<(), Error> {
        match self.missing_feature() {
            None => Ok(()),
            Some(feature) => Err(Error::UnsupportedAlgorithm {
                alg: self.as_str(),
                feature,
            }),
        }
    }

    /// The length of a signature in bytes, if the algorithm alone determines it. An RSA signature
    /// is as long as its key.
    pub(crate) const fn signature_length(self) -> Option<usize> {
        match self {
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => {
                None
            }
            Self::ES256 | Self::Ed25519 | Self::EdDSA => Some(64),
            Self::ES384 => Some(96),
            Self::ES512 => Some(132),
            Self::MlDsa44 => Some(2420),
            Self::MlDsa65 => Some(3309),
            Self::MlDsa87 => Some(4627),
            Self::HS256 => Some(32),
            Self::HS384 => Some(48),
            Self::HS512 => Some(64),
        }
    }

    const fn missing_feature(self) -> Option<&'static str> {
        match self {
            Self::ES512 | Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87
                if !cfg!(feature = "aws-lc-rs") =>
            {
                Some("aws-lc-rs")
            }
            _ => None,
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SignatureAlgorithm {
    type Err = Error;

    /// Names are case-sensitive (RFC 7515 section 4.1.1).
    ///
    /// # Errors
    ///
    /// [`Error::Unsecured`] for `none` in upper or lower case, [`Error::UnknownAlgorithm`] for any
    /// other text.
    fn from_str(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "RS256" => Self::RS256,
            "RS384" => Self::RS384,
            "RS512" => Self::RS512,
            "PS256" => Self::PS256,
            "PS384" => Self::PS384,
            "PS512" => Self::PS512,
            "ES256" => Self::ES256,
            "ES384" => Self::ES384,
            "ES512" => Self::ES512,
            "Ed25519" => Self::Ed25519,
            "EdDSA" => Self::EdDSA,
            "ML-DSA-44" => Self::MlDsa44,
            "ML-DSA-65" => Self::MlDsa65,
            "ML-DSA-87" => Self::MlDsa87,
            "HS256" => Self::HS256,
            "HS384" => Self::HS384,
            "HS512" => Self::HS512,
            _ if name.eq_ignore_ascii_case("none") => return Err(Error::Unsecured),
            _ => {
                return Err(Error::UnknownAlgorithm {
                    alg: name.to_owned(),
                });
            }
        })
    }
}

/// The family of a key. A key always stays in its family: an RSA public key cannot become an HMAC
/// secret.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyFamily {
    /// RSA: `RS*`, `PS*` and `RSA-OAEP*`.
    Rsa,
    /// The curve P-256: `ES256` and `ECDH-ES*`.
    P256,
    /// The curve P-384: `ES384` and `ECDH-ES*`.
    P384,
    /// The curve P-521: `ES512` and `ECDH-ES*`.
    P521,
    /// The curve Ed25519: `Ed25519` and `EdDSA`.
    Ed25519,
    /// The parameter set `ML-DSA-44`: the algorithm of that name.
    MlDsa44,
    /// The parameter set `ML-DSA-65`.
    MlDsa65,
    /// The parameter set `ML-DSA-87`.
    MlDsa87,
    /// The curve X25519: `ECDH-ES*`. It has no signatures.
    X25519,
    /// A shared secret: `HS*`.
    Hmac,
    /// A shared key for encryption: `dir`, `A*KW` and `A*GCMKW`.
    Symmetric,
}

impl fmt::Display for KeyFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa => "RSA",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Ed25519 => "Ed25519",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
            Self::X25519 => "X25519",
            Self::Hmac => "HMAC",
            Self::Symmetric => "symmetric",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for algorithm in SignatureAlgorithm::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(*algorithm));
        }
    }

    #[test]
    fn none_and_unknown_names_are_told_apart() {
        for name in ["none", "None", "NONE", "nOnE"] {
            assert_eq!(name.parse::<SignatureAlgorithm>(), Err(Error::Unsecured));
        }
        for name in [
            "",
            "rs256",
            "RS256 ",
            "Hs256",
            "ES256K",
            "Ed448",
            "ml-dsa-44",
            "ML-DSA",
            "RSA1_5",
            "dir",
        ] {
            assert_eq!(
                name.parse::<SignatureAlgorithm>(),
                Err(Error::UnknownAlgorithm {
                    alg: name.to_owned()
                })
            );
        }
    }

    #[test]
    fn every_algorithm_but_ml_dsa_has_a_hash_that_can_be_used_alone() {
        for algorithm in SignatureAlgorithm::ALL {
            let expected = match algorithm.as_str() {
                "Ed25519" | "EdDSA" => Some(HashAlgorithm::Sha512),
                name if name.starts_with("ML-DSA") => None,
                name if name.ends_with("256") => Some(HashAlgorithm::Sha256),
                name if name.ends_with("384") => Some(HashAlgorithm::Sha384),
                name => {
                    assert!(name.ends_with("512"), "{name}");
                    Some(HashAlgorithm::Sha512)
                }
            };
            assert_eq!(algorithm.hash(), expected, "{algorithm}");
        }
    }

    #[test]
    fn only_p_521_and_ml_dsa_depend_on_a_feature() {
        for algorithm in SignatureAlgorithm::ALL {
            let depends =
                *algorithm == SignatureAlgorithm::ES512 || algorithm.as_str().starts_with("ML-DSA");
            let expected = !depends || cfg!(feature = "aws-lc-rs");
            assert_eq!(algorithm.is_supported(), expected, "{algorithm}");
        }
    }
}
