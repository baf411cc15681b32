use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::Misuse;

/// Headers that a caller adds one by one to a request. The first one that HTTP does not allow is
/// refused when the headers are used, so that a builder need not return an error for each.
///
/// `Debug` shows names only.
#[derive(Clone, Default)]
pub struct RequestHeaders {
    headers: HeaderMap,
    refused: Option<Misuse>,
}

impl RequestHeaders {
    /// Adds a header, even if one of that name exists.
    pub fn append(&mut self, name: &str, value: &str) {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => {
                self.headers.append(name, value);
            }
            _ => {
                self.refused.get_or_insert_with(|| Misuse::InvalidArgument {
                    argument: "header",
                    expected: "a name and a value that HTTP allows",
                    found: name.escape_debug().to_string(),
                });
            }
        }
    }

    /// Adds headers, and replaces those of the same names.
    pub fn extend(&mut self, headers: HeaderMap) {
        self.headers.extend(headers);
    }

    /// Returns the headers.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for the first header that HTTP does not allow. It names the
    /// header, and not its value.
    pub fn into_map(self) -> Result<HeaderMap, Misuse> {
        match self.refused {
            Some(refused) => Err(refused),
            None => Ok(self.headers),
        }
    }

    /// Refuses the first header that HTTP does not allow.
    ///
    /// # Errors
    ///
    /// Those of [`into_map`](Self::into_map).
    pub fn check(&self) -> Result<(), Misuse> {
        self.refused.clone().map_or(Ok(()), Err)
    }
}

impl fmt::Debug for RequestHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.headers.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::RequestHeaders;
    use crate::error::Misuse;

    #[test]
    fn the_first_header_that_http_does_not_allow_is_refused() {
        let mut headers = RequestHeaders::default();
        headers.append("accept", "text/plain");
        assert_eq!(headers.check(), Ok(()));
        headers.append("x y", "secret");
        headers.append("x", "sec\nret");
        let refused = Misuse::InvalidArgument {
            argument: "header",
            expected: "a name and a value that HTTP allows",
            found: "x y".to_owned(),
        };
        assert_eq!(headers.check(), Err(refused.clone()));
        assert_eq!(format!("{headers:?}"), "[\"accept\"]");
        assert_eq!(headers.into_map(), Err(refused));
    }

    #[test]
    fn a_header_may_occur_twice_and_a_map_replaces_it() {
        let mut headers = RequestHeaders::default();
        headers.append("accept", "text/plain");
        headers.append("accept", "text/html");
        let map = headers.clone().into_map().unwrap();
        assert_eq!(map.get_all("accept").iter().count(), 2);
        headers.extend(http::HeaderMap::from_iter([(
            http::header::ACCEPT,
            http::HeaderValue::from_static("image/png"),
        )]));
        let map = headers.into_map().unwrap();
        assert_eq!(map.get_all("accept").iter().count(), 1);
    }
}
