//! A provider and a store where every wait is a point at which a caller may give up.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openid_client::http::{
    Body, BoxFuture, Bytes, HttpClient, Method, Request, Response, TransportError,
};
use openid_client::store::{Entry, Lease, Revision, StoreFuture, TokenStore};
use openid_client::{Client, Secret, TokenSet, UnixTime, Url};
use test_provider::{ClientAuthentication, ClientRegistration, Provider};
use tokio::task::yield_now;

use crate::support::in_process::{ISSUER, REDIRECT_URI};

const SECRET: &str = "a secret of more than 32 characters";

/// Waits until every task has done what it can. The clock of the tests stands still until then.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}

/// A provider, and the requests that it received.
pub(crate) struct World {
    pub(crate) provider: Provider,
    now: AtomicI64,
    sent: Mutex<Vec<String>>,
    /// Codes, refresh tokens and device codes that bought tokens.
    spent: Mutex<BTreeSet<String>>,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        let provider = Provider::new(ISSUER).poll_interval(Duration::from_millis(100));
        let method = ClientAuthentication::ClientSecretBasic(SECRET.to_owned());
        let app = ClientRegistration::new("app", method).redirect_uri(REDIRECT_URI);
        provider.register(app.backchannel_logout_uri("https://app.example.com/logout"));
        provider.approve_after(2);
        Arc::new(Self {
            provider,
            now: AtomicI64::new(1_700_000_000),
            sent: Mutex::default(),
            spent: Mutex::default(),
        })
    }

    pub(crate) fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The requests since the last call, as method and path.
    pub(crate) fn sent(&self) -> Vec<String> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }

    /// A client without keys.
    pub(crate) async fn client(self: &Arc<Self>) -> Client {
        self.client_with(None).await
    }

    /// The same, which remembers logout tokens in a store.
    pub(crate) async fn client_with(
        self: &Arc<Self>,
        store: Option<Arc<dyn TokenStore>>,
    ) -> Client {
        let world = Arc::clone(self);
        let mut builder = Client::discover(ISSUER, "app")
            .client_secret_basic(SECRET)
            .redirect_uri(REDIRECT_URI)
            .http_client(Arc::clone(self))
            .clock(move || UnixTime::from_seconds(world.now()));
        if let Some(store) = store {
            builder = builder.logout_token_store(store);
        }
        builder.await.unwrap()
    }

    /// The tokens of a login through another client.
    pub(crate) async fn log_in(self: &Arc<Self>) -> TokenSet {
        self.log_in_with(&self.client().await).await
    }

    pub(crate) async fn log_in_with(&self, client: &Client) -> TokenSet {
        let (url, pending) = client.authorization_request().await.unwrap();
        let callback = self.browse(&url);
        let grant = client.authorization_code_grant(pending, callback);
        grant.await.unwrap()
    }

    /// Where the browser is sent back to.
    pub(crate) fn browse(&self, url: &Url) -> String {
        let request = Request::get(url.as_str()).body(Bytes::new()).unwrap();
        let response = self.provider.handle(&request, self.now());
        let location = response.headers()["location"].to_str();
        location.unwrap().to_owned()
    }

    /// A code, and anything else that may be used once, buys tokens once.
    fn check(&self, request: &Request<Bytes>, response: &Response<Bytes>) {
        if request.uri().path() != "/token" || response.status() != 200 {
            return;
        }
        for (name, value) in form(request.body()) {
            if ["code", "refresh_token", "device_code", "auth_req_id"].contains(&&*name) {
                let is_first = self.spent.lock().unwrap().insert(value);
                assert!(is_first, "{name} twice");
            }
        }
    }
}

fn form(body: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(body).unwrap();
    let url = Url::parse(&format!("https://form.example/?{text}")).unwrap();
    url.query_pairs().into_owned().collect()
}

impl HttpClient for World {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            yield_now().await;
            let (head, body) = request.into_parts();
            let request = Request::from_parts(head, body.collect(usize::MAX).await?);
            let line = format!("{} {}", request.method(), request.uri().path());
            self.sent.lock().unwrap().push(line);
            let response = self.provider.handle(&request, self.now());
            self.check(&request, &response);
            yield_now().await;
            Ok(response.map(Body::from))
        })
    }
}

/// A store that is far away: each operation waits before it and after it.
pub(crate) struct Remote<S>(pub(crate) S);

impl<S: TokenStore> Remote<S> {
    async fn wait<T>(answer: impl Future<Output = T>) -> T {
        yield_now().await;
        let answer = answer.await;
        yield_now().await;
        answer
    }
}

impl<S: TokenStore> TokenStore for Remote<S> {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(Self::wait(self.0.load(name)))
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        value: Secret,
        after: Option<Revision>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Option<Revision>> {
        Box::pin(Self::wait(self.0.save(name, value, after, lifetime)))
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        Box::pin(Self::wait(self.0.take(name)))
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        Box::pin(Self::wait(self.0.lease(name, lifetime)))
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        Box::pin(Self::wait(self.0.release(name, lease)))
    }
}

/// The protected resource of the provider.
pub(crate) const RESOURCE: (Method, &str) = (Method::GET, "https://id.example.com/resource");
