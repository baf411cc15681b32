//! Requests to protected resources (RFC 6749 section 7, RFC 6750, RFC 9449 section 7).

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Response, header};
use url::Url;

use crate::configuration::Configuration;
use crate::dpop::{DPOP, ProofOfPossession};
use crate::endpoint::{AccessToken, Endpoint, Sender};
use crate::error::{Error, MetadataError, Misuse, printable, printable_url};
use crate::metadata::endpoint_url;
use crate::names::EndpointName;
use crate::outbound::ResponseBody;
use crate::policy::Policy;
use crate::time::UnixTime;
use crate::wire::{Draft, DraftBody, challenge};

/// A request to a protected resource.
///
/// Only the head of the response is checked. The body, of any length and kind, is streamed to the
/// caller. A redirect is a response too: it is not followed, because the access token is meant for
/// the server in the URL.
///
/// `Debug` shows no header values, and omits the query of the URL.
#[derive(Clone)]
pub struct ProtectedResourceEndpoint {
    configuration: Configuration,
    access_token: AccessToken,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: DraftBody,
}

impl ProtectedResourceEndpoint {
    /// Creates a request with an access token and without headers and body.
    ///
    /// # Errors
    ///
    /// [`MetadataError::NotHttps`] and [`MetadataError::Scheme`] if the URL's scheme is not
    /// allowed; [`Misuse::InvalidArgument`] if it is not a URL or contains a user name or password,
    /// or if the method is `CONNECT` or `TRACE`: a `TRACE` request must not contain credentials
    /// (RFC 9110 section 9.3.8).
    pub fn new(
        configuration: Configuration,
        access_token: impl Into<AccessToken>,
        method: Method,
        url: &str,
    ) -> Result<Self, Error> {
        if matches!(method, Method::CONNECT | Method::TRACE) {
            return Err(Misuse::InvalidArgument {
                argument: "method",
                expected: "neither CONNECT nor TRACE",
                found: method.to_string(),
            }
            .into());
        }
        let url = resource_url(url, configuration.policy())?;
        Ok(Self {
            configuration,
            access_token: access_token.into(),
            method,
            url,
            headers: HeaderMap::new(),
            body: DraftBody::Empty,
        })
    }

    /// Sets the headers of the request, and replaces those that were set before.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`], which names the header, for those that are not the caller's:
    ///
    /// - `Authorization` and `DPoP`, which are made from the access token;
    /// - `Host`, `Content-Length`, `Transfer-Encoding`, `Connection`, `Keep-Alive`, `TE`,
    ///   `Trailer`, `Upgrade` and all that begin with `Proxy-`. They frame the request or concern
    ///   one connection (RFC 9110 section 7.6.1, RFC 9112 section 6), and the transport makes those
    ///   that it needs. A second opinion on where a request ends would let one request smuggle
    ///   another.
    pub fn headers(mut self, headers: HeaderMap) -> Result<Self, Error> {
        for name in headers.keys() {
            let expected = if [header::AUTHORIZATION, DPOP].contains(name) {
                "without authorization and dpop, which the access token decides"
            } else if TRANSPORT.contains(name) || name.as_str().starts_with("proxy-") {
                "without headers that the transport decides"
            } else {
                continue;
            };
            return Err(Misuse::InvalidArgument {
                argument: "headers",
                expected,
                found: name.to_string(),
            }
            .into());
        }
        self.headers = headers;
        Ok(self)
    }

    /// Sets the body. The driver inserts a body of the kind [`DraftBody::Callers`].
    #[must_use]
    pub fn body(mut self, body: DraftBody) -> Self {
        self.body = body;
        self
    }
}

impl Endpoint for ProtectedResourceEndpoint {
    /// The head of the response, with any status.
    type Output = Response<()>;

    const NAME: EndpointName = EndpointName::ProtectedResource;

    /// No client authentication: the access token authorizes the request.
    fn sender(&self) -> Sender<'_> {
        Sender::Unauthenticated(self.configuration.policy())
    }

    fn proof(&self) -> Option<ProofOfPossession<'_>> {
        self.access_token.proof(&self.configuration)
    }

    fn client_certificate(&self) -> bool {
        self.configuration.has_client_certificate()
    }

    fn response_body(&self) -> ResponseBody {
        ResponseBody::Streamed
    }

    fn request(&self) -> Result<Draft, Error> {
        let mut headers = self.headers.clone();
        self.access_token
            .authorize(&self.configuration, &mut headers)?;
        Ok(Draft {
            method: self.method.clone(),
            url: self.url.clone(),
            headers,
            body: self.body.clone(),
        })
    }

    /// Refuses a response with a challenge, except a successful one.
    fn response(&self, _now: UnixTime, response: &Response<Bytes>) -> Result<Response<()>, Error> {
        if !response.status().is_success()
            && let Some(error) = challenge(response)
        {
            return Err(error.into());
        }
        let mut head = Response::new(());
        *head.status_mut() = response.status();
        *head.version_mut() = response.version();
        *head.headers_mut() = response.headers().clone();
        Ok(head)
    }
}

impl fmt::Debug for ProtectedResourceEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectedResource")
            .field("method", &self.method)
            .field("url", &printable_url(self.url.as_str()))
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// Checks the URL, which comes from the application and not from metadata: a fault in it is a
/// misuse, except for the scheme, which an application may take from elsewhere.
fn resource_url(text: &str, policy: &Policy) -> Result<Url, Error> {
    let invalid = |expected, found| Misuse::InvalidArgument {
        argument: "url",
        expected,
        found,
    };
    let member = EndpointName::ProtectedResource.metadata_member();
    let url = endpoint_url(member, text, policy).map_err(|error| match error {
        MetadataError::Invalid {
            expected, found, ..
        } => invalid(expected, found).into(),
        error => Error::from(error),
    })?;
    if http::Uri::try_from(url.as_str()).is_err() {
        let origin = printable(&url.origin().ascii_serialization());
        return Err(invalid("a URL that can be requested", origin).into());
    }
    Ok(url)
}

/// Headers of framing and of one connection, as well as those that begin with `Proxy-`.
const TRANSPORT: [HeaderName; 8] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    HeaderName::from_static("keep-alive"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

#[cfg(test)]
mod tests;
