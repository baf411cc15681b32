//! Encrypted forms that may leave the application, for example in a cookie: of a pending login, and
//! of what the application itself keeps.

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

    /// Encrypts content of the application (AES-256-GCM, as a compact JWE), for example a session
    /// that a cookie holds. Without the key the result cannot be read, and every change to it is
    /// detected. `purpose` says what the content is, and is authenticated as well: what was sealed
    /// for one purpose cannot be opened for another, and neither can a sealed login or sealed
    /// tokens. The result has about four characters for three bytes, and 120 more. The randomness
    /// comes from the operating system.
    ///
    /// An older result of the same purpose can still be opened: put a time or a name into the
    /// content where this matters.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealed`] if the cryptography library fails or has no randomness.
    pub fn seal(&self, purpose: &str, content: &[u8]) -> Result<String, Error> {
        encrypt(self, &applications(purpose), content)
    }

    /// Opens what [`seal`](Self::seal) encrypted for this purpose.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`] if the text was changed, was sealed with another key or for another
    /// purpose, or is not sealed.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<Secret<Vec<u8>>, Error> {
        let content = decrypt(self, &applications(purpose), sealed);
        content.ok_or_else(|| Misuse::NotSealedHere.into())
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
        encrypt(key, TYPE, plaintext.expose())
    }

    /// Opens a sealed login.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`] if the text was changed, was sealed with another key or is not a
    /// sealed login; [`Misuse::LoginExpired`] if the login has taken longer than its
    /// [lifetime](super::AuthorizationRequest::lifetime).
    pub fn open(key: &SealingKey, sealed: &str, now: UnixTime) -> Result<Self, Error> {
        let pending: Option<Self> = decrypt(key, TYPE, sealed)
            .and_then(|plaintext| serde_json::from_slice(plaintext.expose()).ok());
        let pending = pending.ok_or(Misuse::NotSealedHere)?;
        pending.check_age(now)?;
        Ok(pending)
    }
}

fn encrypt(key: &SealingKey, typ: &str, plaintext: &[u8]) -> Result<String, Error> {
    let header = ProtectedHeader::new(KeyManagement::Direct, ContentEncryption::A256GCM).typ(typ);
    key.content_key()
        .and_then(|key| encrypt_direct(&header, &key, plaintext))
        .map_err(|_| Misuse::NotSealed.into())
}

/// Returns the same result for every cause of failure.
fn decrypt(key: &SealingKey, typ: &str, sealed: &str) -> Option<Secret<Vec<u8>>> {
    let accepted = Accepted {
        alg: &[KeyManagement::Direct],
        enc: &[ContentEncryption::A256GCM],
    };
    let encrypted = Encrypted::parse(sealed, accepted).ok()?;
    if encrypted.header().typ() != Some(typ) {
        return None;
    }
    let plaintext = encrypted.decrypt_direct(&key.content_key().ok()?).ok()?;
    Some(Secret::new(plaintext))
}

/// The type of content of the application. The prefix keeps it apart from the types of this library.
fn applications(purpose: &str) -> String {
    format!("application-{purpose}")
}

/// The type that distinguishes a sealed login from other data under the same key.
const TYPE: &str = "pending-login";
