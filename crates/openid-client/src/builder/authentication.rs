//! How the client authenticates itself.

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
    /// The client secret, sent in the `Authorization` header by `client_secret_basic` (RFC 6749 section
    /// 2.3.1). That is the method of a client that registered no other (RFC 7591 section 2), and the one
    /// that each server with secrets must know.
    ///
    /// A server that was told another method when the client was registered answers `invalid_client`;
    /// [`client_secret_post`](Self::client_secret_post) sends the secret in the form.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # let secret = "a-secret-of-at-least-32-characters";
    /// # let method = test_provider::ClientAuthentication::ClientSecretBasic(secret.to_owned());
    /// # server.provider().register(test_provider::ClientRegistration::new("my-app", method));
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .client_secret_basic(secret)
    ///     .await?;
    /// # client.client_credentials_grant([("scope", "read")]).await?;
    /// # Ok(()) });
    /// ```
    pub fn client_secret_basic(self, secret: impl Into<Secret>) -> Self {
        let method = ClientSecretBasic::new(ClientSecret::Registered);
        self.client_secret(secret)
            .authentication(ClientAuthentication::ClientSecretBasic(method))
    }

    /// The client secret, sent in the form by `client_secret_post` (RFC 6749 section 2.3.1).
    ///
    /// A server that was told another method when the client was registered answers `invalid_client`;
    /// [`client_secret_basic`](Self::client_secret_basic) sends the secret in a header.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # let secret = "a-secret-of-at-least-32-characters";
    /// # let method = test_provider::ClientAuthentication::ClientSecretPost(secret.to_owned());
    /// # server.provider().register(test_provider::ClientRegistration::new("my-app", method));
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .client_secret_post(secret)
    ///     .await?;
    /// # client.client_credentials_grant([("scope", "read")]).await?;
    /// # Ok(()) });
    /// ```
    pub fn client_secret_post(self, secret: impl Into<Secret>) -> Self {
        self.client_secret(secret)
            .authentication(ClientAuthentication::ClientSecretPost(
                ClientSecret::Registered,
            ))
    }

    /// The client secret of a client whose method is named elsewhere: by `token_endpoint_auth_method` in
    /// the [metadata](Self::client_metadata), or by [`authentication`](Self::authentication). Where
    /// nothing names one, it is `client_secret_post` at a server that lists it, else
    /// `client_secret_basic`, as [`ClientAuthentication::default_for`] says.
    ///
    /// Use [`client_secret_basic`](Self::client_secret_basic) or
    /// [`client_secret_post`](Self::client_secret_post) to say which: a server takes the one that was
    /// registered, which its metadata does not tell.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # let secret = "a-secret-of-at-least-32-characters";
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .client_secret(secret)
    ///     .await?;
    /// # client.client_credentials_grant([("scope", "read")]).await?;
    /// # Ok(()) });
    /// ```
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.settings.client.client_secret = Some(secret.into());
        self
    }

    /// A client secret that is never sent: it signs an assertion for each request, by
    /// `client_secret_jwt` (OpenID Connect Core 1.0 section 9). It needs 32 bytes at least; see
    /// [`ClientSecretJwt`] for the algorithm.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # let secret = "a-secret-of-at-least-32-characters";
    /// # let method = test_provider::ClientAuthentication::ClientSecretJwt(secret.to_owned());
    /// # server.provider().register(test_provider::ClientRegistration::new("my-service", method));
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .client_secret_jwt(secret)
    ///     .await?;
    /// # client.client_credentials_grant([("scope", "read")]).await?;
    /// # Ok(()) });
    /// ```
    pub fn client_secret_jwt(self, secret: impl Into<Secret>) -> Self {
        let method = ClientSecretJwt::new(ClientSecret::Registered);
        self.client_secret(secret)
            .authentication(ClientAuthentication::ClientSecretJwt(method))
    }

    /// A private key in memory to authenticate the client with, by `private_key_jwt`
    /// (OpenID Connect Core 1.0 section 9). The algorithm is the key's own, its `kid` goes into the
    /// header.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # let service = |method| test_provider::ClientRegistration::new("my-service", method);
    /// use openid_client::jose::{SignatureAlgorithm, SigningKey};
    ///
    /// let key = SigningKey::generate(SignatureAlgorithm::ES256)?.with_kid("2026");
    /// # let method = test_provider::ClientAuthentication::private_key_jwt(&key);
    /// # server.provider().register(service(method));
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .private_key(key)
    ///     .await?;
    /// # client.client_credentials_grant([("scope", "read")]).await?;
    /// # Ok(()) });
    /// ```
    pub fn private_key(mut self, key: SigningKey) -> Self {
        let reference = self.insert("client authentication", key);
        self.private_key_jwt(reference)
    }

    /// The same with a key that is kept elsewhere: its name, its algorithm and the `kid` by which the
    /// server knows it.
    ///
    /// ```
    /// # use openid_client::{Client, Keyring};
    /// # use openid_client::core::names::KeyName;
    /// # use openid_client::jose::SigningKey;
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// # let method = test_provider::ClientAuthentication::private_key_jwt(&key);
    /// # server.provider().register(test_provider::ClientRegistration::new("my-service", method));
    /// # let mut vault = Keyring::new();
    /// # vault.insert(KeyName::new("keys/7"), key);
    /// use openid_client::core::key::KeyReference;
    /// use openid_client::jose::SignatureAlgorithm;
    /// use std::sync::Arc;
    ///
    /// let key = KeyReference::new("keys/7", SignatureAlgorithm::ES256);
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .remote_private_key(key, Arc::new(vault))
    ///     .await?;
    /// # client.client_credentials_grant([("scope", "read")]).await?;
    /// # Ok(()) });
    /// ```
    pub fn remote_private_key(mut self, key: KeyReference, remote: Arc<dyn RemoteKey>) -> Self {
        let added = self.settings.keyring.add_remote(&key.name, remote);
        self.check(added).private_key_jwt(key)
    }

    /// How the client authenticates itself; the keys that it names belong into the
    /// [`keyring`](Self::keyring).
    ///
    /// A method whose secret is [`ClientSecret::Registered`] uses the one set by
    /// [`client_secret`](Self::client_secret), or, for a client that registers itself, the one that
    /// the server issues. Such a client is registered for the method chosen here:
    ///
    /// ```
    /// # use openid_client::{Client, ClientMetadata};
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// use openid_client::{ClientAuthentication, ClientSecret, ClientSecretBasic};
    ///
    /// let basic = ClientSecretBasic::new(ClientSecret::Registered);
    /// let basic = basic.with_unreserved_unescaped();
    /// let client = Client::register(issuer, ClientMetadata::default())
    /// #   .root_certificate_pem(root)
    ///     .authentication(ClientAuthentication::ClientSecretBasic(basic))
    ///     .await?;
    /// # let tokens = client.client_credentials_grant([("scope", "reports")]).await?;
    /// # assert_eq!(tokens.scope(), Some("reports"));
    /// # Ok(()) });
    /// ```
    pub fn authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.settings.authentication = Some(authentication);
        self
    }

    /// Authenticates the client by a method of the application's own; see [`CustomAuthentication`] for
    /// the contract. Such as a secret that somebody else replaces while the program runs:
    ///
    /// ```
    /// # use std::error::Error;
    /// # use std::sync::{Arc, RwLock};
    /// # use openid_client::Client;
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
    /// # test_provider::server::example(async |server| {
    /// # let method = test_provider::ClientAuthentication::ClientSecretPost("the second".to_owned());
    /// # server.provider().register(test_provider::ClientRegistration::new("my-service", method));
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// let secret = Arc::new(RwLock::new("the first".to_owned()));
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .custom_authentication(Rotating(Arc::clone(&secret)))
    ///     .await?;
    /// # let refused = client.client_credentials_grant([("scope", "read")]).await.unwrap_err();
    /// # assert_eq!(refused.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    /// *secret.write().unwrap() = "the second".to_owned();
    /// # client.client_credentials_grant([("scope", "read")]).await?;
    /// # Ok(()) });
    /// ```
    pub fn custom_authentication(self, method: impl CustomAuthentication + 'static) -> Self {
        self.authentication(ClientAuthentication::Custom(Arc::new(method)))
    }

    /// Names the token endpoint, and not the issuer, as the audience of the assertions of
    /// [`private_key`](Self::private_key) and [`client_secret_jwt`](Self::client_secret_jwt). For providers
    /// that accept no other audience, and answer `invalid_client`.
    ///
    /// Another server of the client's, in an attacker's hands, can then get assertions that this provider
    /// accepts (CVE-2025-27370, CVE-2025-27371). Such an assertion goes to the origin of the token
    /// endpoint, or of its mutual TLS alias where the client uses it; an endpoint elsewhere is
    /// [`Misuse::InvalidArgument`](oauth_core::error::Misuse::InvalidArgument). It sets
    /// [`Danger::token_endpoint_as_assertion_audience`](oauth_core::policy::Danger::token_endpoint_as_assertion_audience),
    /// which a [profile](Self::profile) refuses.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # use openid_client::jose::{SignatureAlgorithm, SigningKey};
    /// # let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .private_key(key)
    ///     .danger_token_endpoint_as_assertion_audience()
    ///     .await?;
    /// # let danger = &client.configuration().policy().danger;
    /// # assert!(danger.token_endpoint_as_assertion_audience);
    /// # Ok(()) });
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
