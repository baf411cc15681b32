//! The identifier of a protected resource, and the URLs that belong to it.

use url::Url;

use crate::error::{Error, Misuse, printable_url};
use crate::metadata::endpoint_url;
use crate::policy::Policy;

/// The identifier of a protected resource: an https URL without fragment (RFC 9728 section 1.2, RFC
/// 8707 section 2). The Model Context Protocol calls it the canonical URI of a server.
///
/// Two identifiers are equal if their URLs are equal after normalisation: the case of the host, a
/// default port and the slash after a bare host do not count.
#[derive(Debug, Clone)]
pub struct ResourceIdentifier {
    text: String,
    url: Url,
}

impl ResourceIdentifier {
    /// Reads an identifier.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] if the URL's scheme is not allowed, or if it is not a URL or contains a
    /// user name or password; [`Misuse::InvalidArgument`] if it has a fragment.
    pub fn new(resource: impl Into<String>, policy: &Policy) -> Result<Self, Error> {
        let text = resource.into();
        let url = endpoint_url("resource", &text, policy)?;
        if url.fragment().is_some() {
            return Err(Misuse::InvalidArgument {
                argument: "resource",
                expected: "a URL without fragment",
                found: printable_url(&text),
            }
            .into());
        }
        Ok(Self { text, url })
    }

    /// The identifier as it was written, for the parameter `resource` (RFC 8707 section 2).
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The identifier as a URL.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// The URL of the resource's metadata: `/.well-known/oauth-protected-resource` between host and
    /// path (RFC 9728 section 3.1).
    pub fn metadata_url(&self) -> Url {
        // Only the slash that follows the host is removed.
        let path = match self.url.path() {
            "/" => "",
            path => path,
        };
        let mut url = self.url.clone();
        url.set_path(&format!("{WELL_KNOWN}{path}"));
        url
    }

    /// The resource that comprises the whole host; `None` if this is it.
    pub(crate) fn host(&self) -> Option<Self> {
        let mut url = self.url.clone();
        url.set_path("");
        url.set_query(None);
        let text = url.origin().ascii_serialization();
        (url != self.url).then_some(Self { text, url })
    }

    /// Parses a URL to which a token for this resource is to be sent.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] if it is not a URL that may be requested; [`Misuse::AnotherResource`] if
    /// the resource does not [contain](Self::contains) it.
    pub fn url_within(&self, url: &str, policy: &Policy) -> Result<Url, Error> {
        let parsed = endpoint_url("url", url, policy)?;
        match self.contains(&parsed) {
            true => Ok(parsed),
            false => Err(Misuse::AnotherResource {
                resource: printable_url(&self.text),
                found: printable_url(url),
            }
            .into()),
        }
    }

    /// Whether this URL belongs to the resource, so that a token for the resource may be sent
    /// there: it has the same scheme, host and port, no user name, and a path that is that of the
    /// identifier or continues it after a slash. The continuation has no dot segments that are
    /// hidden from URL parsers, as in `..%2f` or `..;`, because a server may read them. If the
    /// identifier has a query, path and query must be equal.
    pub fn contains(&self, url: &Url) -> bool {
        if self.url.origin() != url.origin()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return false;
        }
        if self.url.query().is_some() {
            return self.url.path() == url.path() && self.url.query() == url.query();
        }
        let own = self.url.path();
        match url
            .path()
            .strip_prefix(own.strip_suffix('/').unwrap_or(own))
        {
            Some(rest) => {
                url.path() == own
                    || (rest.starts_with('/') && (own == "/" || !has_dot_segment(rest)))
            }
            None => false,
        }
    }
}

impl PartialEq for ResourceIdentifier {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url
    }
}

impl Eq for ResourceIdentifier {}

/// Whether a server may find a segment `.` or `..` in this path, and so leave the path before it.
/// URL parsers remove those that are written plainly. Some servers also decode slashes, backslashes
/// and dots, and some ignore what follows a semicolon in a segment.
fn has_dot_segment(path: &str) -> bool {
    let mut decoded = path.to_ascii_lowercase();
    for (encoded, character) in [("%2f", "/"), ("%5c", "/"), ("%2e", "."), ("%3b", ";")] {
        decoded = decoded.replace(encoded, character);
    }
    decoded
        .split(['/', '\\'])
        .filter_map(|segment| segment.split(';').next())
        .any(|name| matches!(name, "." | ".."))
}

/// RFC 9728 section 3.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[cfg(test)]
mod tests {
    use url::Url;

    use super::ResourceIdentifier;
    use crate::error::{Error, MetadataError, Misuse};
    use crate::policy::Policy;

    fn identifier(text: &str) -> ResourceIdentifier {
        ResourceIdentifier::new(text, &Policy::default()).unwrap()
    }

    #[test]
    fn the_metadata_lie_between_host_and_path() {
        for (resource, expected) in [
            (
                "https://mcp.example",
                "https://mcp.example/.well-known/oauth-protected-resource",
            ),
            (
                "https://mcp.example/",
                "https://mcp.example/.well-known/oauth-protected-resource",
            ),
            // The examples of RFC 9728 sections 3.1 and 3.
            (
                "https://resource.example.com/resource1",
                "https://resource.example.com/.well-known/oauth-protected-resource/resource1",
            ),
            (
                "https://mcp.example:8443/a/b/",
                "https://mcp.example:8443/.well-known/oauth-protected-resource/a/b/",
            ),
            (
                "https://mcp.example/?t=1",
                "https://mcp.example/.well-known/oauth-protected-resource?t=1",
            ),
            (
                "https://mcp.example/a?t=1",
                "https://mcp.example/.well-known/oauth-protected-resource/a?t=1",
            ),
        ] {
            assert_eq!(identifier(resource).metadata_url().as_str(), expected);
        }
        assert_eq!(
            identifier("https://a.example/b?c").host().unwrap().as_str(),
            "https://a.example"
        );
        assert_eq!(identifier("https://a.example/").host(), None);
    }

    #[test]
    fn what_is_no_identifier() {
        let refused = |text: &str| ResourceIdentifier::new(text, &Policy::default()).unwrap_err();
        assert!(matches!(
            refused("http://mcp.example"),
            Error::Metadata(MetadataError::NotHttps {
                member: "resource",
                ..
            })
        ));
        assert!(matches!(
            refused("ftp://mcp.example"),
            Error::Metadata(MetadataError::Scheme { .. })
        ));
        assert!(matches!(
            refused("https://user@mcp.example"),
            Error::Metadata(MetadataError::Invalid { .. })
        ));
        assert!(matches!(
            refused("mcp.example"),
            Error::Metadata(MetadataError::NoScheme { .. })
        ));
        assert!(matches!(
            refused("https://mcp.example/#part"),
            Error::Misuse(Misuse::InvalidArgument {
                argument: "resource",
                ..
            })
        ));
        assert_eq!(
            refused("http://mcp.example").to_string().split(';').next(),
            Some("`resource` must be an https URL, found http://mcp.example")
        );
    }

    #[test]
    fn identifiers_are_compared_as_urls() {
        let same = |other: &str| identifier("https://mcp.example/a") == identifier(other);
        assert!(same("https://MCP.example:443/a"));
        for other in [
            "https://mcp.example/A",
            "https://mcp.example/a/",
            "https://mcp.example/a?b",
            "https://mcp.example:8443/a",
            "https://mcp.example.evil/a",
        ] {
            assert!(!same(other), "{other}");
        }
        assert_eq!(
            identifier("https://mcp.example"),
            identifier("https://mcp.example/")
        );
    }

    #[test]
    fn a_url_of_another_resource_is_named() {
        let (resource, policy) = (identifier("https://mcp.example/a"), Policy::default());
        let url = resource.url_within("https://mcp.example/a/b?q", &policy);
        assert_eq!(url.unwrap().as_str(), "https://mcp.example/a/b?q");
        let error = resource
            .url_within("https://evil.example/a?secret", &policy)
            .unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_ANOTHER_RESOURCE"));
        assert_eq!(
            error.to_string(),
            "the token is for https://mcp.example/a, and https://evil.example/a does not belong to \
             it; find the authorization server of that resource, and log in there"
        );
        assert!(matches!(
            resource.url_within("http://mcp.example/a", &policy),
            Err(Error::Metadata(MetadataError::NotHttps {
                member: "url",
                ..
            }))
        ));
    }

    #[test]
    fn tokens_go_to_urls_of_the_resource_alone() {
        let contains =
            |resource: &str, url: &str| identifier(resource).contains(&Url::parse(url).unwrap());
        for (resource, url) in [
            ("https://mcp.example", "https://mcp.example/any?thing#here"),
            ("https://mcp.example/a", "https://mcp.example/a"),
            ("https://mcp.example/a", "https://mcp.example/a?q"),
            ("https://mcp.example/a", "https://mcp.example/a/b"),
            ("https://mcp.example/a/", "https://mcp.example/a/"),
            ("https://mcp.example/a/", "https://mcp.example/a/b"),
            ("https://mcp.example/a?t=1", "https://mcp.example/a?t=1"),
            ("https://mcp.example/a", "https://MCP.example:443/a/../a/b"),
            (
                "https://mcp.example/a",
                "https://mcp.example/a/b%2fc;d=1/...",
            ),
            // There is nothing above it.
            ("https://mcp.example", "https://mcp.example/..%2fb"),
        ] {
            assert!(contains(resource, url), "{resource} {url}");
        }
        for (resource, url) in [
            ("https://mcp.example", "http://mcp.example/"),
            ("https://mcp.example", "https://mcp.example:8443/"),
            ("https://mcp.example", "https://mcp.example.evil/"),
            ("https://mcp.example", "https://user@mcp.example/"),
            ("https://mcp.example", "https://:password@mcp.example/"),
            ("https://mcp.example/a", "https://mcp.example/"),
            ("https://mcp.example/a", "https://mcp.example/ab"),
            ("https://mcp.example/a", "https://mcp.example/a/../b"),
            ("https://mcp.example/a", "https://mcp.example/a/%2e%2e/b"),
            ("https://mcp.example/a", "https://mcp.example/a/..%2fb"),
            ("https://mcp.example/a", "https://mcp.example/a/..%2Fb"),
            ("https://mcp.example/a", "https://mcp.example/a/%2E%2e%2fb"),
            (
                "https://mcp.example/a",
                "https://mcp.example/a/c%2f..%2f..%2fb",
            ),
            ("https://mcp.example/a", "https://mcp.example/a/..%5cb"),
            ("https://mcp.example/a", "https://mcp.example/a/..%5Cb"),
            ("https://mcp.example/a", "https://mcp.example/a/..;/b"),
            ("https://mcp.example/a", "https://mcp.example/a/..;x=1/b"),
            ("https://mcp.example/a", "https://mcp.example/a/..%3B/b"),
            ("https://mcp.example/a", "https://mcp.example/a/.;/b"),
            ("https://mcp.example/a/", "https://mcp.example/a/..;/b"),
            ("https://mcp.example/a/", "https://mcp.example/a"),
            ("https://mcp.example/a//", "https://mcp.example/a/b"),
            ("https://mcp.example/a?t=1", "https://mcp.example/a?t=2"),
            ("https://mcp.example/a?t=1", "https://mcp.example/a/b?t=1"),
        ] {
            assert!(!contains(resource, url), "{resource} {url}");
        }
    }
}
