//! JSON Web Encryption in the compact serialisation (RFC 7516).
//!
//! So far with `"alg":"dir"` and `"enc":"A256GCM"`: both sides hold the same key of 32 bytes.
//!
//! ```
//! use jose::jwe::{Accepted, ContentEncryption, ContentEncryptionKey, Encrypted, KeyManagement,
//! ProtectedHeader, encrypt_direct};
//!
//! let key = ContentEncryptionKey::new(ContentEncryption::A256GCM, &[7; 32])?;
//! let header = ProtectedHeader::new(KeyManagement::Direct, ContentEncryption::A256GCM);
//! let iv = [0; 12]; // Fresh random bytes in earnest: never twice under one key.
//! let token = encrypt_direct(&header, &key, iv, b"plaintext")?;
//!
//! let accepted = Accepted { alg: &[KeyManagement::Direct], enc: &[ContentEncryption::A256GCM] };
//! assert_eq!(Encrypted::parse(&token, accepted)?.decrypt_direct(&key)?, b"plaintext");
//! # Ok::<(), jose::Error>(())
//! ```

mod algorithms;
mod decrypt;
mod encrypt;
mod header;
mod key;

pub use algorithms::{ContentEncryption, KeyManagement};
pub use decrypt::{Accepted, Encrypted};
pub use encrypt::encrypt_direct;
pub use header::{Header, ProtectedHeader};
pub use key::ContentEncryptionKey;
