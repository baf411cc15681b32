//! The pages of this crate.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};

/// A page. `title` is text, and `body` is HTML.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response<Bytes> {
    let title = escape(title);
    let text = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style></head>\n<body><main><h1>{title}</h1>\n{body}\n</main></body></html>\n"
    );
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A redirect to be followed with GET. `location` is a URL or a path.
pub(crate) fn redirect(location: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Every URL and every path that comes here is printable ASCII.
    let location = HeaderValue::try_from(location);
    headers.insert(LOCATION, location.unwrap_or(HeaderValue::from_static("/")));
    *response.status_mut() = StatusCode::SEE_OTHER;
    response
}

/// A form with one button that posts to `path`, with hidden fields.
pub(crate) fn button(path: &str, fields: &[(&str, &str)], text: &str) -> String {
    let fields: String = fields
        .iter()
        .map(|(name, value)| {
            let (name, value) = (escape(name), escape(value));
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
        })
        .collect();
    let (path, text) = (escape(path), escape(text));
    format!("<form method=\"post\" action=\"{path}\">{fields}<button>{text}</button></form>")
}

/// A link.
pub(crate) fn link(path: &str, text: &str) -> String {
    format!("<p><a href=\"{}\">{}</a></p>", escape(path), escape(text))
}

/// Escapes text for content and for quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// No script runs, no other site frames the page, and the code in the URL of a callback is sent to
/// no other site. `form-action` is left out: browsers apply it to the redirect that answers the
/// form, which leads to the provider at a logout.
const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_TYPE, "text/html; charset=utf-8"),
    (CACHE_CONTROL, "no-store"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (REFERRER_POLICY, "same-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

const STYLE: &str = ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;\
    margin:0}main{max-width:36rem;margin:3rem auto;padding:0 1.5rem}code{font-size:.9em;\
    overflow-wrap:anywhere}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_everywhere() {
        let evil = "\"><script>'&";
        let body = button(evil, &[(evil, evil)], evil) + &link(evil, evil);
        let page = page(StatusCode::OK, evil, &body);
        let text = std::str::from_utf8(page.body()).unwrap();
        assert!(
            !text.contains("<script") && !text.contains("\"\""),
            "{text}"
        );
        assert_eq!(
            text.matches("&quot;&gt;&lt;script&gt;&#39;&amp;").count(),
            8
        );
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    }
}
