//! A pending login in an encrypted form that may leave the application, for example in a cookie.

use jose::jwe::{
    Accepted, ContentEncryption, ContentEncryptionKey, Encrypted, KeyManagement, ProtectedHeader,
    encrypt_direct,
};

use super::pending::PendingLogin;
use crate::error::{Error, Misuse};
use crate::secret::Secret;
use crate::time::UnixTime;

/// The application's key for sealing: 32 secret random bytes. Use the same key on every instance
/// that may receive the callback, and for no other purpose. One key serves for about 4,000 million
/// logins.
#[derive(Debug, Clone)]
pub struct SealingKey(Secret<[u8; 32]>);

impl SealingKey {
    /// Creates the key from its bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    pub(crate) fn content_key(&self) -> Result<ContentEncryptionKey, jose::Error> {
        ContentEncryptionKey::new(ContentEncryption::A256GCM, self.0.expose())
    }
}

impl PendingLogin {
    /// Encrypts the login with the application's key (AES-256-GCM, as a compact JWE). Without the
    /// key the result cannot be read, and every change to it is detected. It is about 700
    /// characters long, which fits a cookie. The randomness comes from the operating system and not
    /// from an [`Entropy`](crate::entropy::Entropy), because repeated randomness would reveal the
    /// logins.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealed`] if the cryptography library fails or has no randomness.
    pub fn seal(&self, key: &SealingKey) -> Result<String, Error> {
        let plaintext = serde_json::to_vec(self).map_err(|_| Misuse::NotSealed)?;
        let plaintext = Secret::new(plaintext);
        let header =
            ProtectedHeader::new(KeyManagement::Direct, ContentEncryption::A256GCM).typ(TYPE);
        key.content_key()
            .and_then(|key| encrypt_direct(&header, &key, plaintext.expose()))
            .map_err(|_| Misuse::NotSealed.into())
    }

    /// Opens a sealed login.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`] if the text was changed, was sealed with another key or is not a
    /// sealed login; [`Misuse::LoginExpired`] if the login has taken longer than its
    /// [lifetime](super::AuthorizationRequest::lifetime).
    pub fn open(key: &SealingKey, sealed: &str, now: UnixTime) -> Result<Self, Error> {
        let pending = decrypt(key, sealed).ok_or(Misuse::NotSealedHere)?;
        pending.check_age(now)?;
        Ok(pending)
    }
}

/// Returns the same result for every cause of failure.
fn decrypt(key: &SealingKey, sealed: &str) -> Option<PendingLogin> {
    let accepted = Accepted {
        alg: &[KeyManagement::Direct],
        enc: &[ContentEncryption::A256GCM],
    };
    let encrypted = Encrypted::parse(sealed, accepted).ok()?;
    if encrypted.header().typ() != Some(TYPE) {
        return None;
    }
    let plaintext = encrypted.decrypt_direct(&key.content_key().ok()?).ok()?;
    let plaintext = Secret::new(plaintext);
    serde_json::from_slice(plaintext.expose()).ok()
}

/// The type that distinguishes a sealed login from other data under the same key.
const TYPE: &str = "pending-login";
