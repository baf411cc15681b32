//! Decryption keys that are derived from the client secret.

use jose::KeyFamily;
use jose::jwe::{ContentEncryption, DecryptionKey, KeyManagement};
use oauth_core::error::Misuse;
use oauth_core::key::DecryptionKeyReference;
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::KeyName;

use super::{Keyring, own_name};
use crate::error::Error;

/// How a decryption key is derived from the client secret (OpenID Connect Core 1.0 section 10.2).
#[derive(Debug, Clone)]
pub(crate) struct Derived {
    name: KeyName,
    alg: KeyManagement,
    enc: ContentEncryption,
}

impl Derived {
    pub(crate) fn new(number: usize, alg: KeyManagement, enc: ContentEncryption) -> Self {
        let name = own_name(format_args!("decryption by secret {number}"));
        Self { name, alg, enc }
    }

    /// What the core must know about the key.
    pub(crate) fn reference(&self) -> Result<DecryptionKeyReference, oauth_core::Error> {
        let algorithms = vec![self.alg];
        DecryptionKeyReference::new(self.name.clone(), KeyFamily::Symmetric, algorithms)
    }
}

impl Keyring {
    /// Adds the keys that are derived from the secret of this client; they take the place of those
    /// that were derived from another.
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] without a secret; [`Error::Key`] when it cannot be the source of
    /// such a key.
    pub(crate) fn derive(
        &mut self,
        client: &ClientMetadata,
        derived: &[Derived],
    ) -> Result<(), Error> {
        for Derived { name, alg, enc } in derived {
            let missing = || Misuse::MissingArgument {
                argument: "client_secret",
                purpose: "a decryption key that is derived from it",
            };
            let secret = client.client_secret.as_ref();
            let secret = secret
                .ok_or_else(missing)
                .map_err(oauth_core::Error::from)?;
            let key = DecryptionKey::from_client_secret(secret.expose(), *alg, *enc)?;
            self.insert_decryption_key(name.clone(), key);
        }
        Ok(())
    }
}
