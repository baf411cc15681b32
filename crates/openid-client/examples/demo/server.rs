//! A small web server on loopback, for the application and for the provider.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use http::StatusCode;
use http::request::Parts;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use openid_client::http::{Bytes, Response};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use test_provider::server::LoopbackCertificate;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// What a server serves.
pub(crate) trait Site: Send + Sync + 'static {
    /// Answers a request.
    fn answer(&self, head: Parts, body: Bytes) -> impl Future<Output = Response<Bytes>> + Send;
}

/// A bound server that does not serve yet, because each site must know the port of the other first.
pub(crate) struct Server {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    url: String,
}

impl Server {
    /// Binds `host:port`. With a certificate, the server uses https.
    pub(crate) async fn bind(
        (host, port): (String, u16),
        certificate: Option<&LoopbackCertificate>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((host.as_str(), port)).await?;
        let port = listener.local_addr()?.port();
        let scheme = if certificate.is_some() {
            "https"
        } else {
            "http"
        };
        Ok(Self {
            listener,
            tls: certificate.map(acceptor).transpose()?,
            url: format!("{scheme}://{host}:{port}"),
        })
    }

    /// Returns the origin of the server, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Serves until the future is dropped. The connections end with it.
    pub(crate) async fn serve(self, site: Arc<impl Site>) {
        let mut connections = JoinSet::new();
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                continue;
            };
            let (site, tls) = (Arc::clone(&site), self.tls.clone());
            connections.spawn(async move {
                match tls {
                    None => connection(stream, site).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            connection(stream, site).await;
                        }
                    }
                }
            });
            while connections.try_join_next().is_some() {}
        }
    }
}

/// Answers the requests of one connection. An error ends only this connection.
async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin + Send, site: Arc<impl Site>) {
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let site = Arc::clone(&site);
        async move {
            let (head, body) = request.into_parts();
            let response = match Limited::new(body, LARGEST_FORM).collect().await {
                Ok(body) => site.answer(head, body.to_bytes()).await,
                Err(_) => too_large(),
            };
            Ok::<_, Infallible>(response.map(Full::new))
        }
    });
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn too_large() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
}

fn acceptor(certificate: &LoopbackCertificate) -> io::Result<TlsAcceptor> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = CertificateDer::pem_slice_iter(certificate.chain_pem().as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key_pem().as_bytes());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, key.map_err(io::Error::other)?)
        .map_err(io::Error::other)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The longest body of a request, in bytes.
const LARGEST_FORM: usize = 64 * 1024;
