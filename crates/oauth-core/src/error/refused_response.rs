use std::fmt;

use http::{HeaderMap, StatusCode};

/// A response that refused a request, for somebody who looks for the cause; see
/// [`Error::refused_response`](crate::Error::refused_response).
///
/// Servers repeat what they were sent. So every secret value of the request is masked in the text and
/// in the headers, and every member named like a token, secret, code, assertion, password or verifier
/// in the text. What a server invents under another name is not recognised: keep the text out of logs
/// that many people read. `Debug` shows the status alone.
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

    /// The beginning of the body, 1,000 characters at most, with those escaped that control a terminal
    /// or cannot be seen. Empty for a body that is encoded.
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
