//! The end of a login.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use openid_client::{Callback, Client, StoredIdToken};

use super::with_cookies;
use crate::error::LoginError;
use crate::page::redirect;
use crate::pending::Pending;
use crate::session::{Begun, Session};
use crate::settings::Settings;

/// Checks the callback, begins the session, and sends the browser to the page that it came from.
/// The cookie of the login is deleted, also when the callback is refused. It stays when the
/// provider cannot be reached, or the store fails before the callback is used: the page can be
/// loaded again.
pub(super) async fn answer(
    settings: &Settings,
    parts: &Parts,
    form: Bytes,
) -> Result<Response<Bytes>, LoginError> {
    let mut request = Request::new(form);
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = parts.uri.clone();
    request.headers_mut().clone_from(&parts.headers);
    let callback = Callback::try_from(request);
    let callback = callback.map_err(|error| LoginError::CallbackRefused(error.into()))?;
    let (pending, deletion) = settings.take_pending(&parts.headers, callback.state())?;
    let return_to = settings.outside(&pending.return_to);
    // Where providers have different redirect URIs, a code of one of them cannot be presented as
    // that of another (mix-up, RFC 9700 section 4.4.2).
    if !settings.is_callback_of(&pending.client, parts.uri.path()) {
        let page = settings.error_page(&LoginError::AnotherRedirectUri);
        return Ok(with_cookies(page, [deletion]));
    }
    let client = settings.ready(&pending.client).await?;
    // What can fail is done before the code is used. The earlier session may be one at another
    // provider, which need not be known.
    let earlier = settings.begun(parts).await?;
    // The cookie is deleted by the browser alone, so the layer remembers the callback, too. If the
    // store fails, it may have the callback or not, and the next attempt finds out.
    if !settings.use_login(&pending.client, &pending.login).await? {
        let page = settings.error_page(&LoginError::CallbackUsed);
        return Ok(with_cookies(page, [deletion]));
    }
    let response = match log_in(settings, parts, &client, pending, earlier, &callback).await {
        Ok(session) => with_cookies(redirect(&return_to), session),
        Err(error) => settings.error_page(&error),
    };
    Ok(with_cookies(response, [deletion]))
}

/// Returns the cookies of the new session.
async fn log_in(
    settings: &Settings,
    parts: &Parts,
    client: &Client,
    pending: Pending,
    earlier: Option<Begun>,
    callback: &Callback,
) -> Result<Vec<HeaderValue>, LoginError> {
    let tokens = client.authorization_code_grant(pending.login, callback);
    let tokens = tokens.await.map_err(LoginError::CallbackRefused)?;
    let id_token = tokens.id_token().ok_or(LoginError::NoIdToken)?.clone();
    let id = client.random_state().map_err(LoginError::CallbackRefused)?;
    let session = Session {
        id: id.expose().clone(),
        client: pending.client,
        began_at: client.now(),
        seen_at: client.now(),
        ends_at: settings.ends_at(client.now()),
        stored: StoredIdToken::new(client.configuration(), id_token.clone()),
        id_token,
    };
    // The earlier session of this browser ends, and its tokens with it.
    let mark = earlier.as_ref().map(Begun::mark);
    for mark in mark.iter().chain(&pending.replaces) {
        settings.end_session(mark).await?;
    }
    // The session comes last, so that no one is logged in by a login that fails.
    settings.keep_tokens(client, &session, tokens).await?;
    match settings
        .begin_session(parts, &session, earlier.as_ref())
        .await
    {
        Ok(cookies) => Ok(cookies),
        Err(error) => {
            settings.forget_tokens(&session.mark()).await?;
            Err(error)
        }
    }
}
