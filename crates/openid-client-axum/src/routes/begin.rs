//! The beginning of a login.

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use openid_client::Parameters;

use super::with_cookies;
use crate::error::LoginError;
use crate::page::{link, redirect};
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
    let named = match (query.first("client"), &settings.clients[..]) {
        (None, [only]) => Some(only),
        (Some(name), clients) => clients.iter().find(|it| it.name == name),
        (None, _) => None,
    };
    let Some(named) = named else {
        let links = settings.clients.iter().map(|it| {
            let path = settings.login_path(Some(&it.name), return_to);
            link(&path, &it.name)
        });
        let links: String = links.collect();
        return Ok(settings.respond(&LoginError::UnknownClient, &links));
    };
    let request = (settings.request)(named.client.authorization_request());
    let (url, login) = request.await.map_err(LoginError::NotBegun)?;
    let pending = Pending {
        client: named.name.clone(),
        return_to: return_to.unwrap_or(&settings.after_login).to_owned(),
        login,
    };
    let cookies = settings.keep_pending(&parts.headers, &pending)?;
    Ok(with_cookies(redirect(url.as_str()), cookies))
}
