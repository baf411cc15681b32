//! A connection that carries one exchange after another (HTTP/1.1).

use std::sync::Arc;

use http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::task::AbortHandle;

use crate::http::Body;
use crate::http::connection::{Gate, Stream, Watched};

/// The sending half of such a connection. Dropped, it lets the connection end; see
/// [`close`](Self::close).
pub(super) struct Sender {
    sender: SendRequest<Body>,
    gate: Arc<Gate>,
    task: AbortHandle,
    /// Whether an exchange was completed on it.
    is_reused: bool,
}

/// The response, or the error, which contains the request if no byte of it was written.
pub(super) type Sent = Result<Response<Incoming>, TrySendError<Request<Body>>>;

impl Sender {
    pub(super) async fn open(stream: Stream) -> hyper::Result<Self> {
        let gate = Arc::new(Gate::default());
        let watched = TokioIo::new(Watched::new(stream, Arc::clone(&gate)));
        let (sender, connection) = http1::Builder::new().handshake(watched).await?;
        let task = tokio::spawn(async move {
            // The exchange under way receives the error.
            let _ = connection.await;
        });
        Ok(Self {
            sender,
            gate,
            task: task.abort_handle(),
            is_reused: false,
        })
    }

    pub(super) fn is_ready(&self) -> bool {
        self.sender.is_ready()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    pub(super) const fn is_reused(&self) -> bool {
        self.is_reused
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Waits until it can carry another exchange; false when it never will.
    pub(super) async fn ready(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    /// Sends a request, which is in origin form and has a `Host`. The future waits for the head of
    /// the response.
    pub(super) fn send(&mut self, mut request: Request<Body>) -> impl Future<Output = Sent> {
        *request.version_mut() = Version::HTTP_11;
        let gate = Arc::clone(&self.gate);
        hyper::ext::on_informational(&mut request, move |_| gate.informational());
        self.gate.expect_silence();
        let response = self.sender.try_send_request(request);
        async {
            let response = response.await?;
            self.gate.progress();
            Ok(response)
        }
    }

    /// An exchange is complete.
    pub(super) fn completed(mut self) -> Self {
        self.is_reused = true;
        self
    }

    /// Closes the connection at once.
    pub(super) fn close(self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests;
