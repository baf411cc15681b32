//! Writes spans and events.

use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};
use std::time::Duration;

use http::{Method, StatusCode};
use oauth_core::error::Unanswered;
use oauth_core::names::EndpointName;
use oauth_core::outbound::Outbound;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, debug, enabled, info_span, warn};

use crate::error::Error;
use crate::exchange::host_of;

/// Runs an operation in its span, and writes an event when it ends.
pub(crate) fn operation<T>(
    name: &'static str,
    issuer: &str,
    future: impl Future<Output = Result<T, oauth_core::Error>>,
) -> impl Future<Output = Result<T, oauth_core::Error>> {
    let span = info_span!(target: TARGET, "operation", operation = name, issuer, error = Empty);
    let within = span.clone();
    let run = async move {
        let begun = Instant::now();
        let result = future.await;
        let error = result.as_ref().err().map(|error| code(error.code()));
        if let Some(error) = error {
            span.record("error", error);
        }
        let duration_ms = milliseconds(begun.elapsed());
        debug!(target: TARGET, operation = name, duration_ms, error, "operation ended");
        result
    };
    run.instrument(within)
}

/// Keeps the span of the caller in a task.
pub(crate) fn in_current_span<F: Future>(future: F) -> impl Future<Output = F::Output> {
    future.instrument(Span::current())
}

/// Reports what no caller is told: old server metadata stay in use.
pub(crate) fn renewal_failed(error: &Error) {
    let error = code(error.code());
    warn!(target: TARGET, error, "server metadata could not be renewed; the old ones stay in use");
}

/// The number of requests that one operation has sent.
#[derive(Debug, Default)]
pub(crate) struct Attempts(AtomicU32);

impl Attempts {
    pub(crate) fn next(&self) -> Attempt {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        Attempt(before.saturating_add(1))
    }
}

/// Which of its operation's requests one is, from 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt(u32);

/// A request under way; `None` if nothing would be written.
#[derive(Debug)]
pub(crate) struct Request(Option<Box<UnderWay>>);

#[derive(Debug)]
struct UnderWay {
    endpoint: EndpointName,
    method: Method,
    host: String,
    attempt: Attempt,
    begun: Instant,
    /// Of the response whose head has arrived; zero before.
    status: AtomicU16,
    has_ended: AtomicBool,
}

impl Request {
    pub(crate) fn begin(outbound: &Outbound, attempt: Attempt) -> Self {
        if !enabled!(target: TARGET, tracing::Level::DEBUG) {
            return Self(None);
        }
        Self(Some(Box::new(UnderWay {
            endpoint: outbound.endpoint,
            method: outbound.request.method().clone(),
            host: host_of(outbound.request.uri()),
            attempt,
            begun: Instant::now(),
            status: AtomicU16::new(0),
            has_ended: AtomicBool::new(false),
        })))
    }

    /// The head of the response has arrived.
    pub(crate) fn answered(&self, status: StatusCode) {
        if let Some(under_way) = &self.0 {
            under_way.status.store(status.as_u16(), Ordering::Relaxed);
        }
    }

    /// The response is complete, or streams, without a number of bytes.
    pub(crate) fn ended(&self, bytes: Option<usize>) {
        if let Some(under_way) = &self.0 {
            under_way.write(bytes, None);
        }
    }

    /// No response has come, or not all of it.
    pub(crate) fn unanswered(&self, unanswered: &Unanswered) {
        if let Some(under_way) = &self.0 {
            under_way.write(None, Some(unanswered.reason.code()));
        }
    }
}

impl UnderWay {
    fn write(&self, bytes: Option<usize>, error: Option<&'static str>) {
        self.has_ended.store(true, Ordering::Relaxed);
        let status = match self.status.load(Ordering::Relaxed) {
            0 => None,
            status => Some(status),
        };
        debug!(
            target: TARGET,
            endpoint = %self.endpoint,
            method = self.method.as_str(),
            host = &*self.host,
            status,
            duration_ms = milliseconds(self.begun.elapsed()),
            attempt = self.attempt.0,
            bytes,
            error,
            "request"
        );
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        // The caller has given up.
        if !self.has_ended.load(Ordering::Relaxed) {
            self.write(None, Some("OAUTH_ABORT"));
        }
    }
}

/// An error without a code is a mistake of the application.
fn code(code: Option<&'static str>) -> &'static str {
    code.unwrap_or("MISUSE")
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

const TARGET: &str = "openid_client";
