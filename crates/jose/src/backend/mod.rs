//! The only place that names a cryptography library. No type of either leaves this module.
//!
//! | operation | `ring` and `aws-lc-rs` | `ring` | `aws-lc-rs` |
//! |---|---|---|---|
//! | hashes, HMAC, A256GCM, Ed25519 verification | ring | ring | aws-lc-rs |
//! | RSA, ECDSA, Ed25519 signing | aws-lc-rs | ring | aws-lc-rs |
//! | P-521, RSA key generation | aws-lc-rs | absent | aws-lc-rs |
//!
//! The second row goes to aws-lc-rs for its speed alone (parsed public keys, RSA and Ed25519
//! signing at about half the time of ring, P-384 verification at a quarter). Results never differ:
//! `tests` runs both against each other.

mod base;
#[cfg(feature = "aws-lc-rs")]
mod ext;
#[cfg(all(feature = "ring", any(test, not(feature = "aws-lc-rs"))))]
mod only_ring;

#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

pub(crate) use base::{ContentKey, Ed25519Verifier, Hmac, digest, random_seed};
#[cfg(feature = "aws-lc-rs")]
pub(crate) use ext::{EcdsaSigner, EcdsaVerifier, Ed25519Signer, RsaSigner, RsaVerifier};
#[cfg(not(feature = "aws-lc-rs"))]
pub(crate) use only_ring::{EcdsaSigner, EcdsaVerifier, Ed25519Signer, RsaSigner, RsaVerifier};

/// A curve for ECDSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
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

/// A private RSA key (RFC 7518 section 6.3.2), big-endian, `n` and `e` without leading zeros.
pub(crate) struct RsaComponents<'a> {
    pub(crate) n: &'a [u8],
    pub(crate) e: &'a [u8],
    pub(crate) d: Zeroizing<Vec<u8>>,
    pub(crate) p: Zeroizing<Vec<u8>>,
    pub(crate) q: Zeroizing<Vec<u8>>,
    pub(crate) dp: Zeroizing<Vec<u8>>,
    pub(crate) dq: Zeroizing<Vec<u8>>,
    pub(crate) qi: Zeroizing<Vec<u8>>,
}

/// The library refused: bad signature, bad key, or no randomness. The caller knows which it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused;
