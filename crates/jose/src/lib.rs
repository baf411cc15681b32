//! JSON Object Signing and Encryption: JWS (RFC 7515), JWE (RFC 7516), JWK (RFC 7517) and JWT (RFC
//! 7519). This crate uses no network and no clock: the caller provides keys and the current time.
//!
//! # Verifying a token
//!
//! [`jwt::Validation`] states what a recipient requires, and makes every check on a token.
//!
//! ```
//! use jose::jws::{ProtectedHeader, SigningInput};
//! use jose::jwt::{NumericDate, Validation};
//! use jose::{JwkSet, SignatureAlgorithm, SigningKey};
//!
//! // What an issuer does: make a key, publish its public half, sign.
//! let key = SigningKey::generate(SignatureAlgorithm::ES256)?.with_kid("2026-01");
//! let public = key.public_jwk().ok_or(jose::KeyRejected::Symmetric)?;
//! let published = serde_json::json!({ "keys": [public.to_json()] }).to_string();
//! let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("2026-01").typ("JWT");
//! let payload = br#"{"iss":"https://id.example.com","aud":"my-app","exp":1800000000}"#;
//! let token = SigningInput::new(&header, payload).sign(&key)?;
//!
//! // What a recipient does once: state its requirements, and parse the keys of the issuer.
//! let algorithms = [SignatureAlgorithm::ES256];
//! let validation = Validation::new("https://id.example.com", "my-app", &algorithms)?;
//! let keys = JwkSet::parse(published.as_bytes())?;
//!
//! // For each token. In a program, `now` comes from the system clock.
//! let now = NumericDate::from_seconds(1_799_999_000);
//! let verified = validation.verify_with_set(&token, &keys, now)?;
//! assert_eq!(verified.claims().iss(), Some("https://id.example.com"));
//!
//! // After its expiry the token is refused.
//! let later = NumericDate::from_seconds(1_800_000_001);
//! assert!(validation.verify_with_set(&token, &keys, later).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The map
//!
//! | task | where |
//! |---|---|
//! | verify a JWT and check its claims | [`jwt::Validation`], [`jwt::Claims`] |
//! | verify any signed content, with a check of claims elsewhere | [`jws::Unverified`] |
//! | sign, with a key here or in a KMS or an HSM | [`jws::SigningInput`] |
//! | encrypt and decrypt | [`jwe::encrypt`], [`jwe::Encrypted`] |
//! | read the keys of a server | [`JwkSet`], [`Jwk`], [`VerifyingKey`] |
//! | make, read, write and store a private key | [`SigningKey`], [`PrivateJwk`], [`jwe::DecryptionKey`] |
//! | read a PEM document | [`pem`] |
//! | read JSON that a peer has sent | [`json`] |
//! | the name of a key: its thumbprint (RFC 7638) | [`Jwk::thumbprint`] |
//!
//! # Guarantees
//!
//! - A payload cannot be read before its signature is verified: [`jws::Unverified`] has no method
//!   for it.
//! - The caller chooses the algorithm, and not the token. `none` is not an algorithm here, and keys
//!   in the token are ignored.
//! - A key stays in its family: an RSA public key is never an HMAC secret, and a key set never
//!   verifies HMAC.
//! - A claim of the wrong type is an error and does not count as absent. So is a member that occurs
//!   twice.
//!
//! # Features
//!
//! | feature | on by default | brings |
//! |---|---|---|
//! | `ring` | yes | RS, PS, ES256, ES384, Ed25519, HS; `dir`, A128GCMKW, A256GCMKW; A128GCM, A256GCM |
//! | `aws-lc-rs` | yes | the same; ES512, ML-DSA; ECDH-ES, RSA-OAEP, AES key wrap; AES-CBC with HMAC, AES-192; RSA key generation |
//! | `encrypted-keys` | no | private keys that a passphrase protects ([`PrivateJwk::from_encrypted_pem`]) |
//! | `wasm-js` | no | random values from JavaScript on `wasm32-unknown-unknown` |
//!
//! The crate needs `ring`, `aws-lc-rs` or both. A feature adds algorithms and never changes a
//! result. An algorithm that a build leaves out fails with [`Error::UnsupportedAlgorithm`].
//! [`SignatureAlgorithm::is_supported`], [`jwe::KeyManagement::is_supported`] and
//! [`jwe::ContentEncryption::is_supported`] say in advance whether a build has it.
//!
//! On `wasm32-unknown-unknown`, enable `ring` and `wasm-js`, without the default features:
//! aws-lc-rs does not support that target. *ring* then takes random values from
//! `crypto.getRandomValues` of the browser or of Node.js.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
compile_error!(
    "jose needs a cryptography library: enable the feature `ring`, `aws-lc-rs`, or both"
);

pub mod base64url;
pub mod json;
pub mod jwe;
pub mod jws;
pub mod jwt;
pub mod pem;

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
    Jwk, JwkSet, KeyRejected, KeySearch, KeySelectionError, PrivateJwk, PrivateKeyFormat,
    PublicKeyFormat, SetKey, SigningKey, SkippedKey, Unfit, UnfitKey, VerifyingKey,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
