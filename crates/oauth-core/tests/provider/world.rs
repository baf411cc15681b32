//! A provider, a browser and the environment of a client, in one thread with one clock.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use jose::jwe::DecryptionKey;
use jose::{HashAlgorithm, SigningKey};
use oauth_core::Error;
use oauth_core::authorization::{AuthorizationRequest, Callback, PendingLogin};
use oauth_core::cache::Cache;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint};
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::error::{KeyFault, NoAnswer, Unanswered};
use oauth_core::flow::{Discover, TokenSet};
use oauth_core::key::{KeyJob, KeyResult};
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::{EndpointName, KeyName};
use oauth_core::operation::{Event, Operation};
use oauth_core::outbound::{Outbound, ResponseBody};
use oauth_core::policy::Policy;
use oauth_core::run::{Host, run};
use oauth_core::time::UnixTime;
use oauth_core::wire::Parameters;
use test_provider::{ClientRegistration, Endpoint, Misbehaviour, PeerCertificate, Provider};
use url::Url;

pub(crate) const ISSUER: &str = "https://id.example.com/tenant";
pub(crate) const CLIENT_ID: &str = "my-app";
pub(crate) const REDIRECT_URI: &str = "https://app.example.com/cb?keep=1";
pub(crate) const START: i64 = 1_700_000_000;

/// The environment of the machines.
pub(crate) struct World {
    pub(crate) provider: Provider,
    /// The client's clock, in seconds since the epoch.
    pub(crate) now: Cell<i64>,
    /// The number of seconds by which the provider's clock is ahead of the client's.
    pub(crate) provider_ahead: Cell<i64>,
    /// The endpoints that do not answer requests.
    pub(crate) unreachable: RefCell<Vec<EndpointName>>,
    /// The endpoints to which requests were sent, in order.
    pub(crate) sent: RefCell<Vec<EndpointName>>,
    /// The certificate that the client sends if the server asks for it.
    pub(crate) certificate: RefCell<Option<Vec<u8>>>,
    /// The number of key uses.
    pub(crate) keys_used: Cell<usize>,
    keys: BTreeMap<KeyName, SigningKey>,
    decryption_keys: BTreeMap<KeyName, DecryptionKey>,
    cache: Cache,
    entropy: Counter,
}

impl World {
    /// Creates a provider with the public client [`CLIENT_ID`].
    pub(crate) fn new() -> Self {
        Self::with_client(ClientRegistration::public(CLIENT_ID))
    }

    /// Creates a provider with this client.
    pub(crate) fn with_client(client: ClientRegistration) -> Self {
        Self::with_provider(Provider::new(ISSUER), client)
    }

    /// Registers this client with this provider.
    pub(crate) fn with_provider(provider: Provider, client: ClientRegistration) -> Self {
        provider.register(client.redirect_uri(REDIRECT_URI));
        Self {
            provider,
            now: Cell::new(START),
            provider_ahead: Cell::new(0),
            unreachable: RefCell::default(),
            sent: RefCell::default(),
            certificate: RefCell::default(),
            keys_used: Cell::new(0),
            keys: BTreeMap::new(),
            decryption_keys: BTreeMap::new(),
            cache: Cache::default(),
            entropy: Counter::default(),
        }
    }

    /// Creates a provider that is wrong in one way.
    pub(crate) fn wrong(misbehaviour: Misbehaviour) -> Self {
        let world = Self::new();
        world.provider.misbehave(misbehaviour);
        world
    }

    /// Gives the driver a private key.
    pub(crate) fn add_key(&mut self, name: &str, key: SigningKey) {
        self.keys.insert(KeyName::new(name), key);
    }

    /// Gives the driver a decryption key.
    pub(crate) fn add_decryption_key(&mut self, name: &str, key: DecryptionKey) {
        self.decryption_keys.insert(KeyName::new(name), key);
    }

    /// Advances both clocks.
    pub(crate) fn pass(&self, seconds: i64) {
        self.now.set(self.now.get() + seconds);
    }

    pub(crate) fn run<O: Operation>(&self, operation: O) -> Result<O::Output, Error> {
        run(self, operation)
    }

    /// Returns the configuration of the public client, by discovery.
    pub(crate) fn configuration(&self) -> Configuration {
        self.configure(ClientMetadata::new(CLIENT_ID), Policy::default())
    }

    /// Returns the configuration of this client, by discovery.
    pub(crate) fn configure(&self, client: ClientMetadata, policy: Policy) -> Configuration {
        let discovery =
            DiscoveryEndpoint::new(ISSUER, DiscoveryAlgorithm::Oidc, policy.clone()).unwrap();
        let server = self.run(Discover::new(discovery)).unwrap();
        Configuration::new(server, client, policy).unwrap()
    }

    /// Creates a request for `openid` with [`REDIRECT_URI`].
    pub(crate) fn request(configuration: &Configuration) -> AuthorizationRequest {
        AuthorizationRequest::new(configuration.clone()).redirect_uri(REDIRECT_URI)
    }

    /// Opens `url` in the browser and returns the URL of the redirect.
    pub(crate) fn browse(&self, url: &Url) -> String {
        let request = http::Request::get(url.as_str()).body(Bytes::new()).unwrap();
        let response = self.provider.handle(&request, self.provider_now());
        response.headers()[LOCATION].to_str().unwrap().to_owned()
    }

    /// Opens `url` in the browser, posts the form on the page if there is one, and returns the
    /// callback.
    pub(crate) fn follow(&self, url: &Url) -> Callback {
        let request = http::Request::get(url.as_str()).body(Bytes::new()).unwrap();
        let response = self.provider.handle(&request, self.provider_now());
        if let Some(location) = response.headers().get(LOCATION) {
            return Callback::from_url(location.to_str().unwrap()).unwrap();
        }
        let page = std::str::from_utf8(response.body()).unwrap();
        assert!(
            page.contains(&format!("action=\"{REDIRECT_URI}\"")),
            "{page}"
        );
        let fields = page.split("type=\"hidden\" name=\"").skip(1).map(|field| {
            let (name, rest) = field.split_once("\" value=\"").unwrap();
            let (value, _) = rest.split_once('"').unwrap();
            (name, value.replace("&amp;", "&"))
        });
        Callback::from_form_post(&Parameters::from_iter(fields).encode())
    }

    /// Begins a login, and opens its URL in the browser. Returns the pending login and the callback
    /// URL.
    pub(crate) fn visit(&self, request: AuthorizationRequest) -> (PendingLogin, String) {
        let (url, pending) = self.run(request.begin()).unwrap();
        (pending, self.browse(&url))
    }

    /// Runs a whole login.
    pub(crate) fn log_in(&self, configuration: &Configuration) -> Result<TokenSet, Error> {
        self.log_in_with(configuration, Self::request(configuration))
    }

    /// Runs a whole login with this request.
    pub(crate) fn log_in_with(
        &self,
        configuration: &Configuration,
        request: AuthorizationRequest,
    ) -> Result<TokenSet, Error> {
        let (pending, callback) = self.visit(request);
        let callback = Callback::from_url(&callback)?;
        self.run(pending.resume(configuration, &callback)?)
    }

    /// Returns the number of requests that the provider's endpoint has answered.
    pub(crate) fn served(&self, endpoint: Endpoint) -> usize {
        self.provider.served(endpoint)
    }

    fn provider_now(&self) -> i64 {
        self.now.get() + self.provider_ahead.get()
    }
}

impl Host for World {
    fn env(&self) -> Env<'_> {
        Env {
            now: UnixTime::from_seconds(self.now.get()),
            elapsed: Duration::from_secs(u64::try_from(self.now.get() - START).unwrap()),
            entropy: &self.entropy,
            cache: &self.cache,
        }
    }

    fn send(&self, outbound: Outbound) -> Event {
        self.sent.borrow_mut().push(outbound.endpoint);
        let unanswered = |reason| {
            Event::Unanswered(Unanswered {
                endpoint: outbound.endpoint,
                reason,
                source: None,
            })
        };
        if self.unreachable.borrow().contains(&outbound.endpoint) {
            let deadline = outbound.deadline;
            return unanswered(NoAnswer::TimedOut { deadline });
        }
        let mut request = outbound.request;
        if let Some(der) = &*self.certificate.borrow()
            && outbound.client_certificate
        {
            request
                .extensions_mut()
                .insert(PeerCertificate(der.clone()));
        }
        let response = self.provider.handle(&request, self.provider_now());
        match outbound.response {
            ResponseBody::Buffered { cap } if response.body().len() > cap => {
                unanswered(NoAnswer::BodyTooLarge { cap })
            }
            ResponseBody::Buffered { .. } => Event::Received(response),
            ResponseBody::Streamed => Event::Received(response.map(|_| Bytes::new())),
        }
    }

    fn use_key(&self, job: KeyJob) -> Event {
        self.keys_used.set(self.keys_used.get() + 1);
        let fault = |source| {
            Event::KeyUnavailable(KeyFault {
                key: job.key().clone(),
                source,
            })
        };
        match &job {
            KeyJob::Sign {
                key,
                algorithm,
                input,
            } => match self.keys.get(key) {
                Some(key) => {
                    let signature = key.sign(*algorithm, input).unwrap();
                    Event::KeyUsed(KeyResult::Signature(signature))
                }
                None => fault(None),
            },
            KeyJob::Decrypt { key, operation } => match self.decryption_keys.get(key) {
                Some(key) => Event::KeyUsed(KeyResult::Decryption(key.perform(operation).unwrap())),
                None => fault(None),
            },
            KeyJob::Encrypt { encryption, .. } => {
                Event::KeyUsed(KeyResult::Encryption(encryption.perform().unwrap()))
            }
            other => panic!("{other:?}"),
        }
    }

    fn wait(&self, duration: Duration) -> Event {
        // The clock has whole seconds, so the duration is rounded up.
        let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
        self.pass(i64::try_from(seconds).unwrap());
        Event::Elapsed
    }
}

/// Different bytes for each draw, and the same bytes in each run.
#[derive(Default)]
struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        let draw = self.0.fetch_add(1, Ordering::Relaxed);
        let stream = HashAlgorithm::Sha512.digest(&draw.to_be_bytes());
        for (byte, random) in bytes.iter_mut().zip(stream) {
            *byte = random;
        }
        Ok(())
    }
}
