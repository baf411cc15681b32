//! JSON Object Signing and Encryption: JWS (RFC 7515), JWE (RFC 7516), JWK (RFC 7517) and JWT (RFC
//! 7519). This crate uses no network and no clock: the caller provides keys and the current time.
//!
//! # Verifying a token
//!
//! ```
//! use jose::jws::{ProtectedHeader, SigningInput, Unverified};
//! use jose::{JwkSet, SignatureAlgorithm, SigningKey};
//!
//! // What an issuer does: make a key, publish its public half, sign.
//! let key = SigningKey::generate(SignatureAlgorithm::ES256)?.with_kid("2026-01");
//! let public = key.public_jwk().ok_or(jose::KeyRejected::Symmetric)?;
//! let published = serde_json::json!({ "keys": [public.to_json()] }).to_string();
//! let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("2026-01").typ("JWT");
//! let payload = br#"{"iss":"https://id.example.com","aud":"client","exp":1800000000}"#;
//! let token = SigningInput::new(&header, payload).sign(&key)?;
//!
//! // What a recipient does: parse the keys once, and choose the algorithm itself.
//! let keys = JwkSet::parse(published.as_bytes())?;
//! let unverified = Unverified::parse(&token)?;
//! let key = keys.select(unverified.header())?;
//! let verified = unverified.verify(key.verifying_key(), SignatureAlgorithm::ES256)?;
//! let claims = verified.claims()?;
//! assert_eq!(claims.iss(), Some("https://id.example.com"));
//! assert!(claims.aud().is_some_and(|audience| audience.contains("client")));
//! # Ok::<(), jose::Error>(())
//! ```
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
//!
//! The crate needs `ring`, `aws-lc-rs` or both. A feature adds algorithms and never changes a
//! result. An algorithm that a build leaves out fails with [`Error::UnsupportedAlgorithm`].
//! [`SignatureAlgorithm::is_supported`], [`jwe::KeyManagement::is_supported`] and
//! [`jwe::ContentEncryption::is_supported`] say in advance whether a build has it.

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
