//! A pending login in a form that may leave the application, in a cookie for example.

use jose::jwe::{
    Accepted, ContentEncryption, ContentEncryptionKey, Encrypted, KeyManagement, ProtectedHeader,
    encrypt_direct,
};

use super::pending::PendingLogin;
use crate::error::{Error, Misuse};
use crate::secret::Secret;
use crate::time::UnixTime;

/// The application's key for sealing: 32 secret random bytes, the same on every instance that may
/// see the callback, and used for nothing else. It serves for some four thousand million logins.
#[derive(Debug, Clone)]
pub struct SealingKey(Secret<[u8; 32]>);

impl SealingKey {
    /// Takes the key in.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    pub(crate) fn content_key(&self) -> Result<ContentEncryptionKey, jose::Error> {
        ContentEncryptionKey::new(ContentEncryption::A256GCM, self.0.expose())
    }
}

impl PendingLogin {
    /// Encrypts the login under the application's key (AES-256-GCM, as a compact JWE): nobody else
    /// can read it, and any change to it is found out. It takes about 700 characters, which fits a
    /// cookie. What must be fresh is drawn from the operating system, not from an
    /// [`Entropy`](crate::entropy::Entropy): one that repeats would give the logins away.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealed`] when the cryptography library fails, or has no randomness.
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
    /// [`Misuse::NotSealedHere`] when it was changed, was sealed under another key or is something
    /// else altogether; [`Misuse::LoginExpired`] when the login has taken longer than its
    /// [lifetime](super::AuthorizationRequest::lifetime).
    pub fn open(key: &SealingKey, sealed: &str, now: UnixTime) -> Result<Self, Error> {
        let pending = decrypt(key, sealed).ok_or(Misuse::NotSealedHere)?;
        pending.check_age(now)?;
        Ok(pending)
    }
}

/// One answer for every cause.
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

/// Keeps a sealed login apart from anything else under the same key.
const TYPE: &str = "pending-login";
