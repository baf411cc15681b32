//! Stored tokens and key sets in a form that may leave the application.

use jose::jwe::{
    Accepted, ContentEncryption, Encrypted, KeyManagement, ProtectedHeader, encrypt_direct,
};
use jose::{HashAlgorithm, base64url, json};

use crate::authorization::SealingKey;
use crate::cache::ExportedJwksCache;
use crate::configuration::Configuration;
use crate::error::{Error, Misuse};
use crate::names::EndpointName;
use crate::secret::{Secret, constant_time_eq};
use crate::source::stored::{StoredTokenSet, VERSION};

impl StoredTokenSet {
    /// Encrypts the tokens under the application's key (AES-256-GCM, as a compact JWE). Only the
    /// holder of the key can read them, and every change is detected.
    ///
    /// The version of the form, its purpose, the issuer, the client and `store_key` are
    /// authenticated as well. `store_key` is the name under which the store keeps the value, such
    /// as a session identifier; a value that was copied to another name cannot be opened there. The
    /// values are not part of the result, but their hash is.
    ///
    /// An older value of the same name can still be opened: the seal does not say which one is the
    /// latest. The cryptography library draws the random values from the operating system.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealed`] when the cryptography library fails, or has no randomness.
    pub fn seal(&self, key: &SealingKey, store_key: &str) -> Result<String, Error> {
        let plaintext = serde_json::to_vec(self).map_err(|_| Misuse::NotSealed)?;
        let binding = binding([TOKEN_SET, &self.issuer, &self.client_id, store_key]);
        encrypt(key, TOKEN_SET, binding, &Secret::new(plaintext))
    }

    /// Opens sealed tokens of this client under the name that they were sealed for.
    ///
    /// `keys` are all that may have sealed them, the current one first: to change keys, seal with
    /// the new one and keep the old one in this list until everything has been sealed again.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`] when the value was changed, was sealed under another key, for
    /// another issuer, client or name, or is no sealed value.
    pub fn open(
        keys: &[SealingKey],
        configuration: &Configuration,
        store_key: &str,
        sealed: &str,
    ) -> Result<Self, Error> {
        let issuer = &configuration.server().issuer;
        let client_id = &configuration.client().client_id;
        let expected = binding([TOKEN_SET, issuer, client_id, store_key]);
        let plaintext = decrypt(keys, &expected, sealed);
        plaintext
            .and_then(|plaintext| serde_json::from_slice(plaintext.expose()).ok())
            .ok_or_else(|| Misuse::NotSealedHere.into())
    }
}

impl ExportedJwksCache {
    /// Encrypts the key set under the application's key, as [`StoredTokenSet::seal`] does: a store
    /// that others can write cannot replace the keys that tokens are verified with.
    ///
    /// The version of the form, its purpose, the issuer, the client and the URL of the keys are
    /// authenticated as well. An older key set can be put back. It cannot be used for longer than
    /// at first, because its time is inside.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealed`] when the cryptography library fails, or has no randomness.
    pub fn seal(&self, key: &SealingKey, configuration: &Configuration) -> Result<String, Error> {
        let plaintext = serde_json::to_vec(&self.to_json()).map_err(|_| Misuse::NotSealed)?;
        let binding = keys_binding(configuration, self.jwks_uri());
        encrypt(key, KEY_SET, binding, &Secret::new(plaintext))
    }

    /// Opens a sealed key set of this client, which was fetched from the `jwks_uri` of its server.
    ///
    /// `keys` are all that may have sealed it.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`] when the value was changed, was sealed under another key, for
    /// another issuer, client or URL, or is no sealed value.
    pub fn open(
        keys: &[SealingKey],
        configuration: &Configuration,
        sealed: &str,
    ) -> Result<Self, Error> {
        let jwks_uri = configuration.endpoint(EndpointName::Jwks)?;
        let expected = keys_binding(configuration, jwks_uri.as_str());
        let plaintext = decrypt(keys, &expected, sealed);
        plaintext
            .and_then(|plaintext| Self::from_json(plaintext.expose()).ok())
            .ok_or_else(|| Misuse::NotSealedHere.into())
    }
}

fn keys_binding(configuration: &Configuration, jwks_uri: &str) -> String {
    let issuer = &configuration.server().issuer;
    let client_id = &configuration.client().client_id;
    binding([KEY_SET, issuer, client_id, jwks_uri])
}

fn encrypt(
    key: &SealingKey,
    purpose: &str,
    binding: String,
    plaintext: &Secret<Vec<u8>>,
) -> Result<String, Error> {
    ProtectedHeader::new(KeyManagement::Direct, ContentEncryption::A256GCM)
        .typ(purpose)
        .member(BINDING, binding.into())
        .and_then(|header| {
            let key = key.content_key()?;
            encrypt_direct(&header, &key, plaintext.expose())
        })
        .map_err(|_| Misuse::NotSealed.into())
}

/// The same error for every cause.
fn decrypt(keys: &[SealingKey], binding: &str, sealed: &str) -> Option<Secret<Vec<u8>>> {
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
        Some(Secret::new(plaintext))
    })
}

/// What the header says that the value is sealed for. The header is the associated data of the
/// encryption (RFC 7516 section 5.1), so decryption of the content proves it.
fn bound_to(sealed: &str) -> Option<String> {
    let (header, _) = sealed.split_once('.')?;
    let header = base64url::decode(header).ok()?;
    let header = json::parse_object(&header, json::Limits::HEADER).ok()?;
    Some(header.get(BINDING)?.as_str()?.to_owned())
}

/// A hash over the purpose and the names, each with its length before it, so that no two lists of
/// names give the same bytes.
fn binding(parts: [&str; 4]) -> String {
    let mut bytes = vec![VERSION];
    for part in parts {
        bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    base64url::encode(&HashAlgorithm::Sha256.digest(&bytes))
}

/// What is sealed. It keeps each form apart from anything else under the same key.
const TOKEN_SET: &str = "token-set";
const KEY_SET: &str = "key-set";

/// The member of the header with the hash.
const BINDING: &str = "binding";
