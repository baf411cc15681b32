//! The client's private keys.

use jose::SigningKey;
use jose::jwe::{ContentEncryption, DecryptionKey, KeyManagement};
use oauth_core::dpop::DPoPKey;
use oauth_core::key::{DecryptionKeyReference, DecryptionKeys, KeyReference};
use oauth_core::request_object::RequestObject;

use super::ClientBuilder;
use crate::keyring::{Derived, Keyring, RemoteKey, own_name};

impl<Source> ClientBuilder<Source> {
    /// Puts every [authorization request](crate::Client::authorization_request) into a request
    /// object (RFC 9101), signed with this private key in memory. The server must know the public
    /// key as this client's. The key decides the algorithm, and its `kid` goes into the header.
    /// When the [metadata](Self::client_metadata) have `request_object_encryption_alg`, the request
    /// object is also encrypted, to a key of the server.
    ///
    /// It also signs backchannel authentication requests when the metadata have
    /// `backchannel_authentication_request_signing_alg`, which must be the key's algorithm, or when
    /// the server lists that algorithm for them (CIBA Core 1.0 section 4).
    ///
    /// For a key that is kept elsewhere, or to sign single requests, use
    /// [`AuthorizationRequest::request_object`](crate::AuthorizationRequest::request_object).
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// use openid_client::jose::{SignatureAlgorithm, SigningKey};
    ///
    /// let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// # let app = test_provider::ClientRegistration::public("my-app").key(&key);
    /// # server.provider().register(app.redirect_uri("https://app.example.com/cb"));
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    /// #   .redirect_uri("https://app.example.com/cb")
    ///     .request_object_key(key)
    ///     .await?;
    /// let (url, pending) = client.authorization_request().await?;
    /// # assert!(url.as_str().contains("request=ey") && server.log_in(url).contains("code="));
    /// # });
    /// ```
    pub fn request_object_key(mut self, key: SigningKey) -> Self {
        let set = RequestObject::new(self.insert("request objects", key))
            .map(|request_object| self.settings.request_object = Some(request_object));
        self.check(set)
    }

    /// Binds every token to this key, and proves with each request that the client has the key
    /// (DPoP, RFC 9449). A stolen token is then useless without the key. The key decides the
    /// algorithm.
    ///
    /// A token that the server did not bind is refused. Keep the key as long as the tokens; make
    /// one with [`SigningKey::generate`].
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// use openid_client::jose::{SignatureAlgorithm, SigningKey};
    ///
    /// let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    /// #   .redirect_uri("https://app.example.com/cb")
    ///     .dpop_key(key)
    ///     .await?;
    /// # let (url, pending) = client.authorization_request().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # assert!(tokens.dpop_thumbprint().is_some());
    /// # });
    /// ```
    pub fn dpop_key(mut self, key: SigningKey) -> Self {
        let set = self.settings.keyring.insert_dpop_key(key);
        let set = set.map(|key| self.settings.dpop_key = Some(key));
        self.check(set)
    }

    /// Like [`dpop_key`](Self::dpop_key), with a key that is kept elsewhere.
    ///
    /// ```
    /// # use openid_client::{Client, KeyName, Keyring, SigningKey};
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// # let public_jwk = key.public_jwk().unwrap();
    /// # let mut vault = Keyring::new();
    /// # vault.insert(KeyName::new("keys/8"), key);
    /// use openid_client::jose::SignatureAlgorithm;
    /// use openid_client::{DPoPKey, KeyReference};
    ///
    /// let key = KeyReference::new("keys/8", SignatureAlgorithm::ES256);
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    /// #   .redirect_uri("https://app.example.com/cb")
    ///     .remote_dpop_key(DPoPKey::new(key, &public_jwk)?, vault)
    ///     .await?;
    /// # let (url, pending) = client.authorization_request().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # assert!(tokens.dpop_thumbprint().is_some());
    /// # });
    /// ```
    pub fn remote_dpop_key(mut self, key: DPoPKey, remote: impl RemoteKey + 'static) -> Self {
        let name = &key.reference().name;
        let added = self.settings.keyring.add_remote(name, remote);
        self.settings.dpop_key = Some(key);
        self.check(added)
    }

    /// Adds a private key in memory that decrypts what the server encrypts for this client: ID
    /// Tokens, UserInfo, introspection and authorization responses. Add every key that may still be
    /// used; exactly one must match a token. If the key has no algorithm, every algorithm is
    /// accepted that it can be used with. Its `kid` is the name by which the server knows it.
    ///
    /// For a key that is kept elsewhere, or to accept fewer algorithms, use
    /// [`decryption_keys`](Self::decryption_keys).
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # use openid_client::jose::jwe;
    /// use openid_client::jose::KeyFamily;
    /// use openid_client::jose::jwe::DecryptionKey;
    ///
    /// let key = DecryptionKey::generate(KeyFamily::P256)?;
    /// # let public = jwe::EncryptionKey::from_jwk(&key.public_jwk().unwrap())?;
    /// # let app = test_provider::ClientRegistration::public("my-app");
    /// # let (alg, enc) = (jwe::KeyManagement::EcdhEs, jwe::ContentEncryption::A256GCM);
    /// # let app = app.redirect_uri("https://app.example.com/cb").id_token_encryption(public, alg, enc);
    /// # server.provider().register(app);
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    /// #   .redirect_uri("https://app.example.com/cb")
    ///     .decryption_key(key)
    ///     .await?;
    /// # let (url, pending) = client.authorization_request().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # });
    /// ```
    pub fn decryption_key(mut self, key: DecryptionKey) -> Self {
        let family = key.family();
        let name = own_name(format_args!(
            "decryption {}",
            self.settings.decryption.len()
        ));
        let algorithms = match key.algorithm() {
            Some(algorithm) => vec![algorithm],
            None => DecryptionKeyReference::algorithms_of(family),
        };
        let reference = DecryptionKeyReference::new(name.clone(), family, algorithms);
        let reference = reference.map(|reference| match key.kid() {
            Some(kid) => reference.kid(kid),
            None => reference,
        });
        self.settings.keyring.insert_decryption_key(name, key);
        let added = reference.map(|reference| self.settings.decryption.push(reference));
        self.check(added)
    }

    /// Adds a decryption key that is derived from the client secret (OpenID Connect Core 1.0
    /// section 10.2), as servers use it that encrypt with a symmetric algorithm. The secret is the
    /// registered one: a client that registers itself has the key when the server has issued the
    /// secret, and another key after an update that replaces the secret.
    ///
    /// ```
    /// # use openid_client::{Client, ClientMetadata};
    /// # test_provider::example!(at |issuer, root, server| {
    /// use openid_client::jose::jwe::{ContentEncryption, KeyManagement};
    ///
    /// let (alg, enc) = (KeyManagement::A128KW, ContentEncryption::A128GCM);
    /// # let metadata = ClientMetadata::builder().id_token_encrypted_response_alg(alg.as_str());
    /// # let metadata = metadata.id_token_encrypted_response_enc(enc.as_str()).build();
    /// let client = Client::register(issuer, metadata)
    /// #   .root_certificate_pem(root)
    /// #   .redirect_uri("https://app.example.com/cb")
    ///     .decryption_key_from_client_secret(alg, enc)
    ///     .await?;
    /// # let (url, pending) = client.authorization_request().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # });
    /// ```
    pub fn decryption_key_from_client_secret(
        mut self,
        alg: KeyManagement,
        enc: ContentEncryption,
    ) -> Self {
        let derived = Derived::new(self.settings.derived.len(), alg, enc);
        self.settings.derived.push(derived);
        self
    }

    /// Sets the references to the keys that decrypt what the server encrypts for this client, and
    /// the algorithms that are accepted. The keys themselves must be in the
    /// [`keyring`](Self::keyring). It replaces every [`decryption_key`](Self::decryption_key).
    ///
    /// ```
    /// # use openid_client::{Client, KeyName, Keyring};
    /// # test_provider::example!(at |issuer, root, server| {
    /// # use openid_client::jose::jwe;
    /// # let key = jwe::DecryptionKey::generate(KeyFamily::P256)?;
    /// # let public = jwe::EncryptionKey::from_jwk(&key.public_jwk().unwrap())?;
    /// # let app = test_provider::ClientRegistration::public("my-app");
    /// # let (alg, enc) = (jwe::KeyManagement::EcdhEs, jwe::ContentEncryption::A256GCM);
    /// # let app = app.redirect_uri("https://app.example.com/cb").id_token_encryption(public, alg, enc);
    /// # server.provider().register(app);
    /// # let (name, mut keyring) = (KeyName::new("keys/9"), Keyring::new());
    /// # keyring.insert_decryption_key(name.clone(), key);
    /// # let algorithms = vec![alg];
    /// use openid_client::jose::KeyFamily;
    /// use openid_client::{DecryptionKeyReference, DecryptionKeys};
    ///
    /// let key = DecryptionKeyReference::new(name, KeyFamily::P256, algorithms)?;
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    /// #   .redirect_uri("https://app.example.com/cb")
    ///     .decryption_keys(DecryptionKeys::new(vec![key])?)
    ///     .keyring(keyring)
    ///     .await?;
    /// # let (url, pending) = client.authorization_request().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # });
    /// ```
    pub fn decryption_keys(mut self, keys: DecryptionKeys) -> Self {
        self.settings.decryption_keys = Some(keys);
        self
    }

    /// Adds private keys, which [`authentication`](Self::authentication),
    /// [`decryption_keys`](Self::decryption_keys) and single requests refer to by name. Names that
    /// begin with `openid-client/` are refused when the client is built, because the keys of the
    /// other methods here have such names.
    pub fn keyring(mut self, keyring: Keyring) -> Self {
        let added = self.settings.keyring.extend(&keyring);
        self.check(added)
    }

    pub(super) fn insert(&mut self, name: &str, key: SigningKey) -> KeyReference {
        let name = own_name(name);
        let mut reference = KeyReference::new(name.as_str(), key.algorithm_default());
        reference.kid = key.kid().map(str::to_owned);
        self.settings.keyring.insert(name, key);
        reference
    }
}
