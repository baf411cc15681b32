//! The errors of a login, of a logout, and of a request to a protected page.

use std::fmt;

use http::StatusCode;
use openid_client::Error;

/// Error for a request that this crate refuses.
///
/// No token, code, secret or cookie is part of a message or of `Debug`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LoginError {
    /// The request needs a person who has logged in.
    LoginRequired,
    /// The login names a client that the layer does not have, or none of several.
    UnknownClient,
    /// `return_to` is not a path of this application.
    ReturnToRefused,
    /// The login cannot begin.
    NotBegun(Error),
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
        /// The size of the `Set-Cookie` header, in bytes.
        bytes: usize,
        /// The largest size, in bytes.
        most: usize,
    },
    /// The request to log out comes from another site, or does not show where it comes from.
    LogoutFromElsewhere,
    /// The browser's return from the logout at the provider lacks the `state` that was sent.
    LogoutReturnRefused(Error),
    /// The logout at the provider cannot begin. The session of this application has ended.
    LogoutNotBegun(Error),
    /// The logout token of a back-channel logout is refused.
    LogoutTokenRefused(Error),
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
            Self::ReturnToRefused => "LOGIN_RETURN_TO_REFUSED",
            Self::NotBegun(_) => "LOGIN_NOT_BEGUN",
            Self::NoPendingLogin => "LOGIN_NOT_PENDING",
            Self::PendingLoginRefused => "LOGIN_PENDING_REFUSED",
            Self::AnotherRedirectUri => "LOGIN_ANOTHER_REDIRECT_URI",
            Self::CallbackUsed => "LOGIN_CALLBACK_USED",
            Self::CallbackRefused(_) => "LOGIN_CALLBACK_REFUSED",
            Self::NoIdToken => "LOGIN_NO_ID_TOKEN",
            Self::CookieTooLarge { .. } => "LOGIN_COOKIE_TOO_LARGE",
            Self::LogoutFromElsewhere => "LOGOUT_FROM_ELSEWHERE",
            Self::LogoutReturnRefused(_) => "LOGOUT_RETURN_REFUSED",
            Self::LogoutNotBegun(_) => "LOGOUT_NOT_BEGUN",
            Self::LogoutTokenRefused(_) => "LOGOUT_TOKEN_REFUSED",
            Self::RequestRefused { .. } => "LOGIN_REQUEST_REFUSED",
            Self::NoAccessToken(_) => "LOGIN_NO_ACCESS_TOKEN",
            Self::TokensNotKept => "LOGIN_TOKENS_NOT_KEPT",
            Self::Store(_) => "LOGIN_STORE_FAILED",
            Self::Session { .. } => "LOGIN_SESSION_STORE_FAILED",
            Self::LayerMissing { .. } => "LOGIN_LAYER_MISSING",
        };
        self.cause().and_then(Error::code).unwrap_or(own)
    }

    /// The status of the page.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::LoginRequired => StatusCode::UNAUTHORIZED,
            Self::LogoutFromElsewhere => StatusCode::FORBIDDEN,
            Self::NotBegun(error) | Self::CallbackRefused(error) | Self::NoAccessToken(error)
                if has_no_answer(error) =>
            {
                StatusCode::BAD_GATEWAY
            }
            Self::NoAccessToken(_) => StatusCode::BAD_GATEWAY,
            Self::Store(_) | Self::Session { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotBegun(_)
            | Self::NoIdToken
            | Self::CookieTooLarge { .. }
            | Self::LogoutNotBegun(_)
            | Self::TokensNotKept
            | Self::LayerMissing { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// What the person can do, in a sentence or two.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::LoginRequired => "Log in to see this page.",
            Self::UnknownClient => "Choose one of the ways to log in.",
            Self::ReturnToRefused => {
                "This link leads to a page outside of this site, so it was not followed. Log in \
                 from the start page."
            }
            Self::NoPendingLogin => {
                "This browser did not begin this login, or began it too long ago. Log in again, in \
                 one browser from beginning to end, and permit cookies for this site."
            }
            Self::PendingLoginRefused | Self::CallbackUsed => {
                "This login is over. Log in again if you are not logged in."
            }
            Self::CallbackRefused(error) if is_denied(error) => {
                "The login was cancelled, or you are not permitted to log in here. Log in again to \
                 try another account."
            }
            Self::LogoutFromElsewhere => {
                "Another site asked to log you out, so nothing was done. Log out with the button \
                 of this site."
            }
            Self::LogoutReturnRefused(_) => {
                "You did not come here from a logout of this browser, so nothing was done."
            }
            Self::LogoutNotBegun(_) => {
                "You are logged out here. You may still be logged in at the site where your \
                 account is."
            }
            Self::RequestRefused { .. } | Self::LogoutTokenRefused(_) => {
                "This address does not take such a request."
            }
            Self::NotBegun(error) | Self::CallbackRefused(error) | Self::NoAccessToken(error)
                if has_no_answer(error) =>
            {
                "The site where your account is does not answer. Try again in a few minutes."
            }
            Self::Store(_) | Self::Session { .. } | Self::NoAccessToken(_) => {
                "Try again in a few minutes."
            }
            Self::CallbackRefused(_) | Self::AnotherRedirectUri => {
                "The answer of the site where your account is was refused. Log in again. If it \
                 happens again, tell the operators of this site the code below."
            }
            Self::NotBegun(_)
            | Self::NoIdToken
            | Self::CookieTooLarge { .. }
            | Self::TokensNotKept
            | Self::LayerMissing { .. } => {
                "This site is not set up correctly. Tell its operators the code below."
            }
        }
    }

    /// The error of the client, where there is one.
    pub const fn cause(&self) -> Option<&Error> {
        match self {
            Self::NotBegun(error)
            | Self::CallbackRefused(error)
            | Self::LogoutReturnRefused(error)
            | Self::LogoutNotBegun(error)
            | Self::LogoutTokenRefused(error)
            | Self::NoAccessToken(error)
            | Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// Whether no usable response came from the provider.
fn has_no_answer(error: &Error) -> bool {
    matches!(error.core(), Some(openid_client::CoreError::Unanswered(_)))
}

/// Whether the provider reports that the person, or the provider, said no (RFC 6749 section
/// 4.1.2.1).
fn is_denied(error: &Error) -> bool {
    match error.core() {
        Some(openid_client::CoreError::AuthorizationResponse(refusal)) => {
            refusal.error == "access_denied"
        }
        _ => false,
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoginRequired => f.write_str("the request needs a login"),
            Self::UnknownClient => f.write_str("`client` must name one of the clients"),
            Self::ReturnToRefused => {
                f.write_str("`return_to` must be a path of this application, such as `/x`")
            }
            Self::NotBegun(error) => write!(f, "the login cannot begin: {error}"),
            Self::NoPendingLogin => {
                f.write_str("the callback belongs to no login that this browser has begun")
            }
            Self::PendingLoginRefused => {
                f.write_str("the cookie of the login cannot be opened, or is another login's")
            }
            Self::AnotherRedirectUri => {
                f.write_str("the callback came to the redirect URI of another client")
            }
            Self::CallbackUsed => f.write_str("the callback was used before"),
            Self::CallbackRefused(error) => write!(f, "the callback is refused: {error}"),
            Self::NoIdToken => {
                f.write_str("the login brought no ID Token; its scope must contain `openid`")
            }
            Self::CookieTooLarge { bytes, most } => write!(
                f,
                "the cookie would have {bytes} bytes, where browsers keep {most}: ask for fewer \
                 claims, or keep sessions on the server (feature `tower-sessions`, \
                 `LoginLayerBuilder::tower_sessions`)"
            ),
            Self::LogoutFromElsewhere => f.write_str(
                "the request to log out must be a POST request from a page of this application",
            ),
            Self::LogoutReturnRefused(error) => {
                write!(f, "the return from the logout is refused: {error}")
            }
            Self::LogoutNotBegun(error) => {
                write!(f, "the logout at the provider cannot begin: {error}")
            }
            Self::LogoutTokenRefused(error) => write!(f, "the logout token is refused: {error}"),
            Self::RequestRefused { expected } => write!(f, "the request must be {expected}"),
            Self::NoAccessToken(error) => write!(f, "there is no access token: {error}"),
            Self::TokensNotKept => f.write_str(
                "the layer keeps no tokens; call `LoginLayerBuilder::keep_tokens` to use them",
            ),
            Self::Store(error) => write!(f, "the store of the layer fails: {error}"),
            Self::Session { cause } => write!(f, "the store of the sessions fails: {cause}"),
            Self::LayerMissing { layer } => {
                write!(f, "`{layer}` must be a layer around this route")
            }
        }
    }
}

impl std::error::Error for LoginError {
    /// What is behind the error of the client, which the message quotes.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(self.cause()?)
    }
}
