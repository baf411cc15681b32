//! Client authentication.

use std::sync::Arc;

use jose::SigningKey;
use oauth_core::client_auth::{
    ClientAuthentication, ClientSecret, ClientSecretBasic, ClientSecretJwt, CustomAuthentication,
    PrivateKeyJwt,
};
use oauth_core::key::KeyReference;
use oauth_core::secret::Secret;

use super::ClientBuilder;
use crate::keyring::RemoteKey;

impl<Source> ClientBuilder<Source> {
    /// The client secret, sent in the `Authorization` header by `client_secret_basic` (RFC 6749
    /// section 2.3.1). A client that registered no method uses this one (RFC 7591 section 2), and
    /// every server with client secrets must support it.
    ///
    /// A server that has registered another method for the client answers `invalid_client`;
    /// [`client_secret_post`](Self::client_secret_post) sends the secret in the form.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let secret = "a-secret-of-at-least-32-characters";
    /// # let method = test_provider::ClientAuthentication::ClientSecretBasic(secret.to_owned());
    /// # server.provider().register(test_provider::ClientRegistration::new("my-app", method));
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .client_secret_basic(secret)
    ///     .await?;
    /// # client.client_credentials_grant().scope("read").await?;
    /// # });
    /// ```
    pub fn client_secret_basic(self, secret: impl Into<Secret>) -> Self {
        let method = ClientSecretBasic::new(ClientSecret::Registered);
        self.client_secret(secret)
            .authentication(ClientAuthentication::ClientSecretBasic(method))
    }

    /// The client secret, sent in the form by `client_secret_post` (RFC 6749 section 2.3.1).
    ///
    /// A server that has registered another method for the client answers `invalid_client`;
    /// [`client_secret_basic`](Self::client_secret_basic) sends the secret in a header.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let secret = "a-secret-of-at-least-32-characters";
    /// # let method = test_provider::ClientAuthentication::ClientSecretPost(secret.to_owned());
    /// # server.provider().register(test_provider::ClientRegistration::new("my-app", method));
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .client_secret_post(secret)
    ///     .await?;
    /// # client.client_credentials_grant().scope("read").await?;
    /// # });
    /// ```
    pub fn client_secret_post(self, secret: impl Into<Secret>) -> Self {
        self.client_secret(secret)
            .authentication(ClientAuthentication::ClientSecretPost(
                ClientSecret::Registered,
            ))
    }

    /// The client secret, for a client whose method is set by `token_endpoint_auth_method` in the
    /// [metadata](Self::client_metadata), or by [`authentication`](Self::authentication). Without
    /// either, it is sent by `client_secret_post` to a server that lists this method, and by
    /// `client_secret_basic` to others, as [`ClientAuthentication::default_for`] says.
    ///
    /// Prefer [`client_secret_basic`](Self::client_secret_basic) or
    /// [`client_secret_post`](Self::client_secret_post): a server accepts the method that was
    /// registered, and its metadata do not say which one that is.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let secret = "a-secret-of-at-least-32-characters";
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .client_secret(secret)
    ///     .await?;
    /// # client.client_credentials_grant().scope("read").await?;
    /// # });
    /// ```
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.settings.client_mut().client_secret = Some(secret.into());
        self
    }

    /// A client secret that is not sent: it signs an assertion for each request, by
    /// `client_secret_jwt` (OpenID Connect Core 1.0 section 9). It needs at least 32 bytes; see
    /// [`ClientSecretJwt`] for the algorithm.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let secret = "a-secret-of-at-least-32-characters";
    /// # let method = test_provider::ClientAuthentication::ClientSecretJwt(secret.to_owned());
    /// # server.provider().register(test_provider::ClientRegistration::new("my-service", method));
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .client_secret_jwt(secret)
    ///     .await?;
    /// # client.client_credentials_grant().scope("read").await?;
    /// # });
    /// ```
    pub fn client_secret_jwt(self, secret: impl Into<Secret>) -> Self {
        let method = ClientSecretJwt::new(ClientSecret::Registered);
        self.client_secret(secret)
            .authentication(ClientAuthentication::ClientSecretJwt(method))
    }

    /// A private key in memory that authenticates the client, by `private_key_jwt` (OpenID Connect
    /// Core 1.0 section 9). The key decides the algorithm, and its `kid` goes into the header.
    ///
    /// [`SigningKey::from_pem`] reads a key from a file, and [`SigningKey::from_jwk`] from a JWK.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let service = |method| test_provider::ClientRegistration::new("my-service", method);
    /// # let private = openid_client::jose::PrivateJwk::generate(openid_client::jose::KeyFamily::P256)?;
    /// # let pem = private.to_pem(openid_client::jose::PrivateKeyFormat::Pkcs8)?;
    /// use openid_client::jose::SigningKey;
    ///
    /// // `pem` is what the file holds; the server knows the public key as "2026".
    /// let key = SigningKey::from_pem(&pem)?.with_kid("2026");
    /// # let method = test_provider::ClientAuthentication::private_key_jwt(&key);
    /// # server.provider().register(service(method));
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .private_key(key)
    ///     .await?;
    /// # client.client_credentials_grant().scope("read").await?;
    /// # });
    /// ```
    pub fn private_key(mut self, key: SigningKey) -> Self {
        let reference = self.insert("client authentication", key);
        self.private_key_jwt(reference)
    }

    /// Like [`private_key`](Self::private_key), with a key that is kept elsewhere. `key` names it,
    /// with its algorithm and the `kid` by which the server knows it; `remote` uses it.
    ///
    /// ```
    /// # use openid_client::{Client, KeyName, Keyring, SigningKey};
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// # let method = test_provider::ClientAuthentication::private_key_jwt(&key);
    /// # server.provider().register(test_provider::ClientRegistration::new("my-service", method));
    /// # let mut vault = Keyring::new();
    /// # vault.insert(KeyName::new("keys/7"), key);
    /// use openid_client::KeyReference;
    /// use openid_client::jose::SignatureAlgorithm;
    ///
    /// let key = KeyReference::new("keys/7", SignatureAlgorithm::ES256);
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .remote_private_key(key, vault)
    ///     .await?;
    /// # client.client_credentials_grant().scope("read").await?;
    /// # });
    /// ```
    pub fn remote_private_key(
        mut self,
        key: KeyReference,
        remote: impl RemoteKey + 'static,
    ) -> Self {
        let added = self.settings.keyring.add_remote(&key.name, remote);
        self.check(added).private_key_jwt(key)
    }

    /// The method by which the client authenticates itself. The keys that it names must be in the
    /// [`keyring`](Self::keyring).
    ///
    /// A method whose secret is [`ClientSecret::Registered`] uses the secret that
    /// [`client_secret`](Self::client_secret) sets. For a client that registers itself, it uses the
    /// secret that the server issues, and the client is registered for this method:
    ///
    /// ```
    /// # use openid_client::{Client, ClientMetadata};
    /// # test_provider::example!(at |issuer, root, server| {
    /// use openid_client::{ClientAuthentication, ClientSecret, ClientSecretBasic};
    ///
    /// let basic = ClientSecretBasic::new(ClientSecret::Registered);
    /// let basic = basic.with_unreserved_unescaped();
    /// let client = Client::register(issuer, ClientMetadata::default())
    /// #   .root_certificate_pem(root)
    ///     .authentication(ClientAuthentication::ClientSecretBasic(basic))
    ///     .await?;
    /// # let tokens = client.client_credentials_grant().scope("reports").await?;
    /// # assert_eq!(tokens.scope(), Some("reports"));
    /// # });
    /// ```
    pub fn authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.settings.authentication = Some(authentication);
        self
    }

    /// Authenticates the client by a method that the application implements; see
    /// [`CustomAuthentication`] for the contract. For example with a secret that is replaced while
    /// the program runs:
    ///
    /// ```
    /// # use std::error::Error;
    /// # use std::sync::{Arc, RwLock};
    /// use openid_client::{Credentials, CustomAuthentication, UnauthenticatedRequest};
    ///
    /// struct Rotating(Arc<RwLock<String>>);
    ///
    /// impl CustomAuthentication for Rotating {
    ///     fn name(&self) -> &str {
    ///         "client_secret_post"
    ///     }
    ///
    ///     fn credentials(
    ///         &self,
    ///         request: &UnauthenticatedRequest<'_>,
    ///     ) -> Result<Credentials, Box<dyn Error + Send + Sync>> {
    ///         let secret = self.0.read().map_err(|_| "the secret is lost")?.clone();
    ///         Ok(Credentials::new()
    ///             .parameter("client_id", &request.client().client_id)
    ///             .parameter("client_secret", secret))
    ///     }
    /// }
    ///
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let method = test_provider::ClientAuthentication::ClientSecretPost("the second".to_owned());
    /// # server.provider().register(test_provider::ClientRegistration::new("my-service", method));
    /// let secret = Arc::new(RwLock::new("the first".to_owned()));
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .custom_authentication(Rotating(Arc::clone(&secret)))
    ///     .await?;
    /// # let refused = client.client_credentials_grant().scope("read").await.unwrap_err();
    /// # assert_eq!(refused.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    /// *secret.write().unwrap() = "the second".to_owned();
    /// # client.client_credentials_grant().scope("read").await?;
    /// # });
    /// ```
    ///
    /// A client of a protected resource uses it only at issuers that
    /// [`registered_at`](ClientBuilder::registered_at) names; at others, the set-up fails with
    /// [`Misuse::InvalidArgument`](crate::Misuse::InvalidArgument), unless the metadata document of
    /// the client says `none`. For several issuers, the method must look at
    /// `request.server().issuer`: each credential belongs to one of them.
    pub fn custom_authentication(self, method: impl CustomAuthentication + 'static) -> Self {
        self.authentication(ClientAuthentication::Custom(Arc::new(method)))
    }

    /// Makes the token endpoint, in place of the issuer, the audience of the assertions of
    /// [`private_key`](Self::private_key) and [`client_secret_jwt`](Self::client_secret_jwt). For
    /// providers that accept no other audience, and answer `invalid_client`.
    ///
    /// When another server of the client is in an attacker's hands, it can get assertions that this
    /// provider accepts (CVE-2025-27370, CVE-2025-27371). Such an assertion is therefore sent only
    /// to the origin of the token endpoint, or of its mutual TLS alias when the client uses that;
    /// an endpoint at another origin fails with
    /// [`Misuse::InvalidArgument`](crate::Misuse::InvalidArgument). This sets
    /// [`Danger::token_endpoint_as_assertion_audience`](crate::Danger::token_endpoint_as_assertion_audience),
    /// which a [profile](Self::profile) refuses.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # use openid_client::jose::{SignatureAlgorithm, SigningKey};
    /// # let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .private_key(key)
    ///     .danger_token_endpoint_as_assertion_audience()
    ///     .await?;
    /// # let danger = &client.configuration().policy().danger;
    /// # assert!(danger.token_endpoint_as_assertion_audience);
    /// # });
    /// ```
    pub fn danger_token_endpoint_as_assertion_audience(mut self) -> Self {
        self.policy.token_endpoint_as_assertion_audience = true;
        self
    }

    fn private_key_jwt(self, key: KeyReference) -> Self {
        match PrivateKeyJwt::new(key) {
            Ok(method) => self.authentication(ClientAuthentication::PrivateKeyJwt(method)),
            Err(refused) => self.check(Err(refused)),
        }
    }
}
