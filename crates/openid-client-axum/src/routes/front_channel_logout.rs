//! Logout that the provider reports through the browser (OpenID Connect Front-Channel Logout 1.0).

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response};
use openid_client::oauth_core::error::{Artefact, Reason, Rejection};
use openid_client::{Client, CoreError, Error, FrontChannelLogout, logged_out};
use serde::{Deserialize, Serialize};

use super::with_cookies;
use crate::cookies::{SameSite, cookie};
use crate::ended::Mark;
use crate::error::LoginError;
use crate::session::Session;
use crate::settings::Settings;

/// What the cookie for this logout holds. It is good for nothing else.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    mark: Mark,
    iss: String,
    sid: String,
}

/// Ends the session of the browser that loads the frame, if the request names it (section 2). The
/// request is not signed: what proves that it comes from the provider is the `sid`, which no other
/// site knows.
pub(super) async fn answer(
    settings: &Settings,
    client: &str,
    parts: &Parts,
) -> Result<Response<Bytes>, LoginError> {
    let sealed = cookie(&parts.headers, &settings.cookies.front_channel());
    let stored: Option<Stored> = sealed.and_then(|sealed| settings.keys.open(PURPOSE, sealed));
    // Without a session at this provider there is nothing to end, which is a success (section 2).
    let Some(stored) = stored.filter(|stored| stored.mark.client == client) else {
        return Ok(logged_out());
    };
    let failed = |error| LoginError::LogoutFailed(Box::new(error));
    let client = settings.ready(client).await.map_err(failed)?;
    let checked = check(&client, parts, &stored);
    checked.map_err(LoginError::FrontChannelLogoutRefused)?;
    let ended = settings.end_session(&stored.mark).await;
    ended.map_err(failed)?;
    let names = [settings.cookies.session(), settings.cookies.front_channel()];
    let cookies: Result<Vec<HeaderValue>, _> = names
        .iter()
        .map(|name| settings.cookies.delete(name))
        .collect();
    Ok(with_cookies(logged_out(), cookies?))
}

fn check(client: &Client, parts: &Parts, stored: &Stored) -> Result<(), Error> {
    let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    let request = FrontChannelLogout::from_url(path)?;
    request.check_session(client.configuration(), &stored.iss, Some(&stored.sid))?;
    if request.sid().is_some() {
        return Ok(());
    }
    // Section 2 permits a request without `iss` and `sid`, which every site can make.
    let missing = Reason::Missing {
        member: "sid".into(),
    };
    let rejection = Rejection::new(Artefact::FrontChannelLogout, missing);
    Err(CoreError::from(Arc::new(rejection)).into())
}

impl Settings {
    /// The cookie that lets the provider end a new session through the browser, if the layer takes
    /// such logouts and the provider names its sessions.
    ///
    /// # Errors
    ///
    /// [`LoginError::NotBegun`] when the cryptography library fails.
    pub(crate) fn front_channel_cookie(
        &self,
        session: &Session,
    ) -> Result<Vec<HeaderValue>, LoginError> {
        let sid = session.id_token.sid().filter(|_| self.has_front_channel);
        let Some(sid) = sid else {
            return Ok(Vec::new());
        };
        let stored = Stored {
            mark: session.mark(),
            iss: session.id_token.iss().to_owned(),
            sid: sid.to_owned(),
        };
        let sealed = self.keys.seal(PURPOSE, &stored);
        let sealed = sealed.map_err(LoginError::NotBegun)?;
        let (name, lifetime) = (self.cookies.front_channel(), self.session_lifetime);
        let cookie = self.cookies.set(&name, &sealed, SameSite::None, lifetime)?;
        Ok(vec![cookie])
    }
}

/// What the cookie is sealed for. A change to its content needs another purpose.
const PURPOSE: &str = "front-channel-1";
