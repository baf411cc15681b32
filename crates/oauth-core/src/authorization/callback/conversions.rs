//! What a callback can be made of: a URL in any form, or the request that a web framework received.

use http::header::CONTENT_TYPE;
use http::{Method, Request, Uri};
use url::Url;

use super::Callback;
use crate::error::{Error, Misuse};

impl TryFrom<&str> for Callback {
    type Error = Error;

    /// As [`Callback::from_url`].
    fn try_from(url: &str) -> Result<Self, Error> {
        Self::from_url(url)
    }
}

impl TryFrom<&String> for Callback {
    type Error = Error;

    /// As [`Callback::from_url`].
    fn try_from(url: &String) -> Result<Self, Error> {
        Self::from_url(url)
    }
}

impl TryFrom<String> for Callback {
    type Error = Error;

    /// As [`Callback::from_url`].
    fn try_from(url: String) -> Result<Self, Error> {
        Self::from_url(&url)
    }
}

impl From<&Url> for Callback {
    fn from(url: &Url) -> Self {
        Self::of_url(url)
    }
}

impl From<Url> for Callback {
    fn from(url: Url) -> Self {
        Self::of_url(&url)
    }
}

/// A request URI has no fragment (RFC 9110 section 7.1).
impl From<&Uri> for Callback {
    fn from(uri: &Uri) -> Self {
        Self::from_query(uri.query().unwrap_or_default())
    }
}

impl From<Uri> for Callback {
    fn from(uri: Uri) -> Self {
        Self::from(&uri)
    }
}

impl From<&Self> for Callback {
    fn from(callback: &Self) -> Self {
        callback.clone()
    }
}

impl<B: AsRef<[u8]>> TryFrom<&Request<B>> for Callback {
    type Error = Error;

    /// The callback from a whole request: its query, and the form in its body when the method is
    /// `POST`.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for the body of a `POST` request that is not a form: another
    /// media type than `application/x-www-form-urlencoded`, or bytes that are not UTF-8.
    fn try_from(request: &Request<B>) -> Result<Self, Error> {
        let uri = request.uri();
        if request.method() != Method::POST {
            return Ok(Self::from(uri));
        }
        let content_type = request.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next());
        if !essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(FORM)) {
            return Err(no_form("another media type"));
        }
        let body = std::str::from_utf8(request.body().as_ref());
        let body = body.map_err(|_| no_form("bytes that are not UTF-8"))?;
        Ok(Self::from_query_and_form(
            uri.query().unwrap_or_default(),
            body,
        ))
    }
}

impl<B: AsRef<[u8]>> TryFrom<Request<B>> for Callback {
    type Error = Error;

    /// As for a borrowed request.
    fn try_from(request: Request<B>) -> Result<Self, Error> {
        Self::try_from(&request)
    }
}

fn no_form(found: &str) -> Error {
    Misuse::InvalidArgument {
        argument: "callback",
        expected: "a POST request with a body of type application/x-www-form-urlencoded",
        found: found.to_owned(),
    }
    .into()
}

const FORM: &str = "application/x-www-form-urlencoded";

#[cfg(test)]
mod tests {
    use super::*;

    fn state_of(callback: impl TryInto<Callback>) -> Option<String> {
        let callback = callback.try_into().ok()?;
        callback.state().map(str::to_owned)
    }

    fn posted(content_type: Option<&str>, body: &[u8]) -> Result<Callback, Error> {
        let mut request = Request::post("https://app.example/cb?from=query");
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        Callback::try_from(request.body(body).unwrap())
    }

    #[test]
    fn every_form_of_a_url_is_a_callback() {
        let text = "https://app.example/cb?code=c&state=s";
        let url = Url::parse(text).unwrap();
        let uri: Uri = "/cb?code=c&state=s".parse().unwrap();
        let callback = Callback::from_url(text).unwrap();
        let state = Some("s".to_owned());
        assert_eq!(state_of(text), state);
        let owned = text.to_owned();
        assert_eq!(state_of(&owned), state);
        assert_eq!(state_of(owned), state);
        assert_eq!(state_of(&url), state);
        assert_eq!(state_of(url), state);
        assert_eq!(state_of(&uri), state);
        assert_eq!(state_of(uri), state);
        assert_eq!(state_of(&callback), state);
        assert_eq!(state_of(callback), state);
    }

    #[test]
    fn a_fragment_is_read_from_a_whole_url() {
        let url = Url::parse("https://app.example/cb#code=c&state=s").unwrap();
        assert_eq!(state_of(url).as_deref(), Some("s"));
    }

    #[test]
    fn the_form_of_a_post_request_is_read_and_its_query_stays_visible() {
        for content_type in [FORM, "Application/X-WWW-Form-URLEncoded; charset=utf-8"] {
            let callback = posted(Some(content_type), b"state=s&user=u").unwrap();
            assert_eq!(callback.state(), Some("s"));
            assert_eq!(callback.parameter("user").unwrap(), Some("u"));
            assert_eq!(callback.parameter("from").unwrap(), Some("query"));
        }
    }

    #[test]
    fn the_body_of_another_method_is_not_read() {
        let request = Request::get("https://app.example/cb?state=s").body("state=forged");
        assert_eq!(state_of(request.unwrap()).as_deref(), Some("s"));
    }

    #[test]
    fn a_post_request_without_a_form_is_refused() {
        for (content_type, body, found) in [
            (None, &b"state=s"[..], "another media type"),
            (Some("application/json"), b"state=s", "another media type"),
            (Some(FORM), b"state=\xff", "bytes that are not UTF-8"),
        ] {
            let Error::Misuse(misuse) = posted(content_type, body).unwrap_err() else {
                panic!("another error");
            };
            let expected = no_form(found);
            assert_eq!(Error::from(misuse).to_string(), expected.to_string());
        }
    }
}
