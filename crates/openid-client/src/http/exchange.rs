//! One request and its response on a connection of the pool.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response, Uri, header};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};

use crate::http::connection::Gate;
use crate::http::pool::Turn;
use crate::http::sender::{Sender, Sent};
#[cfg(feature = "http2")]
use crate::http::shared::Stake;
use crate::http::{Body, TransportError, TransportFailure};

/// The use of a connection.
pub(super) enum Lease {
    /// The whole connection.
    Exclusive(Sender),
    /// A stream of a shared connection.
    #[cfg(feature = "http2")]
    Shared(Stake),
}

impl Lease {
    fn gate(&self) -> &Gate {
        match self {
            Self::Exclusive(sender) => sender.gate(),
            #[cfg(feature = "http2")]
            Self::Shared(stake) => stake.gate(),
        }
    }

    fn is_reused(&self) -> bool {
        match self {
            Self::Exclusive(sender) => sender.is_reused(),
            #[cfg(feature = "http2")]
            Self::Shared(stake) => stake.is_reused(),
        }
    }

    fn close(self) {
        match self {
            Self::Exclusive(sender) => sender.close(),
            #[cfg(feature = "http2")]
            Self::Shared(stake) => stake.close(),
        }
    }
}

/// An exchange under way. Dropped before its end, it takes the connection out of use: what a server
/// sends later must not meet another request, and is not read.
pub(super) struct Exchange {
    /// `None` at the end.
    under_way: Option<(Turn, Lease)>,
}

/// How a request without a response ended.
pub(super) enum Failed {
    /// No byte was written, because a connection that had been used before was closed.
    Unsent(Turn, Box<Request<Body>>),
    Unanswered(TransportError),
}

impl Exchange {
    /// Sends the request to `url`.
    pub(super) async fn run(
        turn: Turn,
        lease: Lease,
        mut request: Box<Request<Body>>,
        url: &Uri,
    ) -> Result<Response<Body>, Failed> {
        let host = turn.origin.host.clone();
        let mut exchange = Self {
            under_way: Some((turn, lease)),
        };
        let Some((_, lease)) = &mut exchange.under_way else {
            return Err(Failed::Unanswered(TransportError::new(
                TransportFailure::Other,
            )));
        };
        let read = lease.gate().read();
        let sent: Sent = match lease {
            Lease::Exclusive(sender) => {
                request.headers_mut().insert(header::HOST, host);
                let target = url.path_and_query().cloned();
                *request.uri_mut() = target.map(Uri::from).unwrap_or_default();
                sender.send(*request).await
            }
            #[cfg(feature = "http2")]
            Lease::Shared(stake) => {
                *request.uri_mut() = url.clone();
                stake.send(*request).await
            }
        };
        let mut error = match sent {
            Ok(response) => return Ok(response.map(|body| exchange.receive(body))),
            Err(error) => error,
        };
        let (is_reused, is_silent) = (lease.is_reused(), lease.gate().read() == read);
        if is_reused
            && let Some(request) = error.take_message()
            && let Some((turn, lease)) = exchange.under_way.take()
        {
            lease.close();
            return Err(Failed::Unsent(turn, Box::new(request)));
        }
        let error = error.into_error();
        let failure = match is_reused && is_silent && !error.is_user() {
            true => TransportError::with_source(TransportFailure::ClosedUnanswered, error),
            false => TransportError::before_response(error, false),
        };
        Err(Failed::Unanswered(failure))
    }

    /// The body that is being received.
    fn receive(self, incoming: Incoming) -> Body {
        let mut received = Received {
            incoming,
            exchange: self,
        };
        received.notice_end();
        Body::new(received)
    }

    fn complete(&mut self) {
        let Some((turn, lease)) = self.under_way.take() else {
            return;
        };
        match lease {
            Lease::Exclusive(sender) => turn.give_back(sender.completed()),
            #[cfg(feature = "http2")]
            Lease::Shared(stake) => stake.completed(),
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some((_turn, lease)) = self.under_way.take() {
            lease.close();
        }
    }
}

/// The body of a response, which holds the connection until it ends.
struct Received {
    incoming: Incoming,
    exchange: Exchange,
}

impl Received {
    fn notice_end(&mut self) {
        if self.incoming.is_end_stream() {
            self.exchange.complete();
        }
    }
}

impl HttpBody for Received {
    type Data = bytes::Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, TransportError>>> {
        let this = &mut *self;
        let frame = ready!(Pin::new(&mut this.incoming).poll_frame(context));
        if let Some((_, lease)) = &this.exchange.under_way
            && let Some(Ok(frame)) = &frame
        {
            let data = frame.data_ref().map_or(0, bytes::Bytes::len);
            lease.gate().received(data);
        }
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                this.notice_end();
                Some(Ok(frame))
            }
            Some(Err(error)) => Some(Err(TransportError::with_source(
                TransportFailure::Interrupted,
                error,
            ))),
            None => {
                this.exchange.complete();
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
