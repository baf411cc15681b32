//! The errors of operations and of the set-up of a client.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use oauth_core::endpoint::ClientInformation;
use oauth_core::error::Misuse;
use oauth_core::report::write_chain;
use oauth_core::source::SourceError;

/// Error of an operation, or of the set-up of a client.
///
/// No token, code, secret or key is part of a message or of `Debug`. `{:#}` also prints the causes
/// in one line; [`Report`](crate::Report) does so for every error that `main` returns.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Error {
    /// The operation failed.
    Core(oauth_core::Error),
    /// A certificate, or the key of the client's certificate, cannot be used.
    Certificate {
        /// The setting: `root_certificate_pem` or `client_certificate_pem`.
        setting: &'static str,
        /// What was expected.
        expected: &'static str,
        /// What was found, for example the labels of other PEM documents.
        found: Cow<'static, str>,
    },
    /// A private key cannot be read.
    Key(jose::Error),
    /// TLS cannot be set up with these settings, for example because the client's certificate does
    /// not belong to its key.
    Tls(rustls::Error),
    /// The server has registered the client in a way that cannot be used. The error keeps the
    /// registration.
    RegistrationUnusable(Arc<RegistrationUnusable>),
    /// A token source has no token to give.
    Source(SourceError),
}

/// Error for a registration that exists at the server and cannot be used.
#[derive(Debug, Clone)]
pub struct RegistrationUnusable {
    pub(crate) cause: Error,
    pub(crate) information: ClientInformation,
}

impl RegistrationUnusable {
    /// Why it cannot be used.
    pub const fn cause(&self) -> &Error {
        &self.cause
    }

    /// What is registered. It holds secrets.
    pub const fn client_information(&self) -> &ClientInformation {
        &self.information
    }
}

impl Error {
    /// A stable code for programs and log searches, as listed at [`oauth_core::Error::code`].
    /// `None` for a mistake in the set-up or in the use of the library, which a program cannot
    /// handle.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Core(error) => error.code(),
            Self::RegistrationUnusable(unusable) => {
                let code = unusable.cause.code();
                Some(code.unwrap_or("OAUTH_REGISTRATION_UNUSABLE"))
            }
            Self::Source(error) => error.code(),
            Self::Certificate { .. } | Self::Key(_) | Self::Tls(_) => None,
        }
    }

    /// The error of the core; `None` for an error of the set-up.
    pub fn core(&self) -> Option<&oauth_core::Error> {
        match self {
            Self::Core(error) => Some(error),
            Self::RegistrationUnusable(unusable) => unusable.cause.core(),
            Self::Source(error) => error.cause(),
            Self::Certificate { .. } | Self::Key(_) | Self::Tls(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return write_chain(f, self);
        }
        match self {
            Self::Core(error) => error.fmt(f),
            Self::Certificate {
                setting,
                expected,
                found,
            } => write!(f, "`{setting}`: expected {expected}, found {found}"),
            Self::Key(error) => write!(f, "the private key is refused: {error}"),
            Self::Tls(error) => write!(f, "TLS cannot be set up: {error}"),
            Self::RegistrationUnusable(unusable) => {
                write!(f, "registered, but not usable: {}", unusable.cause)
            }
            Self::Source(error) => error.fmt(f),
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
            Self::RegistrationUnusable(unusable) => unusable.cause.source(),
            Self::Source(error) => error.source(),
            Self::Certificate { .. } => None,
        }
    }
}

impl From<oauth_core::Error> for Error {
    fn from(error: oauth_core::Error) -> Self {
        Self::Core(error)
    }
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<Misuse> for Error {
    fn from(misuse: Misuse) -> Self {
        Self::Core(misuse.into())
    }
}

/// For a [`Callback`](crate::Callback), whose conversion into itself cannot fail.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
