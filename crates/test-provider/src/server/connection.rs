//! Accepts connections and answers their requests.

use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::body::AnswerBody;
use super::{Fault, Shared};
use crate::client::PeerCertificate;

/// Accepts connections until it is aborted. It owns their tasks, so that they end with it.
pub(super) async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
) {
    let mut connections = JoinSet::new();
    loop {
        // Such an error concerns one connection, which the client has already closed.
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        shared.connections.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::clone(&shared);
        match acceptor.clone() {
            None => connections.spawn(serve(stream, shared, None)),
            Some(acceptor) => connections.spawn(async move {
                // A client that refuses the certificate ends the handshake. Tests assert the reason
                // at the client.
                if let Ok(stream) = acceptor.accept(stream).await {
                    let shown = stream.get_ref().1.peer_certificates();
                    let shown =
                        shown.and_then(|chain| Some(PeerCertificate(chain.first()?.to_vec())));
                    serve(stream, shared, shown).await;
                }
            }),
        };
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    shared: Arc<Shared>,
    certificate: Option<PeerCertificate>,
) {
    let service = service_fn(|mut request: Request<Incoming>| {
        if let Some(certificate) = &certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        answer(request, Arc::clone(&shared))
    });
    // Connections end with an error if a client closes them or a fault is switched on. Tests assert
    // the errors at the client.
    drop(
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}

async fn answer(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<AnswerBody>, hyper::Error> {
    let (head, body) = request.into_parts();
    let request = Request::from_parts(head, body.collect().await?.to_bytes());
    let fault = *shared.fault.lock().unwrap_or_else(PoisonError::into_inner);
    if fault == Some(Fault::NeverAnswers) {
        let never: Infallible = std::future::pending().await;
        match never {}
    }
    let now = (shared.clock)();
    let response: Response<Bytes> = match &shared.resource {
        Some(resource) => resource.handle(&shared.provider, &request, now),
        None => shared.provider.handle(&request, now),
    };
    Ok(response.map(|body| AnswerBody::new(body, fault)))
}
