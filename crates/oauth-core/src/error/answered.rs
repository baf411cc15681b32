//! The server understood and said no.

use std::fmt;

use http::HeaderMap;
use http::StatusCode;
use serde_json::Map;
use serde_json::Value;

use crate::challenge::Challenge;

/// An OAuth error in a response body (RFC 6749 section 5.2).
#[derive(Clone, thiserror::Error)]
#[error("the server answered {}: {}{}", .status.as_u16(), super::printable(.error), described(.error_description))]
pub struct ResponseBodyError {
    /// The `error` code, such as `invalid_grant`.
    pub error: String,
    /// The server's explanation for developers.
    pub error_description: Option<String>,
    /// The HTTP status.
    pub status: StatusCode,
    /// The response's headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Map<String, Value>,
}

impl fmt::Debug for ResponseBodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBodyError")
            .field("error", &self.error)
            .field("error_description", &self.error_description)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// An OAuth error in an authorization response (RFC 6749 section 4.1.2.1). State and issuer were
/// checked before it was believed.
#[derive(Clone, thiserror::Error)]
#[error("the authorization server answered: {}{}", super::printable(.error), described(.error_description))]
pub struct AuthorizationResponseError {
    /// The `error` code, such as `access_denied`.
    pub error: String,
    /// The server's explanation for developers.
    pub error_description: Option<String>,
    /// All parameters of the response, in order.
    pub parameters: Vec<(String, String)>,
}

impl fmt::Debug for AuthorizationResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationResponseError")
            .field("error", &self.error)
            .field("error_description", &self.error_description)
            .finish_non_exhaustive()
    }
}

/// A `WWW-Authenticate` challenge on a refusal (RFC 9110 section 11.6.1).
#[derive(Clone, thiserror::Error)]
#[error("the server answered {} with a challenge: {}", .status.as_u16(), summary(.challenges))]
pub struct WwwAuthenticateChallengeError {
    /// The challenges, in the order of the headers; at least one.
    pub challenges: Vec<Challenge>,
    /// The HTTP status.
    pub status: StatusCode,
    /// The response's headers.
    pub headers: HeaderMap,
}

impl fmt::Debug for WwwAuthenticateChallengeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WwwAuthenticateChallengeError")
            .field("challenges", &self.challenges)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

fn described(description: &Option<String>) -> String {
    description
        .as_ref()
        .map(|text| format!(" ({})", super::printable(text)))
        .unwrap_or_default()
}

/// Each challenge by its scheme and error code.
fn summary(challenges: &[Challenge]) -> String {
    let each = challenges.iter().map(|challenge| {
        let error = challenge.error().map(|code| format!(" {code}"));
        challenge.scheme.clone() + &error.unwrap_or_default()
    });
    super::printable(&each.collect::<Vec<_>>().join(", "))
}
