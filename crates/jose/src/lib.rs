#![doc = "JSON Object Signing and Encryption (JWS, JWE, JWK, JWT): no network, no clock."]

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
compile_error!(
    "jose needs a cryptography library: enable the feature `ring`, `aws-lc-rs`, or both"
);

pub mod base64url;
pub mod json;
pub mod jwe;
pub mod jws;
pub mod jwt;

mod alg;
mod backend;
mod compact;
mod error;
mod escaped;
mod jwk;

pub use alg::{HashAlgorithm, KeyFamily, SignatureAlgorithm};
pub use compact::MAXIMUM_TOKEN_LENGTH;
pub use error::{Error, Malformed, Part};
pub use jwk::{
    Jwk, JwkSet, KeyRejected, KeySelectionError, SetKey, SigningKey, SkippedKey, VerifyingKey,
};
