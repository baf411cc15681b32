//! `WWW-Authenticate` challenges (RFC 9110 sections 11.2 to 11.6.1, RFC 6750 section 3,
//! RFC 9449 section 7.1).

mod parse;

use std::collections::BTreeMap;

use http::{HeaderMap, header};

/// One challenge of a `WWW-Authenticate` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The authentication scheme in lower case, for example `bearer` or `dpop`.
    pub scheme: String,
    /// The parameters by their names in lower case. If a name occurs twice, the last value counts.
    pub parameters: BTreeMap<String, String>,
    /// The token68 text that some schemes, for example `negotiate`, have instead of parameters.
    pub token68: Option<String>,
    /// The names of parameters that occur more than once, in lower case. RFC 9110 section 11.2
    /// permits each name once, and other readers may take another value.
    pub repeated: Vec<String>,
}

impl Challenge {
    /// Parses every challenge of a header's value; `None` if the value cannot be parsed as a whole.
    ///
    /// Missing commas between parameters are tolerated, because some servers omit them.
    pub fn parse(value: &str) -> Option<Vec<Self>> {
        parse::challenges(value)
    }

    /// Returns every challenge of a response, with several headers read as one; empty if there is
    /// none or if they cannot be parsed.
    pub fn of_response(headers: &HeaderMap) -> Vec<Self> {
        let values: Vec<_> = headers
            .get_all(header::WWW_AUTHENTICATE)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        Self::parse(&values.join(", ")).unwrap_or_default()
    }

    /// The value of a parameter; `name` must be in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The protection space (RFC 9110 section 11.5).
    pub fn realm(&self) -> Option<&str> {
        self.parameter("realm")
    }

    /// The error code, for example `invalid_token` (RFC 6750 section 3.1).
    pub fn error(&self) -> Option<&str> {
        self.parameter("error")
    }

    /// The server's explanation for developers (RFC 6750 section 3).
    pub fn error_description(&self) -> Option<&str> {
        self.parameter("error_description")
    }

    /// The URL of a page about the error (RFC 6750 section 3).
    pub fn error_uri(&self) -> Option<&str> {
        self.parameter("error_uri")
    }

    /// The scope that the resource requires (RFC 6750 section 3).
    pub fn scope(&self) -> Option<&str> {
        self.parameter("scope")
    }

    /// The DPoP algorithms that the server accepts, separated by spaces (RFC 9449 section 7.1).
    pub fn algs(&self) -> Option<&str> {
        self.parameter("algs")
    }

    /// URL of the protected resource metadata (RFC 9728 section 5.1).
    pub fn resource_metadata(&self) -> Option<&str> {
        self.parameter("resource_metadata")
    }
}

#[cfg(test)]
mod tests;
