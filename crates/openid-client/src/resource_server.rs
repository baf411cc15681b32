//! Protects an API: decides whether the access token of a request permits it.
//!
//! [`ResourceServer::verify`] takes the head of a request and returns a [`VerifiedToken`], or a
//! [`Refused`] with the response that the client is owed. With the feature `tower`,
//! `ResourceServer::layer` does both around a service. With the feature `axum`, a handler takes the
//! [`VerifiedToken`] as an argument and returns a [`Refused`] as an error. The guide
//! `docs/guide/protecting-an-api.md` explains the settings.
//!
//! The decision is made by [`oauth_core::resource_server`].

#[cfg(feature = "axum")]
mod extract;
#[cfg(feature = "tower")]
mod layer;
mod lazy_issuer;
mod refused;
mod replays;
mod verified_token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oauth_core::error::Error as CoreError;
use oauth_core::metadata::ServerMetadata;
pub use oauth_core::resource_server::{
    AuthorizationScheme, DPoPNonces, DangerAccessTokenProfile, Introspection, Refusal,
    ResourceRequest, TokenBinding, ValidatedAccessToken,
};
use oauth_core::resource_server::{Authorized, ResourceServer as Core, VerifyRequest};
use oauth_core::time::UnixTime;

#[cfg(feature = "axum")]
pub use self::extract::NotVerified;
#[cfg(feature = "tower")]
pub use self::layer::{PeerCertificate, ResourceServerLayer, ResourceServerService};
pub(crate) use self::lazy_issuer::LazyIssuer;
pub use self::refused::Refused;
pub(crate) use self::replays::Replays;
pub use self::verified_token::VerifiedToken;
use crate::builder::{ClientBuilder, ProtectedResource, Settings};
use crate::error::Error;
use crate::host::{Host, Shared, drive};
use crate::store::StoreError;
use crate::trace::operation;

/// A resource server: the issuers that it trusts, and what it requires of requests.
///
/// Make one and keep it. It is cheap to clone, and all clones share connections, key sets and the
/// memory of used DPoP proofs. The keys of an issuer are fetched when its first token arrives.
/// Strangers cause at most one further request for keys in 60 seconds.
#[derive(Clone)]
pub struct ResourceServer(Arc<Deciding>);

/// What all clones share.
pub(crate) struct Deciding {
    /// Trusts the issuers whose metadata were known when it was built.
    pub(crate) core: Arc<Core>,
    pub(crate) lazy: Vec<LazyIssuer>,
    /// The first issuer, for tracing.
    pub(crate) issuer: String,
    pub(crate) replays: Replays,
    pub(crate) settings: Settings,
    pub(crate) shared: Arc<Shared>,
}

impl ResourceServer {
    /// Sets up a resource server that trusts the access tokens of `issuer`, whose metadata are
    /// fetched. `resource` is the identifier of the resource server, which the audience of access
    /// tokens must contain (RFC 8707 section 2); usually its URL. `.await` the builder.
    ///
    /// ```
    /// # use test_provider::server::example;
    /// # example(async |server| {
    /// # let (issuer, root) = (server.url(), server.ca_certificate_pem());
    /// # server.provider().issue_jwt_access_tokens("https://api.example.com");
    /// # use openid_client::{Client, http::Request};
    /// # let client = Client::discover(issuer, "my-service").root_certificate_pem(root);
    /// # let client = client.client_secret_post("a-secret-of-at-least-32-characters").await?;
    /// # let tokens = client.client_credentials_grant().scope("read").await?;
    /// # let bearer = format!("Bearer {}", tokens.access_token().expose());
    /// # let request = Request::get("/items").header("authorization", bearer).body(())?;
    /// use openid_client::ResourceServer;
    ///
    /// let api = ResourceServer::discover(issuer, "https://api.example.com")
    /// #   .root_certificate_pem(root)
    ///     .await?;
    ///
    /// // For each request; `refused.response()` is what a client without a good token gets.
    /// let token = api.verify(&request).await?;
    /// token.require_scope(&["read"])?;
    /// println!("hello {:?}", token.sub());
    /// # let refused = token.require_scope(&["write"]).unwrap_err();
    /// # assert_eq!(refused.response().status(), 403);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Client::discover`](crate::Client::discover); [`Misuse::MissingArgument`](crate::Misuse::MissingArgument) without
    /// an [`origin`](ClientBuilder::origin) where `resource` is not a URL;
    /// [`Misuse::InvalidArgument`](crate::Misuse::InvalidArgument) for a setting out of its range
    /// and for an issuer that is named twice; [`Error::Conflict`] with a
    /// [`profile`](ClientBuilder::profile).
    pub fn discover(
        issuer: impl Into<String>,
        resource: impl Into<String>,
    ) -> ClientBuilder<ProtectedResource> {
        ProtectedResource::discovered(issuer.into(), resource.into())
    }

    /// Sets up a resource server with the metadata of an issuer that the application has.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use openid_client::{ResourceServer, ServerMetadata};
    ///
    /// let mut issuer = ServerMetadata::new("https://id.example.com");
    /// issuer.jwks_uri = Some("https://id.example.com/jwks".to_owned());
    /// let api = ResourceServer::from_metadata(issuer, "https://api.example.com").await?;
    /// # Ok::<(), openid_client::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`discover`](Self::discover), without those of a request.
    pub fn from_metadata(
        issuer: ServerMetadata,
        resource: impl Into<String>,
    ) -> ClientBuilder<ProtectedResource> {
        ProtectedResource::known(issuer, resource.into())
    }

    pub(crate) fn new(deciding: Deciding) -> Self {
        Self(Arc::new(deciding))
    }

    /// Why the metadata of an issuer could not be fetched or renewed, where they are fetched
    /// [when they are needed](ClientBuilder::<ProtectedResource>::lazy); `None` if the last attempt
    /// for each issuer succeeded. For the health check of an application.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # use openid_client::ResourceServer;
    /// # let api = ResourceServer::discover(issuer, "https://api.example.com");
    /// # let api = api.root_certificate_pem(root).lazy().build()?;
    /// if let Some(error) = api.failure() {
    ///     eprintln!("the metadata of an issuer could not be fetched: {error:#}");
    /// }
    /// # assert!(api.failure().is_none());
    /// # });
    /// ```
    pub fn failure(&self) -> Option<Error> {
        self.0.lazy.iter().find_map(|issuer| issuer.cores.failure())
    }

    /// Decides whether a request may pass. `request` is a reference to an [`http::Request`], to its
    /// [`Parts`](http::request::Parts), or a [`ResourceRequest`], which can have the certificate of
    /// the client. The path of its URI must be the one that the client sent, except for what
    /// [`origin`](ClientBuilder::origin) adds.
    ///
    /// If the token is bound to a DPoP key, the proof counts as used afterwards. So call it once
    /// for each request. When the token's [`dpop_nonce`](VerifiedToken::dpop_nonce) is present, add
    /// it to the response.
    ///
    /// # Errors
    ///
    /// [`Refused`], with the response for the client, for a token or proof that is missing or not
    /// valid; with status 503 when the keys or the metadata of the issuer cannot be fetched, the
    /// introspection fails, or the memory of used proofs is full or fails. `Retry-After` then says
    /// when the next request for keys or metadata is due, and one second in the other cases.
    pub async fn verify(
        &self,
        request: impl Into<ResourceRequest>,
    ) -> Result<VerifiedToken, Refused> {
        let request = request.into();
        let scheme = request.scheme();
        match self.decide(request).await {
            Ok(authorized) => Ok(VerifiedToken::new(self.clone(), scheme, authorized)),
            Err(undecided) => {
                let Undecided {
                    error,
                    store,
                    retry_after,
                } = *undecided;
                let refused = self.refuse(scheme, error.into(), store);
                Err(refused.retried_after(retry_after))
            }
        }
    }

    async fn decide(&self, request: ResourceRequest) -> Result<Authorized, Box<Undecided>> {
        let deciding = &*self.0;
        let (settings, shared) = (&deciding.settings, &deciding.shared);
        let host = Host::new(shared, settings.keyring(), settings.policy());
        let mut retry_after = None;
        let verify = async {
            let core = deciding.core_for(&request, &mut retry_after).await?;
            let verified = drive(&host, VerifyRequest::new(Arc::clone(&core), request)).await;
            if verified.is_err() {
                retry_after = core.retry_after(&shared.cache, shared.started.elapsed());
            }
            verified
        };
        let verified = operation("verify", &deciding.issuer, verify).await;
        let undecided = |error, store| {
            Box::new(Undecided {
                error,
                store,
                retry_after,
            })
        };
        let verified = verified.map_err(|error| undecided(error, None))?;
        let (stored, failure) = match verified.used_proof() {
            None => (Ok(()), None),
            Some(proof) => deciding.replays.insert(proof).await,
        };
        let finished = verified.finish(stored);
        finished.map_err(|error| undecided(error, failure))
    }

    fn now(&self) -> UnixTime {
        self.0.shared.clock.now()
    }

    /// The refusal of a request with this scheme.
    fn refuse(
        &self,
        scheme: Option<AuthorizationScheme>,
        refusal: Refusal,
        store: Option<StoreError>,
    ) -> Refused {
        let response = self.0.core.answer(scheme, &refusal, self.now());
        Refused::new(refusal, store, response)
    }
}

/// A request that may not pass, or about which nothing can be said now.
struct Undecided {
    error: CoreError,
    store: Option<StoreError>,
    /// How long it takes until the request that failed is sent again, if that is known.
    retry_after: Option<Duration>,
}

impl fmt::Debug for ResourceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.core.fmt(f)
    }
}
