//! The settings of a client.

mod registration;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jose::SigningKey;
use jose::jwe::DecryptionKey;
use oauth_core::authorization::check_redirect_uri;
use oauth_core::client_auth::{
    ClientAuthentication, ClientSecret, ClientSecretBasic, PrivateKeyJwt,
};
use oauth_core::configuration::Configuration;
use oauth_core::dpop::DPoPKey;
use oauth_core::endpoint::{ClientInformation, DiscoveryAlgorithm, DiscoveryEndpoint};
use oauth_core::error::{KeyFault, Misuse};
use oauth_core::flow::Discover;
use oauth_core::key::{DecryptionKeyReference, DecryptionKeys, KeyJob, KeyReference, KeyResult};
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::policy::Policy;
use oauth_core::profile::Profile;
use oauth_core::request_object::RequestObject;
use oauth_core::run::run;
use oauth_core::secret::Secret;

pub use self::registration::NewClient;
use crate::client::Client;
use crate::error::Error;
use crate::host::{Host, Shared};
use crate::keyring::Keyring;
use crate::transport::{ClientCertificate, RootCertificates, Transport};

/// The settings of a client; see [`Client::discover`], [`Client::from_metadata`] and
/// [`Client::register`].
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
    /// The error of the first setting that is not valid.
    refused: Option<Error>,
}

/// What makes a [`Configuration`], together with the server metadata.
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

/// An issuer whose metadata are fetched.
#[derive(Debug, Clone)]
pub struct Issuer {
    issuer: String,
    algorithm: DiscoveryAlgorithm,
}

impl Issuer {
    pub(crate) fn new(issuer: String) -> Self {
        Self {
            issuer,
            algorithm: DiscoveryAlgorithm::default(),
        }
    }

    fn fetch(&self, settings: &Settings, shared: &Shared) -> Result<ServerMetadata, Error> {
        let policy = &settings.policy;
        let endpoint = DiscoveryEndpoint::new(&self.issuer, self.algorithm, policy.clone())?;
        let host = Host::new(shared, &settings.keyring, policy);
        Ok(run(&host, Discover::new(endpoint))?)
    }
}

impl ClientBuilder<Issuer> {
    /// Sets where the metadata are published: that of OpenID Connect Discovery unless this is
    /// called.
    pub fn algorithm(mut self, algorithm: DiscoveryAlgorithm) -> Self {
        self.source.algorithm = algorithm;
        self
    }

    /// Fetches the server metadata and makes the client. Sends one request.
    ///
    /// # Errors
    ///
    /// The error of the first setting that is not valid; those of
    /// [`Discover`](oauth_core::flow::Discover); [`Error::Core`] for settings that do not fit the
    /// server or each other.
    pub fn send(self) -> Result<Client, Error> {
        let (source, settings, shared) = self.prepare()?;
        let server = source.fetch(&settings, &shared)?;
        settings.pair(server, shared)
    }
}

impl ClientBuilder<ServerMetadata> {
    /// Makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// The error of the first setting that is not valid; [`Error::Core`] for settings that do not
    /// fit the server or each other.
    pub fn build(self) -> Result<Client, Error> {
        let (server, settings, shared) = self.prepare()?;
        settings.pair(server, shared)
    }
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

    /// Sets the checks and limits of the client.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.settings.policy = policy;
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
        let transport = Transport::new(self.roots, self.certificate)?;
        Ok((self.source, settings, Shared::new(transport)))
    }
}

impl Settings {
    fn pair(self, server: ServerMetadata, shared: Arc<Shared>) -> Result<Client, Error> {
        let configuration = self.configure(server, self.client.clone(), &shared)?;
        Ok(Client {
            configuration,
            keyring: self.keyring,
            request_object: self.request_object,
            shared,
            information: self.information.map(Arc::new),
        })
    }

    /// Makes the configuration of a client with this metadata at the server.
    fn configure(
        &self,
        server: ServerMetadata,
        mut client: ClientMetadata,
        shared: &Shared,
    ) -> Result<Configuration, Error> {
        let has_certificate = shared.transport.has_certificate();
        self.bind_to_certificate(&mut client, has_certificate);
        let policy = self.policy.clone();
        let configuration = match (&self.information, &self.authentication) {
            (Some(_), chosen) => {
                Configuration::of_registered(server, client, chosen.as_ref(), policy)?
            }
            (None, None) => Configuration::new(server, client, policy)?,
            (None, Some(authentication)) => {
                let authentication = authentication.clone();
                Configuration::with_authentication(server, client, authentication, policy)?
            }
        };
        let configuration = match self.dpop_key.clone() {
            None => configuration,
            Some(key) => configuration.with_dpop_key(key),
        };
        let configuration = match self.decryption_keys.is_empty() {
            true => configuration,
            false => {
                let keys = DecryptionKeys::new(self.decryption_keys.clone())?;
                configuration.with_decryption_keys(keys)
            }
        };
        let configuration = match self.profile {
            None => configuration,
            Some(profile) => configuration.with_profile(profile)?,
        };
        match (configuration.has_client_certificate(), has_certificate) {
            (true, false) => Err(Misuse::MissingArgument {
                argument: "client_certificate_pem",
                purpose: "mutual TLS, which the client metadata or the profile ask for",
            }
            .into()),
            // The server decided what a registration holds, so the application made no mistake.
            (false, true) if self.information.is_none() => Err(Misuse::InvalidArgument {
                argument: "client_certificate_pem",
                expected: "shown for something: tls_client_auth, self_signed_tls_client_auth, or \
                           tls_client_certificate_bound_access_tokens or \
                           use_mtls_endpoint_aliases in the client metadata",
                found: format!(
                    "{}, and neither of the two in the metadata",
                    configuration.authentication().as_str().escape_debug()
                ),
            }
            .into()),
            _ => Ok(configuration),
        }
    }

    /// Under a profile, tokens are bound to the certificate unless they are bound to a DPoP key.
    fn bind_to_certificate(&self, client: &mut ClientMetadata, has_certificate: bool) {
        let bound = &mut client.tls_client_certificate_bound_access_tokens;
        if self.profile.is_some() && self.dpop_key.is_none() && has_certificate && bound.is_none() {
            *bound = Some(true);
        }
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
