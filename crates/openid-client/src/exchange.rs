//! One request and its response, within a deadline and a cap.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, Uri};
use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::names::EndpointName;
use oauth_core::outbound::Outbound;
use tokio::time::error::Elapsed;

use crate::http::{Body, HttpClient, Observed, Observer, TransportError, TransportFailure};
use crate::trace::{Attempt, Request};

/// Sends `outbound` once, with this body, and collects at most `cap` bytes of the response. The
/// deadline covers connection, head and body.
pub(crate) async fn exchange(
    transport: &dyn HttpClient,
    observer: &Observer,
    outbound: Box<Outbound>,
    body: Body,
    cap: usize,
    attempt: Attempt,
) -> Result<Response<Bytes>, Unanswered> {
    let terms = Terms::of(&outbound, observer, attempt);
    let sent = transport.send(outbound.request.map(|_| body));
    let collected = async {
        let answer = sent.await?;
        terms.answered(&answer);
        let (head, body) = answer.into_parts();
        let body = body.collect(cap).await?;
        terms.traced.ended(Some(body.len()));
        Ok(Response::from_parts(head, body))
    };
    let answer = tokio::time::timeout(terms.deadline, collected).await;
    terms.judge(answer)
}

/// Sends `outbound` once, with this body, and hands the response over while it arrives. The
/// deadline ends with the head; each wait for more of the body has another deadline of the same
/// length.
pub(crate) async fn stream(
    transport: &dyn HttpClient,
    observer: &Observer,
    outbound: Box<Outbound>,
    body: Body,
    attempt: Attempt,
) -> Result<Response<Body>, Unanswered> {
    let terms = Terms::of(&outbound, observer, attempt);
    let sent = transport.send(outbound.request.map(|_| body));
    let answer = tokio::time::timeout(terms.deadline, sent).await;
    let answer = terms.judge(answer)?;
    terms.answered(&answer);
    terms.traced.ended(None);
    Ok(answer.map(|body| body.with_idle_timeout(terms.deadline)))
}

/// What is left of a request when it is under way.
struct Terms {
    endpoint: EndpointName,
    uri: Uri,
    deadline: Duration,
    observed: Option<Observed>,
    traced: Request,
}

impl Terms {
    /// Creates the terms of a request that leaves now.
    fn of(outbound: &Outbound, observer: &Observer, attempt: Attempt) -> Self {
        Self {
            traced: Request::begin(outbound, attempt),
            observed: observer.sent(outbound.endpoint, &outbound.request),
            endpoint: outbound.endpoint,
            uri: outbound.request.uri().clone(),
            deadline: outbound.deadline,
        }
    }

    /// Explains why there is no answer.
    fn judge<T>(
        &self,
        answer: Result<Result<T, TransportError>, Elapsed>,
    ) -> Result<T, Unanswered> {
        let (reason, source) = match answer {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => self.no_answer(error),
            Err(_) => (timed_out(self.deadline), None),
        };
        let unanswered = Unanswered {
            endpoint: self.endpoint,
            reason,
            source: source.map(|error| Arc::new(error) as _),
        };
        if let Some(observed) = &self.observed {
            observed.unanswered(&unanswered);
        }
        self.traced.unanswered(&unanswered);
        Err(unanswered)
    }

    fn answered<B>(&self, answer: &Response<B>) {
        self.traced.answered(answer.status());
        if let Some(observed) = &self.observed {
            observed.answered(answer);
        }
    }

    /// What the core is told, and the message of the transport where it adds to that.
    fn no_answer(&self, error: TransportError) -> (NoAnswer, Option<TransportError>) {
        let host = host_of(&self.uri);
        let reason = match error.failure() {
            TransportFailure::TimedOut => timed_out(self.deadline),
            TransportFailure::NotResolved | TransportFailure::NotConnected => {
                NoAnswer::NotConnected { host }
            }
            TransportFailure::DestinationRefused => NoAnswer::DestinationRefused { host },
            TransportFailure::NotTrusted => {
                let cause = error.tls_fault();
                NoAnswer::NotTrusted { host, cause }
            }
            TransportFailure::Interrupted => NoAnswer::Interrupted,
            TransportFailure::ClosedUnanswered => NoAnswer::ClosedUnanswered,
            TransportFailure::BodyTooLarge { cap } => {
                return (NoAnswer::BodyTooLarge { cap }, None);
            }
            TransportFailure::Other => NoAnswer::Failed,
        };
        (reason, Some(error))
    }
}

/// Host and port of a URL, for messages: never its user name, path or query.
pub(crate) fn host_of(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    match uri.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

pub(crate) const fn timed_out(deadline: Duration) -> NoAnswer {
    NoAnswer::TimedOut { deadline }
}
