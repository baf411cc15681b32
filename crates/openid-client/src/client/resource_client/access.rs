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
    /// How many logins there were.
    pub(super) logins: u64,
}

impl ResourceAccess {
    pub(super) fn new(
        client: ResourceClient,
        tokens: TokenSet,
        requested: Scope,
    ) -> Result<Self, Error> {
        let held = Held {
            source: client.source(tokens)?,
            requested,
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
            held.source.stored()?,
        ))
    }

    /// The client that the tokens were issued to.
    pub const fn client(&self) -> &ResourceClient {
        &self.client
    }

    pub(super) fn held(&self) -> Held {
        lock(&self.held).clone()
    }

    /// Replaces the tokens with those of another login.
    pub(super) fn replace(&self, tokens: TokenSet, requested: Scope) -> Result<(), Error> {
        let source = self.client.source(tokens)?;
        let mut held = lock(&self.held);
        held.source = source;
        held.requested = requested;
        held.logins = held.logins.saturating_add(1);
        Ok(())
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
