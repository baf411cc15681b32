//! Cookies, redirects and the headers that keep a page to itself.

use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, header};
use openid_client::{ServerMetadata, Url};

/// What every path answers with.
pub(crate) type Page = Response<String>;

const COOKIE: &str = "session";

/// The random value by which a browser is known; empty for one that is not.
pub(crate) fn browser(request: &Parts) -> &str {
    request
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split("; "))
        .find_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('='))
        .unwrap_or_default()
}

/// Makes the browser known by this value from now on. It holds nothing else.
pub(crate) fn remember(mut page: Page, app: &str, browser: &str) -> Page {
    let secure = if app.starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!("{COOKIE}={browser}; Path=/; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        page.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    page
}

/// Whether another site made the browser send this.
pub(crate) fn is_foreign(request: &Parts) -> bool {
    let site = request.headers.get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin")
}

/// Sends the browser somewhere else, with GET.
pub(crate) fn redirect(to: &str) -> Page {
    match HeaderValue::from_str(to) {
        Ok(to) => {
            let mut page = status(StatusCode::SEE_OTHER);
            page.headers_mut().insert(header::LOCATION, to);
            page
        }
        Err(_) => status(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// A page that says no more than its status.
pub(crate) fn status(status: StatusCode) -> Page {
    let mut page = Response::new(status.to_string());
    *page.status_mut() = status;
    page
}

/// No scripts, no frames, no caches, and no referrer: the callback's URL holds a code. A logout
/// form ends at the provider, so its origin is one to which forms may lead.
pub(crate) fn protect(page: &mut Page, provider: &ServerMetadata) {
    let end_session = provider.end_session_endpoint.as_deref();
    let origin = end_session
        .and_then(|url| Url::parse(url).ok())
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self' {origin}"
    );
    let headers = page.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    let sniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, sniff);
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.entry(header::CONTENT_TYPE).or_insert(kind);
}
