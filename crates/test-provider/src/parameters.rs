//! Request parameters in `application/x-www-form-urlencoded` form.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};

/// The decoded parameters in order, with their duplicates.
#[derive(Clone, Debug)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads the body of a POST, and the query component of any other request. `None` as for
    /// [`of_body`](Self::of_body).
    pub(crate) fn of_request(request: &Request<Bytes>) -> Option<Self> {
        if request.method() == Method::POST {
            Self::of_body(request)
        } else {
            Some(Self::of_query(request))
        }
    }

    /// Reads the query component.
    pub(crate) fn of_query(request: &Request<Bytes>) -> Self {
        Self::parse(request.uri().query().unwrap_or_default().as_bytes())
    }

    /// Reads the body. Returns `None` for another media type.
    pub(crate) fn of_body(request: &Request<Bytes>) -> Option<Self> {
        let media_type = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
        let essence = media_type.split(';').next()?.trim();
        essence
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
            .then(|| Self::parse(request.body()))
    }

    fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    /// Returns the names, including empty ones.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Creates parameters from names and values.
    pub(crate) fn of_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// Returns the first value of a parameter. An empty value counts as omitted (RFC 6749 section
    /// 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .0
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())?;
        Some(value)
    }

    /// Returns the name of a parameter that occurs more than once, which RFC 6749 section 3.1
    /// forbids. `resource` may be repeated (RFC 8707 section 2).
    pub(crate) fn duplicate(&self) -> Option<&str> {
        let mut names: Vec<&str> = self
            .0
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| *name != "resource")
            .collect();
        names.sort_unstable();
        names
            .windows(2)
            .find(|pair| pair[0] == pair[1])
            .map(|pair| pair[0])
    }
}
