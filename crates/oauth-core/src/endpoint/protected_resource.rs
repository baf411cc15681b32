//! A resource that an access token opens (RFC 6749 section 7, RFC 6750, RFC 9449 section 7).

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, Response, header};
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
/// The response is judged by its head alone; its body is streamed to the caller, of whatever length
/// and kind. A redirect is a response as well: it is not followed, since the access token is meant
/// for the server that was named.
///
/// `Debug` shows no header values, and of the URL no query.
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
    /// A request with an access token, without headers and body of its own.
    ///
    /// # Errors
    ///
    /// [`MetadataError::NotHttps`] and [`MetadataError::Scheme`] when the URL's scheme is not
    /// allowed; [`Misuse::InvalidArgument`] when it is not a URL, carries a user name or password,
    /// or when the method is `CONNECT` or `TRACE`, which must carry no credentials (RFC 9110
    /// section 9.3.8).
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

    /// Sets the request's headers, in the place of those that were set before.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for `Authorization` and `DPoP`, which are made from the access
    /// token.
    pub fn headers(mut self, headers: HeaderMap) -> Result<Self, Error> {
        for reserved in [header::AUTHORIZATION, DPOP] {
            if headers.contains_key(&reserved) {
                return Err(Misuse::InvalidArgument {
                    argument: "headers",
                    expected: "without authorization and dpop, which the access token decides",
                    found: reserved.to_string(),
                }
                .into());
            }
        }
        self.headers = headers;
        Ok(self)
    }

    /// Sets the body. One that is the caller's ([`DraftBody::Callers`]) is put in by the driver.
    #[must_use]
    pub fn body(mut self, body: DraftBody) -> Self {
        self.body = body;
        self
    }
}

impl Endpoint for ProtectedResourceEndpoint {
    /// The head of the response, whatever its status.
    type Output = Response<()>;

    const NAME: EndpointName = EndpointName::ProtectedResource;

    /// The access token speaks for the client.
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

    /// Refuses a response with a challenge. On a success, a challenge refuses nothing.
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

/// The URL comes from the application and not from metadata: what is wrong with it is its mistake,
/// but for the scheme, which an application may take from elsewhere.
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

#[cfg(test)]
mod tests;
