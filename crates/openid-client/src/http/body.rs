use std::fmt;

use bytes::Bytes;
use bytes::BytesMut;
use http_body_util::BodyExt as _;
use http_body_util::Full;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Body as HttpBody;

use crate::http::TransportError;

/// A response body that is still arriving.
///
/// Dropping it ends the exchange. `Debug` shows nothing of its content.
pub struct Body(UnsyncBoxBody<Bytes, TransportError>);

impl Body {
    /// Wraps a body of hyper's kind (the `Body` trait of the `http-body` crate, version 1).
    pub fn new<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes, Error = TransportError> + Send + 'static,
    {
        Self(body.boxed_unsync())
    }

    /// The next bytes, or `None` at the end. Trailers are passed over.
    ///
    /// # Errors
    ///
    /// A [`TransportError`] when the connection breaks before the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        while let Some(frame) = self.0.frame().await {
            if let Ok(bytes) = frame?.into_data() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// The whole body, which may be `cap` bytes long at most.
    ///
    /// A length declared above the cap is refused before anything is read; a body without one is
    /// given up at the first byte beyond the cap. Nothing is ever cut.
    pub(crate) async fn collect(mut self, cap: usize) -> Result<Bytes, CollectError> {
        let declared = self.0.size_hint().lower();
        let declared = usize::try_from(declared).map_err(|_| CollectError::TooLarge { cap })?;
        if declared > cap {
            return Err(CollectError::TooLarge { cap });
        }
        let mut collected = BytesMut::with_capacity(declared);
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > cap.saturating_sub(collected.len()) {
                return Err(CollectError::TooLarge { cap });
            }
            collected.extend_from_slice(&chunk);
        }
        Ok(collected.freeze())
    }
}

/// Why a body could not be collected.
#[derive(Debug)]
pub(crate) enum CollectError {
    TooLarge { cap: usize },
    Transport(TransportError),
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

impl From<TransportError> for CollectError {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}
