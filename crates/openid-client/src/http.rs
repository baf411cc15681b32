//! The transport: a trait of one method, and the client over hyper and rustls that is used unless
//! the application brings its own.

mod body;
mod client_certificate;
mod connection;
mod destination;
mod error;
mod exchange;
mod hyper;
mod lookup;
mod observation;
mod pinned;
mod pool;
#[cfg(feature = "proxy")]
mod proxy;
#[cfg(not(feature = "proxy"))]
#[path = "http/no_proxy.rs"]
mod proxy;
mod replaceable;
mod resolve;
mod roots;
mod sender;
mod service;
#[cfg(feature = "http2")]
mod shared;

use std::pin::Pin;
use std::sync::Arc;

pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
pub use ::hyper::body::Body as HttpBody;
pub use bytes::Bytes;

pub use self::body::Body;
pub use self::client_certificate::ClientCertificate;
pub use self::destination::{DestinationPolicy, PublicAddresses};
pub use self::error::{TransportError, TransportFailure};
pub use self::hyper::HyperClient;
pub use self::lookup::Resolve;
pub use self::observation::{Observation, ObservedEvent};
pub(crate) use self::observation::{Observed, Observer};
pub(crate) use self::proxy::Proxy;
pub(crate) use self::replaceable::Replaceable;
pub use self::replaceable::ReplaceableCertificate;
pub use self::roots::RootCertificates;
pub(crate) use self::roots::load_platform_roots;
pub use self::service::ServiceClient;

/// A future that can be sent to another thread, whose type is erased.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one HTTP request.
///
/// The contract:
///
/// - Send the request as it is, to the URL that it names, once. Sending again is allowed only while
///   no byte of it has been written, for example when a pooled connection turned out to be closed.
/// - Follow no redirect: return every response that arrives, for every status.
/// - Send no cookie and keep none.
/// - Send the body as it comes. Its `size_hint` says how long it is, where that is known.
/// - Decode no `Content-Encoding`; ask for none.
/// - Verify the server's certificate against the host of the URL.
/// - Answer as soon as the head has arrived. The body streams: its reader stops at a cap, and an
///   implementation that collects it first has no cap.
/// - Dropping the future, or the body, ends the exchange.
///
/// The caller enforces the deadline and the cap, so an implementation needs neither.
///
/// ```
/// use openid_client::http::{Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError};
///
/// /// Answers every request with the same text.
/// struct Canned(&'static str);
///
/// impl HttpClient for Canned {
///     fn send(
///         &self,
///         _request: Request<Body>,
///     ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
///         let body = Body::from(Bytes::from_static(self.0.as_bytes()));
///         Box::pin(async { Ok(Response::new(body)) })
///     }
/// }
/// ```
pub trait HttpClient: Send + Sync {
    /// Sends `request`, whose URL is absolute, and answers with its response.
    ///
    /// # Errors
    ///
    /// A [`TransportError`] that says how far the exchange came. An HTTP status of 400 or more is a
    /// response, not an error.
    fn send(&self, request: Request<Body>)
    -> BoxFuture<'_, Result<Response<Body>, TransportError>>;
}

impl<T: HttpClient + ?Sized> HttpClient for Arc<T> {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        (**self).send(request)
    }
}
