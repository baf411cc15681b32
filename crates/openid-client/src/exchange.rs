//! One request and its whole response, within a deadline and a cap.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::Uri;
use oauth_core::error::NoAnswer;
use oauth_core::error::Unanswered;
use oauth_core::outbound::Outbound;
use oauth_core::outbound::ResponseBody;

use crate::http::CollectError;
use crate::http::HttpClient;
use crate::http::TransportError;
use crate::http::TransportFailure;

/// Sends `outbound` once. The deadline covers connection, head and body.
pub(crate) async fn exchange(
    transport: &dyn HttpClient,
    outbound: Outbound,
) -> Result<Response<Bytes>, Unanswered> {
    let Outbound {
        request,
        endpoint,
        response,
        deadline,
        ..
    } = outbound;
    let host = host_of(request.uri());
    let whole = async {
        let (head, body) = transport.send(request).await?.into_parts();
        let body = match response {
            ResponseBody::Buffered { cap } => body.collect(cap).await?,
            ResponseBody::Streamed => Bytes::new(),
        };
        Ok(Response::from_parts(head, body))
    };
    let (reason, source) = match tokio::time::timeout(deadline, whole).await {
        Ok(Ok(response)) => return Ok(response),
        Ok(Err(CollectError::TooLarge { cap })) => (NoAnswer::BodyTooLarge { cap }, None),
        Ok(Err(CollectError::Transport(error))) => (no_answer(&error, host, deadline), Some(error)),
        Err(_) => (timed_out(deadline), None),
    };
    Err(Unanswered {
        endpoint,
        reason,
        source: source.map(|error| Arc::new(error) as _),
    })
}

/// Host and port of a URL, for messages: never its user name, path or query.
pub(crate) fn host_of(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    match uri.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

pub(crate) fn timed_out(deadline: Duration) -> NoAnswer {
    NoAnswer::TimedOut {
        // Rounded up: a deadline of half a second is not one of none.
        seconds: deadline
            .as_millis()
            .div_ceil(1000)
            .try_into()
            .unwrap_or(u64::MAX),
    }
}

fn no_answer(error: &TransportError, host: String, deadline: Duration) -> NoAnswer {
    match error.failure() {
        TransportFailure::TimedOut => timed_out(deadline),
        TransportFailure::NotResolved | TransportFailure::NotConnected => {
            NoAnswer::NotConnected { host }
        }
        TransportFailure::NotTrusted => NoAnswer::NotTrusted { host },
        TransportFailure::Interrupted => NoAnswer::Interrupted,
        TransportFailure::Other => NoAnswer::Failed,
    }
}
