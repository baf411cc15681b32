//! The page to which a person returns after the login.

use crate::settings::Settings;

impl Settings {
    /// Whether a login may return to this path: a path of the application's own origin, and none of
    /// the layer, which could begin the next login at once.
    pub(crate) fn may_return_to(&self, path: &str) -> bool {
        is_own_path(path) && !self.is_of_the_layer(path)
    }

    /// Whether a server that decodes and shortens paths finds a route of the layer here.
    fn is_of_the_layer(&self, path: &str) -> bool {
        let decoded = decoded(before_query(path));
        let segments = decoded.split(|byte| *byte == b'/');
        let segments: Vec<&[u8]> = segments.filter(|segment| !segment.is_empty()).collect();
        let path = segments.join(&b'/');
        let bare = |route: &str| route.trim_start_matches('/').to_owned();
        let is_at = |route: &str| path == bare(route).as_bytes();
        let is_below = || path.starts_with(format!("{}/", bare(&self.prefix)).as_bytes());
        is_at(&self.prefix) || is_below() || self.clients.iter().any(|it| is_at(&it.callback))
    }
}

/// Whether this is a path of the application's own origin, with a query or without: it begins with
/// one slash, and browsers find no other host in it. They read a backslash as a slash, and ignore
/// tabs and line breaks (WHATWG URL section 4.4). Only printable ASCII can be part of a `Location`
/// header.
///
/// The same holds for the decoded path, because a server behind may decode it and redirect to it.
/// Dot segments are refused, because they lead out of the paths of an application that shares its
/// host.
pub(crate) fn is_own_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    path.len() <= LONGEST
        && path.starts_with('/')
        && path.bytes().all(is_plain)
        && is_own_when_decoded(&decoded(before_query(path)))
}

fn is_own_when_decoded(path: &[u8]) -> bool {
    let second = path.get(1);
    !second.is_some_and(|byte| b"/\\".contains(byte))
        && !path.iter().any(u8::is_ascii_control)
        && !path
            .split(|byte| b"/\\".contains(byte))
            .any(|segment| segment == b"." || segment == b"..")
}

fn before_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

/// The bytes of a path whose escapes are decoded once.
fn decoded(path: &str) -> Vec<u8> {
    let mut bytes = path.bytes();
    let mut decoded = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        let mut rest = bytes.clone();
        let escaped = match (byte, rest.next(), rest.next()) {
            (b'%', Some(high), Some(low)) => hexadecimal(high, low),
            _ => None,
        };
        if escaped.is_some() {
            bytes = rest;
        }
        decoded.push(escaped.unwrap_or(byte));
    }
    decoded
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = digit(high)?.checked_mul(16)?.checked_add(digit(low)?)?;
    u8::try_from(value).ok()
}

/// The longest path, in bytes. It is part of a cookie.
const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_origin_are_followed() {
        for path in [
            "/",
            "/x",
            "/x?a=//b&c=d#e",
            "/x?u=https://evil.example/%0A..",
            "/x//y",
            "/x%5Cy",
            "/%",
            "/%4",
            "/%zz",
            "/.x/..y/...",
            "/%252F%252Fevil.example",
        ] {
            assert!(is_own_path(path), "{path}");
        }
        let long = format!("/{}", "x".repeat(LONGEST));
        for path in [
            "",
            "x",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "/x\\y",
            "\\\\evil.example",
            "https://evil.example/",
            "https:evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r\nSet-Cookie: a=b",
            " /x",
            "/x y",
            "/\u{0}",
            "/\u{7f}",
            "/ü",
            "/%2Fevil.example",
            "/%2fevil.example",
            "/%5Cevil.example",
            "/%5C%09/evil.example",
            "/%09/evil.example",
            "/x%0D%0ASet-Cookie:%20a=b",
            "/%00",
            "/%7F",
            "/..",
            "/.",
            "/x/../y",
            "/x/%2e%2E/y",
            "/x/.%2e?z",
            "/x/..%2fy",
            "/x/..%5Cy",
            "/x/./y",
            &long,
        ] {
            assert!(!is_own_path(path), "{path:?}");
        }
    }
}
