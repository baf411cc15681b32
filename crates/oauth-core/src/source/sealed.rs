//! Stored tokens in a form that may leave the application.

use jose::jwe::{
    Accepted, ContentEncryption, Encrypted, KeyManagement, ProtectedHeader, encrypt_direct,
};
use jose::{HashAlgorithm, base64url, json};

use crate::authorization::SealingKey;
use crate::configuration::Configuration;
use crate::error::{Error, Misuse};
use crate::secret::{Secret, constant_time_eq};
use crate::source::stored::{StoredTokenSet, VERSION};

impl StoredTokenSet {
    /// Encrypts the tokens under the application's key (AES-256-GCM, as a compact JWE): nobody else
    /// can read them, and any change is found out.
    ///
    /// The version of the form, its purpose, the issuer, the client and `store_key` are authenticated
    /// as well. `store_key` is the name under which the store keeps the value, such as a session
    /// identifier; a value that was copied to another name cannot be opened there. The values are not
    /// part of the result, but their hash is.
    ///
    /// An older value of the same name can still be opened: the seal does not say which one is the
    /// latest. What must be fresh is drawn from the operating system inside the cryptography library.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealed`] when the cryptography library fails, or has no randomness.
    pub fn seal(&self, key: &SealingKey, store_key: &str) -> Result<String, Error> {
        let plaintext = serde_json::to_vec(self).map_err(|_| Misuse::NotSealed)?;
        let plaintext = Secret::new(plaintext);
        let binding = binding(&self.issuer, &self.client_id, store_key);
        ProtectedHeader::new(KeyManagement::Direct, ContentEncryption::A256GCM)
            .typ(TYPE)
            .member(BINDING, binding.into())
            .and_then(|header| {
                let key = key.content_key()?;
                encrypt_direct(&header, &key, plaintext.expose())
            })
            .map_err(|_| Misuse::NotSealed.into())
    }

    /// Opens sealed tokens of this client under the name that they were sealed for.
    ///
    /// `keys` are all that may have sealed them, the current one first: to change keys, seal with the
    /// new one and keep the old one in this list until everything is sealed anew.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`] when the value was changed, was sealed under another key, for
    /// another issuer, client or name, or is something else altogether.
    pub fn open(
        keys: &[SealingKey],
        configuration: &Configuration,
        store_key: &str,
        sealed: &str,
    ) -> Result<Self, Error> {
        let issuer = &configuration.server().issuer;
        let client_id = &configuration.client().client_id;
        let expected = binding(issuer, client_id, store_key);
        decrypt(keys, &expected, sealed).ok_or_else(|| Misuse::NotSealedHere.into())
    }
}

/// One answer for every cause.
fn decrypt(keys: &[SealingKey], binding: &str, sealed: &str) -> Option<StoredTokenSet> {
    if !constant_time_eq(bound_to(sealed)?.as_bytes(), binding.as_bytes()) {
        return None;
    }
    keys.iter().find_map(|key| {
        let accepted = Accepted {
            alg: &[KeyManagement::Direct],
            enc: &[ContentEncryption::A256GCM],
        };
        let encrypted = Encrypted::parse(sealed, accepted).ok()?;
        let plaintext = encrypted.decrypt_direct(&key.content_key().ok()?).ok()?;
        let plaintext = Secret::new(plaintext);
        serde_json::from_slice(plaintext.expose()).ok()
    })
}

/// What the header says it is sealed for. The header is the associated data of the encryption (RFC
/// 7516 section 5.1), so that what is read here is true once the content has been decrypted.
fn bound_to(sealed: &str) -> Option<String> {
    let (header, _) = sealed.split_once('.')?;
    let header = base64url::decode(header).ok()?;
    let header = json::parse_object(&header, json::Limits::HEADER).ok()?;
    Some(header.get(BINDING)?.as_str()?.to_owned())
}

/// A hash over the purpose and the names, each with its length before it, so that no two lists of names give the same
/// bytes.
fn binding(issuer: &str, client_id: &str, store_key: &str) -> String {
    let mut bytes = vec![VERSION];
    for part in [TYPE, issuer, client_id, store_key] {
        bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    base64url::encode(&HashAlgorithm::Sha256.digest(&bytes))
}

/// Keeps sealed tokens apart from anything else under the same key.
const TYPE: &str = "token-set";

/// The member of the header with the hash.
const BINDING: &str = "binding";
