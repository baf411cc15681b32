//! Sessions in a sealed cookie.

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
pub(super) fn save(settings: &Settings, sealed: &str) -> Result<HeaderValue, LoginError> {
    let (cookies, lifetime) = (&settings.cookies, settings.session_lifetime);
    cookies.set(&cookies.session(), sealed, SameSite::Lax, lifetime)
}

/// The header that deletes the session that a request brings.
pub(super) fn remove(
    settings: &Settings,
    parts: &Parts,
) -> Result<Option<HeaderValue>, LoginError> {
    let name = settings.cookies.session();
    let is_there = cookie(&parts.headers, &name).is_some();
    is_there.then(|| settings.cookies.delete(&name)).transpose()
}
