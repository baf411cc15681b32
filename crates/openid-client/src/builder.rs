//! The settings of a client.
//!
//! The modules are in the order in which the documentation of [`ClientBuilder`] shows their
//! methods: the order in which an application needs them.

mod authentication;

mod registered;

mod policy;

mod profile;

mod keys;

mod logout;

mod transport;

mod connections;

#[cfg(feature = "proxy")]
mod proxy;

#[cfg(not(feature = "proxy"))]
#[path = "builder/no_proxy.rs"]
mod proxy;

mod environment;

mod source;

mod lazy;

mod new_client;

mod protected_resource;

mod resource_url;

mod registration;

use std::sync::Arc;
use std::time::Duration;
use std::{fmt, mem};

use http::HeaderValue;
use oauth_core::authorization::check_redirect_uri;
use oauth_core::cache::{Cache, ExportedJwksCache};
use oauth_core::client_auth::ClientAuthentication;
use oauth_core::configuration::Configuration;
use oauth_core::dpop::DPoPKey;
use oauth_core::endpoint::ClientInformation;
use oauth_core::entropy::Entropy;
use oauth_core::error::Misuse;
use oauth_core::key::{DecryptionKeyReference, DecryptionKeys};
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::policy::Policy;
use oauth_core::profile::Profile;
use oauth_core::request_object::RequestObject;
use ring::rand::SystemRandom;
use rustls::ClientConfig;
use tokio::time::Instant;

pub use self::lazy::Lazy;
pub use self::new_client::NewClient;
use self::policy::PolicySettings;
pub use self::protected_resource::{LazyProtectedResource, ProtectedResource};
use self::proxy::ProxySettings;
pub(crate) use self::resource_url::ChooseScope;
pub use self::resource_url::ResourceUrl;
pub use self::source::{DangerDocument, IssuerOnly};
use crate::accepted_tokens::AcceptedTokens;
use crate::client::Client;
use crate::clock::{Clock, SystemEntropy, system_clock};
use crate::error::Error;
use crate::flights::Flights;
use crate::host::{Shared, check_certificate_is_used};
use crate::http::{
    ClientCertificate, DestinationPolicy, HttpClient, Observer, ReplaceableCertificate, Resolve,
    RootCertificates,
};
use crate::keyring::{Derived, Keyring};
use crate::store::TokenStore;

/// The settings of a client that is being set up; see [`Client::discover`],
/// [`Client::register`] and [`Client::from_metadata`].
///
/// `Source` says where the server metadata come from. A setting that is not valid is reported when
/// the client is built.
#[must_use]
pub struct ClientBuilder<Source> {
    source: Source,
    settings: Settings,
    policy: PolicySettings,
    transport: Option<Arc<dyn HttpClient>>,
    certified: Option<Arc<dyn HttpClient>>,
    certificate: Option<ClientCertificate>,
    tls: Option<ClientConfig>,
    roots: RootCertificates,
    destinations: Option<Arc<dyn DestinationPolicy>>,
    /// What the usual transport allows if the application sets nothing. It also holds if the
    /// application brings the transport for requests with a certificate.
    default_destinations: Option<Arc<dyn DestinationPolicy>>,
    resolver: Option<Arc<dyn Resolve>>,
    connections: Option<usize>,
    proxy: ProxySettings,
    replaceable: Option<ReplaceableCertificate>,
    observer: Observer,
    user_agent: HeaderValue,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    jwks_cache: Option<ExportedJwksCache>,
    logout_token_store: Option<Arc<dyn TokenStore>>,
    /// The error of the first setting that is not valid.
    refused: Option<Error>,
}

impl<Source> ClientBuilder<Source> {
    pub(crate) fn new(source: Source, client_id: String) -> Self {
        Self {
            source,
            settings: Settings {
                client: Arc::new(ClientMetadata::new(client_id)),
                authentication: None,
                policy: Policy::default(),
                information: None,
                keyring: Keyring::new(),
                dpop_key: None,
                request_object: None,
                decryption: Vec::new(),
                derived: Vec::new(),
                decryption_keys: None,
                profile: None,
            },
            policy: PolicySettings::default(),
            transport: None,
            certified: None,
            certificate: None,
            tls: None,
            roots: RootCertificates::default(),
            destinations: None,
            default_destinations: None,
            resolver: None,
            connections: None,
            proxy: ProxySettings::default(),
            replaceable: None,
            observer: Observer::default(),
            user_agent: HeaderValue::from_static(USER_AGENT),
            clock: Arc::new(system_clock),
            entropy: Arc::new(SystemEntropy(SystemRandom::new())),
            jwks_cache: None,
            logout_token_store: None,
            refused: None,
        }
    }

    /// Keeps the error of the first setting that is not valid.
    fn check(mut self, set: Result<(), impl Into<Error>>) -> Self {
        if let Err(error) = set {
            self.refused.get_or_insert_with(|| error.into());
        }
        self
    }

    /// The same settings for another source.
    fn map_source<Other>(self, map: impl FnOnce(Source) -> Other) -> ClientBuilder<Other> {
        ClientBuilder {
            source: map(self.source),
            settings: self.settings,
            policy: self.policy,
            transport: self.transport,
            certified: self.certified,
            certificate: self.certificate,
            tls: self.tls,
            roots: self.roots,
            destinations: self.destinations,
            default_destinations: self.default_destinations,
            resolver: self.resolver,
            connections: self.connections,
            proxy: self.proxy,
            replaceable: self.replaceable,
            observer: self.observer,
            user_agent: self.user_agent,
            clock: self.clock,
            entropy: self.entropy,
            jwks_cache: self.jwks_cache,
            logout_token_store: self.logout_token_store,
            refused: self.refused,
        }
    }

    fn prepare(mut self) -> Result<(Source, Settings, Arc<Shared>), Error> {
        if let Some(refused) = self.refused.take() {
            return Err(refused);
        }
        // Logins use the only one. Of several, each login sets one, which is checked then.
        if let Some([redirect_uri]) = self.settings.client.redirect_uris.as_deref() {
            check_redirect_uri(redirect_uri)?;
        }
        self.settings.policy = mem::take(&mut self.policy).combine()?;
        if let Some(profile) = self.settings.profile {
            self.settings.policy.check_profile(profile)?;
        }
        let (transport, certified) = self.transports()?;
        // The application's own transport may hold the certificate. Under a profile, it has to say
        // so.
        let missing_certificate = match (&certified, &self.transport, self.settings.profile) {
            (Some(_), ..) | (None, Some(_), None) => None,
            (None, Some(_), Some(_)) => Some("http_client_with_certificate"),
            (None, None, _) => Some("client_certificate"),
        };
        let cache = Cache::default();
        if let Some(exported) = self.jwks_cache {
            cache.import_jwks(exported, self.clock.now(), Duration::ZERO);
        }
        let shared = Shared {
            transport,
            certified,
            missing_certificate,
            observer: self.observer,
            user_agent: self.user_agent,
            clock: self.clock,
            entropy: self.entropy,
            started: Instant::now(),
            cache,
            flights: Flights::default(),
            accepted_tokens: AcceptedTokens::new(self.logout_token_store),
        };
        Ok((self.source, self.settings, Arc::new(shared)))
    }
}

/// What makes a [`Configuration`], together with the server metadata.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    client: Arc<ClientMetadata>,
    authentication: Option<ClientAuthentication>,
    policy: Policy,
    information: Option<Arc<ClientInformation>>,
    keyring: Keyring,
    dpop_key: Option<DPoPKey>,
    request_object: Option<RequestObject>,
    /// The references to the keys in memory.
    decryption: Vec<DecryptionKeyReference>,
    /// The keys to derive from the client secret.
    derived: Vec<Derived>,
    decryption_keys: Option<DecryptionKeys>,
    profile: Option<Profile>,
}

impl Settings {
    pub(crate) const fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) fn client_metadata(&self) -> &ClientMetadata {
        &self.client
    }

    /// The metadata, to be changed. The clones of these settings keep what they have.
    fn client_mut(&mut self) -> &mut ClientMetadata {
        Arc::make_mut(&mut self.client)
    }

    pub(crate) const fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Sets the authentication method that was chosen as the one to register.
    fn register_authentication(&mut self) -> Result<(), Error> {
        let Some(authentication) = &self.authentication else {
            return Ok(());
        };
        let chosen = authentication.as_str();
        match self.client.token_endpoint_auth_method.as_deref() {
            None => self.client_mut().token_endpoint_auth_method = Some(chosen.to_owned()),
            Some(asked) if asked == chosen => {}
            Some(asked) => {
                return Err(oauth_core::Error::from(Misuse::InvalidArgument {
                    argument: "token_endpoint_auth_method",
                    expected: "the method that `authentication` chooses",
                    found: asked.escape_debug().to_string(),
                })
                .into());
            }
        }
        Ok(())
    }

    pub(crate) fn pair(
        mut self,
        server: ServerMetadata,
        shared: Arc<Shared>,
    ) -> Result<Client, Error> {
        let client = (*self.client).clone();
        let configuration = self.configure(server, client, &shared)?;
        self.keyring.derive(&self.client, &self.derived)?;
        let client = Client::new(
            configuration,
            self.keyring,
            self.request_object,
            self.derived.into(),
            shared,
        );
        Ok(match self.information {
            Some(information) => client.informed(information),
            None => client,
        })
    }

    /// Makes the configuration of a client with this metadata at the server.
    fn configure(
        &self,
        server: ServerMetadata,
        mut client: ClientMetadata,
        shared: &Shared,
    ) -> Result<Configuration, Error> {
        self.bind_to_certificate(&mut client, shared);
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
        shared.check_client_certificate(&configuration)?;
        let configuration = match self.dpop_key.clone() {
            None => configuration,
            Some(key) => configuration.with_dpop_key(key),
        };
        let decryption_keys = match self.decryption_keys.clone() {
            None if self.decryption.is_empty() && self.derived.is_empty() => None,
            None => {
                let derived = self.derived.iter().map(Derived::reference);
                let keys = self.decryption.iter().cloned().map(Ok).chain(derived);
                Some(DecryptionKeys::new(keys.collect::<Result<_, _>>()?)?)
            }
            keys => keys,
        };
        let configuration = match decryption_keys {
            Some(keys) => configuration.with_decryption_keys(keys),
            None => configuration,
        };
        let configuration = self.apply_profile(configuration, shared)?;
        // The server decided what a registration holds, so the application made no mistake.
        if self.information.is_none() {
            check_certificate_is_used(shared, &configuration)?;
        }
        Ok(configuration)
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

const USER_AGENT: &str = concat!("openid-client/", env!("CARGO_PKG_VERSION"));
