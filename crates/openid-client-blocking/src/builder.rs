//! The settings of a client.

mod pair;
mod registration;
mod source;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jose::SigningKey;
use jose::jwe::DecryptionKey;
use oauth_core::authorization::check_redirect_uri;
use oauth_core::cache::ExportedJwksCache;
use oauth_core::client_auth::{
    ClientAuthentication, ClientSecret, ClientSecretBasic, PrivateKeyJwt,
};
use oauth_core::dpop::DPoPKey;
use oauth_core::endpoint::ClientInformation;
use oauth_core::error::KeyFault;
use oauth_core::key::{DecryptionKeyReference, KeyJob, KeyReference, KeyResult};
use oauth_core::metadata::ClientMetadata;
use oauth_core::policy::Policy;
use oauth_core::profile::Profile;
use oauth_core::request_object::RequestObject;
use oauth_core::secret::Secret;

pub(crate) use self::pair::check_certificate;
pub use self::registration::NewClient;
pub(crate) use self::registration::unusable;
pub use self::source::{DangerDocument, Issuer};
use crate::error::Error;
use crate::host::Shared;
use crate::keyring::Keyring;
use crate::transport::{ClientCertificate, ProxySettings, RootCertificates, Transport};

/// The settings of a client; see [`Client::discover`](crate::Client::discover),
/// [`Client::from_metadata`](crate::Client::from_metadata) and
/// [`Client::register`](crate::Client::register).
///
/// `Source` says where the server metadata come from. A setting that is not valid is reported by
/// the last step.
#[must_use = "the last step is `send` or `build`"]
pub struct ClientBuilder<Source> {
    source: Source,
    settings: Settings,
    timeout: Option<Duration>,
    allows_insecure_requests: bool,
    roots: RootCertificates,
    certificate: Option<ClientCertificate>,
    jwks_cache: Option<ExportedJwksCache>,
    proxy: ProxySettings,
    /// The error of the first setting that is not valid.
    refused: Option<Error>,
}

/// What makes a [`Configuration`](crate::Configuration), together with the server metadata.
struct Settings {
    client: ClientMetadata,
    authentication: Option<ClientAuthentication>,
    information: Option<ClientInformation>,
    policy: Policy,
    profile: Option<Profile>,
    keyring: Keyring,
    dpop_key: Option<DPoPKey>,
    decryption_keys: Vec<DecryptionKeyReference>,
    request_object: Option<RequestObject>,
}

impl<Source> ClientBuilder<Source> {
    pub(crate) fn new(source: Source, client: ClientMetadata) -> Self {
        Self {
            source,
            settings: Settings {
                client,
                authentication: None,
                information: None,
                policy: Policy::default(),
                profile: None,
                keyring: Keyring::default(),
                dpop_key: None,
                decryption_keys: Vec::new(),
                request_object: None,
            },
            timeout: None,
            allows_insecure_requests: false,
            roots: RootCertificates::default(),
            certificate: None,
            jwks_cache: None,
            proxy: ProxySettings::default(),
            refused: None,
        }
    }

    /// Sets the client secret. The registration of the client, or else the server metadata, decide
    /// how it is used.
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.settings.client.client_secret = Some(secret.into());
        self
    }

    /// Authenticates the client by its secret in the `Authorization` header (RFC 6749 section
    /// 2.3.1).
    pub fn client_secret_basic(self, secret: impl Into<Secret>) -> Self {
        let method = ClientSecretBasic::new(ClientSecret::Registered);
        self.client_secret(secret)
            .authentication(ClientAuthentication::ClientSecretBasic(method))
    }

    /// Authenticates the client by its secret in the form (RFC 6749 section 2.3.1).
    pub fn client_secret_post(self, secret: impl Into<Secret>) -> Self {
        let method = ClientAuthentication::ClientSecretPost(ClientSecret::Registered);
        self.client_secret(secret).authentication(method)
    }

    /// Authenticates the client by a JWT that this key signs (`private_key_jwt`, OpenID Connect
    /// Core 1.0 section 9).
    pub fn private_key(mut self, key: SigningKey) -> Self {
        let reference = self.settings.keyring.insert("client authentication", key);
        self.private_key_jwt(reference)
    }

    fn private_key_jwt(self, reference: KeyReference) -> Self {
        match PrivateKeyJwt::new(reference) {
            Ok(method) => self.authentication(ClientAuthentication::PrivateKeyJwt(method)),
            Err(refused) => self.check::<()>(Err(refused.into())),
        }
    }

    /// Authenticates the client by a JWT that a key elsewhere signs, for example one in a key
    /// management service. `use_key` does the job with the key that it names, or fails. It blocks
    /// the calling thread, and applies a deadline itself.
    pub fn remote_private_key(
        mut self,
        key: KeyReference,
        use_key: impl Fn(KeyJob) -> Result<KeyResult, KeyFault> + Send + Sync + 'static,
    ) -> Self {
        let added = self.settings.keyring.insert_remote(&key.name, use_key);
        self.check(added.map_err(Into::into)).private_key_jwt(key)
    }

    /// Authenticates the client by this method.
    pub fn authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.settings.authentication = Some(authentication);
        self
    }

    /// Sets the only redirect URI of the client. All logins use it.
    pub fn redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.settings.client.redirect_uris = Some(vec![redirect_uri.into()]);
        self
    }

    /// Sets what is registered about the client. Its `client_id` stays, and so do a secret and a
    /// redirect URI that these metadata lack.
    pub fn client_metadata(mut self, metadata: ClientMetadata) -> Self {
        let before = std::mem::replace(&mut self.settings.client, metadata);
        let client = &mut self.settings.client;
        client.client_id = before.client_id;
        client.client_secret = client.client_secret.take().or(before.client_secret);
        client.redirect_uris = client.redirect_uris.take().or(before.redirect_uris);
        self
    }

    /// Signs every authorization request with this key (RFC 9101).
    pub fn request_object_key(mut self, key: SigningKey) -> Self {
        let reference = self.settings.keyring.insert("request objects", key);
        let set = RequestObject::new(reference)
            .map(|request_object| self.settings.request_object = Some(request_object));
        self.check(set.map_err(Into::into))
    }

    /// Binds the tokens to this key (DPoP, RFC 9449).
    pub fn dpop_key(mut self, key: SigningKey) -> Self {
        let set = self.settings.keyring.insert_dpop_key(key);
        let set = set.map(|key| self.settings.dpop_key = Some(key));
        self.check(set.map_err(Into::into))
    }

    /// Adds a key that decrypts ID Tokens and responses that the server encrypts for this client
    /// (OpenID Connect Core 1.0 section 10.2). Several keys may be added.
    pub fn decryption_key(mut self, key: DecryptionKey) -> Self {
        let added = self.settings.keyring.insert_decryption_key(key);
        let added = added.map(|key| self.settings.decryption_keys.push(key));
        self.check(added.map_err(Into::into))
    }

    /// Trusts every certificate authority in this PEM text, in addition to the platform's.
    pub fn root_certificate_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        let added = self.roots.add_pem(pem.as_ref());
        self.check(added)
    }

    /// Sets the client's certificate for mutual TLS (RFC 8705): a PEM text with the certificates,
    /// that of the client first, and one with the private key of the first one, in PKCS#8, PKCS#1
    /// or SEC1.
    pub fn client_certificate_pem(
        mut self,
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Self {
        let read = ClientCertificate::from_pem(chain.as_ref(), key.as_ref());
        let set = read.map(|certificate| self.certificate = Some(certificate));
        self.check(set)
    }

    /// Reaches all servers through the HTTP proxy at this URL, for example
    /// `http://user:password@proxy.example.com:3128`, percent-encoded. Without a port, the port is
    /// 80. No proxy is used unless it is set here or by
    /// [`proxy_from_environment`](Self::proxy_from_environment).
    ///
    /// The client asks the proxy for a tunnel (`CONNECT`), also to servers over plain http. TLS
    /// runs inside of the tunnel: the proxy sees the host and the port of a server, and the
    /// certificate of the server is verified as without a proxy.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy.url = Some(url.into());
        self
    }

    /// The hosts that are reached without the [`proxy`](Self::proxy), separated by commas: names,
    /// which stand for their subdomains as well; addresses; and blocks of addresses such as
    /// `10.0.0.0/8`, which are compared with a host that is an address. `*` stands for all.
    pub fn no_proxy(mut self, hosts: impl Into<String>) -> Self {
        self.proxy.no_proxy = Some(hosts.into());
        self
    }

    /// Takes the proxy from the environment of the process, when the client is made: from
    /// `HTTPS_PROXY` or else `ALL_PROXY`, and the exceptions from `NO_PROXY`, or from the same
    /// variables in lower case. `HTTP_PROXY` is not read: in a CGI program, a stranger sets it by a
    /// header.
    pub fn proxy_from_environment(mut self) -> Self {
        self.proxy.is_from_environment = true;
        self
    }

    /// Sets the checks and limits of the client.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.settings.policy = policy;
        self
    }

    /// Begins with the server's keys that another process has exported, for programs that start
    /// often; see [`Client::export_jwks_cache`](crate::Client::export_jwks_cache). They are trusted
    /// like fetched ones.
    pub fn jwks_cache(mut self, exported: ExportedJwksCache) -> Self {
        self.jwks_cache = Some(exported);
        self
    }

    /// Puts the client under a security profile.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.settings.profile = Some(profile);
        self
    }

    /// Sets the deadline of each request, in place of the policy's: 30 seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Allows plain http, which others on the network can read and change. Use it only on one
    /// machine.
    pub fn danger_allow_insecure_requests(mut self) -> Self {
        self.allows_insecure_requests = true;
        self
    }

    /// Keeps the error of the first setting that is not valid.
    fn check<T>(mut self, set: Result<T, Error>) -> Self {
        if let Err(error) = set {
            self.refused.get_or_insert(error);
        }
        self
    }

    fn prepare(self) -> Result<(Source, Settings, Arc<Shared>), Error> {
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        let mut settings = self.settings;
        // Logins use the only one. Of several, each login sets one, which is checked then.
        if let Some([redirect_uri]) = settings.client.redirect_uris.as_deref() {
            check_redirect_uri(redirect_uri)?;
        }
        if let Some(timeout) = self.timeout {
            settings.policy.set_timeout(timeout)?;
        }
        if self.allows_insecure_requests {
            settings.policy.danger_allow_insecure_requests();
        }
        if let Some(profile) = settings.profile {
            settings.policy.check_profile(profile)?;
        }
        let shared = Shared::new(Transport::new(
            self.roots,
            self.certificate,
            self.proxy.proxies()?,
        )?);
        if let Some(exported) = self.jwks_cache {
            shared.import_jwks(exported);
        }
        Ok((self.source, settings, shared))
    }
}

impl<Source: fmt::Debug> fmt::Debug for ClientBuilder<Source> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("source", &self.source)
            .field("client_id", &self.settings.client.client_id)
            .finish_non_exhaustive()
    }
}
