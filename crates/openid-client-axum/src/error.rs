//! The errors of a login, of a logout, and of a request to a protected page.

mod advice;
mod message;

use std::time::Duration;

use http::StatusCode;
use openid_client::{CoreError, Error};

/// Error for a request that this crate refuses.
///
/// The message says what was expected and what the application has to do. [`advice`](Self::advice)
/// says what the person can do. No token, code, secret or cookie is part of a message or of
/// `Debug`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LoginError {
    /// The request needs a person who has logged in.
    LoginRequired,
    /// The login names a client that the layer does not have.
    UnknownClient,
    /// A route names a client that the layer does not have, or that a layer around the route does
    /// not permit.
    NoSuchClient {
        /// The name.
        name: String,
    },
    /// The layer has several clients, and the route does not say whose access token it needs.
    ClientNotNamed,
    /// `return_to` is not a path of this application.
    ReturnToRefused,
    /// The login cannot begin.
    NotBegun(Error),
    /// The metadata of the provider cannot be fetched or used, so nothing that needs them can be
    /// done now.
    ProviderUnavailable {
        /// Why.
        error: Error,
        /// How long no other request for them is sent, if that is known.
        retry_after: Option<Duration>,
    },
    /// The callback belongs to no login that this browser has begun: it began in another browser,
    /// its cookie has expired, or the browser keeps no cookies.
    NoPendingLogin,
    /// The cookie of the login cannot be opened, or is that of another login.
    PendingLoginRefused,
    /// The callback came to the redirect URI of another client than the one of the login.
    AnotherRedirectUri,
    /// The callback came a second time.
    CallbackUsed,
    /// The callback is refused, or its code cannot be exchanged for tokens.
    CallbackRefused(Error),
    /// The login brought no ID Token, because its scope lacks `openid`.
    NoIdToken,
    /// A cookie would be larger than browsers keep.
    CookieTooLarge {
        /// What the cookie holds: `session` or `login`.
        cookie: &'static str,
        /// The size of the `Set-Cookie` header, in bytes.
        bytes: usize,
        /// The largest size, in bytes.
        most: usize,
    },
    /// The request to log out comes from another site, or does not show where it comes from.
    LogoutFromElsewhere,
    /// The logout cannot be completed: the person may still be logged in.
    LogoutFailed(Box<Self>),
    /// The browser's return from the logout at the provider lacks the `state` that was sent.
    LogoutReturnRefused(Error),
    /// The logout at the provider cannot begin. The session of this application has ended.
    LogoutNotBegun(Error),
    /// The logout token of a back-channel logout is refused.
    LogoutTokenRefused(Error),
    /// The request of a front-channel logout is refused.
    FrontChannelLogoutRefused(Error),
    /// The method or the body of the request is not one that this path takes.
    RequestRefused {
        /// What this path takes.
        expected: &'static str,
    },
    /// The access token cannot be refreshed now.
    NoAccessToken(Error),
    /// The session has no tokens, because the layer does not keep them.
    TokensNotKept,
    /// The store of the layer fails.
    Store(Error),
    /// The store of the sessions fails.
    Session {
        /// What the store says.
        cause: String,
    },
    /// Two layers around the route have the same name, prefix or redirect URI.
    LayersCollide,
    /// A layer that this request needs is missing.
    LayerMissing {
        /// The layer.
        layer: &'static str,
    },
}

impl LoginError {
    /// A stable code for logs and for the page: that of the [`Error`] inside where it has one.
    pub fn code(&self) -> &'static str {
        let own = match self {
            Self::LoginRequired => "LOGIN_REQUIRED",
            Self::UnknownClient => "LOGIN_UNKNOWN_CLIENT",
            Self::NoSuchClient { .. } => "LOGIN_NO_SUCH_CLIENT",
            Self::ClientNotNamed => "LOGIN_CLIENT_NOT_NAMED",
            Self::ReturnToRefused => "LOGIN_RETURN_TO_REFUSED",
            Self::NotBegun(_) => "LOGIN_NOT_BEGUN",
            Self::ProviderUnavailable { .. } => "LOGIN_PROVIDER_UNAVAILABLE",
            Self::NoPendingLogin => "LOGIN_NOT_PENDING",
            Self::PendingLoginRefused => "LOGIN_PENDING_REFUSED",
            Self::AnotherRedirectUri => "LOGIN_ANOTHER_REDIRECT_URI",
            Self::CallbackUsed => "LOGIN_CALLBACK_USED",
            Self::CallbackRefused(_) => "LOGIN_CALLBACK_REFUSED",
            Self::NoIdToken => "LOGIN_NO_ID_TOKEN",
            Self::CookieTooLarge { .. } => "LOGIN_COOKIE_TOO_LARGE",
            Self::LogoutFromElsewhere => "LOGOUT_FROM_ELSEWHERE",
            Self::LogoutFailed(error) => error.code(),
            Self::LogoutReturnRefused(_) => "LOGOUT_RETURN_REFUSED",
            Self::LogoutNotBegun(_) => "LOGOUT_NOT_BEGUN",
            Self::LogoutTokenRefused(_) => "LOGOUT_TOKEN_REFUSED",
            Self::FrontChannelLogoutRefused(_) => "LOGOUT_FRONT_CHANNEL_REFUSED",
            Self::RequestRefused { .. } => "LOGIN_REQUEST_REFUSED",
            Self::NoAccessToken(_) => "LOGIN_NO_ACCESS_TOKEN",
            Self::TokensNotKept => "LOGIN_TOKENS_NOT_KEPT",
            Self::Store(_) => "LOGIN_STORE_FAILED",
            Self::Session { .. } => "LOGIN_SESSION_STORE_FAILED",
            Self::LayersCollide => "LOGIN_LAYERS_COLLIDE",
            Self::LayerMissing { .. } => "LOGIN_LAYER_MISSING",
        };
        self.cause().and_then(Error::code).unwrap_or(own)
    }

    /// The status of the page.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::LoginRequired => StatusCode::UNAUTHORIZED,
            Self::LogoutFromElsewhere => StatusCode::FORBIDDEN,
            Self::LogoutFailed(error) => error.status(),
            Self::ProviderUnavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotBegun(error) | Self::CallbackRefused(error) if has_no_answer(error) => {
                StatusCode::BAD_GATEWAY
            }
            Self::NoAccessToken(_) => StatusCode::BAD_GATEWAY,
            Self::LogoutNotBegun(error) if is_unavailable(error) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Session { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotBegun(_)
            | Self::NoSuchClient { .. }
            | Self::ClientNotNamed
            | Self::NoIdToken
            | Self::CookieTooLarge { .. }
            | Self::LogoutNotBegun(_)
            | Self::TokensNotKept
            | Self::LayersCollide
            | Self::LayerMissing { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// When to try again, where that is known: the `Retry-After` of the page.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::ProviderUnavailable { retry_after, .. } => *retry_after,
            Self::LogoutFailed(error) => error.retry_after(),
            _ => None,
        }
    }

    /// The error for a client whose metadata are needed: of a provider that cannot be reached or
    /// does not answer as it should, or of settings that do not fit it.
    pub(crate) fn not_ready(error: Error, retry_after: Option<Duration>) -> Self {
        match is_unavailable(&error) {
            true => Self::ProviderUnavailable { error, retry_after },
            false => Self::NotBegun(error),
        }
    }

    /// The error of the client, where there is one.
    pub fn cause(&self) -> Option<&Error> {
        match self {
            Self::NotBegun(error)
            | Self::ProviderUnavailable { error, .. }
            | Self::CallbackRefused(error)
            | Self::LogoutReturnRefused(error)
            | Self::LogoutNotBegun(error)
            | Self::LogoutTokenRefused(error)
            | Self::FrontChannelLogoutRefused(error)
            | Self::NoAccessToken(error)
            | Self::Store(error) => Some(error),
            Self::LogoutFailed(error) => error.cause(),
            _ => None,
        }
    }
}

/// Whether the provider, and not a setting, is the reason that its metadata are not known.
pub(crate) fn is_unavailable(error: &Error) -> bool {
    matches!(
        error.core(),
        Some(
            CoreError::Unanswered(_)
                | CoreError::Rejected(_)
                | CoreError::ResponseBody(_)
                | CoreError::WwwAuthenticateChallenge(_)
        )
    )
}

/// Whether no usable response came from the provider.
pub(crate) fn has_no_answer(error: &Error) -> bool {
    matches!(error.core(), Some(CoreError::Unanswered(_)))
}

/// Whether the provider reports that the person, or the provider, said no (RFC 6749 section
/// 4.1.2.1).
fn is_denied(error: &Error) -> bool {
    match error.core() {
        Some(CoreError::AuthorizationResponse(refusal)) => refusal.error == "access_denied",
        _ => false,
    }
}

impl std::error::Error for LoginError {
    /// What is behind the error of the client, which the message quotes.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(self.cause()?)
    }
}
