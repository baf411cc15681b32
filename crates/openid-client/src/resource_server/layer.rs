//! A layer of tower around a service that only requests with a good token may reach.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::{Refused, ResourceRequest, ResourceServer, VerifiedToken};
use crate::http::BoxFuture;

/// The certificate in DER that the client proved possession of in the TLS handshake. The code that
/// accepts connections inserts it into the extensions of each request, for access tokens that are
/// bound to a certificate (RFC 8705 section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate(pub Arc<[u8]>);

/// A layer that lets requests with a good access token pass; see [`ResourceServer::layer`].
#[derive(Debug, Clone)]
pub struct ResourceServerLayer {
    server: ResourceServer,
    scope: Arc<[String]>,
}

impl ResourceServer {
    /// A [`Layer`] for services of tower, hyper and axum. A request with a good token reaches the
    /// service with the [`VerifiedToken`] in its extensions; every other request gets the response
    /// of its [`Refused`]. A response gets the `DPoP-Nonce` that is due.
    ///
    /// The layer must see the path that the client sent. A router that removes a part of the path,
    /// such as `Router::nest` of axum, belongs inside of the layer, or the part belongs to the
    /// [`origin`](crate::ClientBuilder::origin).
    ///
    /// Layers of one resource server may be nested, for example to require a further scope on some
    /// routes: the token and the proof are verified by the outermost one.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # use openid_client::ResourceServer;
    /// # let api = ResourceServer::discover(issuer, "https://api.example.com");
    /// # let api = api.root_certificate_pem(root).await?;
    /// use axum::http::{Request, Response};
    /// use axum::{Extension, Router, routing};
    /// use openid_client::resource_server::VerifiedToken;
    ///
    /// let items = async |Extension(token): Extension<VerifiedToken>| format!("{:?}", token.sub());
    /// let app: Router = Router::new().route("/items", routing::get(items));
    /// let app = app.layer(api.layer().require_scope(["read"]));
    /// # let mut app = app;
    /// # let request = Request::get("/items").body(axum::body::Body::empty())?;
    /// # let response: Response<_> = tower_service::Service::call(&mut app, request).await?;
    /// # assert_eq!(response.status(), 401);
    /// # });
    /// ```
    pub fn layer(&self) -> ResourceServerLayer {
        ResourceServerLayer {
            server: self.clone(),
            scope: Arc::default(),
        }
    }
}

impl ResourceServerLayer {
    /// Requires every one of these scope values, in addition to those that were set before.
    #[must_use]
    pub fn require_scope(mut self, scope: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let before = self.scope.iter().cloned();
        self.scope = before.chain(scope.into_iter().map(Into::into)).collect();
        self
    }
}

impl<S> Layer<S> for ResourceServerLayer {
    type Service = ResourceServerService<S>;

    fn layer(&self, inner: S) -> ResourceServerService<S> {
        ResourceServerService {
            layer: self.clone(),
            inner,
        }
    }
}

/// A service that only requests with a good token reach; see [`ResourceServer::layer`].
#[derive(Debug, Clone)]
pub struct ResourceServerService<S> {
    layer: ResourceServerLayer,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for ResourceServerService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<R>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let layer = self.layer.clone();
        // The service that is ready takes the request, and its clone takes its place.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let (mut head, body) = request.into_parts();
            let mut decided = ResourceRequest::from(&head);
            if let Some(PeerCertificate(der)) = head.extensions.get() {
                decided = decided.with_certificate(&**der);
            }
            let before = head.extensions.get::<VerifiedToken>();
            match layer.decide(decided, before).await {
                Ok(token) => {
                    head.extensions.insert(token.clone());
                    let mut response = inner.call(Request::from_parts(head, body)).await?;
                    token.add_dpop_nonce(response.headers_mut());
                    Ok(response)
                }
                // The body is empty.
                Err(refused) => Ok(refused.response().map(|_| R::default())),
            }
        })
    }
}

impl ResourceServerLayer {
    /// Decides about a request. `before` is the token in its extensions: that of a layer outside of
    /// this one, which has used the proof up.
    async fn decide(
        &self,
        request: ResourceRequest,
        before: Option<&VerifiedToken>,
    ) -> Result<VerifiedToken, Refused> {
        let token = match before.filter(|token| token.is_verified_by(&self.server)) {
            Some(token) => token.clone(),
            None => self.server.verify(request).await?,
        };
        let scope: Vec<_> = self.scope.iter().map(String::as_str).collect();
        token.require_scope(&scope)?;
        Ok(token)
    }
}
