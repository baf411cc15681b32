//! Cookies, redirects and security headers.

use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, header};
use openid_client::{ServerMetadata, Url};

/// A response of the application.
pub(crate) type Page = Response<String>;

/// Returns the name of the cookie. Browsers share cookies between the ports of a host.
fn cookie_name(app: &str) -> String {
    let port = app.rsplit(':').next().unwrap_or_default();
    format!("demo-{port}")
}

/// Returns the random value that identifies the browser, or an empty text for an unknown browser.
pub(crate) fn browser<'a>(request: &'a Parts, app: &str) -> &'a str {
    let name = cookie_name(app);
    request
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split("; "))
        .find_map(|cookie| cookie.strip_prefix(name.as_str())?.strip_prefix('='))
        .unwrap_or_default()
}

/// Sets the cookie that identifies the browser. The cookie contains only this value.
pub(crate) fn remember(mut page: Page, app: &str, browser: &str) -> Page {
    let secure = if app.starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    let name = cookie_name(app);
    let cookie = format!("{name}={browser}; Path=/; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        page.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    page
}

/// Whether another site, or another origin of this one, caused the browser to send this request.
pub(crate) fn is_foreign(request: &Parts) -> bool {
    let site = request.headers.get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin")
}

/// Returns the value of a parameter of a form or a query.
pub(crate) fn parameter(form: &str, name: &str) -> Option<String> {
    let url = Url::parse(&format!("form:?{form}")).ok()?;
    let mut pairs = url.query_pairs();
    pairs.find_map(|(found, value)| (found == name).then(|| value.into_owned()))
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
/// the URL of a callback contains a code. Forms of the application redirect to the provider, so the
/// policy allows forms to lead to its origins.
pub(crate) fn protect(page: &mut Page, provider: &ServerMetadata) {
    let endpoints = [
        provider.authorization_endpoint.as_deref(),
        provider.end_session_endpoint.as_deref(),
    ];
    let mut forms = String::from("'self'");
    for url in endpoints
        .into_iter()
        .flatten()
        .filter_map(|url| Url::parse(url).ok())
    {
        let origin = url.origin().ascii_serialization();
        if !forms.contains(&origin) {
            forms = format!("{forms} {origin}");
        }
    }
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
         frame-ancestors 'none'; form-action {forms}"
    );
    let headers = page.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.entry(header::CONTENT_TYPE).or_insert(kind);
}
