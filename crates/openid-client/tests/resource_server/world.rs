//! A network with two origins: the provider, and an API behind the layer.

use std::future::poll_fn;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body as AxumBody;
use axum::routing::{any, get};
use openid_client::http::{Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError};
use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::resource_server::{Refused, ResourceServerLayer, VerifiedToken};
use openid_client::{Client, ClientBuilder, ProtectedResource, ResourceServer, TokenSet};
use tower_service::Service;

use crate::support::in_process::{ISSUER, InProcess, log_in};

pub(crate) const API: &str = "https://api.example.com";

/// The network. The request that last reached the API is kept, to be sent again or changed.
pub(crate) struct World {
    pub(crate) provider: Arc<InProcess>,
    api: Mutex<Option<Router>>,
    last: Mutex<Option<Request<Bytes>>>,
}

impl World {
    /// A provider whose access tokens are JWTs for [`API`].
    pub(crate) fn new() -> Arc<Self> {
        let provider = InProcess::new();
        provider.provider.issue_jwt_access_tokens(API);
        Arc::new(Self {
            provider,
            api: Mutex::default(),
            last: Mutex::default(),
        })
    }

    /// The settings of the API's resource server.
    pub(crate) fn resource_server(self: &Arc<Self>) -> ClientBuilder<ProtectedResource> {
        ResourceServer::discover(ISSUER, API).http_client(Arc::clone(self))
    }

    /// Puts the API behind this layer.
    pub(crate) fn protect(&self, layer: ResourceServerLayer) {
        *self.api.lock().unwrap() = Some(routes().layer(layer));
    }

    /// Puts the API behind two layers.
    pub(crate) fn protect_twice(&self, outer: ResourceServerLayer, inner: ResourceServerLayer) {
        *self.api.lock().unwrap() = Some(routes().layer(inner).layer(outer));
    }

    /// The API behind the layer of a resource server with the usual settings.
    pub(crate) async fn protected() -> Arc<Self> {
        let world = Self::new();
        let server = world.resource_server().await.unwrap();
        world.protect(server.layer());
        world
    }

    /// A client with a DPoP key, and the tokens of a login.
    pub(crate) async fn dpop_client(self: &Arc<Self>) -> (Client, TokenSet) {
        let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
        let builder = Client::discover(ISSUER, "app").http_client(Arc::clone(self));
        let client = builder.dpop_key(key).await.unwrap();
        let tokens = log_in(&client, &self.provider).await.unwrap();
        (client, tokens)
    }

    /// The tokens of a login without a DPoP key.
    pub(crate) async fn bearer_tokens(self: &Arc<Self>) -> TokenSet {
        let builder = Client::discover(ISSUER, "app").http_client(Arc::clone(self));
        let client = builder.await.unwrap();
        log_in(&client, &self.provider).await.unwrap()
    }

    /// The request that last reached the API.
    pub(crate) fn last_request(&self) -> Request<Bytes> {
        self.last.lock().unwrap().clone().unwrap()
    }

    /// How many requests for keys were sent.
    pub(crate) fn key_set_requests(&self) -> usize {
        self.provider.key_set_requests.load(Ordering::SeqCst)
    }

    /// Sends a request to the API.
    pub(crate) async fn call(&self, request: Request<Bytes>) -> Answer {
        *self.last.lock().unwrap() = Some(request.clone());
        let mut api = self.api.lock().unwrap().clone().unwrap();
        poll_fn(|context| Service::<Request<AxumBody>>::poll_ready(&mut api, context))
            .await
            .unwrap();
        let response = api.call(request.map(AxumBody::from)).await.unwrap();
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.unwrap();
        Answer(Response::from_parts(head, body))
    }

    /// Calls `GET /items` with this token as Bearer.
    pub(crate) async fn bearer(&self, token: &str) -> Answer {
        self.call(bearer("/items", token)).await
    }
}

/// A response of the API.
#[derive(Debug)]
pub(crate) struct Answer(pub(crate) Response<Bytes>);

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.0.body()).unwrap()
    }

    /// Status and error code, as the client reads them.
    pub(crate) fn error(&self) -> (u16, Option<&str>) {
        let challenges = self.0.headers().get_all("www-authenticate").iter();
        let mut errors = challenges.filter_map(|it| {
            let (_, rest) = it.to_str().unwrap().split_once(" error=\"")?;
            rest.split('"').next()
        });
        (self.status(), errors.next())
    }
}

/// `GET` with this token as Bearer.
pub(crate) fn bearer(path: &str, token: &str) -> Request<Bytes> {
    Request::get(path)
        .header("authorization", format!("Bearer {token}"))
        .body(Bytes::new())
        .unwrap()
}

fn routes() -> Router {
    Router::new()
        .route("/items", any(items))
        .route("/admin", get(admin))
        .route("/fresh", get(fresh))
}

async fn items(token: VerifiedToken) -> String {
    format!("{} by {}", token.sub().unwrap(), token.client_id().unwrap())
}

async fn admin(token: VerifiedToken) -> Result<&'static str, Refused> {
    token.require_scope(&["admin"])?;
    Ok("hello")
}

async fn fresh(token: VerifiedToken) -> Result<&'static str, Refused> {
    token.require_authentication(&["mfa"], None)?;
    Ok("hello")
}

impl HttpClient for World {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            if request.uri().host() != Some("api.example.com") {
                return self.provider.send(request).await;
            }
            let (head, body) = request.into_parts();
            let request = Request::from_parts(head, body.collect(usize::MAX).await?);
            Ok(self.call(request).await.0.map(Body::from))
        })
    }
}
