//! The notification endpoint of a client, which receives the pings of backchannel authentication.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use openid_client::Ping;
use openid_client::http::{Body, Bytes, Request, Response};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::provider::file;

/// A server on loopback with the provider's certificate, which the provider trusts.
pub(crate) struct NotificationEndpoint {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl NotificationEndpoint {
    pub(crate) async fn start() -> Self {
        let chain = CertificateDer::pem_slice_iter(file("cert.pem").as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .unwrap();
        let key = PrivateKeyDer::from_pem_slice(file("key.pem").as_bytes()).unwrap();
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let settings = ServerConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Self {
            listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap(),
            acceptor: TlsAcceptor::from(Arc::new(settings)),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}/ping", self.listener.local_addr().unwrap())
    }

    /// Waits for a ping, and acknowledges it.
    pub(crate) async fn ping(&self) -> Ping {
        let (stream, _) = self.listener.accept().await.unwrap();
        let stream = self.acceptor.accept(stream).await.unwrap();
        let received = Mutex::new(None);
        let service = service_fn(|request: Request<Incoming>| async {
            let (head, body) = request.into_parts();
            assert_eq!((head.method.as_str(), head.uri.path()), ("POST", "/ping"));
            let body = body.collect().await.unwrap().to_bytes();
            *received.lock().unwrap() = Some(Ping::parse(&head.headers, &body).unwrap());
            let response = Response::builder().status(204);
            Ok::<_, Infallible>(response.body(Body::from(Bytes::new())).unwrap())
        });
        let mut server = http1::Builder::new();
        let connection = server.keep_alive(false);
        let connection = connection.serve_connection(TokioIo::new(stream), service);
        connection.await.unwrap();
        received.into_inner().unwrap().unwrap()
    }
}
