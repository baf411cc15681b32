//! A transport that records each exchange without its secrets.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use hyper::body::{Frame, SizeHint};
use openid_client::http::{
    Body, BoxFuture, Bytes, HttpBody, HttpClient, HyperClient, Request, Response, TransportError,
};

use crate::exchange::{Exchange, Message};

/// A transport for the requests of one login.
#[derive(Clone)]
pub(crate) struct Recorder {
    transport: Arc<HyperClient>,
    recorded: Arc<Mutex<Vec<Exchange>>>,
}

impl Recorder {
    pub(crate) fn new(transport: Arc<HyperClient>) -> Self {
        Self {
            transport,
            recorded: Arc::default(),
        }
    }

    /// Returns the exchanges since the last call.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.recorded.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn push(&self, exchange: Exchange) {
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        // A device that polls for long: the newest exchanges matter.
        if recorded.len() >= MOST_EXCHANGES {
            recorded.remove(1);
        }
        recorded.push(exchange);
    }

    async fn exchange(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (head, body) = request.into_parts();
        let body = body.collect(KEPT).await?;
        let recorded = Message::request(&head, &body);
        let path = head.uri.path().to_owned();
        let begun = Instant::now();
        let answer = self
            .transport
            .send(Request::from_parts(head, body.into()))
            .await;
        let (response, answer) = match answer {
            Err(error) => (Err(error.to_string()), Err(error)),
            Ok(response) => {
                let (head, body) = response.into_parts();
                let (beginning, rest) = begin(body).await?;
                let message = Message::response(&head, &beginning, rest.is_none());
                let body = match rest {
                    None => beginning.into(),
                    Some(rest) => Body::new(Resumed {
                        beginning: Some(beginning),
                        rest,
                    }),
                };
                (Ok(message), Ok(Response::from_parts(head, body)))
            }
        };
        self.push(Exchange {
            path,
            request: recorded,
            response,
            took: Some(begun.elapsed()),
        });
        answer
    }
}

impl HttpClient for Recorder {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

/// Reads the beginning of a body. The rest is `None` if that is all of it.
async fn begin(mut body: Body) -> Result<(Bytes, Option<Body>), TransportError> {
    let mut beginning = Vec::new();
    while beginning.len() < KEPT {
        match body.chunk().await? {
            None => return Ok((beginning.into(), None)),
            Some(chunk) => beginning.extend_from_slice(&chunk),
        }
    }
    Ok((beginning.into(), Some(body)))
}

/// A body whose beginning has been read.
struct Resumed {
    beginning: Option<Bytes>,
    rest: Body,
}

impl HttpBody for Resumed {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        match self.beginning.take() {
            Some(beginning) => Poll::Ready(Some(Ok(Frame::data(beginning)))),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn size_hint(&self) -> SizeHint {
        let read = self.beginning.as_ref().map_or(0, Bytes::len);
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(read));
        }
        hint.set_lower(rest.lower().saturating_add(read));
        hint
    }
}

/// The bytes of a body that are kept for the record.
const KEPT: usize = 64 * 1024;

const MOST_EXCHANGES: usize = 12;
