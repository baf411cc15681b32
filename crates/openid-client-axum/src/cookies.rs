//! The cookies: their names, their attributes and their size (RFC 6265 section 4.1).

use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::error::LoginError;

/// How the cookies of a layer are named and marked.
#[derive(Debug, Clone)]
pub(crate) struct Cookies {
    /// The name of the layer. It has no dot, so that no cookie of one layer is that of another.
    pub(crate) layer: String,
    /// Marks them `Secure`, and names them so that no other host can set them.
    pub(crate) is_secure: bool,
}

/// Whether a browser sends the cookie with a form or a frame of another site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SameSite {
    Lax,
    None,
}

impl Cookies {
    /// The cookie with the session.
    pub(crate) fn session(&self) -> String {
        self.name("session")
    }

    /// The cookie for the front-channel logout.
    pub(crate) fn front_channel(&self) -> String {
        self.name("front-channel")
    }

    /// The cookie with the `state` of a logout.
    pub(crate) fn logout(&self) -> String {
        self.name("logout")
    }

    /// The cookie with the login of this `state`.
    pub(crate) fn login(&self, state: &str) -> String {
        self.name(&format!("login-{state}"))
    }

    /// The cookies with logins. Browsers send older ones first (RFC 6265 section 5.4).
    pub(crate) fn logins<'a>(&self, headers: &'a HeaderMap) -> Vec<(&'a str, &'a str)> {
        let prefix = self.name("login-");
        pairs(headers)
            .filter(|(name, _)| name.starts_with(&prefix))
            .collect()
    }

    /// A browser accepts a name with `__Host-` only from the host itself, over TLS, with `Secure`,
    /// with `Path=/` and without `Domain`.
    fn name(&self, name: &str) -> String {
        let prefix = if self.is_secure { "__Host-" } else { "" };
        match &*self.layer {
            "" => format!("{prefix}openid-{name}"),
            layer => format!("{prefix}{layer}.openid-{name}"),
        }
    }

    /// The header that sets a cookie. `value` contains only base64url and dots.
    ///
    /// # Errors
    ///
    /// [`LoginError::CookieTooLarge`].
    pub(crate) fn set(
        &self,
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
                cookie: if name == self.session() {
                    "session"
                } else {
                    "login"
                },
                bytes,
                most: LARGEST,
            }),
        }
    }

    /// The header that deletes a cookie.
    pub(crate) fn delete(&self, name: &str) -> Result<HeaderValue, LoginError> {
        self.set(name, "", SameSite::Lax, Duration::ZERO)
    }
}

/// The value of a cookie. A host can set one of this name; another value comes from another host or
/// from a script, and nothing tells which of them is which.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = pairs(headers).filter(|(found, _)| *found == name);
    let (_, value) = values.next()?;
    values.all(|(_, other)| other == value).then_some(value)
}

/// Whether a request brings a cookie of this name, with any value.
pub(crate) fn is_there(headers: &HeaderMap, name: &str) -> bool {
    pairs(headers).any(|(found, _)| found == name)
}

/// The cookies of a request. HTTP/2 may split them over several headers (RFC 9113 section 8.2.3).
///
/// The cookies of others may contain any byte. Only space and tab are no part of a name: a name
/// with other white space before `__Host-` has no protection.
fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='))
}

/// The largest `Set-Cookie` header that every browser keeps, in bytes (RFC 6265 section 6.1).
const LARGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    const SECURE: Cookies = Cookies {
        layer: String::new(),
        is_secure: true,
    };

    #[test]
    fn the_headers() {
        let lifetime = Duration::from_secs(600);
        let set = |cookies: &Cookies, same_site| {
            let header = cookies.set(&cookies.session(), "v", same_site, lifetime);
            header.unwrap().to_str().unwrap().to_owned()
        };
        let common = "openid-session=v; Path=/; Max-Age=600; HttpOnly; SameSite=";
        let loopback = Cookies {
            is_secure: false,
            ..SECURE
        };
        for (cookies, same_site, expected) in [
            (
                &SECURE,
                SameSite::Lax,
                format!("__Host-{common}Lax; Secure"),
            ),
            (
                &SECURE,
                SameSite::None,
                format!("__Host-{common}None; Secure"),
            ),
            (&loopback, SameSite::Lax, format!("{common}Lax")),
            (&loopback, SameSite::None, format!("{common}Lax")),
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
            Err(LoginError::CookieTooLarge {
                cookie,
                bytes,
                most,
            }) => {
                assert_eq!((cookie, bytes, most), ("login", 4097, 4096));
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
        assert_eq!(SECURE.logins(&headers), [("__Host-openid-login-s", "4")]);
    }

    /// A cookie that another script or host has set must not hide those of the layer.
    #[test]
    fn the_cookies_of_others_may_contain_any_byte() {
        let mut headers = HeaderMap::new();
        let bytes = b"theme=d\xfcnkel; \xc2\xa0a=3; a=1; b=caf\xc3\xa9;\ta=1 ";
        headers.append(COOKIE, HeaderValue::from_bytes(bytes).unwrap());
        assert_eq!(cookie(&headers, "a"), Some("1"));
        assert_eq!(cookie(&headers, "b"), Some("caf\u{e9}"));
    }

    #[test]
    fn of_two_cookies_with_one_name_none_counts() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; b=2"));
        headers.append(COOKIE, HeaderValue::from_static("a=3"));
        assert_eq!(cookie(&headers, "a"), None);
        assert_eq!(cookie(&headers, "b"), Some("2"));
    }

    #[test]
    fn layers_have_their_own_cookies() {
        let named = |layer: &str| Cookies {
            layer: layer.to_owned(),
            is_secure: true,
        };
        let (one, two) = (named("login-x"), named("login"));
        assert_eq!(one.session(), "__Host-login-x.openid-session");
        let mut headers = HeaderMap::new();
        let cookies = [one.login("s"), two.login("s"), SECURE.login("s")];
        let cookies = cookies.map(|name| format!("{name}=1")).join("; ");
        headers.append(COOKIE, HeaderValue::try_from(cookies).unwrap());
        for cookies in [&one, &two, &SECURE] {
            assert_eq!(cookies.logins(&headers), [(&*cookies.login("s"), "1")]);
        }
    }
}
