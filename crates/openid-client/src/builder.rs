//! Setting up a client.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use jose::SigningKey;
use oauth_core::cache::Cache;
use oauth_core::client_auth::ClientAuthentication;
use oauth_core::client_auth::PrivateKeyJwt;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::ClientInformation;
use oauth_core::endpoint::Discovery;
use oauth_core::endpoint::DiscoveryAlgorithm;
use oauth_core::endpoint::Registration;
use oauth_core::env::Entropy;
use oauth_core::error::Misuse;
use oauth_core::flow::Discover;
use oauth_core::flow::RegisterClient;
use oauth_core::key::KeyName;
use oauth_core::key::KeyReference;
use oauth_core::metadata::ClientMetadata;
use oauth_core::metadata::ServerMetadata;
use oauth_core::policy::Policy;
use oauth_core::secret::Secret;
use ring::rand::SystemRandom;
use tokio::time::Instant;

use crate::client::Client;
use crate::clock::Clock;
use crate::clock::SystemEntropy;
use crate::clock::system_clock;
use crate::drive::drive;
use crate::error::Error;
use crate::flights::Flights;
use crate::host::Host;
use crate::host::Shared;
use crate::http::BoxFuture;
use crate::http::HttpClient;
use crate::http::HyperClient;
use crate::http::RootCertificates;
use crate::keyring::Keyring;

/// The settings of a client in the making; see [`Client::discover`],
/// [`Client::register`] and [`Client::from_metadata`].
///
/// `Source` says where the server metadata comes from. A setting that cannot be used is reported
/// when the client is built.
#[must_use]
pub struct ClientBuilder<Source> {
    source: Source,
    settings: Settings,
    keyring: Keyring,
    transport: Option<Arc<dyn HttpClient>>,
    roots: RootCertificates,
    user_agent: HeaderValue,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// The first setting that was refused.
    refused: Option<Error>,
}

/// Server metadata that has yet to be fetched.
#[derive(Debug, Clone)]
pub struct IssuerOnly {
    issuer: String,
    algorithm: DiscoveryAlgorithm,
}

impl IssuerOnly {
    pub(crate) fn new(issuer: String) -> Self {
        Self {
            issuer,
            algorithm: DiscoveryAlgorithm::default(),
        }
    }

    async fn fetch(&self, policy: &Policy, shared: &Shared) -> Result<ServerMetadata, Error> {
        let endpoint = Discovery::new(&self.issuer, self.algorithm, policy.clone())?;
        let host = Host::new(shared, policy);
        Ok(drive(&host, Discover::new(endpoint)).await?)
    }
}

impl ClientBuilder<IssuerOnly> {
    /// Where the metadata is looked for; by default where OpenID Connect puts it.
    pub fn algorithm(mut self, algorithm: DiscoveryAlgorithm) -> Self {
        self.source.algorithm = algorithm;
        self
    }

    async fn fetch(self) -> Result<Client, Error> {
        let (source, settings, shared) = self.prepare()?;
        let server = source.fetch(&settings.policy, &shared).await?;
        settings.pair(server, shared)
    }
}

impl IntoFuture for ClientBuilder<IssuerOnly> {
    type Output = Result<Client, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.fetch())
    }
}

/// A client that has yet to be registered, at a server whose metadata has yet to be fetched.
pub struct NewClient {
    server: IssuerOnly,
    initial_access_token: Option<Secret>,
}

impl NewClient {
    pub(crate) fn new(issuer: String) -> Self {
        Self {
            server: IssuerOnly::new(issuer),
            initial_access_token: None,
        }
    }
}

impl ClientBuilder<NewClient> {
    /// Where the server metadata is looked for; by default where OpenID Connect puts it.
    pub fn algorithm(mut self, algorithm: DiscoveryAlgorithm) -> Self {
        self.source.server.algorithm = algorithm;
        self
    }

    /// The token that permits the registration, where the server does not take it from anybody
    /// (RFC 7591 section 3).
    pub fn initial_access_token(mut self, token: impl Into<Secret>) -> Self {
        self.source.initial_access_token = Some(token.into());
        self
    }

    async fn register(self) -> Result<Client, Error> {
        let (source, mut settings, shared) = self.prepare()?;
        let server = source.server.fetch(&settings.policy, &shared).await?;
        let (client, policy) = (settings.client, settings.policy.clone());
        let mut endpoint = Registration::new(server.clone(), client, policy);
        if let Some(token) = source.initial_access_token {
            endpoint = endpoint.initial_access_token(token);
        }
        let host = Host::new(&shared, &settings.policy);
        let information = drive(&host, RegisterClient::new(endpoint)).await?;
        settings.client = information.metadata().clone();
        settings.information = Some(information);
        settings.pair(server, shared)
    }
}

impl IntoFuture for ClientBuilder<NewClient> {
    type Output = Result<Client, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.register())
    }
}

impl fmt::Debug for NewClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server.fmt(f)
    }
}

impl ClientBuilder<ServerMetadata> {
    /// Builds the client.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] when the issuer or a setting cannot be used; the other variants when the
    /// set-up is at fault.
    pub fn build(self) -> Result<Client, Error> {
        let (server, settings, shared) = self.prepare()?;
        settings.pair(server, shared)
    }
}

impl<Source> ClientBuilder<Source> {
    pub(crate) fn new(source: Source, client_id: String) -> Self {
        Self {
            source,
            settings: Settings {
                client: ClientMetadata::new(client_id),
                authentication: None,
                policy: Policy::default(),
                information: None,
            },
            keyring: Keyring::new(),
            transport: None,
            roots: RootCertificates::default(),
            user_agent: HeaderValue::from_static(USER_AGENT),
            clock: Arc::new(system_clock),
            entropy: Arc::new(SystemEntropy(SystemRandom::new())),
            refused: None,
        }
    }

    /// The client secret. It is sent as `token_endpoint_auth_method` in the client metadata says,
    /// or else as [`ClientAuthentication::default_for`] does.
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.settings.client.client_secret = Some(secret.into());
        self
    }

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

    /// What the client has registered, beside its identifier: that stays the one this builder was
    /// made with, and a secret that was set stays where this names none.
    pub fn client_metadata(mut self, metadata: ClientMetadata) -> Self {
        let before = mem::replace(&mut self.settings.client, metadata);
        self.settings.client.client_id = before.client_id;
        if self.settings.client.client_secret.is_none() {
            self.settings.client.client_secret = before.client_secret;
        }
        self
    }

    /// What the server had registered for a client that registered itself; see
    /// [`Client::register`]. It replaces metadata and secret that were set before.
    pub fn client_information(mut self, information: ClientInformation) -> Self {
        let set = mem::replace(&mut self.settings.client, information.metadata().clone());
        let found = self.settings.client.client_id.as_str();
        let same = match set.client_id == found {
            true => Ok(()),
            false => Err(oauth_core::Error::from(Misuse::InvalidArgument {
                argument: "client_information",
                expected: "that of this client_id",
                found: found.escape_debug().to_string(),
            })),
        };
        self.settings.information = Some(information);
        self.check(same)
    }

    /// How strict and how patient the client is; replaces what was set before.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.settings.policy = policy;
        self
    }

    /// How long one request may take, response included; 30 seconds by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        let set = self.settings.policy.set_timeout(timeout).map(drop);
        self.check(set)
    }

    /// Seconds to add to the local clock; see [`Policy::set_clock_skew`].
    pub fn clock_skew(mut self, seconds: i64) -> Self {
        self.settings.policy.set_clock_skew(seconds);
        self
    }

    /// Seconds by which a time in a token may be off; see [`Policy::set_clock_tolerance`].
    pub fn clock_tolerance(mut self, seconds: u64) -> Self {
        let set = self.settings.policy.set_clock_tolerance(seconds).map(drop);
        self.check(set)
    }

    /// Allows plain http, for development on one machine; see
    /// [`Policy::allow_insecure_requests`].
    pub fn allow_insecure_requests(mut self) -> Self {
        self.settings.policy.allow_insecure_requests();
        self
    }

    /// Trusts the root certificates in a PEM text, beside the platform's.
    pub fn root_certificate_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        let added = self.roots.add_pem(pem.as_ref());
        self.check(added)
    }

    /// Trusts a root certificate in DER form, beside the platform's.
    pub fn root_certificate_der(mut self, der: impl AsRef<[u8]>) -> Self {
        let added = self.roots.add_der(der.as_ref());
        self.check(added)
    }

    /// Sends every request through another transport. It brings its own trust: root certificates
    /// cannot be set beside it.
    pub fn http_client(mut self, transport: Arc<dyn HttpClient>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// The `User-Agent` of every request; `openid-client/` and the version by default.
    pub fn user_agent(mut self, user_agent: &str) -> Self {
        let set = HeaderValue::from_str(user_agent)
            .map(|value| self.user_agent = value)
            .map_err(|_| Misuse::InvalidArgument {
                argument: "user_agent",
                expected: "visible ASCII characters and spaces",
                found: user_agent.escape_debug().to_string(),
            });
        self.check(set.map_err(oauth_core::Error::from))
    }

    /// Where the time comes from; the operating system by default. For tests.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where states, nonces and verifiers come from; the operating system by default. For tests:
    /// whoever can predict them can forge a login.
    pub fn entropy(mut self, entropy: impl Entropy + 'static) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }

    /// Remembers the first setting that was refused.
    fn check(mut self, set: Result<(), impl Into<Error>>) -> Self {
        if let Err(error) = set {
            self.refused.get_or_insert_with(|| error.into());
        }
        self
    }

    fn prepare(self) -> Result<(Source, Settings, Arc<Shared>), Error> {
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        let transport = match self.transport {
            None => Arc::new(HyperClient::new(self.roots)?),
            Some(_) if !self.roots.is_empty() => {
                return Err(Error::Conflict {
                    setting: "root_certificate",
                    other: "http_client",
                });
            }
            Some(transport) => transport,
        };
        let shared = Shared {
            transport,
            user_agent: self.user_agent,
            keyring: self.keyring,
            clock: self.clock,
            entropy: self.entropy,
            started: Instant::now(),
            cache: Cache::default(),
            flights: Flights::default(),
        };
        Ok((self.source, self.settings, Arc::new(shared)))
    }
}

/// What becomes a [`Configuration`] once the server metadata is there.
#[derive(Debug)]
struct Settings {
    client: ClientMetadata,
    authentication: Option<ClientAuthentication>,
    policy: Policy,
    information: Option<ClientInformation>,
}

impl Settings {
    fn pair(self, server: ServerMetadata, shared: Arc<Shared>) -> Result<Client, Error> {
        let Self {
            client,
            authentication,
            policy,
            information,
        } = self;
        let configuration = match authentication {
            None => Configuration::new(server, client, policy)?,
            Some(authentication) => {
                Configuration::with_authentication(server, client, authentication, policy)?
            }
        };
        let client = Client::new(configuration, shared);
        Ok(match information {
            Some(information) => client.informed(information),
            None => client,
        })
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

/// The name in the keyring of the key given to [`ClientBuilder::private_key`].
const CLIENT_AUTHENTICATION_KEY: &str = "client authentication";

const USER_AGENT: &str = concat!("openid-client/", env!("CARGO_PKG_VERSION"));
