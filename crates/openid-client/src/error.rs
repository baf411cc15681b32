//! The errors of operations and of the set-up of a client.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use oauth_core::endpoint::ClientInformation;
use oauth_core::error::{NoAnswer, RefusedResponse, Rejection, Unanswered};
use oauth_core::names::EndpointName;
use oauth_core::report::write_chain;
use oauth_core::source::SourceError;

use crate::http::{TransportError, TransportFailure};
use crate::store::StoreError;

/// Error of an operation, or of the set-up of a client.
///
/// No token, code, secret or key is part of a message or of `Debug`. `{:#}` also prints the causes
/// in one line, including the message of the transport; [`Report`](crate::Report) does so for every
/// error that `main` returns.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Error {
    /// The operation failed.
    Core(oauth_core::Error),
    /// A root certificate cannot be used.
    Certificate {
        /// What was expected.
        expected: &'static str,
        /// What was found, for example the labels of other PEM documents.
        found: Cow<'static, str>,
    },
    /// The client's own certificate, or its key, cannot be used.
    ClientCertificate {
        /// What was expected.
        expected: &'static str,
        /// What was found, for example the labels of other PEM documents.
        found: Cow<'static, str>,
    },
    /// A private key cannot be read, or cannot be used for client authentication.
    Key(jose::Error),
    /// TLS cannot be set up with these settings.
    Tls(rustls::Error),
    /// Two settings exclude each other.
    Conflict {
        /// One of them.
        setting: &'static str,
        /// The other.
        other: &'static str,
    },
    /// The server has registered the client, or changed its registration, in a way that cannot be
    /// used. The error keeps the registration.
    RegistrationUnusable(Arc<RegistrationUnusable>),
    /// A token source has no token to give.
    Source(SourceError),
    /// A token store failed or cannot be reached.
    Store(StoreError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return write_chain(f, self);
        }
        match self {
            Self::Core(error) => error.fmt(f),
            Self::Certificate { expected, found } => {
                write!(f, "root certificate: expected {expected}, found {found}")
            }
            Self::ClientCertificate { expected, found } => {
                write!(f, "client certificate: expected {expected}, found {found}")
            }
            Self::Key(error) => write!(f, "the private key is refused: {error}"),
            Self::Tls(error) => write!(f, "TLS cannot be set up: {error}"),
            Self::Conflict { setting, other } => {
                write!(f, "`{setting}` and `{other}` cannot both be set")
            }
            Self::RegistrationUnusable(unusable) => unusable.fmt(f),
            Self::Source(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    /// The cause of the error. An error that the message repeats is skipped.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Core(error) => error.source(),
            Self::Key(error) => Some(error),
            Self::Tls(error) => Some(error),
            Self::RegistrationUnusable(unusable) => unusable.source(),
            Self::Source(error) => error.source(),
            Self::Store(error) => error.source(),
            Self::Certificate { .. } | Self::ClientCertificate { .. } | Self::Conflict { .. } => {
                None
            }
        }
    }
}

/// For a [`Callback`](crate::Callback), whose conversion into itself cannot fail.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<oauth_core::Error> for Error {
    fn from(error: oauth_core::Error) -> Self {
        Self::Core(error)
    }
}

/// For a body that is read while it arrives: that of a protected resource. A request that gets no
/// response is an [`Unanswered`] of its endpoint already.
impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        let reason = match error.failure() {
            TransportFailure::BodyTooLarge { cap } => NoAnswer::BodyTooLarge { cap },
            TransportFailure::Interrupted => NoAnswer::Interrupted,
            _ => NoAnswer::Failed,
        };
        Self::Core(
            Unanswered {
                endpoint: EndpointName::ProtectedResource,
                reason,
                source: Some(Arc::new(error)),
            }
            .into(),
        )
    }
}

impl From<jose::Error> for Error {
    fn from(error: jose::Error) -> Self {
        Self::Key(error)
    }
}

impl From<Arc<RegistrationUnusable>> for Error {
    fn from(unusable: Arc<RegistrationUnusable>) -> Self {
        Self::RegistrationUnusable(unusable)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

/// Error for a registration that cannot be used.
///
/// It keeps the registration. Without it the application could not manage the client at the server,
/// and would lose new credentials when the old ones no longer work (RFC 7592 section 2.2).
#[derive(Debug, Clone)]
pub struct RegistrationUnusable {
    cause: Error,
    information: ClientInformation,
}

impl RegistrationUnusable {
    pub(crate) fn new(cause: Error, information: ClientInformation) -> Arc<Self> {
        Arc::new(Self { cause, information })
    }

    /// Converts an error of the core that keeps the registration.
    pub(crate) fn of_core(error: Error) -> Error {
        let Error::Core(oauth_core::Error::RegistrationUnusable(unusable)) = &error else {
            return error;
        };
        let rejection = Arc::new(unusable.rejection().clone());
        let cause = Error::Core(rejection.into());
        Self::new(cause, unusable.client_information().clone()).into()
    }

    /// Why it cannot be used.
    pub const fn cause(&self) -> &Error {
        &self.cause
    }

    /// What is registered, for a
    /// [`DeleteRegistrationRequest`](oauth_core::endpoint::DeleteRegistrationRequest) or an
    /// [`UpdateRegistrationRequest`](oauth_core::endpoint::UpdateRegistrationRequest). It holds
    /// secrets.
    pub const fn client_information(&self) -> &ClientInformation {
        &self.information
    }
}

impl std::fmt::Display for RegistrationUnusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "registered, but not usable: {}", self.cause)
    }
}

impl std::error::Error for RegistrationUnusable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.cause)
    }
}

impl Error {
    /// A stable code for programs and log searches, as listed at [`oauth_core::Error::code`].
    /// `None` for a mistake in the set-up or in the use of the library, which a program cannot
    /// handle.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Core(error) => error.code(),
            // The cause is in the server's response, not in this variant.
            Self::RegistrationUnusable(unusable) => {
                let code = unusable.cause.code();
                Some(code.unwrap_or("OAUTH_REGISTRATION_UNUSABLE"))
            }
            Self::Source(error) => error.code(),
            Self::Store(_) => Some("OAUTH_STORE_FAILED"),
            Self::Certificate { .. }
            | Self::ClientCertificate { .. }
            | Self::Key(_)
            | Self::Tls(_)
            | Self::Conflict { .. } => None,
        }
    }

    /// The error of the core; `None` for an error of the set-up.
    pub fn core(&self) -> Option<&oauth_core::Error> {
        match self {
            Self::Core(error) => Some(error),
            Self::RegistrationUnusable(unusable) => unusable.cause.core(),
            Self::Source(error) => error.cause(),
            _ => None,
        }
    }

    /// The part of the response that was refused, and the check that it fails; see
    /// [`oauth_core::Error::rejection`].
    pub fn rejection(&self) -> Option<&Rejection> {
        self.core()?.rejection()
    }

    /// The HTTP status of the response that was refused; see [`oauth_core::Error::status`].
    pub fn status(&self) -> Option<StatusCode> {
        self.core()?.status()
    }

    /// The response by which the server refused the request, in any form: the beginning of its body
    /// and its headers. Parts of a body that you sent to a protected resource are not masked; see
    /// [`RefusedResponse`].
    pub fn refused_response(&self) -> Option<&RefusedResponse> {
        self.core()?.refused_response()
    }

    /// Whether the access token that was sent is dead; see
    /// [`oauth_core::Error::access_token_is_dead`]. For a response of a protected resource that is
    /// not an error, use the function [`access_token_is_dead`](crate::access_token_is_dead).
    pub fn access_token_is_dead(&self) -> bool {
        self.core()
            .is_some_and(oauth_core::Error::access_token_is_dead)
    }

    /// The refresh token in a response to a refresh that was refused, if it is safe to use; see
    /// [`oauth_core::Error::refresh_token`].
    pub fn refresh_token(&self) -> Option<&oauth_core::secret::Secret> {
        self.core()?.refresh_token()
    }

    /// The refresh token in a response that was refused, for every reason of the refusal. It may
    /// belong to another person. Use it only to revoke it; see
    /// [`oauth_core::Error::danger_refresh_token`].
    pub fn danger_refresh_token(&self) -> Option<&oauth_core::secret::Secret> {
        self.core()?.danger_refresh_token()
    }

    /// The error of the transport, if no usable response came; `None` if a deadline, the size limit
    /// or the policy of this client ended the exchange.
    pub fn transport(&self) -> Option<&TransportError> {
        match self.core()? {
            oauth_core::Error::Unanswered(unanswered) => {
                unanswered.source.as_deref()?.downcast_ref()
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_breaks_off_is_an_exchange_without_an_answer() {
        let reason_of = |failure| {
            let error = Error::from(TransportError::new(failure));
            assert_eq!(error.transport().unwrap().failure(), failure);
            match error.core() {
                Some(oauth_core::Error::Unanswered(unanswered)) => unanswered.reason.clone(),
                other => panic!("expected no answer, found {other:?}"),
            }
        };
        let cap = 10;
        let too_large = TransportFailure::BodyTooLarge { cap };
        assert_eq!(reason_of(too_large), NoAnswer::BodyTooLarge { cap });
        let interrupted = TransportFailure::Interrupted;
        assert_eq!(reason_of(interrupted), NoAnswer::Interrupted);
        assert_eq!(reason_of(TransportFailure::TimedOut), NoAnswer::Failed);
    }
}
