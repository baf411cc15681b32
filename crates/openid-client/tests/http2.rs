//! A server that speaks HTTP/2.

#![cfg(feature = "http2")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use openid_client::http::{Bytes, Method, Request, Response};
use openid_client::{Client, ServerMetadata};
use test_provider::server::LoopbackCertificate;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::support::drop_after;
use self::support::tls::acceptor;

/// A crowd shares one connection. After a time-out it takes no other request and is closed.
#[tokio::test]
async fn a_connection_is_shared_and_closed_after_a_time_out() {
    let certificate = LoopbackCertificate::generate();
    let (opened, closed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let url = serve(&certificate, &opened, &closed).await;
    let client = Client::from_metadata(ServerMetadata::new(&url), "app")
        .root_certificate_pem(certificate.ca_pem())
        .timeout(Duration::from_millis(500))
        .build()
        .unwrap();
    let mut crowd = JoinSet::new();
    for _ in 0..20 {
        let (client, url) = (client.clone(), url.clone());
        crowd.spawn(async move {
            let request = client.fetch_protected_resource("token", Method::GET, url);
            let response = request.await.unwrap();
            response.into_body().collect(100).await.unwrap()
        });
    }
    for answer in crowd.join_all().await {
        assert_eq!(answer, "answer");
    }
    assert_eq!(opened.load(Ordering::SeqCst), 1);
    let late = client.fetch_protected_resource("token", Method::GET, format!("{url}/late"));
    assert!(late.await.is_err());
    sleep(Duration::from_millis(200)).await;
    assert_eq!(
        closed.load(Ordering::SeqCst),
        1,
        "the connection is still open"
    );
    let again = client.fetch_protected_resource("token", Method::GET, &url);
    assert_eq!(again.await.unwrap().status(), 200);
    assert_eq!(opened.load(Ordering::SeqCst), 2);
}

/// A request is given up at each of its waits. The next one is answered.
#[tokio::test]
async fn a_dropped_exchange_leaves_a_host_that_can_be_reached() {
    let certificate = LoopbackCertificate::generate();
    let (opened, closed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let url = serve(&certificate, &opened, &closed).await;
    for begins_connected in [false, true] {
        for waits in 0.. {
            let client = Client::from_metadata(ServerMetadata::new(&url), "app")
                .root_certificate_pem(certificate.ca_pem())
                .build()
                .unwrap();
            let fetch = || async {
                let request = client.fetch_protected_resource("token", Method::GET, &url);
                let response = request.await.unwrap();
                response.into_body().collect(100).await.unwrap()
            };
            if begins_connected {
                fetch().await;
            }
            let is_complete = drop_after(waits, fetch()).await;
            let again = timeout(Duration::from_secs(5), fetch()).await;
            assert_eq!(again.unwrap(), "answer", "{begins_connected} at {waits}");
            let before = opened.load(Ordering::SeqCst);
            fetch().await;
            assert_eq!(
                opened.load(Ordering::SeqCst),
                before,
                "a connection is used again"
            );
            if is_complete {
                assert!(waits > 0);
                break;
            }
        }
    }
}

/// The first connection is accepted and not answered. Requests that came later do not wait for it
/// until their deadline.
#[tokio::test]
async fn a_connection_that_does_not_open_delays_no_other_request_for_long() {
    let certificate = LoopbackCertificate::generate();
    let (opened, closed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let url = serve_after(1, &certificate, &opened, &closed).await;
    let client = Client::from_metadata(ServerMetadata::new(&url), "app")
        .root_certificate_pem(certificate.ca_pem())
        .build()
        .unwrap();
    let mut crowd = JoinSet::new();
    for _ in 0..5 {
        let (client, url) = (client.clone(), url.clone());
        crowd.spawn(async move {
            let request = client.fetch_protected_resource("token", Method::GET, url);
            request.await.unwrap().status()
        });
    }
    for _ in 0..4 {
        let answered = timeout(Duration::from_secs(10), crowd.join_next()).await;
        assert_eq!(answered.unwrap().unwrap().unwrap(), 200);
    }
    // One request waits for the first connection.
    let first = timeout(Duration::from_millis(10), crowd.join_next()).await;
    assert!(first.is_err());
}

async fn serve(
    certificate: &LoopbackCertificate,
    opened: &Arc<AtomicUsize>,
    closed: &Arc<AtomicUsize>,
) -> String {
    serve_after(0, certificate, opened, closed).await
}

/// A server that says nothing on its first connections.
async fn serve_after(
    silent: usize,
    certificate: &LoopbackCertificate,
    opened: &Arc<AtomicUsize>,
    closed: &Arc<AtomicUsize>,
) -> String {
    let acceptor = acceptor(certificate, b"h2");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (opened, closed) = (Arc::clone(opened), Arc::clone(closed));
    tokio::spawn(async move {
        let mut kept = Vec::new();
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let (acceptor, closed) = (acceptor.clone(), Arc::clone(&closed));
            if opened.fetch_add(1, Ordering::SeqCst) < silent {
                kept.push(tcp);
                continue;
            }
            tokio::spawn(async move {
                let stream = TokioIo::new(acceptor.accept(tcp).await.unwrap());
                let builder = http2::Builder::new(TokioExecutor::new());
                let _ = builder.serve_connection(stream, service_fn(answer)).await;
                closed.fetch_add(1, Ordering::SeqCst);
            });
        }
    });
    format!("https://localhost:{port}")
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.uri().path() == "/late" {
        sleep(Duration::from_secs(30)).await;
    }
    Ok(Response::new(Full::new(Bytes::from_static(b"answer"))))
}
