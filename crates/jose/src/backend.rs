//! The only module that uses a cryptography library. No type of a library leaves this module.
//!
//! | operation | `ring` and `aws-lc-rs` | `ring` | `aws-lc-rs` |
//! |---|---|---|---|
//! | hashes, HMAC | ring | ring | aws-lc-rs |
//! | RSA, ECDSA, Ed25519, A128GCM, A256GCM, random bytes | aws-lc-rs | ring | aws-lc-rs |
//! | P-521, ML-DSA, RSA key generation, compressed points | aws-lc-rs | absent | aws-lc-rs |
//! | RSA-OAEP, static ECDH, AES-KW, AES-CBC, A192GCM | aws-lc-rs | absent | aws-lc-rs |
//!
//! The second row uses aws-lc-rs only for its speed: parsed public keys; RSA and Ed25519 signing in
//! about half the time of ring, Ed25519 verification in three quarters, P-384 verification in a
//! quarter. The results are the same: `tests` compares both libraries.

#[cfg(not(feature = "aws-lc-rs"))]
mod absent;
#[cfg(feature = "aws-lc-rs")]
mod agreement;
mod base;
#[cfg(feature = "aws-lc-rs")]
mod cbc;
mod concat_kdf;
mod content;
#[cfg(feature = "aws-lc-rs")]
mod ext;
#[cfg(feature = "aws-lc-rs")]
mod key_wrap;
#[cfg(feature = "aws-lc-rs")]
mod ml_dsa;
#[cfg(feature = "aws-lc-rs")]
mod oaep;
#[cfg(all(feature = "ring", any(test, not(feature = "aws-lc-rs"))))]
mod only_ring;

#[cfg(test)]
mod tests;

use std::fmt;

use crate::{KeyFamily, SignatureAlgorithm};

#[cfg(not(feature = "aws-lc-rs"))]
pub(crate) use absent::{
    AgreementKey, MlDsaSigner, MlDsaVerifier, OaepDecryptor, OaepEncryptor, check_agreement_point,
    decompress, unwrap_key, wrap_key,
};
#[cfg(feature = "aws-lc-rs")]
pub(crate) use agreement::{AgreementKey, check_agreement_point};
pub(crate) use base::{Hmac, digest, fill_random, random_seed};
pub(crate) use concat_kdf::concat_kdf;
pub(crate) use content::{ContentKey, Gcm};
#[cfg(feature = "aws-lc-rs")]
pub(crate) use ext::{
    EcdsaSigner, EcdsaVerifier, Ed25519Signer, Ed25519Verifier, RsaSigner, RsaVerifier, decompress,
    generate_ec, generate_rsa,
};
#[cfg(feature = "aws-lc-rs")]
pub(crate) use key_wrap::{unwrap_key, wrap_key};
#[cfg(feature = "aws-lc-rs")]
pub(crate) use ml_dsa::{MlDsaSigner, MlDsaVerifier};
#[cfg(feature = "aws-lc-rs")]
pub(crate) use oaep::{OaepDecryptor, OaepEncryptor};
#[cfg(not(feature = "aws-lc-rs"))]
pub(crate) use only_ring::{
    EcdsaSigner, EcdsaVerifier, Ed25519Signer, Ed25519Verifier, RsaSigner, RsaVerifier,
    generate_ec, generate_rsa,
};

/// A curve for ECDSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

/// A parameter set of ML-DSA (FIPS 204 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MlDsa {
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

impl MlDsa {
    pub(crate) const ALL: [Self; 3] = [Self::MlDsa44, Self::MlDsa65, Self::MlDsa87];

    /// The one algorithm of its keys.
    pub(crate) const fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::MlDsa44 => SignatureAlgorithm::MlDsa44,
            Self::MlDsa65 => SignatureAlgorithm::MlDsa65,
            Self::MlDsa87 => SignatureAlgorithm::MlDsa87,
        }
    }

    /// The length of a public key in bytes (FIPS 204 table 2).
    pub(crate) const fn public_key_length(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
            Self::MlDsa87 => 2592,
        }
    }

    /// The length of a private key in bytes, as expanded from its seed of 32 bytes (FIPS 204
    /// table 2).
    pub(crate) const fn expanded_key_length(self) -> usize {
        match self {
            Self::MlDsa44 => 2560,
            Self::MlDsa65 => 4032,
            Self::MlDsa87 => 4896,
        }
    }
}

/// A curve for key agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AgreementCurve {
    P256,
    P384,
    P521,
    X25519,
}

impl AgreementCurve {
    pub(crate) const fn family(self) -> KeyFamily {
        match self {
            Self::P256 => KeyFamily::P256,
            Self::P384 => KeyFamily::P384,
            Self::P521 => KeyFamily::P521,
            Self::X25519 => KeyFamily::X25519,
        }
    }

    /// The length in bytes of a shared secret and of a private key.
    pub(crate) const fn secret_length(self) -> usize {
        match self {
            Self::P256 | Self::X25519 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

impl From<Curve> for AgreementCurve {
    fn from(curve: Curve) -> Self {
        match curve {
            Curve::P256 => Self::P256,
            Curve::P384 => Self::P384,
            Curve::P521 => Self::P521,
        }
    }
}

/// The hash of RSA-OAEP and of its mask generation function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OaepHash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// The six ways to use an RSA key for signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RsaScheme {
    Pkcs1Sha256,
    Pkcs1Sha384,
    Pkcs1Sha512,
    PssSha256,
    PssSha384,
    PssSha512,
}

/// A public RSA key (RFC 7518 section 6.3.1), big-endian without leading zeros.
pub(crate) struct RsaPublicKey {
    pub(crate) n: Vec<u8>,
    pub(crate) e: Vec<u8>,
    #[cfg(feature = "aws-lc-rs")]
    parsed: ext::ParsedRsa,
}

impl RsaPublicKey {
    pub(crate) fn new(n: Vec<u8>, e: Vec<u8>) -> Self {
        Self {
            n,
            e,
            #[cfg(feature = "aws-lc-rs")]
            parsed: ext::ParsedRsa::default(),
        }
    }
}

impl PartialEq for RsaPublicKey {
    fn eq(&self, other: &Self) -> bool {
        (&self.n, &self.e) == (&other.n, &other.e)
    }
}

impl Eq for RsaPublicKey {}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaPublicKey")
            .field("n", &self.n)
            .field("e", &self.e)
            .finish_non_exhaustive()
    }
}

/// A private RSA key (RFC 7518 section 6.3.2), big-endian, `n` and `e` without leading zeros.
pub(crate) struct RsaComponents<'a> {
    pub(crate) n: &'a [u8],
    pub(crate) e: &'a [u8],
    pub(crate) d: &'a [u8],
    pub(crate) p: &'a [u8],
    pub(crate) q: &'a [u8],
    pub(crate) dp: &'a [u8],
    pub(crate) dq: &'a [u8],
    pub(crate) qi: &'a [u8],
}

/// Error of the library: a bad signature, a bad key, or no randomness. The caller knows which of
/// them is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused;
