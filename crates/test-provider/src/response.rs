//! The responses of the endpoints.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
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

/// Creates an HTML page. `title` and `body` are HTML.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response<Bytes> {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n\
         </body>\n</html>\n"
    );
    let mut response = plain(status, "text/html; charset=utf-8", html);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
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

const STYLE: &str = "\
:root{color-scheme:light dark;font-family:system-ui,sans-serif;line-height:1.5}\
body{margin:0;display:grid;place-items:center;min-height:100vh}\
main{max-width:26rem;padding:2rem}\
h1{font-size:1.4rem}\
form{display:grid;gap:.6rem}\
button{font:inherit;padding:.7rem 1rem;border:1px solid currentColor;border-radius:.5rem;background:none;\
color:inherit;text-align:left;cursor:pointer}\
button:hover{background:color-mix(in srgb,currentColor 10%,transparent)}\
button.quiet{border-style:dashed;opacity:.8}\
small{opacity:.7}";

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
    fn what_was_escaped_comes_back() {
        let text = "<a href=\"x\" id='y'>& &lt; &amp;lt;";
        assert_eq!(unescape(&escape(text)), text);
    }
}
