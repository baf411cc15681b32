//! The client's private keys.

use jose::SigningKey;
use oauth_core::client_auth::ClientAuthentication;
use oauth_core::client_auth::PrivateKeyJwt;
use oauth_core::key::KeyName;
use oauth_core::key::KeyReference;

use super::ClientBuilder;
use crate::keyring::Keyring;

impl<Source> ClientBuilder<Source> {
    /// A private key in memory to authenticate the client with, by `private_key_jwt`
    /// (OpenID Connect Core 1.0 section 9). The algorithm is the key's own, its `kid` goes into the
    /// header. For a key that is kept elsewhere see [`keyring`](Self::keyring).
    pub fn private_key(mut self, key: SigningKey) -> Self {
        let name = KeyName::new(CLIENT_AUTHENTICATION_KEY);
        let method = PrivateKeyJwt::new(KeyReference {
            name: name.clone(),
            algorithm: key.algorithm_default(),
            key_id: key.kid().map(str::to_owned),
        });
        self.keyring.insert(name, key);
        match method {
            Ok(method) => self.authentication(ClientAuthentication::PrivateKeyJwt(method)),
            Err(refused) => self.check(Err(refused)),
        }
    }

    /// How the client authenticates itself; the keys that it names belong into the
    /// [`keyring`](Self::keyring).
    pub fn authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.settings.authentication = Some(authentication);
        self
    }

    /// Adds private keys, for [`authentication`](Self::authentication) to name.
    pub fn keyring(mut self, keyring: Keyring) -> Self {
        self.keyring.extend(keyring);
        self
    }
}

/// The name in the keyring of the key given to [`ClientBuilder::private_key`].
const CLIENT_AUTHENTICATION_KEY: &str = "client authentication";
