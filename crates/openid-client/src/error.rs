//! What can go wrong: all that the core says, and what can be wrong with the set-up of a client.

use oauth_core::endpoint::ClientInformation;

use crate::http::TransportError;

/// Why an operation, or the set-up of a client, failed.
///
/// No token, code, secret or key is part of a message or of `Debug`. Print the chain of
/// [`source`](std::error::Error::source)s as well to see the transport's own words.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operation failed.
    #[error(transparent)]
    Core(#[from] oauth_core::Error),
    /// A root certificate cannot be used.
    #[error("root certificate: expected {expected}, found {found}")]
    Certificate {
        /// What was expected.
        expected: &'static str,
        /// What was found.
        found: &'static str,
    },
    /// The client's own certificate, or its key, cannot be used.
    #[error("client certificate: expected {expected}")]
    ClientCertificate {
        /// What was expected.
        expected: &'static str,
    },
    /// A private key cannot be read, or not be used for client authentication.
    #[error("the private key is refused: {0}")]
    Key(#[from] jose::Error),
    /// TLS cannot be set up with these settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[source] rustls::Error),
    /// Two settings exclude each other.
    #[error("`{setting}` cannot be set beside `{other}`")]
    Conflict {
        /// One of them.
        setting: &'static str,
        /// The other.
        other: &'static str,
    },
    /// The server has registered the client, or changed its registration, in a way that cannot be
    /// used; the registration can still be had.
    #[error(transparent)]
    RegistrationUnusable(#[from] Box<RegistrationUnusable>),
}

/// What the server has registered cannot be used.
///
/// The registration is kept: without it the client at the server would be nobody's, and new
/// credentials would be lost where the old ones are void (RFC 7592 section 2.2).
#[derive(Debug, Clone)]
pub struct RegistrationUnusable {
    cause: Error,
    information: ClientInformation,
}

impl RegistrationUnusable {
    pub(crate) fn new(cause: Error, information: ClientInformation) -> Box<Self> {
        Box::new(Self { cause, information })
    }

    /// The same where the core has kept the registration.
    pub(crate) fn of_core(error: Error) -> Error {
        let Error::Core(oauth_core::Error::RegistrationUnusable(unusable)) = &error else {
            return error;
        };
        let rejection = Box::new(unusable.rejection().clone());
        let cause = Error::Core(rejection.into());
        Self::new(cause, unusable.client_information().clone()).into()
    }

    /// Why it cannot be used.
    pub const fn cause(&self) -> &Error {
        &self.cause
    }

    /// What is registered, for a [`DeleteRegistration`](oauth_core::endpoint::DeleteRegistration) or
    /// an [`UpdateRegistration`](oauth_core::endpoint::UpdateRegistration). It holds secrets.
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
    /// A stable code for programs and log searches, as listed at
    /// [`oauth_core::Error::code`]. `None` for a mistake in the set-up or in the use of the library,
    /// which a program cannot handle.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Core(error) => error.code(),
            // It comes from the server's answer, whatever was made of that here.
            Self::RegistrationUnusable(unusable) => {
                let code = unusable.cause.code();
                Some(code.unwrap_or("OAUTH_REGISTRATION_UNUSABLE"))
            }
            Self::Certificate { .. }
            | Self::ClientCertificate { .. }
            | Self::Key(_)
            | Self::Tls(_)
            | Self::Conflict { .. } => None,
        }
    }

    /// The core's error, unless the set-up was at fault.
    pub const fn core(&self) -> Option<&oauth_core::Error> {
        match self {
            Self::Core(error) => Some(error),
            Self::RegistrationUnusable(unusable) => unusable.cause.core(),
            _ => None,
        }
    }

    /// The refresh token that came in a response which was refused, where it is safe to go on with; see
    /// [`oauth_core::Error::refresh_token`].
    pub fn refresh_token(&self) -> Option<&oauth_core::secret::Secret> {
        self.core()?.refresh_token()
    }

    /// The refresh token that came in a response which was refused, whatever was wrong with it. It may
    /// belong to somebody else. Use it to revoke it; see [`oauth_core::Error::danger_refresh_token`].
    pub fn danger_refresh_token(&self) -> Option<&oauth_core::secret::Secret> {
        self.core()?.danger_refresh_token()
    }

    /// What the transport said, when no usable response came; `None` when a deadline, the cap or
    /// the policy of this client ended the exchange.
    pub fn transport(&self) -> Option<&TransportError> {
        match self {
            Self::Core(oauth_core::Error::Unanswered(unanswered)) => {
                unanswered.source.as_deref()?.downcast_ref()
            }
            _ => None,
        }
    }
}
