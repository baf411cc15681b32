use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::sync::Mutex;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Body as HttpBody;
use tower_service::Service;

use crate::http::{Body, BoxFuture, HttpClient, Request, Response, TransportError};
use crate::lock::lock;

/// A transport over any `tower` service that takes an `http` request: the client of another
/// library, or a stack of layers around one.
///
/// The service keeps the contract of [`HttpClient`]. In particular, the stack has no layer that
/// follows redirects, keeps cookies, decodes a `Content-Encoding` or sends a request again: a
/// redirect would take credentials elsewhere, and a code or a refresh token that is sent twice ends
/// a login. The URL of the request is absolute, and the service verifies the server's certificate.
///
/// The client keeps the deadline of each request and the cap of each body, so the stack needs no
/// layer for these. It calls `poll_ready` and `call` on a clone for each request.
///
/// An error of the service becomes a [`TransportError`]. One that is a `TransportError`, or has one
/// among its causes, keeps its [`failure`](TransportError::failure). A TLS error of rustls and a
/// time-out are recognised. The text of the error can be seen in `{:#}` of the client's error, so
/// it must contain no part of the request.
///
/// ```
/// use openid_client::http::{Body, Request, Response, ServiceClient, TransportError};
/// use openid_client::{Client, ServerMetadata};
/// use tower::service_fn;
///
/// # fn main() -> Result<(), openid_client::Error> {
/// let service = service_fn(async |request: Request<Body>| {
///     println!("{} {}", request.method(), request.uri().path());
///     Ok::<_, TransportError>(Response::new(Body::empty()))
/// });
/// let client = Client::from_metadata(ServerMetadata::new("https://id.example.com"), "my-app")
///     .http_client(ServiceClient::new(service))
///     .build()?;
/// # drop(client);
/// # Ok(())
/// # }
/// ```
pub struct ServiceClient<S>(Mutex<S>);

impl<S> ServiceClient<S> {
    /// Creates a transport over this service.
    pub const fn new(service: S) -> Self {
        Self(Mutex::new(service))
    }
}

impl<S, B> HttpClient for ServiceClient<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn StdError + Send + Sync>>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let mut service = lock(&self.0).clone();
        Box::pin(async move {
            let failed = |error: S::Error| TransportError::of_service(error.into());
            let ready = poll_fn(|context| service.poll_ready(context));
            ready.await.map_err(failed)?;
            let answer = service.call(request).await.map_err(failed)?;
            Ok(answer.map(|body| {
                Body::new(body.map_err(|error| TransportError::of_service(error.into())))
            }))
        })
    }
}

impl<S> fmt::Debug for ServiceClient<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceClient")
    }
}
