//! The browser's return from the provider's logout.

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use openid_client::oauth_core::logout::check_return;
use openid_client::{Callback, ExpectedState};

use super::with_cookies;
use crate::cookies::cookie;
use crate::error::LoginError;
use crate::page::redirect;
use crate::settings::Settings;

/// Compares the `state`, and sends the browser to the page after a logout (OpenID Connect
/// RP-Initiated Logout 1.0 section 3).
pub(super) fn answer(settings: &Settings, parts: &Parts) -> Result<Response<Bytes>, LoginError> {
    let name = settings.cookies.logout();
    let expected = match cookie(&parts.headers, &name) {
        Some(state) => ExpectedState::Equals(state.into()),
        // No logout of this browser is under way, so no `state` is the right one.
        None => ExpectedState::Absent,
    };
    let is_under_way = matches!(expected, ExpectedState::Equals(_));
    let checked = check_return(&Callback::from(&parts.uri), &expected);
    checked.map_err(|error| LoginError::LogoutReturnRefused(error.into()))?;
    let deletion = match is_under_way {
        true => Some(settings.cookies.delete(&name)?),
        false => None,
    };
    Ok(with_cookies(
        redirect(&settings.outside(&settings.after_logout)),
        deletion,
    ))
}
