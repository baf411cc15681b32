//! The page to which a person returns after the login.

/// Whether this is a path of the application's own origin, with a query or without: it begins with
/// one slash, and browsers find no other host in it. They read a backslash as a slash, and ignore
/// tabs and line breaks (WHATWG URL section 4.4). Only printable ASCII can be part of a `Location`
/// header.
pub(crate) fn is_own_path(path: &str) -> bool {
    path.len() <= LONGEST
        && path.starts_with('/')
        && !path.starts_with("//")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// The longest path, in bytes. It is part of a cookie.
const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_origin_are_followed() {
        for path in ["/", "/x", "/x?a=//b&c=d#e", "/x//y", "/%5C%09/evil.example"] {
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
            &long,
        ] {
            assert!(!is_own_path(path), "{path:?}");
        }
    }
}
