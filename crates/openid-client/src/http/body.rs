mod peeked;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Sleep;
use zeroize::Zeroize as _;

use self::peeked::Peeked;
use crate::http::{TransportError, TransportFailure};

/// The body of a request or of a response, as a stream.
///
/// Dropping that of a response ends the exchange, and under HTTP/1.1 closes its connection unless
/// all of it has been read. It is a `Body` of the `http-body` crate, version 1, as well. `Debug`
/// does not show its content.
pub struct Body(UnsyncBoxBody<Bytes, TransportError>);

impl Body {
    /// Wraps a body of hyper's kind (the `Body` trait of the `http-body` crate, version 1).
    pub fn new<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes, Error = TransportError> + Send + 'static,
    {
        Self(body.boxed_unsync())
    }

    /// No bytes at all.
    pub fn empty() -> Self {
        Bytes::new().into()
    }

    /// The next bytes, or `None` at the end. Skips trailers.
    ///
    /// # Errors
    ///
    /// A [`TransportError`] when the connection breaks before the end, or when nothing arrives for
    /// too long.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        while let Some(frame) = self.0.frame().await {
            if let Ok(bytes) = frame?.into_data() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// Makes the body fail when no bytes arrive for `idle`. Time in which the reader does not ask
    /// for more does not count.
    pub(crate) fn with_idle_timeout(self, idle: Duration) -> Self {
        Self::new(IdleTimeout {
            body: self,
            idle,
            timer: None,
        })
    }

    /// The first bytes of the body, `most` at most: those that come within this time, and before
    /// the connection breaks.
    pub(crate) async fn beginning(mut self, most: usize, within: Duration) -> Bytes {
        let mut begun = Collected::default();
        let reading = async {
            while begun.len() < most
                && let Ok(Some(chunk)) = self.chunk().await
            {
                let room = most.saturating_sub(begun.len()).min(chunk.len());
                begun.extend(&chunk.slice(..room));
            }
        };
        // What has come until then is enough.
        let _ = tokio::time::timeout(within, reading).await;
        begun.into_bytes()
    }

    /// The first `most` bytes and more as they come, at most until the deadline, and the same body.
    pub(crate) async fn peek(mut self, most: usize, within: Duration) -> (Bytes, Self) {
        let mut peeked = Peeked::default();
        let reading = async {
            while peeked.length() < most
                && let Some(chunk) = self.chunk().await.transpose()
            {
                if !peeked.push(chunk) {
                    break;
                }
            }
        };
        // What has come until then is enough.
        let _ = tokio::time::timeout(within, reading).await;
        (peeked.beginning(), Self::new(peeked.followed_by(self)))
    }

    /// The whole body, which may be `cap` bytes long at most.
    ///
    /// A length declared above the cap is refused before anything is read; a body without one is
    /// given up at the first byte beyond the cap. Nothing is ever cut.
    ///
    /// The collected bytes are wiped when the last reference to them is dropped. The buffers of the
    /// connection, through which they came, are not.
    ///
    /// # Errors
    ///
    /// A [`TransportError`]: [`TransportFailure::BodyTooLarge`], or the one of
    /// [`chunk`](Self::chunk).
    pub async fn collect(mut self, cap: usize) -> Result<Bytes, TransportError> {
        let too_large = || TransportError::new(TransportFailure::BodyTooLarge { cap });
        let declared = self.0.size_hint().lower();
        let declared = usize::try_from(declared).map_err(|_| too_large())?;
        if declared > cap {
            return Err(too_large());
        }
        let mut collected = Collected::with_capacity(declared);
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > cap.saturating_sub(collected.len()) {
                return Err(too_large());
            }
            collected.extend(&chunk);
        }
        Ok(collected.into_bytes())
    }

    /// The same, which takes `within` at most for the whole body. Without it, a server that sends a
    /// byte now and then keeps the caller waiting for as long as the cap allows.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use openid_client::http::{Body, Bytes, TransportError};
    /// # async fn read(body: Body) -> Result<(), TransportError> {
    /// let minute = Duration::from_secs(60);
    /// let report = body.collect_within(1_000_000, minute).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`collect`](Self::collect), and [`TransportFailure::TimedOut`].
    pub async fn collect_within(
        self,
        cap: usize,
        within: Duration,
    ) -> Result<Bytes, TransportError> {
        let collected = tokio::time::timeout(within, self.collect(cap)).await;
        collected.unwrap_or_else(|_| Err(TransportError::new(TransportFailure::TimedOut)))
    }
}

/// Bytes that are wiped when they are dropped, and when they move to a larger buffer. The room
/// behind them, which `Zeroizing` would wipe as well, was never written.
#[derive(Default)]
struct Collected(Vec<u8>);

impl Drop for Collected {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl Collected {
    fn with_capacity(length: usize) -> Self {
        Self(Vec::with_capacity(length))
    }

    fn wipe(&mut self) {
        self.0.as_mut_slice().zeroize();
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn extend(&mut self, bytes: &[u8]) {
        let length = self.0.len().saturating_add(bytes.len());
        if length > self.0.capacity() {
            // A vector that grows by itself leaves its old buffer as it is.
            let capacity = length.max(self.0.capacity().saturating_mul(2));
            let mut larger = Self::with_capacity(capacity);
            larger.0.extend_from_slice(&self.0);
            *self = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    /// The bytes in the same buffer, which is still wiped at the end.
    fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Collected {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(
            Full::new(bytes)
                .map_err(|impossible| match impossible {})
                .boxed_unsync(),
        )
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

/// A body whose next bytes must come before a deadline.
struct IdleTimeout {
    body: Body,
    idle: Duration,
    /// Set while a reader waits.
    timer: Option<Pin<Box<Sleep>>>,
}

impl HttpBody for IdleTimeout {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            this.timer = None;
            return Poll::Ready(frame);
        }
        let idle = this.idle;
        let timer = this
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Some(Err(TransportError::new(TransportFailure::TimedOut))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_wiped() {
        let mut collected = Collected::with_capacity(4);
        collected.extend(b"secret");
        collected.wipe();
        assert_eq!(collected.0, [0; 6]);
    }

    /// The content is in one buffer that is wiped, with or without a declared length, for every way
    /// in which it arrives.
    #[tokio::test]
    async fn what_is_collected_is_in_one_buffer_that_is_wiped() {
        let chunks: Vec<Bytes> = (0..100u8).map(|byte| vec![byte; 37].into()).collect();
        let whole: Vec<u8> = chunks.concat();
        let mut collected = Collected::default();
        let mut moves = 0;
        for chunk in &chunks {
            let before = collected.0.capacity();
            collected.extend(chunk);
            moves += usize::from(before != collected.0.capacity());
        }
        let address = collected.0.as_ptr();
        assert_eq!(collected.0, whole);
        assert!(moves < 10, "{moves} moves");
        let bytes = collected.into_bytes();
        assert_eq!(bytes.as_ptr(), address, "another copy was made");
        let frames = chunks.into_iter().map(|chunk| Ok(Frame::data(chunk)));
        let body = Body::new(Frames(frames));
        assert_eq!(body.collect(whole.len()).await.unwrap(), whole);
    }

    /// An iterator as a body.
    struct Frames<I>(I);

    impl<I> HttpBody for Frames<I>
    where
        I: Iterator<Item = Result<Frame<Bytes>, TransportError>> + Unpin,
    {
        type Data = Bytes;
        type Error = TransportError;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
            Poll::Ready(self.0.next())
        }
    }
}
