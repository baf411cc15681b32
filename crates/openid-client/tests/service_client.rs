//! Any `tower` service is a transport, and the client keeps deadlines and caps.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::error::Error as StdError;
use std::future::{Ready, pending, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use openid_client::http::{
    Body, HttpBody, HttpClient as _, Request, Response, ServiceClient, TransportError,
    TransportFailure,
};
use openid_client::{Client, CoreError, Error, NoAnswer, rustls};
use tower::{Service, service_fn};

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI, log_in};

type BoxError = Box<dyn StdError + Send + Sync>;

/// A service that must be ready before each call, and a clone of which is not ready.
struct Polled {
    provider: Arc<InProcess>,
    is_ready: bool,
    calls: Arc<AtomicUsize>,
}

impl Clone for Polled {
    fn clone(&self) -> Self {
        Self {
            provider: Arc::clone(&self.provider),
            is_ready: false,
            calls: Arc::clone(&self.calls),
        }
    }
}

impl Service<Request<Body>> for Polled {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if !self.is_ready {
            self.is_ready = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        assert!(self.is_ready, "called before it was ready");
        self.calls.fetch_add(1, Ordering::SeqCst);
        let provider = Arc::clone(&self.provider);
        Box::pin(async move {
            let (head, body) = provider.send(request).await?.into_parts();
            let body = body.collect(usize::MAX).await?;
            Ok(Response::from_parts(head, Full::new(body)))
        })
    }
}

#[tokio::test]
async fn a_login_over_a_service() {
    let provider = InProcess::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let service = Polled {
        provider: Arc::clone(&provider),
        is_ready: false,
        calls: Arc::clone(&calls),
    };
    let client = Client::discover(ISSUER, "app").redirect_uri(REDIRECT_URI);
    let client = client.http_client(ServiceClient::new(service));
    let client = client.await.unwrap();
    let tokens = log_in(&client, &provider).await.unwrap();
    client.fetch_user_info(&tokens).await.unwrap();
    // Metadata, keys, token and UserInfo.
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}

async fn failure(error: impl Into<BoxError>) -> TransportFailure {
    let error = std::sync::Mutex::new(Some(error.into()));
    let error = Arc::new(error);
    let service = service_fn(
        move |_: Request<Body>| -> Ready<Result<Response<Body>, BoxError>> {
            ready(Err(error.lock().unwrap().take().unwrap()))
        },
    );
    let request = Request::get(ISSUER).body(Body::empty()).unwrap();
    let answer = ServiceClient::new(service).send(request).await;
    answer.map(drop).unwrap_err().failure()
}

#[tokio::test]
async fn the_error_of_a_service_says_how_far_the_request_came() {
    use TransportFailure::{
        ClosedUnanswered, DestinationRefused, NotConnected, NotTrusted, Other, TimedOut,
    };
    let kind = |kind: io::ErrorKind| io::Error::from(kind);
    for (error, expected) in [
        (
            BoxError::from(TransportError::new(ClosedUnanswered)),
            ClosedUnanswered,
        ),
        (
            // Behind the error of a layer.
            io::Error::other(TransportError::new(DestinationRefused)).into(),
            DestinationRefused,
        ),
        (
            io::Error::other(rustls::Error::DecryptError).into(),
            NotTrusted,
        ),
        (kind(io::ErrorKind::TimedOut).into(), TimedOut),
        (kind(io::ErrorKind::ConnectionRefused).into(), NotConnected),
        // It may have been sent, so nothing is assumed.
        (kind(io::ErrorKind::ConnectionReset).into(), Other),
        ("something".into(), Other),
    ] {
        let text = error.to_string();
        assert_eq!(failure(error).await, expected, "{text}");
    }
}

/// A body without end.
struct Endless;

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, BoxError>>> {
        let bytes = Bytes::from_static(&[b' '; 4096]);
        Poll::Ready(Some(Ok(hyper::body::Frame::data(bytes))))
    }
}

fn no_answer(error: Error) -> NoAnswer {
    match error {
        Error::Core(CoreError::Unanswered(unanswered)) => unanswered.reason,
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_client_keeps_the_deadline_and_the_cap() {
    let endless = service_fn(|_: Request<Body>| ready(Ok::<_, BoxError>(Response::new(Endless))));
    let client = Client::discover(ISSUER, "app").http_client(ServiceClient::new(endless));
    let cap = 1024 * 1024;
    assert_eq!(
        no_answer(client.await.unwrap_err()),
        NoAnswer::BodyTooLarge { cap }
    );
    let silent = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, BoxError>>());
    let client = Client::discover(ISSUER, "app").http_client(ServiceClient::new(silent));
    let deadline = Duration::from_secs(30);
    assert_eq!(
        no_answer(client.await.unwrap_err()),
        NoAnswer::TimedOut { deadline }
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let service = service_fn(move |_: Request<Body>| {
        counted.fetch_add(1, Ordering::SeqCst);
        let answer = Response::builder().status(302);
        let answer = answer.header("location", "https://evil.example.com/");
        ready(Ok::<_, BoxError>(answer.body(Body::empty()).unwrap()))
    });
    let client = Client::discover(ISSUER, "app").http_client(ServiceClient::new(service));
    assert!(matches!(
        client.await.unwrap_err(),
        Error::Core(CoreError::Rejected(_))
    ));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}
