//! The tokens for one protected resource, and the requests to it.

use std::fmt;
use std::sync::{Arc, Mutex};

use http::Method;
use oauth_core::flow::TokenSet;
use oauth_core::metadata::Scope;

use super::ResourceClient;
use super::request::ResourceAccessRequest;
use super::stored::StoredResourceAccess;
use crate::client::{SourceGrant, TokenSource};
use crate::error::Error;
use crate::lock::lock;

/// The tokens of a login for one protected resource. They go to URLs of the resource alone, are
/// refreshed before they expire, and are replaced after a step-up.
///
/// It is cheap to clone, and all clones have the same tokens.
#[derive(Clone)]
pub struct ResourceAccess {
    pub(super) client: ResourceClient,
    /// Locked while a value is read or replaced, and never during an `.await`.
    held: Arc<Mutex<Held>>,
}

/// The tokens of the last login.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) source: TokenSource,
    /// What was asked for, in all logins together.
    pub(super) requested: Scope,
    /// What was granted; `None` if it is not known. A refresh changes it only if its response names
    /// a scope (RFC 6749 section 6).
    pub(super) granted: Option<Scope>,
    /// How many logins there were.
    pub(super) logins: u64,
}

impl ResourceAccess {
    pub(super) fn new(
        client: ResourceClient,
        tokens: TokenSet,
        requested: Scope,
    ) -> Result<Self, Error> {
        let granted = granted(&tokens, Some(&requested));
        Self::continued(client, tokens, requested, granted)
    }

    /// The tokens of an earlier login, which was granted this scope.
    pub(super) fn continued(
        client: ResourceClient,
        tokens: TokenSet,
        requested: Scope,
        granted: Option<Scope>,
    ) -> Result<Self, Error> {
        let held = Held {
            source: client.source(tokens)?,
            requested,
            granted,
            logins: 1,
        };
        Ok(Self {
            client,
            held: Arc::new(Mutex::new(held)),
        })
    }

    /// Sends a request to a URL of the resource with an access token for it; see
    /// [`Client::fetch_protected_resource`](crate::Client::fetch_protected_resource). `.await` the
    /// request, after setting its headers and body.
    ///
    /// # Errors
    ///
    /// The awaited request fails with [`Misuse::AnotherResource`](crate::Misuse::AnotherResource)
    /// before anything is sent for a URL that does not belong to the resource; otherwise as
    /// [`Client::fetch_protected_resource`](crate::Client::fetch_protected_resource).
    pub fn fetch(&self, method: Method, url: impl AsRef<str>) -> ResourceAccessRequest {
        ResourceAccessRequest::new(self.clone(), method, url.as_ref())
    }

    /// The scope that was asked for, in all logins together.
    pub fn requested_scope(&self) -> Scope {
        lock(&self.held).requested.clone()
    }

    /// The tokens and what they are for, to be stored; `None` once a new login is needed.
    pub fn stored(&self) -> Option<StoredResourceAccess> {
        let held = self.held();
        Some(StoredResourceAccess::new(
            self.client.resource(),
            &held.requested,
            held.granted.as_ref(),
            held.source.stored()?,
        ))
    }

    /// The client that the tokens were issued to.
    pub const fn client(&self) -> &ResourceClient {
        &self.client
    }

    /// The tokens at this moment, and what is known about them.
    pub(super) fn held(&self) -> Held {
        let mut held = lock(&self.held);
        if let Some(tokens) = held.source.tokens() {
            held.granted = granted(&tokens, held.granted.as_ref());
        }
        held.clone()
    }

    /// Replaces the tokens with those of another login.
    pub(super) fn replace(&self, tokens: TokenSet, requested: Scope) -> Result<(), Error> {
        let granted = granted(&tokens, Some(&requested));
        let source = self.client.source(tokens)?;
        let mut held = lock(&self.held);
        held.source = source;
        held.granted = granted;
        held.requested = requested;
        held.logins = held.logins.saturating_add(1);
        Ok(())
    }
}

/// The scope of these tokens: the one that their response names, or else that of before. `None` if
/// it cannot be read.
pub(super) fn granted(tokens: &TokenSet, before: Option<&Scope>) -> Option<Scope> {
    match tokens.scope() {
        Some(named) => Scope::parse(named),
        None => before.cloned(),
    }
}

impl ResourceClient {
    fn source(&self, tokens: TokenSet) -> Result<TokenSource, Error> {
        let grant = SourceGrant::refresh_for(tokens, self.resource.as_str());
        self.client.token_source(grant).build()
    }
}

impl fmt::Debug for ResourceAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceAccess")
            .field("client", &self.client)
            .field("requested_scope", &self.requested_scope())
            .finish_non_exhaustive()
    }
}
