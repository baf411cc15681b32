//! The beginning of a login.

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use openid_client::{CoreError, Error, Misuse, Parameters, ResponseMode};

use super::with_cookies;
use crate::error::LoginError;
use crate::page::redirect;
use crate::pending::{Pending, comes_by_form};
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
    let asked: Vec<&str> = query.all("client").collect();
    for name in &asked {
        settings.client(name)?;
    }
    let names = settings.clients.iter().map(|it| it.name.clone());
    let names = names.filter(|name| asked.is_empty() || asked.contains(&name.as_str()));
    let names: Vec<String> = names.collect();
    let [name] = &names[..] else {
        return Ok(settings.choice(&names, return_to));
    };
    let request = settings.ready(name).await?.authorization_request();
    let (url, login) = (settings.request)(request)
        .await
        .map_err(LoginError::NotBegun)?;
    if let mode @ (ResponseMode::Fragment | ResponseMode::FragmentJwt) = login.response_mode() {
        return Err(LoginError::NotBegun(never_arrives(mode)));
    }
    let replaces = match comes_by_form(&login) {
        true => settings.begun(parts).await?,
        false => None,
    };
    let pending = Pending {
        client: name.clone(),
        replaces: replaces.map(|session| session.mark()),
        return_to: return_to.unwrap_or(&settings.after_login).to_owned(),
        login,
    };
    let cookies = settings.keep_pending(&parts.headers, &pending)?;
    Ok(with_cookies(redirect(url.as_str()), cookies))
}

/// Error for a response in the fragment of the URL, which no browser sends to a server.
fn never_arrives(mode: ResponseMode) -> Error {
    let misuse = Misuse::InvalidArgument {
        argument: "response_mode",
        expected: "one by query or form post; set it in `LoginLayerBuilder::authorization_request`",
        found: mode.as_str().to_owned(),
    };
    CoreError::from(misuse).into()
}
