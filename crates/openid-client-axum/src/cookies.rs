//! The cookies: their names, their attributes and their size (RFC 6265 section 4.1).

use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::error::LoginError;

/// How the cookies of a layer are named and marked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cookies {
    /// Marks them `Secure`, and names them so that no other host can set them.
    pub(crate) is_secure: bool,
}

/// Whether a browser sends the cookie with a form from another site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SameSite {
    Lax,
    None,
}

impl Cookies {
    /// The cookie with the session.
    pub(crate) fn session(self) -> String {
        self.name("session")
    }

    /// The cookie with the `state` of a logout.
    pub(crate) fn logout(self) -> String {
        self.name("logout")
    }

    /// The cookie with the login of this `state`.
    pub(crate) fn login(self, state: &str) -> String {
        self.name(&format!("login-{state}"))
    }

    /// The names of the cookies with logins. Browsers send older ones first (RFC 6265 section 5.4).
    pub(crate) fn logins(self, headers: &HeaderMap) -> Vec<&str> {
        let prefix = self.name("login-");
        pairs(headers)
            .map(|(name, _)| name)
            .filter(|name| name.starts_with(&prefix))
            .collect()
    }

    /// A browser accepts a name with `__Host-` only from the host itself, over TLS, with `Secure`,
    /// with `Path=/` and without `Domain`.
    fn name(self, name: &str) -> String {
        let prefix = if self.is_secure { "__Host-" } else { "" };
        format!("{prefix}openid-{name}")
    }

    /// The header that sets a cookie. `value` contains only base64url and dots.
    ///
    /// # Errors
    ///
    /// [`LoginError::CookieTooLarge`].
    pub(crate) fn set(
        self,
        name: &str,
        value: &str,
        same_site: SameSite,
        lifetime: Duration,
    ) -> Result<HeaderValue, LoginError> {
        // Browsers refuse `SameSite=None` without `Secure`. Between two ports of one loopback host,
        // `Lax` is enough: they are the same site.
        let same_site = match same_site {
            SameSite::None if self.is_secure => "None",
            SameSite::None | SameSite::Lax => "Lax",
        };
        let secure = if self.is_secure { "; Secure" } else { "" };
        let seconds = lifetime.as_secs();
        let cookie = format!(
            "{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}"
        );
        let bytes = cookie.len();
        match HeaderValue::try_from(cookie) {
            Ok(header) if bytes <= LARGEST => Ok(header),
            _ => Err(LoginError::CookieTooLarge {
                bytes,
                most: LARGEST,
            }),
        }
    }

    /// The header that deletes a cookie.
    pub(crate) fn delete(self, name: &str) -> Result<HeaderValue, LoginError> {
        self.set(name, "", SameSite::Lax, Duration::ZERO)
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    pairs(headers).find_map(|(found, value)| (found == name).then_some(value))
}

/// The cookies of a request. HTTP/2 may split them over several headers (RFC 9113 section 8.2.3).
fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// The largest `Set-Cookie` header that every browser keeps, in bytes (RFC 6265 section 6.1).
const LARGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    const SECURE: Cookies = Cookies { is_secure: true };

    #[test]
    fn the_headers() {
        let lifetime = Duration::from_secs(600);
        let set = |cookies: Cookies, same_site| {
            let header = cookies.set(&cookies.session(), "v", same_site, lifetime);
            header.unwrap().to_str().unwrap().to_owned()
        };
        let common = "openid-session=v; Path=/; Max-Age=600; HttpOnly; SameSite=";
        let loopback = Cookies { is_secure: false };
        for (cookies, same_site, expected) in [
            (SECURE, SameSite::Lax, format!("__Host-{common}Lax; Secure")),
            (
                SECURE,
                SameSite::None,
                format!("__Host-{common}None; Secure"),
            ),
            (loopback, SameSite::Lax, format!("{common}Lax")),
            (loopback, SameSite::None, format!("{common}Lax")),
        ] {
            assert_eq!(set(cookies, same_site), expected);
        }
        assert_eq!(
            SECURE.delete("a").unwrap(),
            "a=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn a_cookie_that_no_browser_keeps_is_refused() {
        let set = |length| SECURE.set("a", &"v".repeat(length), SameSite::Lax, Duration::ZERO);
        let overhead = set(0).unwrap().len();
        assert!(set(LARGEST - overhead).is_ok());
        match set(LARGEST - overhead + 1) {
            Err(LoginError::CookieTooLarge { bytes, most }) => {
                assert_eq!((bytes, most), (4097, 4096));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn cookies_are_found_in_every_header() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; b=2;c=3"));
        headers.append(
            COOKIE,
            HeaderValue::from_static("d; __Host-openid-login-s=4"),
        );
        for (name, value) in [("a", "1"), ("b", "2"), ("c", "3")] {
            assert_eq!(cookie(&headers, name), Some(value));
        }
        assert_eq!(cookie(&headers, "d"), None);
        assert_eq!(SECURE.logins(&headers), ["__Host-openid-login-s"]);
    }
}
