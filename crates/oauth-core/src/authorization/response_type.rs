use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Misuse, printable};

/// What an authorization request asks for (OAuth 2.0 Multiple Response Type Encoding Practices
/// section 3). Types that deliver an access token to the browser are left out: RFC 9700 section
/// 2.1.2 advises against them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResponseType {
    /// `code`: an authorization code (RFC 6749 section 4.1).
    #[default]
    Code,
    /// `code id_token`: a code and an ID Token that contains its hash, the hybrid flow (OpenID
    /// Connect Core 1.0 section 3.3).
    CodeIdToken,
    /// `id_token`: an ID Token alone, the implicit flow (OpenID Connect Core 1.0 section 3.2).
    IdToken,
}

impl ResponseType {
    /// The value of the `response_type` parameter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::CodeIdToken => "code id_token",
            Self::IdToken => "id_token",
        }
    }

    /// Whether a code comes back.
    pub(crate) const fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeIdToken)
    }

    /// Whether an ID Token comes back through the browser.
    pub(crate) const fn has_id_token(self) -> bool {
        matches!(self, Self::CodeIdToken | Self::IdToken)
    }

    /// The mode of a response if the request sets none.
    pub(crate) const fn default_mode(self) -> ResponseMode {
        match self {
            Self::Code => ResponseMode::Query,
            Self::CodeIdToken | Self::IdToken => ResponseMode::Fragment,
        }
    }
}

/// Reads the value of a `response_type` parameter, with its parts in any order (OAuth 2.0 Multiple
/// Response Type Encoding Practices section 2).
impl FromStr for ResponseType {
    type Err = Error;

    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for any other text, including types with `token`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "code" => Ok(Self::Code),
            "code id_token" | "id_token code" => Ok(Self::CodeIdToken),
            "id_token" => Ok(Self::IdToken),
            _ => Err(Misuse::InvalidArgument {
                argument: "response_type",
                expected: "code, code id_token or id_token",
                found: printable(text),
            }
            .into()),
        }
    }
}

/// How the authorization response comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResponseMode {
    /// `query`: in the query of the redirect URI; never with an ID Token.
    Query,
    /// `fragment`: in the fragment of the redirect URI, which a script of the application has to
    /// read.
    Fragment,
    /// `form_post`: in the body of a POST request (OAuth 2.0 Form Post Response Mode). The request
    /// comes from another site, so a cookie needs `SameSite=None` to arrive with it.
    FormPost,
    /// `jwt`: as a signed JWT (JARM section 2.3.4), in the query.
    Jwt,
    /// `query.jwt`: as a signed JWT in the query (JARM section 2.3.1).
    QueryJwt,
    /// `fragment.jwt`: as a signed JWT in the fragment (JARM section 2.3.2).
    FragmentJwt,
    /// `form_post.jwt`: as a signed JWT in the body of a POST request (JARM section 2.3.3).
    FormPostJwt,
}

impl ResponseMode {
    /// The value of the `response_mode` parameter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
            Self::Jwt => "jwt",
            Self::QueryJwt => "query.jwt",
            Self::FragmentJwt => "fragment.jwt",
            Self::FormPostJwt => "form_post.jwt",
        }
    }

    /// The channel that contains the parameters, packed or plain.
    pub(super) const fn channel(self) -> &'static str {
        match self {
            Self::Query | Self::QueryJwt | Self::Jwt => "query",
            Self::Fragment | Self::FragmentJwt => "fragment",
            Self::FormPost | Self::FormPostJwt => "form_post",
        }
    }

    /// Whether the parameters are packed into a JWT.
    pub(super) const fn is_jwt(self) -> bool {
        matches!(
            self,
            Self::Jwt | Self::QueryJwt | Self::FragmentJwt | Self::FormPostJwt
        )
    }

    /// Refuses a mode that the response type excludes.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`].
    pub(crate) fn check(self, response_type: ResponseType) -> Result<(), Error> {
        let expected = match (self, response_type.has_id_token()) {
            (_, false) | (Self::Fragment | Self::FormPost, true) => return Ok(()),
            // OAuth 2.0 Multiple Response Type Encoding Practices section 3: URLs are logged and
            // passed on.
            (Self::Query, true) => "fragment or form_post, since an ID Token comes back",
            (_, true) => "one without a JWT around it, since an ID Token comes back",
        };
        Err(Misuse::InvalidArgument {
            argument: "response_mode",
            expected,
            found: self.as_str().to_owned(),
        }
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_type_is_read_from_its_parameter() {
        for response_type in [
            ResponseType::Code,
            ResponseType::CodeIdToken,
            ResponseType::IdToken,
        ] {
            let read: ResponseType = response_type.as_str().parse().unwrap();
            assert_eq!(read, response_type);
        }
        let swapped: ResponseType = "id_token code".parse().unwrap();
        assert_eq!(swapped, ResponseType::CodeIdToken);
        for text in ["", "token", "code token", "Code", "code  id_token", " code"] {
            let Err(Error::Misuse(misuse)) = text.parse::<ResponseType>() else {
                panic!("{text:?}");
            };
            assert_eq!(
                misuse,
                Misuse::InvalidArgument {
                    argument: "response_type",
                    expected: "code, code id_token or id_token",
                    found: text.to_owned(),
                }
            );
        }
    }
}
