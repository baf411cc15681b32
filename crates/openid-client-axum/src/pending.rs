//! Logins that have begun. Each is a sealed cookie of the browser that began it, under its `state`.

use http::{HeaderMap, HeaderValue};
use openid_client::{PendingLogin, ResponseMode};
use serde::{Deserialize, Serialize};

use crate::cookies::{SameSite, cookie};
use crate::ended::Mark;
use crate::error::LoginError;
use crate::settings::Settings;

/// A login that has begun.
#[derive(Serialize, Deserialize)]
pub(crate) struct Pending {
    /// The name of the client.
    pub(crate) client: String,
    /// The page to return to.
    pub(crate) return_to: String,
    /// The session that ends when the login succeeds, where the callback does not bring it.
    pub(crate) replaces: Option<Mark>,
    pub(crate) login: PendingLogin,
}

/// Whether the response comes by a form of the provider, which is another site: a browser sends no
/// `SameSite=Lax` cookie with it.
pub(crate) fn comes_by_form(login: &PendingLogin) -> bool {
    let mode = login.response_mode();
    matches!(mode, ResponseMode::FormPost | ResponseMode::FormPostJwt)
}

impl Settings {
    /// The headers that give a login to the browser, and take the oldest ones from it when it has
    /// too many.
    ///
    /// # Errors
    ///
    /// [`LoginError::CookieTooLarge`], and [`LoginError::NotBegun`] when the cryptography library
    /// fails.
    pub(crate) fn keep_pending(
        &self,
        headers: &HeaderMap,
        pending: &Pending,
    ) -> Result<Vec<HeaderValue>, LoginError> {
        let sealed = self.keys.seal(PURPOSE, pending);
        let sealed = sealed.map_err(LoginError::NotBegun)?;
        let same_site = match comes_by_form(&pending.login) {
            true => SameSite::None,
            false => SameSite::Lax,
        };
        let name = self.cookies.login(pending.login.state());
        let set = self
            .cookies
            .set(&name, &sealed, same_site, self.pending_lifetime)?;
        // The latest ones that there is room for stay.
        let mut room = LARGEST.saturating_sub(size(&name, &sealed));
        let mut number: usize = 1;
        let mut deletions = Vec::new();
        for (name, value) in self.cookies.logins(headers).into_iter().rev() {
            number = number.saturating_add(1);
            match room.checked_sub(size(name, value)) {
                Some(rest) if number <= MOST => room = rest,
                _ => {
                    room = 0;
                    if deletions.len() < MOST {
                        deletions.push(self.cookies.delete(name));
                    }
                }
            }
        }
        deletions.into_iter().chain([Ok(set)]).collect()
    }

    /// The login of this browser with this `state`, and the header that deletes its cookie. Without
    /// a `state`, which an encrypted response hides, the only login of the browser.
    ///
    /// # Errors
    ///
    /// [`LoginError::NoPendingLogin`] and [`LoginError::PendingLoginRefused`].
    pub(crate) fn take_pending(
        &self,
        headers: &HeaderMap,
        state: Option<&str>,
    ) -> Result<(Pending, HeaderValue), LoginError> {
        let name = match (state, &self.cookies.logins(headers)[..]) {
            (Some(state), _) => self.cookies.login(state),
            (None, [(only, _)]) => (*only).to_owned(),
            (None, _) => return Err(LoginError::NoPendingLogin),
        };
        let sealed = cookie(headers, &name).ok_or(LoginError::NoPendingLogin)?;
        let pending: Option<Pending> = self.keys.open(PURPOSE, sealed);
        // The seal does not say under which name; the login itself does.
        let pending = pending.filter(|it| self.cookies.login(it.login.state()) == name);
        let pending = pending.ok_or(LoginError::PendingLoginRefused)?;
        Ok((pending, self.cookies.delete(&name)?))
    }
}

/// What a cookie takes of the header: its name, its value and what separates it from the next.
const fn size(name: &str, value: &str) -> usize {
    name.len()
        .saturating_add(value.len())
        .saturating_add("=; ".len())
}

/// What the cookie is sealed for.
const PURPOSE: &str = "login";

/// The most logins that a browser has at once, and the most that one response takes from it.
const MOST: usize = 5;

/// The largest sum of their sizes, in bytes. With a session, the header of all cookies then stays
/// below the 8 KiB that web servers accept, unless the session is large.
const LARGEST: usize = 6 << 10;
