//! The beginning of a login.

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use openid_client::Parameters;

use super::with_cookies;
use crate::error::LoginError;
use crate::page::redirect;
use crate::pending::Pending;
use crate::settings::Settings;

/// Sends the browser to the provider, and gives it the cookie of the login.
pub(super) async fn answer(
    settings: &Settings,
    parts: &Parts,
) -> Result<Response<Bytes>, LoginError> {
    let query = Parameters::decode(parts.uri.query().unwrap_or_default());
    let return_to = query.first("return_to");
    // Checked here, so that the cookie holds no other path.
    if !return_to.is_none_or(|path| settings.may_return_to(path)) {
        return Err(LoginError::ReturnToRefused);
    }
    let mut names: Vec<String> = query.all("client").map(str::to_owned).collect();
    if names.is_empty() {
        names.extend(settings.clients.iter().map(|it| it.name.clone()));
    }
    for name in &names {
        settings.client(name)?;
    }
    let [name] = &names[..] else {
        return Ok(settings.choice(&names, return_to));
    };
    let request = settings.client(name)?.authorization_request();
    let (url, login) = (settings.request)(request)
        .await
        .map_err(LoginError::NotBegun)?;
    let pending = Pending {
        client: name.clone(),
        return_to: return_to.unwrap_or(&settings.after_login).to_owned(),
        login,
    };
    let cookies = settings.keep_pending(&parts.headers, &pending)?;
    Ok(with_cookies(redirect(url.as_str()), cookies))
}
