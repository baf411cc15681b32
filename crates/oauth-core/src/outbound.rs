//! Outgoing requests, with all that a driver needs to send them.

mod flight;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

pub use self::flight::{Attempt, Flight, Next, Waiter};
pub(crate) use self::flight::{Fetched, Read, WeakFlight};
use crate::names::EndpointName;

/// One HTTP request and the rules for sending it.
///
/// The driver must follow no redirect, send and store no cookie, decode no content encoding,
/// observe the [`deadline`](Self::deadline), and limit the body while it arrives. If the deadline
/// or the limit is exceeded, the event is an [`Unanswered`](crate::error::Unanswered), never a
/// shortened body.
pub struct Outbound {
    /// The request: URL, headers and, unless [`body`](Self::body) says otherwise, the body.
    pub request: http::Request<Bytes>,
    /// The source of the request body.
    pub body: RequestBody,
    /// The endpoint that the request goes to.
    pub endpoint: EndpointName,
    /// Whether the client presents its certificate if the server requests one (RFC 8705). If false,
    /// it must not, and a connection on which it did must not carry this request.
    pub client_certificate: bool,
    /// How the response body is handled.
    pub response: ResponseBody,
    /// The time limit for the whole exchange; for a streamed response, the limit until its head has
    /// arrived.
    pub deadline: Duration,
    /// Set on a request that other operations may be waiting for too.
    pub flight: Option<Flight>,
}

impl Outbound {
    /// Creates a request without a certificate, whose response is collected up to `cap` bytes.
    pub const fn new(
        request: http::Request<Bytes>,
        endpoint: EndpointName,
        deadline: Duration,
        cap: usize,
    ) -> Self {
        Self {
            request,
            body: RequestBody::Inline,
            endpoint,
            client_certificate: false,
            response: ResponseBody::Buffered { cap },
            deadline,
            flight: None,
        }
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and body contain credentials; a query may contain them too.
        f.debug_struct("Outbound")
            .field("method", self.request.method())
            .field("host", &self.request.uri().host())
            .field("path", &self.request.uri().path())
            .field("body", &self.body)
            .field("length", &self.request.body().len())
            .field("endpoint", &self.endpoint)
            .field("client_certificate", &self.client_certificate)
            .field("response", &self.response)
            .field("deadline", &self.deadline)
            .field("flight", &self.flight)
            .finish()
    }
}

/// The source of a request body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestBody {
    /// The body is part of the request.
    Inline,
    /// The caller gave the body to the driver, which puts it in place of the request's empty one.
    /// The driver produces it again if the request is sent a second time.
    Callers,
}

/// How a response body is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseBody {
    /// Collect it; more than `cap` bytes is an error.
    Buffered {
        /// The largest body that is accepted, in bytes.
        cap: usize,
    },
    /// Return the head at once, without a body. The driver keeps the live body: it drops the body
    /// if another request follows, and gives it to the caller when the operation is done.
    ///
    /// If the head [refuses](crate::wire::refuses_with_challenge) the request, return the first 16
    /// KiB of the body with it, which become part of the error, and drop the rest.
    Streamed,
}
