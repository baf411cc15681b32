//! Cookies, redirects and security headers.

use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, header};
use openid_client::{ServerMetadata, Url};

/// A response of the application.
pub(crate) type Page = Response<String>;

const COOKIE: &str = "session";

/// Returns the random value that identifies the browser, or an empty text for an unknown browser.
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

/// Sets the cookie that identifies the browser. The cookie contains only this value.
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

/// Whether another site caused the browser to send this request.
pub(crate) fn is_foreign(request: &Parts) -> bool {
    let site = request.headers.get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin")
}

/// Returns a redirect to a URL, which the browser follows with GET.
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

/// Returns a page that contains only its status.
pub(crate) fn status(status: StatusCode) -> Page {
    let mut page = Response::new(status.to_string());
    *page.status_mut() = status;
    page
}

/// Adds the security headers to a page. They forbid scripts, frames, caching and referrers, because
/// the URL of a callback contains a code. The logout form redirects to the provider, so the policy
/// allows forms to lead to its origin.
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
