//! JSON Web Encryption in the compact serialisation (RFC 7516).
//!
//! ```text
//! token ──Encrypted::parse(accepted)──> Encrypted ──decrypt(key)──> plaintext
//!                                           │
//!                                           └─begin()──> PendingDecryption ──finish(answer)──> plaintext
//!                                                              │                 ▲
//!                                                         KeyOperation ──key──> KeyAnswer
//! ```
//!
//! The recipient lists the algorithms that it accepts. Every failed decryption gives the same
//! [`Error::Decryption`](crate::Error::Decryption). Only faults in the header, which is not
//! encrypted, have other errors.
//!
//! ```
//! use jose::jwe::{
//!     Accepted, ContentEncryption, DecryptionKey, Encrypted, EncryptionKey, KeyManagement,
//!     ProtectedHeader, encrypt,
//! };
//!
//! let header = ProtectedHeader::new(KeyManagement::A256GCMKW, ContentEncryption::A128GCM);
//! let token = encrypt(&header, &EncryptionKey::symmetric(&[7; 32])?, b"plaintext")?;
//!
//! let accepted = Accepted {
//!     alg: &[KeyManagement::A256GCMKW],
//!     enc: &[ContentEncryption::A128GCM, ContentEncryption::A256GCM],
//! };
//! let key = DecryptionKey::symmetric(&[7; 32])?;
//! assert_eq!(Encrypted::parse(&token, accepted)?.decrypt(&key)?, b"plaintext");
//! # Ok::<(), jose::Error>(())
//! ```

mod algorithms;
mod binding;
mod client_secret;
mod decrypt;
mod decryption_key;
mod encrypt;
mod encryption_key;
mod header;
mod key;
mod operation;
mod symmetric_key;
#[cfg(test)]
mod tests;

pub use algorithms::{ContentEncryption, KeyManagement};
pub use decrypt::{Accepted, Encrypted, PendingDecryption};
pub use decryption_key::DecryptionKey;
pub use encrypt::{encrypt, encrypt_direct};
pub use encryption_key::EncryptionKey;
pub use header::{Header, ProtectedHeader};
pub use key::ContentEncryptionKey;
pub use operation::{KeyAnswer, KeyOperation};
