//! A request on its way out, labelled with all that a driver needs to carry it out.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::names::EndpointName;

/// One HTTP request and the terms on which it is sent.
///
/// The contract of sending it: follow no redirect, send and keep no cookie, decode no content
/// encoding, hold to [`deadline`](Self::deadline) and cap the body while it streams in. A breach of
/// the last two is an [`Unanswered`](crate::error::Unanswered), never a shortened body.
pub struct Outbound {
    /// The request: URL, headers and, unless [`body`](Self::body) says otherwise, its body.
    pub request: http::Request<Bytes>,
    /// Whose body goes with it.
    pub body: RequestBody,
    /// The endpoint it goes to.
    pub endpoint: EndpointName,
    /// Whether the client shows its certificate when the server asks for one (RFC 8705). Where this
    /// is false it must not, and a connection on which it did is not used for this request.
    pub client_certificate: bool,
    /// What becomes of the response body.
    pub response: ResponseBody,
    /// How long the whole exchange may take; for a streamed response, until its head has arrived.
    pub deadline: Duration,
    /// Set on a request that other operations may be waiting for as well.
    pub flight: Option<Flight>,
}

impl Outbound {
    /// A request without a certificate, whose response is collected up to `cap` bytes.
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
        // Headers and body hold credentials; a query may hold them too.
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

/// Where the body of a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestBody {
    /// It is part of the request.
    Inline,
    /// It is the caller's, who gave it to the driver. The driver puts it in the place of the
    /// request's empty one; when the request is sent a second time, it makes it anew.
    Callers,
}

/// What becomes of a response body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseBody {
    /// Collect it; more than `cap` bytes is an error.
    Buffered {
        /// The most bytes to accept.
        cap: usize,
    },
    /// Hand the head over at once, with no body: the driver keeps the live one. It drops it when
    /// another request follows, and gives it to the caller when the operation is done.
    ///
    /// With a head that [refuses](crate::wire::refuses_with_challenge) the request, it hands over the
    /// first 16 KiB of the body, which becomes part of the error, and drops the rest.
    Streamed,
}

/// The identity of a request that is shared: when one with the same number is already under way,
/// wait for its answer and send nothing. When that takes longer than the deadline, answer with
/// [`NoAnswer::StillUnderWay`](crate::error::NoAnswer::StillUnderWay).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flight(pub(crate) u64);
