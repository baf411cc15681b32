//! Request objects that the application hosts (OpenID Connect Core 1.0 section 6.2, RFC 9101
//! section 5.2): the browser takes a URL to the server, and the server fetches the object there.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response};
use jose::{HashAlgorithm, base64url};
use url::Url;

use crate::configuration::Configuration;
use crate::error::{Error, Misuse, Unsupported, printable_url};
use crate::secret::Secret;

/// An authorization request whose request object the application hosts.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HostedRequest {
    /// The URL to send the browser to. It contains the URL of the request object, with the hash of
    /// the object in its fragment.
    pub url: Url,
    /// The request object. [`request_object_response`] makes the response that contains it. It is a
    /// secret because it contains the `state`, the `nonce` and what the application knows about the
    /// person.
    pub request_object: Secret,
}

/// Makes the response to a GET request of the server for a request object: status 200 with the
/// media type `application/oauth-authz-req+jwt` (RFC 9101 section 5.2.3) and
/// `Cache-Control: no-store`.
pub fn request_object_response(request_object: &Secret) -> Response<Bytes> {
    let body = Bytes::copy_from_slice(request_object.expose().as_bytes());
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static("application/oauth-authz-req+jwt");
    headers.insert(CONTENT_TYPE, media_type);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The URL at which a request object will be hosted, accepted for one configuration.
#[derive(Debug, Clone)]
pub(crate) struct RequestUri(String);

impl RequestUri {
    /// Accepts the URL if the server can fetch a request object there.
    ///
    /// # Errors
    ///
    /// [`Unsupported::Feature`] if the server says that it does not support `request_uri`;
    /// [`Misuse::InvalidArgument`] for a URL that is not https, has credentials or a fragment, is
    /// too long, or is not registered where the server requires that.
    pub(crate) fn new(configuration: &Configuration, text: &str) -> Result<Self, Error> {
        let server = configuration.server();
        // OpenID Connect Discovery 1.0 section 3: the default is true.
        if server.request_uri_parameter_supported == Some(false) {
            let feature = "request objects by reference";
            return Err(Unsupported::Feature { feature }.into());
        }
        let invalid = |expected| {
            Err(Misuse::InvalidArgument {
                argument: "request_uri",
                expected,
                found: printable_url(text),
            }
            .into())
        };
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        let Some(url) = Url::parse(text).ok().filter(|_| is_plain) else {
            return invalid("an absolute URL of printable ASCII");
        };
        // The object contains secrets of the login, so its signature alone is not enough.
        let is_secure = match url.scheme() {
            "https" => true,
            "http" => configuration.policy().insecure_requests(),
            _ => false,
        };
        if !is_secure {
            return invalid("an https URL");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return invalid("a URL without user name and password");
        }
        if url.fragment().is_some() {
            return invalid("a URL without fragment, which the hash of the object becomes");
        }
        if text.len() > LONGEST {
            return invalid("a URL of at most 468 characters");
        }
        // OpenID Connect Discovery 1.0 section 3: the default is false.
        let registered = configuration.client().request_uris.as_deref();
        let is_registered = registered.unwrap_or_default().iter().any(|uri| uri == text);
        if server.require_request_uri_registration == Some(true) && !is_registered {
            return invalid("among the `request_uris` of the client, as the server requires");
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the `request_uri` of this request object: the URL, and as its fragment the SHA-256
    /// hash of the content (OpenID Connect Core 1.0 section 6.2).
    pub(crate) fn of(&self, request_object: &str) -> String {
        let hash = HashAlgorithm::Sha256.digest(request_object.as_bytes());
        format!("{}#{}", self.0, base64url::encode(&hash))
    }
}

/// The largest number of characters of the URL, so that 512 suffice together with `#` and the 43
/// characters of the hash (OpenID Connect Core 1.0 section 6.2).
const LONGEST: usize = 468;

#[cfg(test)]
mod tests;
