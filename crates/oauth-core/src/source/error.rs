//! Why a source has no token.

use std::fmt;
use std::time::Duration;

use crate::error::Error;

/// Error of a token source that has no token. All callers that waited for one attempt share it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SourceError {
    /// The source has ended, and every further request for a token fails with the same error. Only
    /// a new login or a new assertion brings tokens again.
    LoginNeeded(Box<LoginNeeded>),
    /// The last attempt failed, and no token that is still good is left.
    Failed {
        /// The error of the attempt.
        cause: Box<Error>,
        /// The pause before another attempt. A caller that asks earlier gets this error again.
        retry_in: Duration,
    },
    /// The last attempt of another instance failed, and the instances share the pause after it.
    PausedElsewhere {
        /// The pause before another attempt. A caller that asks earlier gets this error again.
        retry_in: Duration,
    },
    /// The server issued a token that had expired when it arrived.
    ExpiredOnArrival {
        /// Its whole lifetime.
        lifetime: Duration,
        /// The pause before another attempt.
        retry_in: Duration,
    },
}

/// Why a source has ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LoginNeeded {
    /// The server refused the refresh token, or the assertion, with `invalid_grant` (RFC 6749
    /// section 5.2): it was revoked, has expired or was used before.
    GrantRefused(Error),
    /// The response is about another issuer, person, client or login, or its token is not bound to
    /// the client's DPoP key. Neither the response nor the old tokens are used.
    Mismatch(Error),
    /// The response brought a new refresh token and failed a check that does not tell whose tokens
    /// they are. The new refresh token cannot be trusted, and the old one may be invalid.
    SuccessorRefused(Error),
    /// The access token is no longer good, and no refresh token came with it.
    NoRefreshToken,
    /// The tokens are no longer in the store: the person has logged out, perhaps at another
    /// instance.
    Removed,
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoginNeeded(needed) => write!(f, "a login is needed: {needed}"),
            Self::Failed { cause, retry_in } => {
                let seconds = retry_in.as_secs();
                write!(f, "{cause} (the next attempt may begin in {seconds} s)")
            }
            Self::PausedElsewhere { retry_in } => {
                let seconds = retry_in.as_secs();
                write!(
                    f,
                    "another instance got no token (the next attempt may begin in {seconds} s)"
                )
            }
            Self::ExpiredOnArrival { lifetime, .. } => {
                let seconds = lifetime.as_secs();
                write!(
                    f,
                    "the new token has expired: the server gave it {seconds} s"
                )
            }
        }
    }
}

impl std::error::Error for SourceError {
    /// What is behind the cause, which the message quotes.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(self.cause()?)
    }
}

impl fmt::Display for LoginNeeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GrantRefused(error) | Self::Mismatch(error) | Self::SuccessorRefused(error) => {
                error.fmt(f)
            }
            Self::NoRefreshToken => {
                f.write_str("the access token is no longer good, and there is no refresh token")
            }
            Self::Removed => f.write_str("the tokens are no longer in the store"),
        }
    }
}

impl std::error::Error for LoginNeeded {
    /// What is behind the cause, which is the message.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(self.cause()?)
    }
}

impl SourceError {
    /// A stable code: `OAUTH_LOGIN_NEEDED`, `OAUTH_TOKEN_EXPIRED`, `OAUTH_PAUSED_ELSEWHERE`, or
    /// that of the failed attempt (see [`Error::code`]).
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::LoginNeeded(_) => Some("OAUTH_LOGIN_NEEDED"),
            Self::Failed { cause, .. } => cause.code(),
            Self::PausedElsewhere { .. } => Some("OAUTH_PAUSED_ELSEWHERE"),
            Self::ExpiredOnArrival { .. } => Some("OAUTH_TOKEN_EXPIRED"),
        }
    }

    /// Whether the source has ended, so that only a new login helps.
    pub const fn is_login_needed(&self) -> bool {
        matches!(self, Self::LoginNeeded(_))
    }

    /// What the attempt ended in; `None` when there was none at this instance, and for a token that
    /// had expired when it arrived.
    pub fn cause(&self) -> Option<&Error> {
        match self {
            Self::LoginNeeded(login_needed) => login_needed.cause(),
            Self::Failed { cause, .. } => Some(cause),
            Self::PausedElsewhere { .. } | Self::ExpiredOnArrival { .. } => None,
        }
    }
}

impl LoginNeeded {
    /// What the last attempt ended in.
    pub const fn cause(&self) -> Option<&Error> {
        match self {
            Self::GrantRefused(error) | Self::Mismatch(error) | Self::SuccessorRefused(error) => {
                Some(error)
            }
            Self::NoRefreshToken | Self::Removed => None,
        }
    }
}
