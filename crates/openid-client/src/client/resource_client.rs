//! A client of one protected resource, at the authorization server that the resource names.

mod access;
mod request;
mod stored;

use std::fmt;
use std::sync::Arc;

use oauth_core::authorization::{Callback, PendingLogin};
use oauth_core::error::Misuse;
use oauth_core::metadata::{ProtectedResourceMetadata, ResourceIdentifier, Scope};

pub use self::access::ResourceAccess;
pub use self::request::{FurtherScope, ResourceAccessRequest};
pub use self::stored::StoredResourceAccess;
use crate::builder::{ChooseScope, ClientBuilder, ResourceUrl};
use crate::client::{AuthorizationRequest, Client};
use crate::error::Error;

impl Client {
    /// Sets up a client for a protected resource, at an authorization server that the resource
    /// names (RFC 9728; Model Context Protocol 2026-07-28, authorization). `.await` the builder to
    /// send the requests: for the metadata of the resource, for those of the server, and for a
    /// registration if one is needed.
    ///
    /// `url` is the URL that the application requests, or the identifier of the resource. Strangers
    /// choose the servers, so only [public addresses](crate::http::PublicAddresses) are allowed
    /// unless a [`destination_policy`](ClientBuilder::destination_policy) or an
    /// [`http_client`](ClientBuilder::http_client) is set. Redirects are not followed. Secrets
    /// cannot be set for all servers: [`registered_at`](ClientBuilder::registered_at) names the
    /// issuer of each.
    ///
    /// The guide `docs/guide/mcp.md` shows the whole way from a `401` to a token.
    ///
    /// ```
    /// # test_provider::example!(at resource |url, document, trust, server, resource| {
    /// let client = Client::for_protected_resource(&url)
    ///     .client_id_metadata_document(document.clone())
    ///     .redirect_uri("http://127.0.0.1:8321/cb");
    /// # let client = trust(client);
    /// let client = client.await?;
    /// let (url, pending) = client.authorization_request().await?;
    /// # assert!(client.scope().contains("read") && server.log_in(url).contains(pending.state()));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The awaited builder fails with [`CoreError::Rejected`](crate::CoreError::Rejected) for the
    /// challenge, for the metadata of the resource or for those of the server;
    /// [`CoreError::Metadata`](crate::CoreError::Metadata) for a URL that is not https, or without
    /// `authorization_endpoint` or `token_endpoint`;
    /// [`CoreError::Unsupported`](crate::CoreError::Unsupported) for a server that does not
    /// advertise PKCE, or `iss` in its responses (RFC 9207), and for one at which the application
    /// cannot be a client;
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered), also for an address that is not
    /// allowed; [`CoreError::Misuse`](crate::CoreError::Misuse) for credentials without an issuer,
    /// for an issuer that is not in the list, and without a DPoP key where the resource requires
    /// one; and as [`register`](Self::register) if it registers a client.
    pub fn for_protected_resource(url: impl Into<String>) -> ClientBuilder<ResourceUrl> {
        ClientBuilder::new(ResourceUrl::new(url.into()), String::new())
    }
}

/// A client of one protected resource; see [`Client::for_protected_resource`].
///
/// It is cheap to clone.
#[derive(Clone)]
pub struct ResourceClient {
    client: Client,
    resource: ResourceIdentifier,
    metadata: Arc<ProtectedResourceMetadata>,
    scope: Scope,
    further_scope: Option<Arc<ChooseScope>>,
}

impl ResourceClient {
    pub(crate) fn new(
        client: Client,
        resource: ResourceIdentifier,
        metadata: ProtectedResourceMetadata,
        scope: Scope,
        further_scope: Option<Arc<ChooseScope>>,
    ) -> Self {
        Self {
            client,
            resource,
            metadata: Arc::new(metadata),
            scope,
            further_scope,
        }
    }

    /// The client at the authorization server. Its
    /// [`client_information`](Client::client_information) is the registration to keep, if one was
    /// made.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The resource that tokens are for.
    pub const fn resource(&self) -> &ResourceIdentifier {
        &self.resource
    }

    /// The metadata of the resource. They come from the resource alone.
    pub fn resource_metadata(&self) -> &ProtectedResourceMetadata {
        &self.metadata
    }

    /// The scope that a login asks for: that of the challenge, or else all that the resource lists.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The same client, whose logins ask for this scope.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Begins a login for the resource; see [`Client::authorization_request`]. The URL of the
    /// awaited request is https, unless the policy permits http. Scope and `resource` are set.
    pub fn authorization_request(&self) -> AuthorizationRequest {
        self.request_for(&self.scope)
    }

    fn request_for(&self, scope: &Scope) -> AuthorizationRequest {
        let request = self.client.authorization_request();
        request
            .scope(scope.to_string())
            .resource(self.resource.as_str())
    }

    /// Finishes a login for the resource; see [`Client::authorization_code_grant`].
    ///
    /// ```
    /// # test_provider::example!(at resource |url, document, trust, server, resource| {
    /// # let client = Client::for_protected_resource(&url).client_id_metadata_document(document.clone());
    /// # let client = trust(client).await?;
    /// # let (login, pending) = client.authorization_request().await?;
    /// # let callback = server.log_in(login);
    /// use openid_client::http::Method;
    ///
    /// let access = client.authorization_code_grant(pending, callback).await?;
    /// let response = access.fetch(Method::GET, &url).await?;
    /// # assert_eq!(response.status(), 200);
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::AnotherConfiguration`] for a login that did not ask for this resource, before
    /// anything is sent; otherwise those of [`Client::authorization_code_grant`].
    pub async fn authorization_code_grant<C>(
        &self,
        pending: PendingLogin,
        callback: C,
    ) -> Result<ResourceAccess, Error>
    where
        C: TryInto<Callback, Error: Into<Error>>,
    {
        let requested = pending.resource_scope().and_then(Scope::parse);
        let tokens = self.redeem(pending, callback).await?;
        let requested = requested.unwrap_or_else(|| self.scope.clone());
        ResourceAccess::new(self.clone(), tokens, requested)
    }

    async fn redeem<C>(
        &self,
        pending: PendingLogin,
        callback: C,
    ) -> Result<oauth_core::flow::TokenSet, Error>
    where
        C: TryInto<Callback, Error: Into<Error>>,
    {
        let policy = self.client.configuration().policy();
        let is_own = |resource: &str| {
            ResourceIdentifier::new(resource, policy).is_ok_and(|it| it == self.resource)
        };
        // The code of a login for another resource may buy a token for that one.
        if !pending.resources().any(is_own) {
            let member = "resource";
            return Err(oauth_core::Error::from(Misuse::AnotherConfiguration { member }).into());
        }
        let grant = self.client.authorization_code_grant(pending, callback);
        grant.parameter("resource", self.resource.as_str()).await
    }
}

impl fmt::Debug for ResourceClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceClient")
            .field("client", &self.client)
            .field("resource", &self.resource.as_str())
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
