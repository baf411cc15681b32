//! A provider without a network: a transport that passes each request to a pure function.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use openid_client::http::{Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError};
use openid_client::{Client, Error, PendingLogin, TokenSet, Url};
use test_provider::{ClientRegistration, Provider};
use tokio::sync::Semaphore;

pub const ISSUER: &str = "https://id.example.com";
pub const REDIRECT_URI: &str = "https://app.example.com/cb";

/// A transport to a provider.
pub struct InProcess {
    pub provider: Provider,
    /// The number of requests for the key set.
    pub key_set_requests: AtomicUsize,
    /// Requests for the key set wait at this gate. A closed semaphore lets them pass.
    pub gate: Semaphore,
}

impl InProcess {
    /// Creates a provider with the public client `app`. Requests pass the gate.
    pub fn new() -> Arc<Self> {
        let this = Self::gated();
        this.gate.close();
        this
    }

    /// Creates the same provider, but requests wait at the gate.
    pub fn gated() -> Arc<Self> {
        Self::gated_to(Provider::new(ISSUER))
    }

    /// Registers the public client `app` at this provider. Requests wait at the gate.
    pub fn gated_to(provider: Provider) -> Arc<Self> {
        provider.register(ClientRegistration::public("app").redirect_uri(REDIRECT_URI));
        Arc::new(Self {
            provider,
            key_set_requests: AtomicUsize::new(0),
            gate: Semaphore::new(0),
        })
    }

    /// Opens an authorization URL in the browser, and returns the callback URL.
    pub fn browse(&self, url: impl AsRef<str>) -> String {
        browse(&self.provider, url)
    }
}

impl HttpClient for InProcess {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let request = Request::from_parts(head, body.collect(usize::MAX).await?);
            if request.uri().path().contains("jwks") {
                self.key_set_requests.fetch_add(1, Ordering::SeqCst);
                drop(self.gate.acquire().await);
            }
            Ok(self.provider.handle(&request, now()).map(Body::from))
        })
    }
}

/// Creates the public client by discovery.
pub async fn discover(transport: &Arc<InProcess>) -> Client {
    Client::discover(ISSUER, "app")
        .http_client(Arc::clone(transport) as _)
        .await
        .unwrap()
}

/// Begins a login.
pub async fn begin(client: &Client) -> (Url, PendingLogin) {
    client
        .authorization_request()
        .redirect_uri(REDIRECT_URI)
        .scope("openid email")
        .begin()
        .await
        .unwrap()
}

/// Runs a whole login.
pub async fn log_in(client: &Client, transport: &InProcess) -> Result<TokenSet, Error> {
    let (url, pending) = begin(client).await;
    client
        .authorization_code_grant(pending, transport.browse(url))
        .await
}

/// Opens an authorization URL in the browser, and returns the callback URL.
pub fn browse(provider: &Provider, url: impl AsRef<str>) -> String {
    let request = Request::get(url.as_ref()).body(Bytes::new()).unwrap();
    let response = provider.handle(&request, now());
    let location = response.headers().get("location");
    location.unwrap().to_str().unwrap().to_owned()
}

/// Returns the seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_secs().try_into().unwrap()
}
