//! The metadata of a provider change while an application runs.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use openid_client_axum::openid_client::http::{
    Body, BoxFuture, Bytes, HttpClient, HyperClient, Request, Response, RootCertificates,
    TransportError,
};
use openid_client_axum::openid_client::{Client, UnixTime};
use openid_client_axum::{AccessToken, LoginError, LoginLayer};
use test_provider::Endpoint;

use self::support::{Browser, CALLBACK, ORIGIN, World, app_with, key, log_in, pass};

/// A transport that changes the metadata.
struct Told {
    inner: HyperClient,
    /// Texts, and what replaces them.
    replaced: Mutex<Vec<(String, String)>>,
    documents: AtomicUsize,
}

impl Told {
    async fn wait_for(&self, documents: usize) {
        for _ in 0..200 {
            if self.documents.load(Ordering::SeqCst) >= documents {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(self.documents.load(Ordering::SeqCst), documents);
        // The client reads the last one.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl HttpClient for Told {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let is_document = request.uri().path().contains("/.well-known/");
            let (head, body) = self.inner.send(request).await?.into_parts();
            if !is_document {
                return Ok(Response::from_parts(head, body));
            }
            let body = body.collect(usize::MAX).await?;
            let mut document = String::from_utf8(body.to_vec()).unwrap();
            for (text, by) in &*self.replaced.lock().unwrap() {
                assert!(document.contains(text), "{text} in {document}");
                document = document.replace(text, by);
            }
            self.documents.fetch_add(1, Ordering::SeqCst);
            let mut response = Response::new(Body::from(Bytes::from(document)));
            let content_type = head.headers["content-type"].clone();
            response.headers_mut().insert("content-type", content_type);
            Ok(response)
        })
    }
}

#[tokio::test]
async fn renewed_metadata_are_used_and_the_sessions_of_the_old_ones_go_on() {
    let world = World::new().await;
    let mut roots = RootCertificates::default();
    let root = world.provider.ca_certificate_pem();
    roots.add_pem(root.as_bytes()).unwrap();
    let told = Arc::new(Told {
        inner: HyperClient::new(roots).unwrap(),
        replaced: Mutex::default(),
        documents: AtomicUsize::new(0),
    });
    let clock = Arc::clone(&world.clock);
    let lazy = Client::discover(world.provider.url(), "my-app")
        .http_client(Arc::clone(&told))
        .clock(move || UnixTime::from_seconds(clock.load(Ordering::SeqCst)))
        .redirect_uri(format!("{ORIGIN}{CALLBACK}"))
        .lazy()
        .metadata_max_age(Duration::from_secs(60))
        .build()
        .unwrap();
    let layer = LoginLayer::builder(key()).client("example", lazy);
    let layer = world.noted(layer).keep_tokens().build().unwrap();
    let token = get(async |token: AccessToken| token.access_token().expose().clone());
    let mut browser = Browser::new(app_with(layer, Router::new().route("/token", token)));
    log_in(&world, &mut browser).await;
    let first = browser.get("/token").await.body;
    let pending = world.log_in(&browser.get("/auth/login").await);
    assert_eq!(told.documents.load(Ordering::SeqCst), 1);
    // Old and the same: nothing changes.
    pass(60).await;
    assert_eq!(browser.get("/token").await.body, first);
    told.wait_for(2).await;
    assert_eq!(browser.get("/token").await.body, first);
    let url = world.provider.url();
    let moved = |path: &str| (format!("\"{url}/{path}\""), format!("\"{url}/new/{path}\""));
    *told.replaced.lock().unwrap() = vec![moved("authorize"), moved("token")];
    pass(60).await;
    let login = browser.get("/auth/login").await;
    assert!(login.location().starts_with(&format!("{url}/authorize?")));
    told.wait_for(3).await;
    let login = browser.get("/auth/login").await;
    assert!(
        login
            .location()
            .starts_with(&format!("{url}/new/authorize?"))
    );
    // The session, and its token until it has to be refreshed, which happens at the new place.
    assert_eq!(browser.get("/me").await.body, "hello alice");
    assert_eq!(browser.get("/token").await.body, first);
    world.advance(3600);
    let served = world.provider.provider().served(Endpoint::Token);
    assert_eq!(browser.get("/token").await.status, StatusCode::BAD_GATEWAY);
    assert!(matches!(world.error(), LoginError::NoAccessToken(_)));
    assert_eq!(world.provider.provider().served(Endpoint::Token), served);
    assert_eq!(browser.get("/me").await.body, "hello alice");
    // They are back, and a login that began under the first ones can end.
    told.replaced.lock().unwrap().clear();
    world.advance(-3600);
    pass(60).await;
    browser.get("/auth/login").await;
    told.wait_for(4).await;
    assert_eq!(browser.come_back(&pending).await.location(), "/");
}
