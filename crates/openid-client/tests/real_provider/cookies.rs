//! Cookies (RFC 6265), as far as a single host needs them.

use std::collections::BTreeMap;

/// The cookies of a browser, by path and name.
#[derive(Default)]
pub(crate) struct Cookies(BTreeMap<(String, String), String>);

impl Cookies {
    /// Stores the cookie of a `Set-Cookie` header. An empty value removes the cookie.
    pub(crate) fn set(&mut self, header: &str) {
        let mut parts = header.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let path = parts
            .filter_map(|attribute| attribute.split_once('='))
            .find(|(attribute, _)| attribute.eq_ignore_ascii_case("path"))
            .map_or("/", |(_, path)| path);
        let key = (path.to_owned(), name.to_owned());
        match value {
            "" => self.0.remove(&key),
            value => self.0.insert(key, value.to_owned()),
        };
    }

    /// Returns the `Cookie` header for a request to `path`.
    pub(crate) fn header(&self, path: &str) -> String {
        let sent: Vec<String> = self
            .0
            .iter()
            .filter(|((prefix, _), _)| matches(path, prefix))
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        sent.join("; ")
    }
}

/// Whether a path matches the path of a cookie (RFC 6265 section 5.1.4).
fn matches(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
}

#[test]
fn a_cookie_goes_to_its_path_and_below_until_it_is_taken_back() {
    let mut cookies = Cookies::default();
    cookies.set("session=1; path=/; secure; httponly");
    cookies.set("step=2; Path=/auth/x");
    assert_eq!(cookies.header("/authority"), "session=1");
    assert_eq!(cookies.header("/auth/x/y"), "session=1; step=2");
    assert_eq!(cookies.header("/auth/xy"), "session=1");
    cookies.set("step=; path=/auth/x; expires=Thu, 01 Jan 1970 00:00:00 GMT");
    assert_eq!(cookies.header("/auth/x"), "session=1");
}
