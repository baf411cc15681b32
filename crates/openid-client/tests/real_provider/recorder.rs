//! A transport that records the requests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use openid_client::http::{
    Body, BoxFuture, Bytes, HttpClient, HyperClient, Request, Response, TransportError,
};
use openid_client::{Client, ClientBuilder, IssuerOnly, NewClient, Parameters};
use serde_json::Value;

use crate::provider;
use crate::provider::REDIRECT_URI;

pub(crate) struct Recorder {
    transport: HyperClient,
    requests: Mutex<Vec<Request<Bytes>>>,
}

impl Recorder {
    /// Returns a builder for a client whose requests are recorded.
    pub(crate) fn client(client_id: &str) -> (ClientBuilder<IssuerOnly>, Arc<Self>) {
        let recorder = Self::new();
        let client = Client::discover(provider::issuer(), client_id).redirect_uri(REDIRECT_URI);
        (client.http_client(recorder.clone()), recorder)
    }

    /// Returns a builder for a client that registers itself (see [`provider::new_client`]).
    pub(crate) fn new_client(metadata: Value) -> (ClientBuilder<NewClient>, Arc<Self>) {
        Self::new_client_at(provider::issuer(), metadata)
    }

    /// Returns a builder for a client that registers itself at this issuer.
    pub(crate) fn new_client_at(
        issuer: String,
        metadata: Value,
    ) -> (ClientBuilder<NewClient>, Arc<Self>) {
        let recorder = Self::new();
        let client = Client::register(issuer, provider::completed(metadata))
            .initial_access_token(provider::INITIAL_ACCESS_TOKEN);
        (client.http_client(recorder.clone()), recorder)
    }

    fn new() -> Arc<Self> {
        Arc::new(Self {
            transport: provider::transport(),
            requests: Mutex::default(),
        })
    }

    /// Returns the paths of the requests, in order.
    pub(crate) fn paths(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let paths = requests.iter().map(|it| it.uri().path().to_owned());
        paths.collect()
    }

    /// Returns the number of requests to a path.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.paths().iter().filter(|asked| *asked == path).count()
    }

    /// Waits until a request to a path is sent.
    pub(crate) async fn wait_for(&self, path: &str) {
        while self.count(path) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Whether the last request to a path had a DPoP proof.
    pub(crate) fn sent_proof(&self, path: &str) -> bool {
        self.last_header(path, "dpop").is_some()
    }

    /// Returns the DPoP proof of the last request to a path.
    pub(crate) fn proof(&self, path: &str) -> String {
        self.last_header(path, "dpop").unwrap()
    }

    fn last_header(&self, path: &str, name: &str) -> Option<String> {
        let requests = self.requests.lock().unwrap();
        let mut requests = requests.iter().rev().filter(|it| it.uri().path() == path);
        let header = requests.next().unwrap().headers().get(name)?;
        Some(header.to_str().unwrap().to_owned())
    }

    /// Returns the `Accept` header of the last request to a path.
    pub(crate) fn accepted(&self, path: &str) -> String {
        self.last_header(path, "accept").unwrap()
    }

    /// Returns the `Authorization` header and the form of the only request to the token endpoint.
    pub(crate) fn token_request(&self) -> (Option<String>, Parameters) {
        self.one_request("/token")
    }

    /// Returns the `Authorization` header and the form of the only request to a path.
    pub(crate) fn one_request(&self, path: &str) -> (Option<String>, Parameters) {
        let requests = self.requests.lock().unwrap();
        let mut requests = requests.iter().filter(|it| it.uri().path() == path);
        let request = requests.next().unwrap();
        assert!(requests.next().is_none());
        let authorization = request.headers().get("authorization");
        let authorization = authorization.map(|it| it.to_str().unwrap().to_owned());
        let body = str::from_utf8(request.body()).unwrap();
        (authorization, Parameters::decode(body))
    }
}

impl HttpClient for Recorder {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let request = Request::from_parts(head, body.collect(usize::MAX).await?);
            self.requests.lock().unwrap().push(request.clone());
            self.transport.send(request.map(Body::from)).await
        })
    }
}
