use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use serde_json::Value;
use url::Url;

use crate::error::{Error, MetadataError, printable_url};
use crate::names::EndpointName;
use crate::wire::Parameters;

/// A request that is not complete yet: client authentication may still add headers and parameters.
/// `Debug` shows no values, and omits the query of the URL.
#[derive(Clone)]
pub struct Draft {
    /// The method.
    pub method: Method,
    /// The URL that the request goes to.
    pub url: Url,
    /// The headers; secret values are marked sensitive.
    pub headers: HeaderMap,
    /// The body.
    pub body: DraftBody,
}

/// The body of a [`Draft`]. `Debug` shows no values, because a body may contain secrets.
#[derive(Clone)]
pub enum DraftBody {
    /// No body.
    Empty,
    /// Parameters as `application/x-www-form-urlencoded`.
    Form(Parameters),
    /// These bytes; the headers give their media type.
    Bytes(Bytes),
    /// A body that the caller has given to the driver.
    Callers {
        /// Whether the body can be sent a second time.
        repeatable: bool,
    },
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("method", &self.method)
            .field("url", &printable_url(self.url.as_str()))
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body)
            .finish()
    }
}

impl fmt::Debug for DraftBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Form(form) => f.debug_tuple("Form").field(form).finish(),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Callers { repeatable } => f
                .debug_struct("Callers")
                .field("repeatable", repeatable)
                .finish(),
        }
    }
}

impl Draft {
    /// Creates a GET request that accepts `accept`.
    pub fn get(url: Url, accept: &'static str) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: headers(accept),
            body: DraftBody::Empty,
        }
    }

    /// Creates a POST request with form parameters that accepts JSON.
    pub fn post_form(url: Url, form: Parameters) -> Self {
        Self {
            method: Method::POST,
            url,
            headers: headers("application/json"),
            body: DraftBody::Form(form),
        }
    }

    /// Creates a POST request with a JSON document that accepts JSON.
    pub fn post_json(url: Url, document: &Value) -> Self {
        let mut headers = headers("application/json");
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        Self {
            method: Method::POST,
            url,
            headers,
            body: DraftBody::Bytes(Bytes::from(document.to_string())),
        }
    }

    /// The form parameters, if the body is a form.
    pub fn form_mut(&mut self) -> Option<&mut Parameters> {
        match &mut self.body {
            DraftBody::Form(form) => Some(form),
            DraftBody::Empty | DraftBody::Bytes(_) | DraftBody::Callers { .. } => None,
        }
    }

    /// Completes the request for `endpoint`.
    ///
    /// # Errors
    ///
    /// [`MetadataError::Invalid`] if the URL cannot be a request target, for example because it is
    /// longer than 65,534 bytes.
    pub fn into_request(self, endpoint: EndpointName) -> Result<http::Request<Bytes>, Error> {
        self.into_request_to(None, endpoint)
    }

    /// Completes the request, whose URL as a request target may be known.
    pub(crate) fn into_request_to(
        self,
        target: Option<Uri>,
        endpoint: EndpointName,
    ) -> Result<http::Request<Bytes>, Error> {
        let Self {
            method,
            mut url,
            mut headers,
            body,
        } = self;
        let body = match body {
            DraftBody::Empty | DraftBody::Callers { .. } => Bytes::new(),
            DraftBody::Bytes(bytes) => bytes,
            DraftBody::Form(form) => {
                headers.insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/x-www-form-urlencoded;charset=UTF-8"),
                );
                form.encode_wiped()
            }
        };
        let uri = match target {
            Some(target) => target,
            None => {
                url.set_fragment(None);
                request_target(&url).ok_or_else(|| MetadataError::Invalid {
                    member: endpoint.metadata_member(),
                    expected: "a URL that can be requested",
                    found: printable_url(url.as_str()),
                })?
            }
        };
        let mut request = http::Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// Returns a URL without a fragment in the form of a request, unless it is too long.
pub(crate) fn request_target(url: &Url) -> Option<Uri> {
    Uri::try_from(url.as_str()).ok()
}

/// The headers of a request that accepts `accept`, with room for those that are added on the way:
/// media type, credentials, and the three of the transport.
fn headers(accept: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    headers
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    #[test]
    fn nothing_is_shown_that_may_be_secret() {
        let url = "https://rs.example/things?access_token=secret";
        let mut draft = Draft::get(url.parse().unwrap(), "application/json");
        let secret = HeaderValue::from_static("Bearer secret");
        draft.headers.insert(header::AUTHORIZATION, secret);
        draft.body = DraftBody::Bytes(Bytes::from_static(b"secret"));
        assert_eq!(
            format!("{draft:?}"),
            "Draft { method: GET, url: \"https://rs.example/things\", \
             headers: [\"accept\", \"authorization\"], body: Bytes(6 bytes) }"
        );
        draft.url = format!("{url}{}", "a".repeat(70_000)).parse().unwrap();
        let Err(Error::Metadata(error)) = draft.into_request(EndpointName::Token) else {
            panic!("a request to a URL that is too long");
        };
        assert_eq!(
            error,
            MetadataError::Invalid {
                member: "token_endpoint",
                expected: "a URL that can be requested",
                found: "https://rs.example/things".to_owned(),
            }
        );
    }
}
