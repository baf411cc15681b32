//! A provider without a network: a transport that hands each request to a pure function.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use openid_client::http::{Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError};
use openid_client::{Client, Error, PendingLogin, TokenSet, Url};
use test_provider::{ClientRegistration, Provider};
use tokio::sync::Semaphore;

pub const ISSUER: &str = "https://id.example.com";
pub const REDIRECT_URI: &str = "https://app.example.com/cb";

/// A transport to one provider.
pub struct InProcess {
    pub provider: Provider,
    /// Requests for the key set that have been sent.
    pub key_set_requests: AtomicUsize,
    /// Requests for the key set wait here; closed, they pass.
    pub gate: Semaphore,
    token_request: Mutex<String>,
}

impl InProcess {
    /// A provider with the public client `app`, and an open gate.
    pub fn new() -> Arc<Self> {
        let this = Self::gated();
        this.gate.close();
        this
    }

    /// The same with the gate shut.
    pub fn gated() -> Arc<Self> {
        Self::gated_to(Provider::new(ISSUER))
    }

    /// This provider with the public client `app`, and the gate shut.
    pub fn gated_to(provider: Provider) -> Arc<Self> {
        provider.register(ClientRegistration::public("app").redirect_uri(REDIRECT_URI));
        Arc::new(Self {
            provider,
            key_set_requests: AtomicUsize::new(0),
            gate: Semaphore::new(0),
            token_request: Mutex::default(),
        })
    }

    /// The body of the last token request.
    pub fn token_request(&self) -> String {
        self.token_request.lock().unwrap().clone()
    }

    /// What a browser does with an authorization URL: where it is sent back to.
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
            if request.uri().path().ends_with("/token") {
                *self.token_request.lock().unwrap() =
                    String::from_utf8_lossy(request.body()).into_owned();
            }
            Ok(self.provider.handle(&request, now()).map(Body::from))
        })
    }
}

/// The public client, by discovery.
pub async fn discover(transport: &Arc<InProcess>) -> Client {
    Client::discover(ISSUER, "app")
        .http_client(Arc::clone(transport))
        .await
        .unwrap()
}

/// Begins a login.
pub async fn begin(client: &Client) -> (Url, PendingLogin) {
    client
        .authorization_request()
        .redirect_uri(REDIRECT_URI)
        .scope("openid email")
        .await
        .unwrap()
}

/// A whole login.
pub async fn log_in(client: &Client, transport: &InProcess) -> Result<TokenSet, Error> {
    let (url, pending) = begin(client).await;
    client
        .authorization_code_grant(pending, transport.browse(url))
        .await
}

/// What a browser does with an authorization URL: where it is sent back to.
pub fn browse(provider: &Provider, url: impl AsRef<str>) -> String {
    let request = Request::get(url.as_ref()).body(Bytes::new()).unwrap();
    let response = provider.handle(&request, now());
    let location = response.headers().get("location");
    location.unwrap().to_str().unwrap().to_owned()
}

/// Seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_secs().try_into().unwrap()
}
