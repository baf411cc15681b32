//! What a browser does with an authorization URL, at a provider that asks nobody.

use bytes::Bytes;
use http::header::LOCATION;
use http::{Request, Response};
use url::form_urlencoded;

use super::Provider;
use crate::response::unescape;

impl Provider {
    /// Where the browser is sent back to from an authorization URL: the callback URL.
    ///
    /// # Panics
    /// If the provider does not redirect: it refuses the request, asks a person, or answers by `form_post`.
    pub fn log_in(&self, url: impl AsRef<str>, now: i64) -> String {
        let response = self.browse(url.as_ref(), now);
        let location = response.headers().get(LOCATION);
        let location = location.unwrap_or_else(|| panic!("no redirect: {}", shown(&response)));
        location.to_str().expect("a URL is ASCII").to_owned()
    }

    /// The same where the answer comes by `form_post`: the body that the browser posts to the redirect URI.
    ///
    /// # Panics
    /// If the provider answers with another page, or with none.
    pub fn log_in_by_form_post(&self, url: impl AsRef<str>, now: i64) -> String {
        let response = self.browse(url.as_ref(), now);
        let page = shown(&response);
        assert!(page.contains(SUBMIT), "no form that posts itself: {page}");
        let mut body = form_urlencoded::Serializer::new(String::new());
        for field in page.split(FIELD).skip(1) {
            let mut parts = field.split('"');
            let name = parts.next().expect("a name");
            let value = parts.nth(1).expect("a value");
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

/// How each field of a form that posts itself begins.
pub(super) const FIELD: &str = "<input type=\"hidden\" name=\"";

/// What posts it.
pub(super) const SUBMIT: &str = "<script>document.forms[0].submit()</script>";
