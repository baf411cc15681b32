use std::fmt;
use std::str::FromStr;

use crate::Error;
use crate::backend::OaepHash;

/// How the content encryption key reaches the recipient: the `alg` of a JWE (RFC 7518 section 4.1,
/// RFC 8037 section 3.2).
///
/// `RSA1_5` and `PBES2-*` are not supported: the first invites a padding oracle, and with the
/// second the sender determines how long the recipient computes.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyManagement {
    /// `dir`: both sides already share the content encryption key (section 4.5).
    Direct,
    /// `A128KW`: wrapped under a shared key of 16 bytes (section 4.4).
    A128KW,
    /// `A192KW`: wrapped under a shared key of 24 bytes.
    A192KW,
    /// `A256KW`: wrapped under a shared key of 32 bytes.
    A256KW,
    /// `A128GCMKW`: encrypted with AES-GCM under a shared key of 16 bytes (section 4.7).
    A128GCMKW,
    /// `A192GCMKW`: encrypted with AES-GCM under a shared key of 24 bytes.
    A192GCMKW,
    /// `A256GCMKW`: encrypted with AES-GCM under a shared key of 32 bytes.
    A256GCMKW,
    /// `RSA-OAEP`: encrypted with the recipient's RSA key and SHA-1 (section 4.3). The weakness of
    /// SHA-1 does not affect OAEP, but new deployments use SHA-256.
    RsaOaep,
    /// `RSA-OAEP-256`: the same with SHA-256.
    RsaOaep256,
    /// `RSA-OAEP-384`: the same with SHA-384.
    RsaOaep384,
    /// `RSA-OAEP-512`: the same with SHA-512.
    RsaOaep512,
    /// `ECDH-ES`: agreed upon with an ephemeral key (section 4.6).
    EcdhEs,
    /// `ECDH-ES+A128KW`: wrapped under a key that is agreed upon.
    EcdhEsA128KW,
    /// `ECDH-ES+A192KW`: wrapped under a key that is agreed upon.
    EcdhEsA192KW,
    /// `ECDH-ES+A256KW`: wrapped under a key that is agreed upon.
    EcdhEsA256KW,
}

impl KeyManagement {
    /// Every algorithm that this crate knows, including those that a build leaves out.
    pub const ALL: &'static [Self] = &[
        Self::Direct,
        Self::A128KW,
        Self::A192KW,
        Self::A256KW,
        Self::A128GCMKW,
        Self::A192GCMKW,
        Self::A256GCMKW,
        Self::RsaOaep,
        Self::RsaOaep256,
        Self::RsaOaep384,
        Self::RsaOaep512,
        Self::EcdhEs,
        Self::EcdhEsA128KW,
        Self::EcdhEsA192KW,
        Self::EcdhEsA256KW,
    ];

    /// The name as `alg` spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "dir",
            Self::A128KW => "A128KW",
            Self::A192KW => "A192KW",
            Self::A256KW => "A256KW",
            Self::A128GCMKW => "A128GCMKW",
            Self::A192GCMKW => "A192GCMKW",
            Self::A256GCMKW => "A256GCMKW",
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::RsaOaep384 => "RSA-OAEP-384",
            Self::RsaOaep512 => "RSA-OAEP-512",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128KW => "ECDH-ES+A128KW",
            Self::EcdhEsA192KW => "ECDH-ES+A192KW",
            Self::EcdhEsA256KW => "ECDH-ES+A256KW",
        }
    }

    /// Whether this build supports the algorithm. `dir`, `A128GCMKW` and `A256GCMKW` are always
    /// supported. The others need the feature `aws-lc-rs`.
    #[must_use]
    pub const fn is_supported(self) -> bool {
        self.missing_feature().is_none()
    }

    /// Whether both sides share one secret key.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(
            self.mode(),
            Mode::Direct | Mode::KeyWrap(_) | Mode::GcmKeyWrap(_)
        )
    }

    /// The mode of the algorithm, with its parameters.
    pub(crate) const fn mode(self) -> Mode {
        match self {
            Self::Direct => Mode::Direct,
            Self::A128KW => Mode::KeyWrap(16),
            Self::A192KW => Mode::KeyWrap(24),
            Self::A256KW => Mode::KeyWrap(32),
            Self::A128GCMKW => Mode::GcmKeyWrap(16),
            Self::A192GCMKW => Mode::GcmKeyWrap(24),
            Self::A256GCMKW => Mode::GcmKeyWrap(32),
            Self::RsaOaep => Mode::Oaep(OaepHash::Sha1),
            Self::RsaOaep256 => Mode::Oaep(OaepHash::Sha256),
            Self::RsaOaep384 => Mode::Oaep(OaepHash::Sha384),
            Self::RsaOaep512 => Mode::Oaep(OaepHash::Sha512),
            Self::EcdhEs => Mode::Agreement(None),
            Self::EcdhEsA128KW => Mode::Agreement(Some(16)),
            Self::EcdhEsA192KW => Mode::Agreement(Some(24)),
            Self::EcdhEsA256KW => Mode::Agreement(Some(32)),
        }
    }

    /// Called before a key is used.
    pub(crate) fn require_support(self) -> Result<(), Error> {
        required(self.as_str(), self.missing_feature())
    }

    const fn missing_feature(self) -> Option<&'static str> {
        match self {
            Self::Direct | Self::A128GCMKW | Self::A256GCMKW => None,
            _ => missing_aws_lc_rs(),
        }
    }
}

impl fmt::Display for KeyManagement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyManagement {
    type Err = Error;

    /// Names are case-sensitive (RFC 7516 section 4.1.1).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownAlgorithm`], also for `RSA1_5` and `PBES2-*`.
    fn from_str(name: &str) -> Result<Self, Error> {
        find(Self::ALL, Self::as_str, name)
    }
}

/// The ways in which a content encryption key travels. Lengths are those of the wrapping key, in
/// bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Direct,
    KeyWrap(usize),
    GcmKeyWrap(usize),
    Oaep(OaepHash),
    /// With the length of the wrapping key, where there is one.
    Agreement(Option<usize>),
}

/// How the content is encrypted: the `enc` of a JWE (RFC 7518 section 5.1).
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContentEncryption {
    /// `A128GCM`: AES-128 in Galois/Counter Mode, a nonce of 12 bytes, a tag of 16 (section 5.3).
    A128GCM,
    /// `A192GCM`: the same with AES-192.
    A192GCM,
    /// `A256GCM`: the same with AES-256.
    A256GCM,
    /// `A128CBC-HS256`: AES-128 in CBC mode, authenticated by HMAC with SHA-256; a tag of 16 bytes
    /// (section 5.2.3).
    A128CbcHs256,
    /// `A192CBC-HS384`: AES-192 and SHA-384; a tag of 24 bytes (section 5.2.4).
    A192CbcHs384,
    /// `A256CBC-HS512`: AES-256 and SHA-512; a tag of 32 bytes (section 5.2.5).
    A256CbcHs512,
}

impl ContentEncryption {
    /// Every algorithm that this crate knows, including those that a build leaves out.
    pub const ALL: &'static [Self] = &[
        Self::A128GCM,
        Self::A192GCM,
        Self::A256GCM,
        Self::A128CbcHs256,
        Self::A192CbcHs384,
        Self::A256CbcHs512,
    ];

    /// The name as `enc` spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A128GCM => "A128GCM",
            Self::A192GCM => "A192GCM",
            Self::A256GCM => "A256GCM",
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A192CbcHs384 => "A192CBC-HS384",
            Self::A256CbcHs512 => "A256CBC-HS512",
        }
    }

    /// Whether this build supports the algorithm. `A128GCM` and `A256GCM` are always supported. The
    /// others need the feature `aws-lc-rs`.
    #[must_use]
    pub const fn is_supported(self) -> bool {
        self.missing_feature().is_none()
    }

    /// The length of its key in bytes.
    #[must_use]
    pub const fn key_length(self) -> usize {
        match self {
            Self::A128GCM => 16,
            Self::A192GCM => 24,
            Self::A256GCM | Self::A128CbcHs256 => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
        }
    }

    /// The length of its initialisation vector in bytes.
    pub(crate) const fn iv_length(self) -> usize {
        match self {
            Self::A128GCM | Self::A192GCM | Self::A256GCM => 12,
            Self::A128CbcHs256 | Self::A192CbcHs384 | Self::A256CbcHs512 => 16,
        }
    }

    /// The length of its tag in bytes. Other lengths are refused, because a truncated tag can be
    /// guessed.
    pub(crate) const fn tag_length(self) -> usize {
        match self {
            Self::A128GCM | Self::A192GCM | Self::A256GCM | Self::A128CbcHs256 => 16,
            Self::A192CbcHs384 => 24,
            Self::A256CbcHs512 => 32,
        }
    }

    /// Called before a key is used.
    pub(crate) fn require_support(self) -> Result<(), Error> {
        required(self.as_str(), self.missing_feature())
    }

    const fn missing_feature(self) -> Option<&'static str> {
        match self {
            Self::A128GCM | Self::A256GCM => None,
            _ => missing_aws_lc_rs(),
        }
    }
}

impl fmt::Display for ContentEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ContentEncryption {
    type Err = Error;

    /// Names are case-sensitive (RFC 7516 section 4.1.2).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownAlgorithm`].
    fn from_str(name: &str) -> Result<Self, Error> {
        find(Self::ALL, Self::as_str, name)
    }
}

fn find<A: Copy>(all: &[A], as_str: fn(A) -> &'static str, name: &str) -> Result<A, Error> {
    all.iter()
        .copied()
        .find(|algorithm| as_str(*algorithm) == name)
        .ok_or_else(|| Error::UnknownAlgorithm {
            alg: name.to_owned(),
        })
}

fn required(alg: &'static str, missing_feature: Option<&'static str>) -> Result<(), Error> {
    match missing_feature {
        None => Ok(()),
        Some(feature) => Err(Error::UnsupportedAlgorithm { alg, feature }),
    }
}

const fn missing_aws_lc_rs() -> Option<&'static str> {
    if cfg!(feature = "aws-lc-rs") {
        None
    } else {
        Some("aws-lc-rs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for alg in KeyManagement::ALL {
            assert_eq!(alg.as_str().parse(), Ok(*alg));
        }
        for enc in ContentEncryption::ALL {
            assert_eq!(enc.as_str().parse(), Ok(*enc));
        }
    }

    #[test]
    fn names_that_are_refused() {
        for name in [
            "RSA1_5",
            "PBES2-HS256+A128KW",
            "none",
            "DIR",
            "rsa-oaep",
            "RSA-OAEP-1",
            "ECDH-1PU",
            "",
        ] {
            assert_eq!(
                name.parse::<KeyManagement>(),
                Err(Error::UnknownAlgorithm {
                    alg: name.to_owned()
                })
            );
        }
        for name in ["A256CBC", "A128CBC-HS512", "a256gcm", ""] {
            assert_eq!(
                name.parse::<ContentEncryption>(),
                Err(Error::UnknownAlgorithm {
                    alg: name.to_owned()
                })
            );
        }
    }

    #[test]
    fn what_ring_alone_can_do() {
        let everything = cfg!(feature = "aws-lc-rs");
        for alg in KeyManagement::ALL {
            let expected = everything || matches!(alg.as_str(), "dir" | "A128GCMKW" | "A256GCMKW");
            assert_eq!(alg.is_supported(), expected, "{alg}");
        }
        for enc in ContentEncryption::ALL {
            let expected = everything || matches!(enc.as_str(), "A128GCM" | "A256GCM");
            assert_eq!(enc.is_supported(), expected, "{enc}");
        }
    }
}
