//! What an application can see of the requests without its own transport.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header,
};
use oauth_core::error::Unanswered;
use oauth_core::names::EndpointName;

/// One thing that happened to one request, for a log or for measurements; see
/// [`ClientBuilder::observer`](crate::ClientBuilder::observer).
///
/// Each request causes one observation when it leaves, and one when the head of its response
/// arrives or fails to arrive. A response whose body then breaks causes another one, as unanswered.
/// A request that no caller waits for any more causes only the first.
///
/// It contains no secret, so `Display` and `Debug` can go to a log. It has no body. A URL keeps its
/// host and path, and loses its user name and the values in its query. A header keeps its value
/// only if the header is known to be harmless; other values are `***`. A failure has its reason,
/// without the error of the transport.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Observation {
    /// The number of the request: the same in all its observations, and different from every other
    /// request of this client.
    pub id: u64,
    /// The endpoint that the request is for.
    pub endpoint: EndpointName,
    /// The method of the request.
    pub method: Method,
    /// Its URL, with every value of the query masked.
    pub url: String,
    /// What happened.
    pub event: ObservedEvent,
}

/// What happened to a request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ObservedEvent {
    /// It is about to be sent.
    #[non_exhaustive]
    Sent {
        /// Its headers, masked.
        headers: HeaderMap,
    },
    /// The head of its response has arrived.
    #[non_exhaustive]
    Answered {
        /// The status.
        status: StatusCode,
        /// The headers, masked.
        headers: HeaderMap,
        /// The time since the request was sent, including the time to connect.
        duration: Duration,
    },
    /// No response came, or not all of it.
    #[non_exhaustive]
    Unanswered {
        /// Why, without the transport's own error, which may say more than a log should.
        error: Unanswered,
        /// The time since the request was sent.
        duration: Duration,
    },
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            endpoint,
            method,
            url,
            event,
        } = self;
        write!(f, "#{id} {method} {url} ({endpoint})")?;
        match event {
            ObservedEvent::Sent { .. } => Ok(()),
            ObservedEvent::Answered {
                status, duration, ..
            } => write!(f, ": {} after {} ms", status.as_u16(), duration.as_millis()),
            ObservedEvent::Unanswered { error, duration } => {
                write!(f, ": {} after {} ms", error.reason, duration.as_millis())
            }
        }
    }
}

type Observe = dyn Fn(&Observation) + Send + Sync;

/// The application's function, and the numbers for its requests.
#[derive(Clone, Default)]
pub(crate) struct Observer {
    observe: Option<Arc<Observe>>,
    next: Arc<AtomicU64>,
}

impl Observer {
    pub(crate) fn new(observe: impl Fn(&Observation) + Send + Sync + 'static) -> Self {
        Self {
            observe: Some(Arc::new(observe)),
            next: Arc::default(),
        }
    }

    /// Reports that a request is about to leave; `None` without an observer.
    pub(crate) fn sent<B>(&self, endpoint: EndpointName, request: &Request<B>) -> Option<Observed> {
        let observe = Arc::clone(self.observe.as_ref()?);
        let observed = Observed {
            observe,
            begun: tokio::time::Instant::now(),
            id: self.next.fetch_add(1, Ordering::Relaxed),
            endpoint,
            method: request.method().clone(),
            url: masked_url(request.uri()),
        };
        observed.tell(ObservedEvent::Sent {
            headers: masked_headers(request.headers()),
        });
        Some(observed)
    }
}

/// A request whose departure was reported.
pub(crate) struct Observed {
    observe: Arc<Observe>,
    begun: tokio::time::Instant,
    id: u64,
    endpoint: EndpointName,
    method: Method,
    url: String,
}

impl Observed {
    pub(crate) fn answered<B>(&self, response: &Response<B>) {
        self.tell(ObservedEvent::Answered {
            status: response.status(),
            headers: masked_headers(response.headers()),
            duration: self.begun.elapsed(),
        });
    }

    pub(crate) fn unanswered(&self, error: &Unanswered) {
        self.tell(ObservedEvent::Unanswered {
            // The message of a transport may contain a URL with its query.
            error: Unanswered {
                source: None,
                ..error.clone()
            },
            duration: self.begun.elapsed(),
        });
    }

    /// Calls the observer. The request continues even if it panics.
    fn tell(&self, event: ObservedEvent) {
        let observation = Observation {
            id: self.id,
            endpoint: self.endpoint,
            method: self.method.clone(),
            url: self.url.clone(),
            event,
        };
        let _ = catch_unwind(AssertUnwindSafe(|| (self.observe)(&observation)));
    }
}

/// Scheme, host, port, path and the names in the query.
fn masked_url(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let host = uri.host().unwrap_or_default();
    let port = uri
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let path = uri.path();
    let query: Vec<String> = uri
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        // A name without a value may be one.
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) => format!("{name}={MASK}"),
            None => MASK.to_owned(),
        })
        .collect();
    let query = match query.is_empty() {
        true => String::new(),
        false => format!("?{}", query.join("&")),
    };
    format!("{scheme}://{host}{port}{path}{query}")
}

/// Every header by its name; the value where it is known to be harmless.
fn masked_headers(headers: &HeaderMap) -> HeaderMap {
    let mask = HeaderValue::from_static(MASK);
    headers
        .iter()
        .map(
            |(name, value)| match HARMLESS.contains(name) && !value.is_sensitive() {
                true => (name.clone(), value.clone()),
                false => (name.clone(), mask.clone()),
            },
        )
        .collect()
}

const MASK: &str = "***";

/// Headers whose values hold no secret. Every other header may hold one, in particular a header of
/// the application.
const HARMLESS: [HeaderName; 24] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::AGE,
    header::ALLOW,
    header::CACHE_CONTROL,
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::DATE,
    header::EXPIRES,
    header::HOST,
    header::LAST_MODIFIED,
    header::PRAGMA,
    header::RETRY_AFTER,
    header::SERVER,
    header::STRICT_TRANSPORT_SECURITY,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::USER_AGENT,
    header::VARY,
    header::VIA,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_keeps_its_names_alone() {
        for (url, masked) in [
            ("https://op.example/token", "https://op.example/token"),
            (
                "https://user:password@op.example:8443/a/b?code=c&state=&x&=y&a=b=c",
                "https://op.example:8443/a/b?code=***&state=***&***&=***&a=***",
            ),
            ("https://[::1]:9/?q", "https://[::1]:9/?***"),
            ("https://op.example/?", "https://op.example/?***"),
        ] {
            assert_eq!(masked_url(&url.parse().unwrap()), masked, "{url}");
        }
    }

    #[test]
    fn unknown_and_sensitive_headers_are_masked() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-type", "text/html"),
            ("authorization", "Bearer t"),
            ("dpop", "ey"),
            ("cookie", "a=b"),
            ("set-cookie", "a=b"),
            ("set-cookie", "c=d"),
            ("location", "https://app.example/?code=c"),
            ("x-api-key", "k"),
            ("www-authenticate", "Bearer error_description=\"token t\""),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        let mut sensitive = HeaderValue::from_static("text/secret");
        sensitive.set_sensitive(true);
        headers.insert("accept", sensitive);
        let masked = masked_headers(&headers);
        assert_eq!(masked.len(), headers.len());
        for (name, value) in &masked {
            let expected = if name == "content-type" {
                "text/html"
            } else {
                MASK
            };
            assert_eq!(value, expected, "{name}");
        }
        // With a value that was masked because the sender marked it.
        assert_eq!(masked["accept"], MASK);
    }
}
