//! Sessions in a sealed cookie.

use std::time::Duration;

use http::HeaderValue;
use http::request::Parts;

use crate::cookies::{SameSite, cookie};
use crate::error::LoginError;
use crate::settings::Settings;

/// The sealed session that a request brings.
pub(super) fn load(settings: &Settings, parts: &Parts) -> Option<String> {
    cookie(&parts.headers, &settings.cookies.session()).map(str::to_owned)
}

/// The header that gives the session to the browser.
///
/// # Errors
///
/// [`LoginError::CookieTooLarge`].
pub(super) fn save(
    settings: &Settings,
    sealed: &str,
    lifetime: Duration,
) -> Result<HeaderValue, LoginError> {
    let cookies = &settings.cookies;
    cookies.set(&cookies.session(), sealed, SameSite::Lax, lifetime)
}
