//! The provider: its settings, its state, and the routing of requests to endpoints.

mod access;
mod access_token;
mod attestation;
mod authorization;
mod authorization_response;
mod backchannel_authentication;
mod backchannel_request;
mod browser;
mod certificate;
mod claims;
mod client_authentication;
mod client_credentials;
mod client_document;
mod client_metadata;
mod device_authorization;
mod discovery;
mod dpop;
mod end_session;
mod endpoint;
mod fapi;
mod hosted_request;
mod id_token;
mod introspection;
mod key_set;
mod login;
mod logout;
mod outside;
mod polling;
mod push;
mod pushed_authorization;
mod registration;
mod request_object;
mod resource;
mod revocation;
mod signed_jwt;
mod signed_metadata;
mod state;
mod tenant;
mod token;
mod token_exchange;
mod user_info;
mod webfinger;
mod wire_fault;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jose::SignatureAlgorithm;
use url::Url;

pub use self::endpoint::Endpoint;
use self::registration::Change;
use self::state::State;
use crate::client::{ClientRegistration, PeerCertificate};
use crate::dpop::DPoPBehaviour;
use crate::misbehaviour::Misbehaviour;
use crate::response;
use crate::user::{User, default_users};

/// An OpenID Provider without clock, socket or random values. It can be shared by reference,
/// because it takes its own lock for each request.
#[derive(Debug)]
pub struct Provider {
    issuer: String,
    /// The path of the issuer, without a slash at the end.
    path: String,
    users: Vec<User>,
    interactive: bool,
    seed: String,
    initial_access_token: Option<String>,
    poll_interval: Duration,
    tenant: Option<String>,
    shared: Mutex<Shared>,
}

/// The part of the provider that changes while it is shared.
#[derive(Debug, Default)]
struct Shared {
    clients: BTreeMap<String, ClientRegistration>,
    misbehaviours: BTreeSet<Misbehaviour>,
    dpop: BTreeSet<DPoPBehaviour>,
    served: BTreeMap<Endpoint, usize>,
    certificates: BTreeMap<Endpoint, usize>,
    pages: BTreeMap<String, Response<Bytes>>,
    state: State,
}

impl Provider {
    /// Creates a provider with this issuer, the users `alice` and `bob`, and no clients. Without
    /// asking, it logs in the user that `login_hint` names, or otherwise `alice`.
    ///
    /// # Panics
    /// If `issuer` is not a URL.
    pub fn new(issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        let url = Url::parse(&issuer).expect("the issuer is a URL");
        Self {
            path: url.path().trim_end_matches('/').to_owned(),
            issuer,
            users: default_users(),
            interactive: false,
            seed: "test-provider".to_owned(),
            initial_access_token: None,
            poll_interval: Duration::from_secs(5),
            tenant: None,
            shared: Mutex::default(),
        }
    }

    /// Shows a login page, where a user agrees or refuses, instead of logging a user in at once.
    #[must_use]
    pub fn interactive(mut self) -> Self {
        self.interactive = true;
        self
    }

    /// Replaces the users. The first one is logged in by default.
    ///
    /// # Panics
    /// If the list is empty.
    #[must_use]
    pub fn users(mut self, users: Vec<User>) -> Self {
        assert!(!users.is_empty(), "a provider needs a user");
        self.users = users;
        self
    }

    /// Sets the seed of codes and tokens. Providers with different seeds issue different values. If
    /// strangers can reach the provider, as in a demonstration, the seed must be random and secret.
    #[must_use]
    pub fn seed(mut self, seed: impl Into<String>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Registers only clients that send this token (RFC 7591 section 3). By default, every client
    /// may register.
    #[must_use]
    pub fn initial_access_token(mut self, token: impl Into<String>) -> Self {
        self.initial_access_token = Some(token.into());
        self
    }

    /// Sets the minimum time between two polls of a client. The default is 5 seconds.
    #[must_use]
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }

    /// Makes the user on another device agree after this number of polls without an answer. The
    /// default is one.
    pub fn approve_after(&self, polls: usize) {
        self.shared().state.verdict = polling::Verdict {
            polls,
            says_yes: true,
        };
    }

    /// Makes the user on another device refuse after this number of polls without an answer.
    pub fn deny_after(&self, polls: usize) {
        self.shared().state.verdict = polling::Verdict {
            polls,
            says_yes: false,
        };
    }

    /// Returns the ping for a backchannel authentication whose client asked for one. A server would
    /// send it to the client's notification endpoint (CIBA Core section 10.2); this provider sends
    /// nothing.
    pub fn ping(&self, auth_req_id: &str) -> Option<Request<Bytes>> {
        let shared = self.shared();
        backchannel_authentication::ping(&shared.state, &shared.misbehaviours, auth_req_id)
    }

    /// Adds a client, or replaces the one with the same `client_id`. The metadata document lists
    /// the ID Token algorithms of all clients.
    ///
    /// # Panics
    /// If the registration contradicts itself, for example by an HMAC algorithm without a secret,
    /// or if its keys are not a JWK Set.
    pub fn register(&self, client: ClientRegistration) {
        client.check();
        self.shared()
            .clients
            .insert(client.client_id.clone(), client);
    }

    /// Switches a misbehaviour on, in addition to the others.
    pub fn misbehave(&self, misbehaviour: Misbehaviour) {
        self.shared().misbehaviours.insert(misbehaviour);
    }

    /// Switches a DPoP behaviour on, in addition to the others.
    pub fn treat_dpop(&self, behaviour: DPoPBehaviour) {
        self.shared().dpop.insert(behaviour);
    }

    /// Switches every misbehaviour and every DPoP behaviour off.
    pub fn behave(&self) {
        let mut shared = self.shared();
        shared.misbehaviours.clear();
        shared.dpop.clear();
    }

    /// Sets the response to a GET request of the provider for `url`, for example for a request
    /// object that a client hosts. The provider sends no requests.
    pub fn host(&self, url: impl Into<String>, response: Response<Bytes>) {
        self.shared().pages.insert(url.into(), response);
    }

    /// Replaces the signing keys. The new ones have other `kid`s, and the old ones are no longer in
    /// the key set.
    pub fn rotate_keys(&self) {
        self.shared().state.rotate_keys();
    }

    /// Returns the number of requests that the endpoint has answered.
    pub fn served(&self, endpoint: Endpoint) -> usize {
        self.shared()
            .served
            .get(&endpoint)
            .copied()
            .unwrap_or_default()
    }

    /// Returns the number of requests to the endpoint with a client certificate, whether the
    /// endpoint asks for one or not.
    pub fn certificates_shown(&self, endpoint: Endpoint) -> usize {
        self.shared()
            .certificates
            .get(&endpoint)
            .copied()
            .unwrap_or_default()
    }

    /// Returns the issuer identifier.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the URL of an endpoint. For [`Endpoint::Discovery`], it is the URL of OpenID Connect
    /// Discovery.
    pub fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.issuer.trim_end_matches('/'), endpoint.path())
    }

    /// Answers a request. `now` is in seconds since 1970 (UTC). Only the path of the request's URL
    /// selects the endpoint, so the URL may be absolute or relative.
    pub fn handle(&self, request: &Request<Bytes>, now: i64) -> Response<Bytes> {
        let mut shared = self.shared();
        let Some(endpoint) = self.route(request.uri().path(), &shared.misbehaviours) else {
            return response::page(
                StatusCode::NOT_FOUND,
                "Not found",
                "<p>There is nothing here.</p>",
            );
        };
        if !endpoint.methods().contains(request.method()) {
            return endpoint.method_not_allowed();
        }
        let Shared {
            clients,
            misbehaviours,
            dpop,
            served,
            certificates,
            pages,
            state,
        } = &mut *shared;
        client_document::learn(clients, pages, request);
        *served.entry(endpoint).or_default() += 1;
        if request.extensions().get::<PeerCertificate>().is_some() {
            *certificates.entry(endpoint).or_default() += 1;
        }
        let call = Call {
            provider: self,
            clients,
            misbehaviours,
            dpop,
            pages,
            request,
            now,
        };
        let mut change = None;
        let response = match endpoint {
            Endpoint::Discovery => discovery::answer(&call, state),
            Endpoint::WebFinger => webfinger::answer(&call),
            Endpoint::KeySet => key_set::answer(&call, state),
            Endpoint::Authorization => authorization::answer(&call, state),
            Endpoint::PushedAuthorization => pushed_authorization::answer(&call, state),
            Endpoint::Login => login::answer(&call, state),
            Endpoint::Token => token::answer(&call, state),
            Endpoint::UserInfo => user_info::answer(&call, state),
            Endpoint::DistributedClaims => claims::answer(&call, state),
            Endpoint::Resource => resource::answer(&call, state),
            Endpoint::EndSession => end_session::answer(&call, state),
            Endpoint::DeviceAuthorization => device_authorization::answer(&call, state),
            Endpoint::BackchannelAuthentication => backchannel_authentication::answer(&call, state),
            Endpoint::Introspection => introspection::answer(&call, state),
            Endpoint::Revocation => revocation::answer(&call, state),
            Endpoint::Registration | Endpoint::ClientConfiguration => {
                let (response, made) = match endpoint {
                    Endpoint::Registration => registration::register(&call, state),
                    _ => registration::manage(&call, state),
                };
                change = made;
                response
            }
        };
        let response = dpop::add_nonce(&call, state, endpoint, response);
        let response = wire_fault::apply(&call, endpoint, response);
        match change {
            Some(Change::Insert(client)) => {
                clients.insert(client.client_id.clone(), *client);
            }
            Some(Change::Remove(client_id)) => {
                clients.remove(&client_id);
            }
            None => {}
        }
        response
    }

    fn route(&self, path: &str, misbehaviours: &BTreeSet<Misbehaviour>) -> Option<Endpoint> {
        let authorization_server = format!("/.well-known/oauth-authorization-server{}", self.path);
        if path == authorization_server {
            return Some(Endpoint::Discovery);
        }
        if path == Endpoint::WebFinger.path() {
            return Some(Endpoint::WebFinger);
        }
        let path = path.strip_prefix(self.path.as_str())?;
        let path = path.strip_prefix(certificate::PREFIX).unwrap_or(path);
        let elsewhere = misbehaviours.contains(&Misbehaviour::DiscoveryKeySetUriElsewhere);
        Endpoint::ALL.into_iter().find(|endpoint| match endpoint {
            Endpoint::KeySet if elsewhere => path == discovery::KEY_SET_ELSEWHERE,
            _ => endpoint.path() == path,
        })
    }

    /// Takes the lock even after a panic. A panic in a handler fails its own test, and must not
    /// fail others.
    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request, and the parts of the provider that endpoints need to answer it.
struct Call<'a> {
    provider: &'a Provider,
    clients: &'a BTreeMap<String, ClientRegistration>,
    misbehaviours: &'a BTreeSet<Misbehaviour>,
    dpop: &'a BTreeSet<DPoPBehaviour>,
    pages: &'a BTreeMap<String, Response<Bytes>>,
    request: &'a Request<Bytes>,
    now: i64,
}

impl Call<'_> {
    fn issuer(&self) -> &str {
        &self.provider.issuer
    }

    fn misbehaves(&self, misbehaviour: Misbehaviour) -> bool {
        self.misbehaviours.contains(&misbehaviour)
    }

    fn treats_dpop(&self, behaviour: DPoPBehaviour) -> bool {
        self.dpop.contains(&behaviour)
    }

    fn user(&self, subject: &str) -> Option<&User> {
        self.provider
            .users
            .iter()
            .find(|user| user.subject == subject)
    }

    /// Returns the ID Token algorithms of all clients, or RS256 if there are no clients.
    fn id_token_algorithms(&self) -> Vec<SignatureAlgorithm> {
        let mut algorithms = Vec::new();
        for client in self.clients.values() {
            if !algorithms.contains(&client.id_token_signed_response_alg) {
                algorithms.push(client.id_token_signed_response_alg);
            }
        }
        if algorithms.is_empty() {
            algorithms.push(SignatureAlgorithm::RS256);
        }
        algorithms
    }
}
