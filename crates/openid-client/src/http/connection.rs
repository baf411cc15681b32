//! One connection to a server: how it is opened, watched and closed.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A stream to a server, with TLS or without.
pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// What is known of a connection while it is open.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// Whether the next bytes to be written begin a request.
    is_between: AtomicBool,
    /// Bytes that have been read.
    read: AtomicU64,
    /// How many of them belong to responses that made progress.
    progress: AtomicU64,
    /// Informational responses (1xx) to the request under way, under HTTP/1.1.
    informational: AtomicU32,
}

impl Gate {
    /// Marks that a request is about to be written, before which no byte may arrive.
    pub(super) fn expect_silence(&self) {
        self.informational.store(0, Ordering::Release);
        self.is_between.store(true, Ordering::Release);
    }

    /// How many bytes have been read.
    pub(super) fn read(&self) -> u64 {
        self.read.load(Ordering::Acquire)
    }

    /// The head of a response has arrived, or a request leaves.
    pub(super) fn progress(&self) {
        self.progress.store(self.read(), Ordering::Release);
    }

    /// A part of the body of a response has arrived. It counts twice, as there are frames around
    /// it. Frames without content count for nothing.
    pub(super) fn received(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(2);
        let read = self.read();
        let advance = |progress: u64| Some(progress.saturating_add(bytes).min(read));
        // It always advances, so there is no error.
        let _ = self
            .progress
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, advance);
    }

    /// Another informational response has arrived.
    pub(super) fn informational(&self) {
        self.informational.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts bytes that were read.
    ///
    /// # Errors
    ///
    /// When a server sends much that belongs to no response, or too many informational responses.
    fn count(&self, bytes: usize) -> io::Result<()> {
        if self.informational.load(Ordering::Acquire) > MOST_INFORMATIONAL {
            return Err(io::Error::other(TooManyInformational));
        }
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let before = self.read.fetch_add(bytes, Ordering::AcqRel);
        let progress = self.progress.load(Ordering::Acquire);
        match before.saturating_add(bytes).saturating_sub(progress) {
            0..=MOST_WITHOUT_PROGRESS => Ok(()),
            _ => Err(io::Error::other(NoProgress)),
        }
    }
}

/// A stream that counts what is read and refuses bytes that arrive before a request is written.
pub(super) struct Watched {
    stream: TokioIo<Stream>,
    gate: Arc<Gate>,
    /// Whether bytes arrived before a request. Nothing is written after them.
    is_broken: bool,
}

impl Watched {
    pub(super) fn new(stream: Stream, gate: Arc<Gate>) -> Self {
        let stream = TokioIo::new(stream);
        Self {
            stream,
            gate,
            is_broken: false,
        }
    }

    fn unsolicited(&mut self) -> io::Error {
        self.is_broken = true;
        io::Error::other(Unsolicited)
    }

    /// Whether nothing has arrived that could be taken for the answer to a request that has not
    /// been written.
    ///
    /// TLS messages, for example session tickets, are read here and leave no bytes.
    fn poll_silence(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut byte = [0];
        let mut byte = ReadBuf::new(&mut byte);
        match Pin::new(&mut self.stream).poll_read(context, &mut byte) {
            Poll::Ready(Ok(())) if byte.filled().is_empty() => {
                Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()))
            }
            Poll::Ready(Ok(())) => Poll::Ready(Err(self.unsolicited())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            // The runtime may not have been told yet of what the kernel has. It will be, and wakes
            // this task.
            Poll::Pending if self.kernel_has_bytes() => Poll::Pending,
            Poll::Pending => Poll::Ready(Ok(())),
        }
    }

    fn kernel_has_bytes(&self) -> bool {
        let tcp = match self.stream.inner() {
            MaybeHttpsStream::Http(tcp) => tcp.inner(),
            MaybeHttpsStream::Https(tls) => tls.inner().get_ref().0.inner().inner(),
        };
        let mut byte = [std::mem::MaybeUninit::uninit()];
        // The socket does not block. An error, and an end, are found by the read that follows.
        SockRef::from(tcp).peek(&mut byte).is_ok()
    }

    /// Waits until a request may be written.
    fn poll_begin(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_broken {
            return Poll::Ready(Err(io::Error::other(Unsolicited)));
        }
        if self.gate.is_between.load(Ordering::Acquire) {
            ready!(self.poll_silence(context))?;
            self.gate.is_between.store(false, Ordering::Release);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let read = buffer.filled().len().saturating_sub(before);
        if read > 0 && self.gate.is_between.load(Ordering::Acquire) {
            // hyper may have the request in its buffer, and would take them for the answer.
            return Poll::Ready(Err(self.unsolicited()));
        }
        Poll::Ready(self.gate.count(read))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_begin(context))?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_begin(context))?;
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Bytes arrived on a connection on which no request was waiting for them.
#[derive(Debug, thiserror::Error)]
#[error("bytes arrived before a request was sent")]
struct Unsolicited;

/// A server sends without end, and no response makes progress.
#[derive(Debug, thiserror::Error)]
#[error("more than {MOST_WITHOUT_PROGRESS} bytes arrived without progress of a response")]
struct NoProgress;

/// A server sends informational responses without end.
#[derive(Debug, thiserror::Error)]
#[error("more than {MOST_INFORMATIONAL} informational responses")]
struct TooManyInformational;

/// Informational responses that one request may have. Servers send one or two.
const MOST_INFORMATIONAL: u32 = 16;

/// More than the windows of HTTP/2, which are 5 MiB, and the buffers of HTTP/1.1 hold: beyond it
/// are frames or informational responses that never end.
const MOST_WITHOUT_PROGRESS: u64 = 8 * 1024 * 1024;

#[cfg(test)]
mod tests;
