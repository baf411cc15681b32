//! A body of which the beginning was read ahead.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use crate::http::{Body, TransportError};

/// What was read, and what follows it.
#[derive(Default)]
pub(super) struct Peeked {
    /// An error is the last one.
    read: VecDeque<Result<Bytes, TransportError>>,
    rest: Body,
}

impl Peeked {
    /// Adds what was read, and says whether more may follow.
    pub(super) fn push(&mut self, chunk: Result<Bytes, TransportError>) -> bool {
        let may_follow = chunk.is_ok();
        self.read.push_back(chunk);
        may_follow
    }

    /// How many bytes were read.
    pub(super) fn length(&self) -> usize {
        let lengths = self.read.iter().flatten().map(Bytes::len);
        lengths.fold(0, usize::saturating_add)
    }

    /// All bytes that were read.
    pub(super) fn beginning(&self) -> Bytes {
        let mut beginning = BytesMut::with_capacity(self.length());
        for chunk in self.read.iter().flatten() {
            beginning.extend_from_slice(chunk);
        }
        beginning.freeze()
    }

    pub(super) fn followed_by(mut self, rest: Body) -> Self {
        self.rest = rest;
        self
    }
}

impl HttpBody for Peeked {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        match self.read.pop_front() {
            Some(chunk) => Poll::Ready(Some(chunk.map(Frame::data))),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let read = u64::try_from(self.length()).unwrap_or(u64::MAX);
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(read));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(read));
        }
        hint
    }
}
