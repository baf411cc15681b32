//! Clients that are registered with the provider.

use std::fmt;
use std::sync::Arc;

use jose::jwe::{ContentEncryption, EncryptionKey, KeyManagement, ProtectedHeader};
use jose::{JwkSet, SignatureAlgorithm, SigningKey};
use serde_json::json;

/// How a client authenticates at the token endpoint (`token_endpoint_auth_method`, RFC 7591 section
/// 2).
#[derive(Clone)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `none`: a public client. It sends its `client_id` and must use PKCE.
    None,
    /// `client_secret_basic`: the secret in an `Authorization: Basic` header (RFC 6749 section
    /// 2.3.1).
    ClientSecretBasic(String),
    /// `client_secret_post`: the secret in the body (RFC 6749 section 2.3.1).
    ClientSecretPost(String),
    /// `client_secret_post` with a secret that the client signs with one of these keys, a JWK Set
    /// as JSON text: a JWT for the issuer, as Sign in with Apple requires it.
    SignedClientSecret(String),
    /// `client_secret_jwt`: an assertion with an HMAC, whose key is the secret (OpenID Connect Core
    /// section 9). The secret has at least 32 bytes.
    ClientSecretJwt(String),
    /// `private_key_jwt`: an assertion signed with one of these keys, a JWK Set as JSON text
    /// (OpenID Connect Core section 9).
    PrivateKeyJwt(String),
    /// `attest_jwt_client_auth`: an attestation that is signed with one of these keys of the
    /// attester, a JWK Set as JSON text, and a proof
    /// (draft-ietf-oauth-attestation-based-client-auth).
    ClientAttestation(String),
    /// `tls_client_auth`: this certificate in DER, sent in the TLS handshake (RFC 8705 section
    /// 2.1). The provider does not check its issuer, and binds the tokens to the certificate.
    TlsClientAuth(Vec<u8>),
    /// `self_signed_tls_client_auth`: this certificate in DER, which works like `tls_client_auth`
    /// here (RFC 8705 section 2.2).
    SelfSignedTlsClientAuth(Vec<u8>),
}

/// The certificate in DER that a client sent in the TLS handshake. It is an extension of the
/// request, which [`Provider::handle`](crate::Provider::handle) reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCertificate(pub Vec<u8>);

impl ClientAuthentication {
    /// Creates `private_key_jwt` with one key.
    ///
    /// # Panics
    /// If the key is an HMAC secret.
    pub fn private_key_jwt(key: &SigningKey) -> Self {
        Self::PrivateKeyJwt(key_set(key))
    }

    /// Returns the registered name of the method.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic(_) => "client_secret_basic",
            Self::ClientSecretPost(_) | Self::SignedClientSecret(_) => "client_secret_post",
            Self::ClientSecretJwt(_) => "client_secret_jwt",
            Self::PrivateKeyJwt(_) => "private_key_jwt",
            Self::ClientAttestation(_) => "attest_jwt_client_auth",
            Self::TlsClientAuth(_) => "tls_client_auth",
            Self::SelfSignedTlsClientAuth(_) => "self_signed_tls_client_auth",
        }
    }
}

/// Prints the method and omits the secret.
impl fmt::Debug for ClientAuthentication {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The key and the algorithms that encrypt content for a client.
#[derive(Clone, Debug)]
pub(crate) struct Encryption {
    key: Arc<EncryptionKey>,
    alg: KeyManagement,
    enc: ContentEncryption,
}

impl Encryption {
    fn new(key: EncryptionKey, alg: KeyManagement, enc: ContentEncryption) -> Self {
        let key = Arc::new(key);
        Self { key, alg, enc }
    }

    /// Encrypts a signed token or a JSON document.
    pub(crate) fn seal(&self, plaintext: &str) -> String {
        let mut header = ProtectedHeader::new(self.alg, self.enc);
        if let Some(kid) = self.key.kid() {
            header = header.kid(kid);
        }
        if !plaintext.starts_with('{') {
            header = header.cty("JWT");
        }
        jose::jwe::encrypt(&header, &self.key, plaintext.as_bytes()).expect("the key fits")
    }
}

/// The registration of a client. Pass it to [`Provider::register`](crate::Provider::register).
#[derive(Clone, Debug)]
pub struct ClientRegistration {
    pub(crate) client_id: String,
    pub(crate) authentication: ClientAuthentication,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) post_logout_redirect_uris: Vec<String>,
    pub(crate) backchannel_logout_uri: Option<String>,
    pub(crate) frontchannel_logout_uri: Option<String>,
    pub(crate) initiate_login_uri: Option<String>,
    pub(crate) session_management: bool,
    pub(crate) id_token_signed_response_alg: SignatureAlgorithm,
    pub(crate) userinfo_signed_response_alg: Option<SignatureAlgorithm>,
    pub(crate) id_token_encryption: Option<Encryption>,
    pub(crate) userinfo_encryption: Option<Encryption>,
    pub(crate) keys: Option<String>,
    pub(crate) request_object_encryption: Option<(KeyManagement, ContentEncryption)>,
    pub(crate) signed_only: bool,
    pub(crate) pushed_only: bool,
    pub(crate) request_object_alone: bool,
    pub(crate) request_uris: Option<Vec<String>>,
    pub(crate) fapi: bool,
    pub(crate) signed_introspection_responses: bool,
}

impl ClientRegistration {
    /// Creates a client with this `client_id` and this authentication. Its ID Tokens are signed
    /// with RS256.
    pub fn new(client_id: impl Into<String>, authentication: ClientAuthentication) -> Self {
        Self {
            client_id: client_id.into(),
            authentication,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            frontchannel_logout_uri: None,
            initiate_login_uri: None,
            session_management: false,
            id_token_signed_response_alg: SignatureAlgorithm::RS256,
            userinfo_signed_response_alg: None,
            id_token_encryption: None,
            userinfo_encryption: None,
            keys: None,
            request_object_encryption: None,
            signed_only: false,
            pushed_only: false,
            request_object_alone: false,
            request_uris: None,
            fapi: false,
            signed_introspection_responses: false,
        }
    }

    /// Creates a client without a secret ([`ClientAuthentication::None`]).
    pub fn public(client_id: impl Into<String>) -> Self {
        Self::new(client_id, ClientAuthentication::None)
    }

    /// Adds a `redirect_uri`. A request must contain the same bytes (RFC 9700 section 2.1).
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Adds a `post_logout_redirect_uri` (OpenID Connect RP-Initiated Logout section 3.1).
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uris.push(uri.into());
        self
    }

    /// Sends logout tokens for this client to this URL (OpenID Connect Back-Channel Logout section
    /// 2.2). Its ID Tokens then contain a `sid`.
    #[must_use]
    pub fn backchannel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.backchannel_logout_uri = Some(uri.into());
        self
    }

    /// Loads this URL in a frame of the logout page (OpenID Connect Front-Channel Logout section
    /// 2). The ID Tokens of this client then have a `sid`.
    #[must_use]
    pub fn frontchannel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.frontchannel_logout_uri = Some(uri.into());
        self
    }

    /// Sets the URL at which other websites ask this client to begin a login (OpenID Connect Core
    /// section 4).
    #[must_use]
    pub fn initiate_login_uri(mut self, uri: impl Into<String>) -> Self {
        self.initiate_login_uri = Some(uri.into());
        self
    }

    /// Sends this client a `session_state` (OpenID Connect Session Management section 2).
    #[must_use]
    pub fn session_management(mut self) -> Self {
        self.session_management = true;
        self
    }

    /// Signs this client's ID Tokens with `algorithm`. HS256, HS384 and HS512 use the client secret
    /// as the key (OpenID Connect Core section 10.1). It must have at least 32, 48 and 64 bytes.
    #[must_use]
    pub fn id_token_signed_response_alg(mut self, algorithm: SignatureAlgorithm) -> Self {
        self.id_token_signed_response_alg = algorithm;
        self
    }

    /// Signs UserInfo responses to this client as JWTs with `algorithm` (OpenID Connect Core
    /// section 5.3.2). HMAC algorithms need a client secret, as for ID Tokens.
    #[must_use]
    pub fn userinfo_signed_response_alg(mut self, algorithm: SignatureAlgorithm) -> Self {
        self.userinfo_signed_response_alg = Some(algorithm);
        self
    }

    /// Encrypts this client's ID Tokens with `key` (OpenID Connect Core section 10.2).
    #[must_use]
    pub fn id_token_encryption(
        mut self,
        key: EncryptionKey,
        alg: KeyManagement,
        enc: ContentEncryption,
    ) -> Self {
        self.id_token_encryption = Some(Encryption::new(key, alg, enc));
        self
    }

    /// Encrypts UserInfo responses to this client with `key`. The content is a JWT if the response
    /// is signed, and JSON otherwise (OpenID Connect Core section 5.3.2).
    #[must_use]
    pub fn userinfo_encryption(
        mut self,
        key: EncryptionKey,
        alg: KeyManagement,
        enc: ContentEncryption,
    ) -> Self {
        self.userinfo_encryption = Some(Encryption::new(key, alg, enc));
        self
    }

    /// Returns the algorithms that sign tokens and UserInfo responses for this client.
    pub(crate) fn algorithms(&self) -> impl Iterator<Item = SignatureAlgorithm> {
        [self.id_token_signed_response_alg]
            .into_iter()
            .chain(self.userinfo_signed_response_alg)
    }

    /// Sets the keys that sign this client's request objects, a JWK Set as JSON text (`jwks`).
    /// Without it, the keys of `private_key_jwt` sign them.
    #[must_use]
    pub fn keys(mut self, keys: impl Into<String>) -> Self {
        self.keys = Some(keys.into());
        self
    }

    /// Sets the one key that signs this client's request objects.
    ///
    /// # Panics
    /// If the key is an HMAC secret.
    #[must_use]
    pub fn key(self, key: &SigningKey) -> Self {
        self.keys(key_set(key))
    }

    /// Refuses request objects of this client that are not encrypted to the provider with these
    /// algorithms. The provider then publishes a key for them (RFC 9101 section 6.1).
    #[must_use]
    pub fn request_object_encryption(mut self, alg: KeyManagement, enc: ContentEncryption) -> Self {
        self.request_object_encryption = Some((alg, enc));
        self
    }

    /// Refuses authorization requests without a request object (RFC 9101 section 10.5).
    #[must_use]
    pub fn require_signed_request_object(mut self) -> Self {
        self.signed_only = true;
        self
    }

    /// Refuses authorization requests that were not pushed (RFC 9126 section 6).
    #[must_use]
    pub fn require_pushed_authorization_requests(mut self) -> Self {
        self.pushed_only = true;
        self
    }

    /// Refuses every parameter outside a request object of this client, except `client_id` (RFC
    /// 9101 section 5). Other clients must repeat `response_type` and `scope` there (OpenID Connect
    /// Core section 6.1).
    #[must_use]
    pub fn request_object_alone(mut self) -> Self {
        self.request_object_alone = true;
        self
    }

    /// Refuses each `request_uri` of this client that is not among these (OpenID Connect Dynamic
    /// Client Registration section 2). The metadata document then says that URLs must be
    /// registered.
    #[must_use]
    pub fn request_uris<U: Into<String>>(mut self, uris: impl IntoIterator<Item = U>) -> Self {
        self.request_uris = Some(uris.into_iter().map(Into::into).collect());
        self
    }

    /// Applies the requirements of the FAPI profiles to this client:
    ///
    /// - authentication with a key or a certificate;
    /// - PS256, ES256 or EdDSA, and keys of the required size;
    /// - authorization requests that are pushed or in a request object;
    /// - PKCE with a verifier that is used once;
    /// - tokens that are bound to a key or a certificate;
    /// - signed backchannel requests.
    #[must_use]
    pub fn fapi(mut self) -> Self {
        self.fapi = true;
        self
    }

    pub(crate) fn registered_keys(&self) -> Option<&str> {
        match (&self.keys, &self.authentication) {
            (Some(keys), _) | (None, ClientAuthentication::PrivateKeyJwt(keys)) => Some(keys),
            _ => None,
        }
    }

    /// Responds to this client's introspection requests with a JWT, signed with the algorithm of
    /// its ID Tokens (RFC 9701).
    #[must_use]
    pub fn signed_introspection_responses(mut self) -> Self {
        self.signed_introspection_responses = true;
        self
    }

    pub(crate) fn secret(&self) -> Option<&str> {
        match &self.authentication {
            ClientAuthentication::ClientSecretBasic(secret)
            | ClientAuthentication::ClientSecretPost(secret)
            | ClientAuthentication::ClientSecretJwt(secret) => Some(secret),
            ClientAuthentication::None
            | ClientAuthentication::SignedClientSecret(_)
            | ClientAuthentication::PrivateKeyJwt(_)
            | ClientAuthentication::ClientAttestation(_)
            | ClientAuthentication::TlsClientAuth(_)
            | ClientAuthentication::SelfSignedTlsClientAuth(_) => None,
        }
    }

    /// Panics if the parts of the registration contradict each other, so that a mistake in a test
    /// is found early.
    pub(crate) fn check(&self) {
        for algorithm in self.algorithms().filter(|it| it.is_symmetric()) {
            let secret = self
                .secret()
                .expect("an HMAC algorithm needs a client secret");
            SigningKey::hmac(secret.as_bytes())
                .and_then(|key| key.with_algorithm(algorithm))
                .expect("an HMAC algorithm needs a secret as long as its hash");
        }
        if let ClientAuthentication::ClientSecretJwt(secret) = &self.authentication {
            SigningKey::hmac(secret.as_bytes()).expect("client_secret_jwt needs 32 bytes");
        }
        if let ClientAuthentication::PrivateKeyJwt(set)
        | ClientAuthentication::SignedClientSecret(set)
        | ClientAuthentication::ClientAttestation(set) = &self.authentication
        {
            JwkSet::parse(set.as_bytes()).expect("a signature needs a JWK Set");
        }
        if let Some(set) = &self.keys {
            JwkSet::parse(set.as_bytes()).expect("keys need a JWK Set");
        }
    }
}

/// Returns the public key as a JWK Set.
fn key_set(key: &SigningKey) -> String {
    let public = key.public_jwk().expect("an asymmetric key");
    json!({ "keys": [public.to_json()] }).to_string()
}
