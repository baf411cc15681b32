//! One connection of the browser to the loopback redirect URI.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use oauth_core::authorization::Callback;
use tokio::net::TcpStream;

use crate::lock::lock;

/// What the callback of a login looks like, and the page that answers it.
pub(super) struct Expected {
    pub(super) path: String,
    pub(super) state: String,
    pub(super) page: Bytes,
}

/// Answers one request, and returns the callback if it is that of the login. A browser that does
/// not read the page delays it by [`CONNECTION`] at most.
pub(super) async fn serve(stream: TcpStream, expected: Arc<Expected>) -> Option<Callback> {
    let found = Mutex::new(None);
    let answer = |request: Request<Incoming>| {
        let response = match judge(&request, &expected) {
            Ok(callback) => {
                *lock(&found) = Some(callback);
                page(StatusCode::OK, expected.page.clone())
            }
            Err((status, text)) => page(status, Bytes::from_static(text.as_bytes())),
        };
        async { Ok::<_, Infallible>(response) }
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service_fn(answer));
    // A broken connection without a callback is that of another program, or of a browser that
    // opened one in advance.
    let _ = tokio::time::timeout(CONNECTION, connection).await;
    found
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn judge(
    request: &Request<Incoming>,
    expected: &Expected,
) -> Result<Callback, (StatusCode, &'static str)> {
    if request.uri().path() != expected.path {
        return Err((StatusCode::NOT_FOUND, "There is nothing here."));
    }
    if request.method() != Method::GET {
        return Err((StatusCode::METHOD_NOT_ALLOWED, "Only GET is answered here."));
    }
    // Any page in the browser can send a request here. Only the response to this login counts.
    match Callback::from_url(&request.uri().to_string()) {
        Ok(callback) if callback.state() == Some(&expected.state) => Ok(callback),
        _ => Err((
            StatusCode::BAD_REQUEST,
            "This is not the response to the login.",
        )),
    }
}

fn page(status: StatusCode, html: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(html));
    *response.status_mut() = status;
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, http::HeaderValue::from_static(value));
    }
    response
}

/// The page is not kept, loads nothing, and does not tell its URL, which contains the code.
const HEADERS: [(http::HeaderName, &str); 5] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// The longest request line and headers, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;
/// How long one connection may take.
const CONNECTION: Duration = Duration::from_secs(10);
