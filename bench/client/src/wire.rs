//! HTTP requests with bare hyper.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// A client of bare hyper.
pub type Hyper = Client<HttpConnector, Full<Bytes>>;

/// Creates a client with hyper's default settings, and without Nagle's delay.
pub fn hyper() -> Hyper {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    Client::builder(TokioExecutor::new()).build(tcp)
}

/// Sends a request and returns the body of its response, which must have the status 200.
pub async fn exchange(client: &Hyper, request: Request<Full<Bytes>>) -> Bytes {
    let response = client.request(request).await.expect("an answer");
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect().await.expect("a body");
    body.to_bytes()
}

/// Fetches a document.
pub async fn fetch(client: &Hyper, url: &str) -> Bytes {
    let request = Request::get(url).body(Full::default());
    exchange(client, request.expect("a request")).await
}

/// A recorded request, in parts from which it is cheap to build again.
#[derive(Debug, PartialEq)]
pub struct Recorded {
    pub method: Method,
    pub url: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Recorded {
    /// Parses the bytes of a request to `provider`. Omits `Host` and `Content-Length`, which hyper
    /// adds.
    pub fn parse(request: &[u8], provider: &str) -> Self {
        let request = std::str::from_utf8(request).expect("text");
        let (head, body) = request.split_once("\r\n\r\n").expect("a head");
        let mut lines = head.split("\r\n");
        let mut start = lines.next().expect("a request line").split(' ');
        let method = start.next().expect("a method").parse().expect("a method");
        let path = start.next().expect("a path");
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(": ").expect("a header");
            let name: HeaderName = name.parse().expect("a name");
            if name != header::HOST && name != header::CONTENT_LENGTH {
                headers.append(name, HeaderValue::from_str(value).expect("a value"));
            }
        }
        Self {
            method,
            url: format!("{provider}{path}").parse().expect("a URL"),
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    /// Builds the request again.
    pub fn request(&self) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }
}
