use std::fmt;
use std::sync::Arc;

use crate::error::answered::explained;
use crate::error::{Artefact, Error, Rejection, printable};

/// The error in an authorization response that was refused, for example because its `state` is
/// missing.
///
/// Anyone can write such an error, by making a browser open the redirect URI. Log it, and base no
/// decision on it. Control characters in its text are escaped, and it is cut at 200 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedError {
    error: String,
    error_description: Option<String>,
}

impl UnverifiedError {
    /// The text as it came.
    pub(crate) fn new(error: &str, error_description: Option<&str>) -> Self {
        Self {
            error: printable(error),
            error_description: error_description.map(printable),
        }
    }

    /// The `error` code.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// The explanation for developers.
    pub fn error_description(&self) -> Option<&str> {
        self.error_description.as_deref()
    }
}

impl fmt::Display for UnverifiedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&explained(&self.error, self.error_description.as_deref()))
    }
}

impl Rejection {
    /// The error in the authorization response that was refused; see [`UnverifiedError`].
    pub fn unverified_error(&self) -> Option<&UnverifiedError> {
        self.unverified_error.as_deref()
    }
}

impl Error {
    /// Keeps the error in an authorization response that is refused.
    pub(crate) fn with_unverified_error(self, unverified: Option<&UnverifiedError>) -> Self {
        match self {
            Self::Rejected(mut rejection)
                if rejection.artefact == Artefact::AuthorizationResponse =>
            {
                Arc::make_mut(&mut rejection).unverified_error = unverified.cloned().map(Box::new);
                Self::Rejected(rejection)
            }
            other => other,
        }
    }
}

/// What follows the reason in the message of a rejection.
pub(super) fn carried(unverified: Option<&UnverifiedError>) -> String {
    unverified
        .map(|error| format!("; it carries an unverified error: {error}"))
        .unwrap_or_default()
}
