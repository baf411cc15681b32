use std::fmt;

use http::{HeaderMap, StatusCode};

/// The response that refused a request, for finding the cause; see
/// [`Error::refused_response`](crate::Error::refused_response).
///
/// Servers repeat what they were sent. So the secret values of the request are masked in the text
/// and in the headers: credentials in headers, sensitive headers, and the parameters in the query
/// and in a form that the library wrote, apart from those known to be harmless. In the text every
/// member, parameter and element is masked, too, that is named like a token, secret, code,
/// assertion, password, verifier, credential, cookie or JWT.
///
/// The masks cover no secret that a server sends under another name, and only a part of a body that
/// the caller sent to a protected resource: if that body is a JSON object in memory of at most 256
/// KiB, the texts of its top-level members with such names are masked; in every other body,
/// including a form or a stream, nothing is masked. So keep the text out of logs that many people
/// read. `Debug` shows only the status.
#[derive(Clone)]
pub struct RefusedResponse {
    status: StatusCode,
    headers: HeaderMap,
    beginning: String,
    answers_access_token: bool,
}

impl RefusedResponse {
    pub(crate) const fn new(
        status: StatusCode,
        headers: HeaderMap,
        beginning: String,
        answers_access_token: bool,
    ) -> Self {
        Self {
            status,
            headers,
            beginning,
            answers_access_token,
        }
    }

    /// Whether the request presented an access token.
    pub(super) const fn answers_access_token(&self) -> bool {
        self.answers_access_token
    }

    /// The HTTP status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers, such as `Retry-After` (RFC 9110 section 10.2.3).
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The beginning of the body, 1,000 characters at most, with those escaped that control a
    /// terminal or cannot be seen. Empty for a body that is encoded. What is masked in it, and what
    /// is not, says [`RefusedResponse`].
    pub fn beginning_of_body(&self) -> &str {
        &self.beginning
    }
}

impl fmt::Debug for RefusedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusedResponse")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
