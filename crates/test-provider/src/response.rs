//! The responses of the endpoints.

use std::sync::OnceLock;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    WWW_AUTHENTICATE,
};
use http::{HeaderValue, Response, StatusCode};
use jose::{HashAlgorithm, base64url};
use serde_json::json;

use crate::members::Members;

/// Creates a JSON response that must not be stored.
pub(crate) fn json(status: StatusCode, document: &Members) -> Response<Bytes> {
    let mut response = plain(status, "application/json", document.to_string());
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Creates an OAuth error response (RFC 6749 section 5.2).
pub(crate) fn error(status: StatusCode, error: &str, description: &str) -> Response<Bytes> {
    let document = Members::new([
        ("error", json!(error)),
        ("error_description", json!(description)),
    ]);
    json(status, &document)
}

/// Creates an OAuth error response with a `WWW-Authenticate` challenge (RFC 9110 section 11.6.1).
pub(crate) fn challenge(
    status: StatusCode,
    challenge: &str,
    error_code: &str,
    description: &str,
) -> Response<Bytes> {
    let mut response = error(status, error_code, description);
    let value = HeaderValue::from_str(challenge).expect("challenges are ASCII");
    response.headers_mut().insert(WWW_AUTHENTICATE, value);
    response
}

/// Creates an HTML page of the provider. `title` and `body` are HTML. The banner says where the
/// user is, because the application may be a demonstration, too.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response<Bytes> {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · OpenID Provider</title>\n<link rel=\"icon\" href=\"data:,\">\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to content</a>\n\
         <header>{KEY}<p><strong>OpenID Provider</strong> for tests<br>\n\
         <small>You are at the provider, not at the application.</small></p></header>\n\
         <main id=\"main\">\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    );
    let mut response = plain(status, "text/html; charset=utf-8", html);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CONTENT_SECURITY_POLICY, policy().clone());
    response
}

/// Returns the policy of all pages: the style of this file, the script of `form_post`, and the
/// frames of a front-channel logout. Forms lead to the redirect URIs of clients, so it does not
/// restrict them.
fn policy() -> &'static HeaderValue {
    static POLICY: OnceLock<HeaderValue> = OnceLock::new();
    POLICY.get_or_init(|| {
        let script = SUBMIT
            .strip_prefix("<script>")
            .and_then(|rest| rest.strip_suffix("</script>"))
            .expect("the script is one element");
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; frame-src *; \
             base-uri 'none'; frame-ancestors 'none'",
            source(STYLE),
            source(script)
        );
        policy.try_into().expect("the policy is ASCII")
    })
}

/// Returns the hash source of an inline style or script (Content Security Policy Level 3 section
/// 2.3.1).
fn source(text: &str) -> String {
    let digest = base64url::encode(&HashAlgorithm::Sha256.digest(text.as_bytes()));
    // base64url is base64 with two other characters and without padding; 32 bytes need one `=`.
    format!("sha256-{}=", digest.replace('-', "+").replace('_', "/"))
}

/// Creates a redirect that the browser follows with GET (RFC 9110 section 15.4.4).
pub(crate) fn redirect(location: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let value = HeaderValue::from_str(location).expect("locations are percent-encoded");
    response.headers_mut().insert(LOCATION, value);
    response
}

/// Creates a response with this body and media type.
pub(crate) fn plain(status: StatusCode, media_type: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// Escapes text for the content of an HTML element and for quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
        escaped
    })
}

/// The script that posts the form of `form_post`.
pub(crate) const SUBMIT: &str = "<script>document.forms[0].submit()</script>";

/// Undoes [`escape`].
pub(crate) fn unescape(escaped: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        // This is the last one, because its result must not be read as an entity.
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(escaped.to_owned(), |text, (entity, character)| {
        text.replace(entity, character)
    })
}

/// The picture of the banner.
const KEY: &str = "<svg viewBox=\"0 0 24 24\" width=\"32\" height=\"32\" aria-hidden=\"true\">\
<circle cx=\"8\" cy=\"12\" r=\"4.5\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2.5\"/>\
<path d=\"M12.5 12H22M18 12v4M21.5 12v3\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2.5\"/></svg>";

const STYLE: &str = include_str!("response/page.css");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_markup() {
        assert_eq!(
            escape("<a href=\"x\" id='y'>&"),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;"
        );
    }

    #[test]
    fn a_page_allows_only_its_own_style_and_the_script_of_form_post() {
        let page = page(StatusCode::OK, "Title", "");
        let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        // Computed with `openssl dgst -sha256 -binary | base64`.
        let script = "sha256-ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE=";
        assert!(
            policy.contains(&format!("script-src '{script}'")),
            "{policy}"
        );
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
    }

    #[test]
    fn what_was_escaped_comes_back() {
        let text = "<a href=\"x\" id='y'>& &lt; &amp;lt;";
        assert_eq!(unescape(&escape(text)), text);
    }
}
