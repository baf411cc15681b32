//! The URL of a request as DPoP proofs name it (RFC 9449 section 4.3, check 9).

use url::Url;

/// Returns the URL without query and fragment after syntax-based and scheme-based normalisation
/// (RFC 3986 sections 6.2.2 and 6.2.3); `None` if it is not an absolute http or https URL.
pub(super) fn normalised(url: &str) -> Option<String> {
    // `Url` accepts backslashes and blanks, which no URI contains.
    if !url
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    {
        return None;
    }
    // `Url` also accepts any number of slashes before the host, and none.
    let (scheme, rest) = url.split_once("://")?;
    let is_http = ["https", "http"]
        .iter()
        .any(|it| scheme.eq_ignore_ascii_case(it));
    if !is_http || rest.starts_with('/') {
        return None;
    }
    // `Url` lowers scheme and host, omits the default port and resolves dot segments.
    let mut url = Url::parse(url).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(percent_normalised(url.as_str()))
}

/// Whether a segment of the path is `.` or `..`, also if it is escaped. A client resolves such
/// segments before it sends a request (RFC 3986 section 5.2.4). A router may take them as they are:
/// `/public/../items` would then need only the proof for `/items`.
pub(super) fn has_dot_segments(path: &str) -> bool {
    path.split('/')
        .any(|segment| matches!(percent_normalised(segment).as_str(), "." | ".."))
}

/// Decodes escapes of unreserved characters and raises the digits of all others (RFC 3986 sections
/// 6.2.2.1 and 6.2.2.2).
fn percent_normalised(url: &str) -> String {
    let mut parts = url.split('%');
    let mut normalised = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u8::from_str_radix(digits, 16) {
            Ok(byte) if is_hexadecimal && is_unreserved(byte) => normalised.push(byte.into()),
            _ => {
                normalised.push('%');
                normalised.push_str(&digits.to_ascii_uppercase());
            }
        }
        normalised.push_str(rest);
    }
    normalised
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::{has_dot_segments, normalised};

    #[test]
    fn dot_segments_are_found_in_every_spelling() {
        for path in ["/a/..", "/./a", "/../a", "/a/%2e%2E/b", "/a/.%2e", "/%2E/"] {
            assert!(has_dot_segments(path), "{path}");
        }
        for path in [
            "/",
            "/a.b/...",
            "/a/..b",
            "/%252e%252e/",
            "/a%2f..%2fb",
            "/.well-known/x",
        ] {
            assert!(!has_dot_segments(path), "{path}");
        }
    }

    #[test]
    fn equivalent_urls_are_equal_and_others_are_not() {
        let expected = Some("https://api.example/a/b~c%2F".to_owned());
        for url in [
            "https://api.example/a/b~c%2F",
            "HTTPS://API.example:443/a/b%7Ec%2f?query#fragment",
            "https://api.example/x/../a/./b%7ec%2F",
        ] {
            assert_eq!(normalised(url), expected, "{url}");
        }
        for url in [
            "https://api.example/a/b~c/",
            "https://api.example:8443/a/b~c%2F",
            "http://api.example/a/b~c%2F",
            "https://api.example/A/b~c%2F",
            "https://user@api.example/a/b~c%2F",
        ] {
            assert_ne!(normalised(url), expected, "{url}");
        }
    }

    #[test]
    fn what_is_no_http_url_has_no_form() {
        for url in [
            "",
            "/a",
            "ftp://api.example/",
            "https:\\\\api.example",
            "https://a b/",
            "https:/api.example/a",
            "https:api.example/a",
            "https:///api.example/a",
        ] {
            assert_eq!(normalised(url), None, "{url}");
        }
        for odd in [
            "https://api.example/%",
            "https://api.example/%+1",
            "https://a.example/%4",
        ] {
            assert_eq!(normalised(odd).as_deref(), Some(odd));
        }
    }
}
