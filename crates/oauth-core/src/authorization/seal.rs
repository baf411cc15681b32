//! Encrypted forms that may leave the application, for example in a cookie: of a pending login, and
//! of what a store or the application itself keeps.

use jose::jwe::{
    Accepted, ContentEncryption, ContentEncryptionKey, Encrypted, KeyManagement, ProtectedHeader,
    encrypt_direct,
};
use jose::{HashAlgorithm, base64url, json};
use serde::de::DeserializeOwned;

use super::pending::PendingLogin;
use crate::error::{Error, Misuse, SealFault};
use crate::secret::{Secret, constant_time_eq};
use crate::time::UnixTime;

/// The application's key for sealing: 32 secret random bytes. Use the same key on every instance
/// that may receive the callback, and for no other purpose. One key serves for about 4,000 million
/// logins.
#[derive(Debug, Clone)]
pub struct SealingKey(Secret<[u8; 32]>);

impl SealingKey {
    /// The longest sealed value, in bytes: 4 MiB. The tokens in a response of the greatest length
    /// that is read by default are shorter.
    pub const MAXIMUM_SEALED_LENGTH: usize = 4 << 20;

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
    /// [`Misuse::NotSealed`] if the cryptography library fails or has no randomness, and for a
    /// value of more than 3 MB.
    pub fn seal(&self, purpose: &str, content: &[u8]) -> Result<String, Error> {
        seal(self, &applications(purpose), None, content)
    }

    /// Opens what [`seal`](Self::seal) encrypted for this purpose.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`] if the text was changed, was sealed with another key or for
    /// another purpose, or is not sealed.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<Secret<Vec<u8>>, Error> {
        let keys = std::slice::from_ref(self);
        Ok(decrypt(keys, &applications(purpose), None, sealed)?)
    }

    fn content_key(&self) -> Result<ContentEncryptionKey, jose::Error> {
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
    /// [`Misuse::NotSealed`] if the cryptography library fails or has no randomness, and for a
    /// value of more than 3 MB.
    pub fn seal(&self, key: &SealingKey) -> Result<String, Error> {
        seal(key, TYPE, None, self.content()?.expose())
    }

    /// Encrypts the login as [`seal`](Self::seal) does, for one name in a store. `store_key` is
    /// that name, which contains the session of the browser. It is authenticated, so a value that
    /// was copied to another name cannot be opened there.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealed`] if the cryptography library fails or has no randomness, and for a
    /// value of more than 3 MB.
    pub fn seal_for(&self, key: &SealingKey, store_key: &str) -> Result<String, Error> {
        seal(
            key,
            TYPE,
            Some(name_binding(store_key)),
            self.content()?.expose(),
        )
    }

    /// Opens a sealed login.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`] if the text was changed, was sealed with another key or for a name
    /// in a store, or is not a sealed login; [`Misuse::LoginExpired`] if the login has taken longer
    /// than its [lifetime](super::AuthorizationRequest::lifetime).
    pub fn open(key: &SealingKey, sealed: &str, now: UnixTime) -> Result<Self, Error> {
        let pending: Self = open(std::slice::from_ref(key), TYPE, None, sealed)?;
        pending.check_age(now)?;
        Ok(pending)
    }

    /// Opens a login that [`seal_for`](Self::seal_for) sealed for this name in a store. `keys` are
    /// all keys that may have sealed it.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`] if the text was changed, was sealed with another key, for another
    /// name or for a cookie, or is not a sealed login; [`Misuse::LoginExpired`] if the login has
    /// taken longer than its [lifetime](super::AuthorizationRequest::lifetime).
    pub fn open_for(
        keys: &[SealingKey],
        store_key: &str,
        sealed: &str,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let pending: Self = open(keys, TYPE, Some(&name_binding(store_key)), sealed)?;
        pending.check_age(now)?;
        Ok(pending)
    }

    fn content(&self) -> Result<Secret<Vec<u8>>, Error> {
        let plaintext = serde_json::to_vec(self).map_err(|_| Misuse::NotSealed)?;
        Ok(Secret::new(plaintext))
    }
}

/// Encrypts a value of this purpose. `binding` says where it belongs; see [`binding`].
pub(crate) fn seal(
    key: &SealingKey,
    purpose: &str,
    binding: Option<String>,
    plaintext: &[u8],
) -> Result<String, Error> {
    let header =
        ProtectedHeader::new(KeyManagement::Direct, ContentEncryption::A256GCM).typ(purpose);
    let header = match binding {
        Some(binding) => header.member(BINDING, binding.into()),
        None => Ok(header),
    };
    let limit = SealingKey::MAXIMUM_SEALED_LENGTH;
    let sealed = header.and_then(|header| encrypt_direct(&header, &key.content_key()?, plaintext));
    match sealed {
        // What is longer could not be opened again.
        Ok(sealed) if sealed.len() <= limit => Ok(sealed),
        _ => Err(Misuse::NotSealed.into()),
    }
}

/// Decrypts a value of this purpose and place, and reads it.
pub(crate) fn open<T: DeserializeOwned>(
    keys: &[SealingKey],
    purpose: &str,
    binding: Option<&str>,
    sealed: &str,
) -> Result<T, Misuse> {
    let plaintext = decrypt(keys, purpose, binding, sealed)?;
    serde_json::from_slice(plaintext.expose())
        .map_err(|_| Misuse::NotSealedHere(SealFault::UnknownForm))
}

/// Decrypts a value of this purpose and place.
pub(crate) fn decrypt(
    keys: &[SealingKey],
    purpose: &str,
    binding: Option<&str>,
    sealed: &str,
) -> Result<Secret<Vec<u8>>, Misuse> {
    let accepted = Accepted {
        alg: &[KeyManagement::Direct],
        enc: &[ContentEncryption::A256GCM],
    };
    let fault = |fault| Misuse::NotSealedHere(fault);
    let limit = SealingKey::MAXIMUM_SEALED_LENGTH;
    let parsed = Encrypted::parse_within(sealed, accepted, limit);
    let parsed = parsed.map_err(|_| fault(SealFault::NoSeal))?;
    // The header is the associated data of the encryption (RFC 7516 section 5.1), so the decryption
    // of the content proves what it says.
    let found = bound_to(sealed);
    let is_here = match (binding, &found) {
        (Some(binding), Some(found)) => constant_time_eq(found.as_bytes(), binding.as_bytes()),
        (None, None) => true,
        _ => false,
    };
    if parsed.header().typ() != Some(purpose) || !is_here {
        return Err(fault(SealFault::AnotherPlace));
    }
    let plaintext = keys.iter().find_map(|key| {
        let encrypted = Encrypted::parse_within(sealed, accepted, limit).ok()?;
        encrypted.decrypt_direct(&key.content_key().ok()?).ok()
    });
    plaintext
        .map(Secret::new)
        .ok_or_else(|| fault(SealFault::NoKey))
}

/// The binding in the header: the hash of the place that the value is sealed for. `None` if the
/// header has no such member, and an empty text if the member is not a text.
fn bound_to(sealed: &str) -> Option<String> {
    let (header, _) = sealed.split_once('.')?;
    let header = base64url::decode(header).ok()?;
    let header = json::parse_object(&header, json::Limits::HEADER).ok()?;
    let binding = header.get(BINDING)?;
    Some(binding.as_str().unwrap_or_default().to_owned())
}

/// A hash over the purpose and the names, each with its length before it, so that no two lists of
/// names give the same bytes.
pub(crate) fn binding(parts: &[&str]) -> String {
    let mut bytes = vec![BINDING_VERSION];
    for part in parts {
        bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    base64url::encode(&HashAlgorithm::Sha256.digest(&bytes))
}

fn name_binding(store_key: &str) -> String {
    binding(&[TYPE, store_key])
}

/// The type of content of the application. The prefix keeps it apart from the types of this
/// library.
fn applications(purpose: &str) -> String {
    format!("application-{purpose}")
}

/// The type that distinguishes a sealed login from other data under the same key.
const TYPE: &str = "pending-login";

/// The member of the header with the hash.
const BINDING: &str = "binding";

const BINDING_VERSION: u8 = 1;
