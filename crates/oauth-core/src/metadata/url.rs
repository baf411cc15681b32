//! Which URLs may be contacted, and which may name an issuer.

use url::Url;

use crate::error::{MetadataError, printable, printable_url};
use crate::policy::Policy;

/// Parses the URL of an endpoint and refuses what must not be contacted: another scheme than https
/// (http only where the policy allows it), and credentials inside the URL.
pub(crate) fn endpoint_url(
    member: &'static str,
    text: &str,
    policy: &Policy,
) -> Result<Url, MetadataError> {
    // The parser takes line breaks and tabs out and cuts spaces off: what it reads then is not what
    // the server wrote, and not what an issuer is compared with.
    if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(MetadataError::Invalid {
            member,
            expected: "a URL without spaces and control characters",
            found: printable_url(text),
        });
    }
    let parsed = Url::parse(text);
    if lacks_scheme(text, parsed.as_ref().ok()) {
        return Err(MetadataError::NoScheme {
            member,
            found: printable_url(text),
        });
    }
    let url = parsed.map_err(|_| MetadataError::Invalid {
        member,
        expected: "an absolute URL",
        found: printable_url(text),
    })?;
    match url.scheme() {
        "https" => {}
        "http" if policy.insecure_requests() => {}
        "http" => {
            return Err(MetadataError::NotHttps {
                member,
                found: printable(&url.origin().ascii_serialization()),
            });
        }
        scheme => {
            return Err(MetadataError::Scheme {
                member,
                found: printable(scheme),
            });
        }
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(MetadataError::Invalid {
            member,
            expected: "a URL without user name and password",
            found: "one with them".to_owned(),
        });
    }
    Ok(url)
}

/// Whether the text is a host, perhaps with a port and a path. `localhost:8443` parses as a URL
/// with the scheme `localhost`, `op.example` does not parse.
fn lacks_scheme(text: &str, parsed: Option<&Url>) -> bool {
    if parsed.is_some_and(|url| !url.cannot_be_a_base()) {
        return false;
    }
    let with_scheme = Url::parse(&format!("https://{text}"));
    with_scheme.is_ok_and(|url| {
        let has_port = parsed.is_some();
        let is_host = url
            .host_str()
            .is_some_and(|host| host == "localhost" || host.contains('.'));
        !text.starts_with('/') && (is_host || has_port)
    })
}

/// Refuses an issuer that cannot be one: not https, or with a query or fragment
/// (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2).
pub(crate) fn check_issuer(issuer: &str, policy: &Policy) -> Result<Url, MetadataError> {
    let url = endpoint_url("issuer", issuer, policy)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(MetadataError::Invalid {
            member: "issuer",
            expected: "a URL without query and fragment",
            found: "one with them".to_owned(),
        });
    }
    Ok(url)
}
