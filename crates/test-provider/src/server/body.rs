//! The body of a response, with or without a fault.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Interval, interval_at};

use super::Fault;

/// A body that begins with `first` and continues as the fault requires.
pub(super) struct AnswerBody {
    first: Option<Bytes>,
    /// The `Content-Length`, in bytes.
    length: Option<u64>,
    then: Then,
}

enum Then {
    End,
    Stall,
    Break(Interval),
    Flood,
    Drip(Interval),
}

impl AnswerBody {
    pub(super) fn new(body: Bytes, fault: Option<Fault>) -> Self {
        let length = Some(body.len() as u64);
        let (first, length, then) = match fault {
            // With `NeverAnswers`, the server waits before it creates a body.
            None | Some(Fault::NeverAnswers) => (body, length, Then::End),
            Some(Fault::StallsAfterHead) => (body.slice(..body.len().min(1)), length, Then::Stall),
            Some(Fault::ClosesMidBody) => (
                body.slice(..body.len() / 2),
                length,
                Then::Break(every(BREAK)),
            ),
            Some(Fault::EndlessBody) => (Bytes::from_static(b"{"), None, Then::Flood),
            Some(Fault::DrippingBody) => (Bytes::from_static(b"{"), None, Then::Drip(every(DRIP))),
        };
        Self {
            first: Some(first).filter(|first| !first.is_empty()),
            length,
            then,
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        match &mut self.then {
            Then::End => Poll::Ready(None),
            Then::Stall => Poll::Pending,
            Then::Break(interval) => {
                ready!(interval.poll_tick(context));
                Poll::Ready(Some(Err(io::Error::other(
                    "this response breaks off on purpose",
                ))))
            }
            Then::Flood => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(
                &[b' '; 16 * 1024],
            ))))),
            Then::Drip(interval) => {
                ready!(interval.poll_tick(context));
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b" ")))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && matches!(self.then, Then::End)
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.first, self.length) {
            (Some(_), Some(length)) => SizeHint::with_exact(length),
            _ => SizeHint::default(),
        }
    }
}

fn every(period: Duration) -> Interval {
    interval_at(Instant::now() + period, period)
}

/// The time between half of a body and the end of the connection, in which the half arrives.
const BREAK: Duration = Duration::from_millis(20);

const DRIP: Duration = Duration::from_millis(100);
