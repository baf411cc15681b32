//! Stored tokens and key sets in a form that may leave the application.

use crate::authorization::{SealingKey, binding, decrypt, open, seal};
use crate::cache::ExportedJwksCache;
use crate::configuration::Configuration;
use crate::error::{Error, Misuse, SealFault};
use crate::names::EndpointName;
use crate::secret::Secret;
use crate::source::stored::StoredTokenSet;

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
    /// [`Misuse::NotSealed`] when the cryptography library fails or has no randomness, and for a
    /// value of more than 3 MB.
    pub fn seal(&self, key: &SealingKey, store_key: &str) -> Result<String, Error> {
        let plaintext = serde_json::to_vec(self).map_err(|_| Misuse::NotSealed)?;
        let binding = binding(&[TOKEN_SET, &self.issuer, &self.client_id, store_key]);
        seal(
            key,
            TOKEN_SET,
            Some(binding),
            Secret::new(plaintext).expose(),
        )
    }

    /// Opens sealed tokens of this client under the name that they were sealed for.
    ///
    /// `keys` are all that may have sealed them, the current one first: to change keys, seal with
    /// the new one and keep the old one in this list until everything has been sealed again.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`] when the value was changed, was sealed under another key, for
    /// another issuer, client or name, or is not a sealed value.
    pub fn open(
        keys: &[SealingKey],
        configuration: &Configuration,
        store_key: &str,
        sealed: &str,
    ) -> Result<Self, Error> {
        let issuer = &configuration.server().issuer;
        let client_id = &configuration.client().client_id;
        let expected = binding(&[TOKEN_SET, issuer, client_id, store_key]);
        Ok(open(keys, TOKEN_SET, Some(&expected), sealed)?)
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
    /// [`Misuse::NotSealed`] when the cryptography library fails or has no randomness, and for a
    /// value of more than 3 MB.
    pub fn seal(&self, key: &SealingKey, configuration: &Configuration) -> Result<String, Error> {
        let plaintext = serde_json::to_vec(&self.to_json()).map_err(|_| Misuse::NotSealed)?;
        let binding = keys_binding(configuration, self.jwks_uri());
        seal(key, KEY_SET, Some(binding), Secret::new(plaintext).expose())
    }

    /// Opens a sealed key set of this client, which was fetched from the `jwks_uri` of its server.
    ///
    /// `keys` are all that may have sealed it.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealedHere`] when the value was changed, was sealed under another key, for
    /// another issuer, client or URL, or is not a sealed value.
    pub fn open(
        keys: &[SealingKey],
        configuration: &Configuration,
        sealed: &str,
    ) -> Result<Self, Error> {
        let jwks_uri = configuration.endpoint(EndpointName::Jwks)?;
        let expected = keys_binding(configuration, jwks_uri.as_str());
        let plaintext = decrypt(keys, KEY_SET, Some(&expected), sealed)?;
        Self::from_json(plaintext.expose())
            .map_err(|_| Misuse::NotSealedHere(SealFault::UnknownForm).into())
    }
}

fn keys_binding(configuration: &Configuration, jwks_uri: &str) -> String {
    let issuer = &configuration.server().issuer;
    let client_id = &configuration.client().client_id;
    binding(&[KEY_SET, issuer, client_id, jwks_uri])
}

/// What is sealed. It keeps each form apart from anything else under the same key.
const TOKEN_SET: &str = "token-set";
const KEY_SET: &str = "key-set";
