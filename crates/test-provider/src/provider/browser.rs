//! The part of the browser in a login at a provider that is not interactive.

use bytes::Bytes;
use http::header::LOCATION;
use http::{Request, Response};
use url::form_urlencoded;

use super::Provider;
use crate::response::{SUBMIT, unescape};

impl Provider {
    /// Opens an authorization URL and returns the callback URL.
    ///
    /// # Panics
    /// If the provider does not redirect, because it refuses the request, is interactive, or
    /// responds by `form_post`.
    pub fn log_in(&self, url: impl AsRef<str>, now: i64) -> String {
        let response = self.browse(url.as_ref(), now);
        let location = response.headers().get(LOCATION);
        let location = location.unwrap_or_else(|| panic!("no redirect: {}", shown(&response)));
        location.to_str().expect("a URL is ASCII").to_owned()
    }

    /// Opens an authorization URL whose response comes by `form_post`, and returns the body that
    /// the browser posts to the redirect URI.
    ///
    /// # Panics
    /// If the provider responds with another page or without one.
    pub fn log_in_by_form_post(&self, url: impl AsRef<str>, now: i64) -> String {
        let response = self.browse(url.as_ref(), now);
        let page = shown(&response);
        assert!(page.contains(SUBMIT), "no form that posts itself: {page}");
        let mut body = form_urlencoded::Serializer::new(String::new());
        for field in page.split(FIELD).skip(1) {
            let mut parts = field.split('"');
            let name = parts.next().expect("a pair has a name");
            let value = parts.nth(1).expect("a pair has a value");
            body.append_pair(name, &unescape(value));
        }
        body.finish()
    }

    fn browse(&self, url: &str, now: i64) -> Response<Bytes> {
        let request = Request::get(url).body(Bytes::new()).expect("a URL");
        self.handle(&request, now)
    }
}

fn shown(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// The start of each field in a form that posts itself.
pub(super) const FIELD: &str = "<input type=\"hidden\" name=\"";
