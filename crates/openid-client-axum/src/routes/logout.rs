//! Logout that the person asks for.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};
use openid_client::jose::{HashAlgorithm, base64url};
use openid_client::{Parameters, Secret, Url};

use super::with_cookies;
use crate::cookies::SameSite;
use crate::error::LoginError;
use crate::page::{button, link, page, redirect};
use crate::session::Begun;
use crate::settings::Settings;

/// Shows a button that logs the person out: a link alone must not do it, because any site can
/// contain one.
pub(super) async fn confirm(
    settings: &Settings,
    parts: &Parts,
) -> Result<Response<Bytes>, LoginError> {
    let session = settings.begun(parts).await.map_err(failed)?;
    let body = match session {
        Some(session) => {
            let token = token(&session);
            button(
                &settings.path("logout"),
                &[(TOKEN, token.expose())],
                "Log out",
            )
        }
        None => {
            let link = link(
                &settings.outside(&settings.after_logout),
                "Go to the start page",
            );
            format!("<p>You are not logged in.</p>{link}")
        }
    };
    Ok(page(StatusCode::OK, "Log out", &body))
}

/// Ends the session, and sends the browser to the provider's logout where it has one. The session
/// ends also when the provider cannot be reached. The browser keeps its session when the layer
/// cannot remember that it has ended, so that the person can try again: without the memory, a copy
/// of the cookie would be good.
pub(super) async fn answer(
    settings: &Settings,
    parts: &Parts,
    form: &Bytes,
) -> Result<Response<Bytes>, LoginError> {
    let session = settings.begun(parts).await.map_err(failed)?;
    let form = Parameters::decode(std::str::from_utf8(form).unwrap_or_default());
    let has_token = match (&session, form.first(TOKEN)) {
        (Some(session), Some(sent)) => token(session) == Secret::from(sent),
        _ => false,
    };
    if !has_token && !comes_from_here(settings, &parts.headers) {
        return Err(LoginError::LogoutFromElsewhere);
    }
    if let Some(session) = &session {
        let mark = session.mark();
        settings.end_session(&mark).await.map_err(failed)?;
    }
    let deletion = settings.remove_session(parts).await.map_err(failed)?;
    let Some(session) = session else {
        return Ok(with_cookies(
            redirect(&settings.outside(&settings.after_logout)),
            deletion,
        ));
    };
    let response = match at_provider(settings, &session).await {
        Ok(None) => redirect(&settings.outside(&settings.after_logout)),
        Ok(Some((url, cookie))) => with_cookies(redirect(url.as_str()), cookie),
        Err(error) => settings.error_page(&error),
    };
    Ok(with_cookies(response, deletion))
}

fn failed(error: LoginError) -> LoginError {
    LoginError::LogoutFailed(Box::new(error))
}

/// The URL that logs the person out at the provider, and the cookie with its `state` (OpenID
/// Connect RP-Initiated Logout 1.0 section 2); `None` where the provider has no such logout, and
/// where the session belongs to an issuer that the client had before.
async fn at_provider(
    settings: &Settings,
    session: &Begun,
) -> Result<Option<(Url, Option<http::HeaderValue>)>, LoginError> {
    let client = settings.ready(session.client()).await;
    let client = client.map_err(|error| match error {
        LoginError::ProviderUnavailable { error, .. } | LoginError::NotBegun(error) => {
            LoginError::LogoutNotBegun(error)
        }
        error => error,
    })?;
    if client.server_metadata().end_session_endpoint.is_none() {
        return Ok(None);
    }
    let Ok(id_token) = session.stored().clone().restore(client.configuration()) else {
        return Ok(None);
    };
    let mut request = client.end_session().id_token_hint(id_token.jwt());
    let mut cookie = None;
    if let Some(uri) = &settings.post_logout_redirect_uri {
        let state = client.random_state().map_err(LoginError::LogoutNotBegun)?;
        let (cookies, lifetime) = (&settings.cookies, settings.pending_lifetime);
        let (name, value) = (cookies.logout(), state.expose());
        cookie = Some(cookies.set(&name, value, SameSite::Lax, lifetime)?);
        request = request.post_logout_redirect_uri(uri).state(value);
    }
    let url = request.url();
    let url = url.map_err(|error| LoginError::LogoutNotBegun(error.into()))?;
    Ok(Some((url, cookie)))
}

/// Whether a page of this application sent the request: by `Sec-Fetch-Site`, which no page can set,
/// and in browsers without it by `Origin` (Fetch Metadata section 2.3, RFC 6454 section 7). A
/// request without both does not show where it comes from.
fn comes_from_here(settings: &Settings, headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let origin = headers.get(http::header::ORIGIN);
    origin.is_some_and(|origin| {
        settings
            .clients
            .iter()
            .any(|it| *origin == it.origin.as_str())
    })
}

/// What only a page of this session knows: a hash of its identifier, which the browser does not
/// show.
fn token(session: &Begun) -> Secret {
    let input = format!("logout:{}", session.id());
    base64url::encode(&HashAlgorithm::Sha256.digest(input.as_bytes())).into()
}

/// The field of the form.
const TOKEN: &str = "token";
