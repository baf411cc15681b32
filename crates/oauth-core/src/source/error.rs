//! Why a source has no token.

use std::time::Duration;

use crate::error::Error;

/// Why a token source handed out no token. All callers that waited for one attempt share it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The source has ended, and every further request for a token fails alike. Only a new login, or
    /// a new assertion, brings tokens again.
    #[error("a login is needed: {0}")]
    LoginNeeded(#[source] Box<LoginNeeded>),
    /// The last attempt failed, and no token that is still good is left.
    #[error("{cause} (the next attempt may begin in {} s)", .retry_in.as_secs())]
    Failed {
        /// What the attempt ended in.
        #[source]
        cause: Box<Error>,
        /// How long no other attempt begins; a caller that asks earlier gets this error again.
        retry_in: Duration,
    },
    /// The server issued a token that had expired when it arrived.
    #[error("the new token has expired: the server gave it {lifetime} s")]
    ExpiredOnArrival {
        /// Its whole lifetime in seconds.
        lifetime: u64,
        /// How long no other attempt begins.
        retry_in: Duration,
    },
}

/// Why a source has ended.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LoginNeeded {
    /// The server refused the refresh token, or the assertion, with `invalid_grant` (RFC 6749
    /// section 5.2): it was revoked, has expired or was used before.
    #[error("{0}")]
    GrantRefused(#[source] Error),
    /// The response is about another issuer, person, client or login, or its token is not bound to
    /// the client's DPoP key. Nothing of it is used, and the old tokens neither.
    #[error("{0}")]
    Mismatch(#[source] Error),
    /// The response brought a new refresh token and failed a check that says nothing about whose it
    /// is. The new refresh token cannot be believed, and the old one may have been invalidated.
    #[error("{0}")]
    SuccessorRefused(#[source] Error),
    /// The access token is no longer good, and no refresh token came with it.
    #[error("the access token is no longer good, and there is no refresh token")]
    NoRefreshToken,
    /// The tokens are no longer in the store: somebody has logged out, perhaps on another instance.
    #[error("the tokens are no longer in the store")]
    Removed,
}

impl SourceError {
    /// A stable code: `OAUTH_LOGIN_NEEDED`, `OAUTH_TOKEN_EXPIRED`, or that of the failed attempt
    /// (see [`Error::code`]).
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::LoginNeeded(_) => Some("OAUTH_LOGIN_NEEDED"),
            Self::Failed { cause, .. } => cause.code(),
            Self::ExpiredOnArrival { .. } => Some("OAUTH_TOKEN_EXPIRED"),
        }
    }

    /// Whether the source has ended, so that only a new login helps.
    pub const fn is_login_needed(&self) -> bool {
        matches!(self, Self::LoginNeeded(_))
    }

    /// What the attempt ended in.
    pub fn cause(&self) -> Option<&Error> {
        match self {
            Self::LoginNeeded(login_needed) => login_needed.cause(),
            Self::Failed { cause, .. } => Some(cause),
            Self::ExpiredOnArrival { .. } => None,
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
