//! The settings of a resource server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jose::SignatureAlgorithm;
use url::{Position, Url};

use crate::client_auth::ClientAuthentication;
use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Misuse, Reason, printable, printable_url};
use crate::metadata::{ClientMetadata, IssuerTemplate, ServerMetadata};
use crate::policy::Policy;
use crate::resource_server::issuer::AccessTokenExpectations;
use crate::resource_server::{
    DPoPNonces, DangerAccessTokenProfile, Introspection, MemoryReplayStore, ReplayStore,
};

/// A resource server: the issuers that it trusts, and what it requires of requests.
///
/// Share one value between all requests, because the default store for replays is part of it.
#[derive(Clone)]
pub struct ResourceServer {
    pub(super) resource: String,
    origin: String,
    pub(super) policy: Policy,
    pub(super) algorithms: Vec<SignatureAlgorithm>,
    pub(super) issuers: Vec<Arc<AccessTokenExpectations>>,
    pub(super) introspection: Option<Introspection>,
    pub(super) max_proof_age: u64,
    pub(super) nonces: Option<DPoPNonces>,
    pub(super) replays: Arc<dyn ReplayStore>,
    pub(super) requires_dpop: bool,
    pub(super) resource_metadata: Option<String>,
}

impl ResourceServer {
    /// A resource server without issuers. `resource` is its identifier, which the audience of
    /// access tokens must contain (RFC 8707 section 2). `origin` is where clients reach it, for
    /// example `https://api.example.com`: behind a proxy, that of the proxy, followed by the path
    /// that the proxy or a router removes from the path of each request. DPoP proofs are compared
    /// with it, and never with a header of the request. Clock and limits come from `policy`.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if `resource` is empty, or `origin` is not an http or https URL
    /// without user, query and fragment.
    pub fn new(resource: &str, origin: &str, policy: Policy) -> Result<Self, Error> {
        if resource.is_empty() {
            let expected = "an identifier that is not empty";
            return Err(invalid("resource", expected, String::new()));
        }
        let expected = "an http or https URL without user, query and fragment";
        let not_an_origin = || invalid("origin", expected, printable(origin));
        let url = Url::parse(origin).map_err(|_| not_an_origin())?;
        let is_origin = matches!(url.scheme(), "https" | "http")
            && url[..Position::AfterPort] == url.origin().ascii_serialization()
            && url[Position::AfterPath..].is_empty();
        let serialised = url.as_str().trim_end_matches('/').to_owned();
        if !is_origin {
            return Err(not_an_origin());
        }
        let all = SignatureAlgorithm::ALL.iter().copied();
        Ok(Self {
            resource: resource.to_owned(),
            origin: serialised,
            policy,
            algorithms: all
                .filter(|it| !it.is_symmetric() && it.is_supported())
                .collect(),
            issuers: Vec::new(),
            introspection: None,
            max_proof_age: 60,
            nonces: None,
            replays: Arc::new(MemoryReplayStore::default()),
            requires_dpop: false,
            resource_metadata: None,
        })
    }

    /// Accepts only these signature algorithms, for access tokens and for proofs. By default, all
    /// asymmetric algorithms of this build are accepted.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if there is none, or one is symmetric or not part of this build.
    /// A key that verifies an HMAC also makes one.
    pub fn with_algorithms(mut self, algorithms: &[SignatureAlgorithm]) -> Result<Self, Error> {
        let is_usable = |it: &SignatureAlgorithm| !it.is_symmetric() && it.is_supported();
        if algorithms.is_empty() || !algorithms.iter().all(is_usable) {
            let expected = "asymmetric algorithms of this build, at least one";
            return Err(invalid("algorithms", expected, format!("{algorithms:?}")));
        }
        algorithms.clone_into(&mut self.algorithms);
        for issuer in &mut self.issuers {
            algorithms.clone_into(&mut Arc::make_mut(issuer).algorithms);
        }
        Ok(self)
    }

    /// Trusts an issuer of access tokens that follow RFC 9068.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] if the issuer is not a valid issuer URL; [`Misuse::MissingArgument`] if
    /// it serves every tenant of Entra ID and the policy does not say which ones are accepted;
    /// [`Misuse::InvalidArgument`] if it is trusted already.
    pub fn with_issuer(self, server: ServerMetadata) -> Result<Self, Error> {
        self.add(server, None)
    }

    /// Trusts an issuer whose access tokens do not follow RFC 9068.
    ///
    /// # Errors
    ///
    /// The errors of [`with_issuer`](Self::with_issuer).
    pub fn with_danger_issuer(
        self,
        server: ServerMetadata,
        profile: DangerAccessTokenProfile,
    ) -> Result<Self, Error> {
        self.add(server, Some(profile))
    }

    /// Accepts the opaque tokens of one server, which is asked about each of them (RFC 7662). A JWT
    /// of an issuer that [`with_issuer`](Self::with_issuer) trusts is verified by its signature,
    /// and a JWT that names another issuer than this server is refused; every other token is sent
    /// to this server. There is one such server, because an opaque token does not say where it
    /// comes from, and the token of one server must not be shown to another.
    #[must_use]
    pub fn with_introspection(mut self, introspection: Introspection) -> Self {
        self.introspection = Some(introspection);
        self
    }

    fn add(
        mut self,
        server: ServerMetadata,
        profile: Option<DangerAccessTokenProfile>,
    ) -> Result<Self, Error> {
        if self.of(&server.issuer).is_some() {
            return Err(invalid("server", "an issuer that is new", server.issuer));
        }
        let client = ClientMetadata::new(&self.resource);
        let configuration = Configuration::with_authentication(
            server,
            client,
            ClientAuthentication::None,
            self.policy.clone(),
        )?;
        self.issuers.push(Arc::new(AccessTokenExpectations {
            configuration,
            resource: self.resource.clone(),
            algorithms: self.algorithms.clone(),
            profile,
        }));
        Ok(self)
    }

    /// Sets the greatest age of a DPoP proof in whole seconds, to which the tolerance of the policy
    /// is added; 60 seconds by default (RFC 9449 section 11.1).
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for more than ten minutes. A stolen proof can be used for so
    /// long where the store for replays is not shared.
    pub fn with_max_proof_age(mut self, age: Duration) -> Result<Self, Error> {
        if age > LONGEST_PROOF_AGE {
            let expected = "at most ten minutes";
            return Err(invalid("max_proof_age", expected, format!("{age:?}")));
        }
        self.max_proof_age = age.as_secs();
        Ok(self)
    }

    /// Requires a nonce of this server in every DPoP proof (RFC 9449 section 9).
    #[must_use]
    pub fn with_nonces(mut self, nonces: DPoPNonces) -> Self {
        self.nonces = Some(nonces);
        self
    }

    /// Replaces the store of used proofs, for example by one that all instances share.
    #[must_use]
    pub fn with_replay_store(mut self, replays: impl ReplayStore + 'static) -> Self {
        self.replays = Arc::new(replays);
        self
    }

    /// Accepts only access tokens that are bound to a DPoP key.
    #[must_use]
    pub const fn require_dpop(mut self) -> Self {
        self.requires_dpop = true;
        self
    }

    /// Names the URL of the protected resource metadata in every challenge (RFC 9728 section 5.1).
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if it is not an http or https URL without user and fragment, or
    /// has a character that a challenge cannot contain.
    pub fn with_resource_metadata(mut self, url: impl Into<String>) -> Result<Self, Error> {
        let url = url.into();
        let is_plain = |text: &str| {
            let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
            text.bytes().all(fits)
        };
        let parsed = Url::parse(&url).ok().filter(|_| is_plain(&url));
        let is_valid = parsed.is_some_and(|it| {
            matches!(it.scheme(), "https" | "http")
                && it.username().is_empty()
                && it.password().is_none()
                && it.fragment().is_none()
        });
        if !is_valid {
            let expected = "an http or https URL without user and fragment";
            return Err(invalid("resource_metadata", expected, printable_url(&url)));
        }
        self.resource_metadata = Some(url);
        Ok(self)
    }

    /// Whether a JWT with this `iss` is verified or introspected, and not refused for its issuer.
    pub fn trusts(&self, iss: &str) -> bool {
        let introspection = self.introspection.as_ref();
        self.trusted(iss).is_some() || introspection.is_some_and(|it| it.is_of(iss))
    }

    /// The rules for tokens of this trusted issuer.
    pub(super) fn trusted(&self, iss: &str) -> Option<&Arc<AccessTokenExpectations>> {
        // The tokens of a server for all tenants name one of them. The tenant is checked later.
        let of_a_tenant = |issuer: &&Arc<AccessTokenExpectations>| {
            let published = &issuer.configuration.server().issuer;
            IssuerTemplate::of(published).is_some_and(|template| template.tenant(iss).is_some())
        };
        self.of(iss)
            .or_else(|| self.issuers.iter().find(of_a_tenant))
    }

    /// Error for a JWT of an issuer that is not trusted.
    pub(super) fn does_not_trust(&self, iss: &str) -> Error {
        let expected = match (self.issuers.as_slice(), &self.introspection) {
            ([only], None) => only.configuration.server().issuer.clone(),
            _ => "a trusted issuer".to_owned(),
        };
        let reason = Reason::ClaimMismatch {
            claim: "iss",
            expected: Some(expected),
            found: Some(printable(iss)),
        };
        Artefact::AccessToken.rejected(reason).into()
    }

    fn of(&self, iss: &str) -> Option<&Arc<AccessTokenExpectations>> {
        self.issuers
            .iter()
            .find(|issuer| issuer.configuration.server().issuer == iss)
    }

    /// The URL of a request as its client sees it.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl fmt::Debug for ResourceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceServer")
            .field("resource", &self.resource)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

fn invalid(argument: &'static str, expected: &'static str, found: String) -> Error {
    Misuse::InvalidArgument {
        argument,
        expected,
        found,
    }
    .into()
}

const LONGEST_PROOF_AGE: Duration = Duration::from_secs(600);
