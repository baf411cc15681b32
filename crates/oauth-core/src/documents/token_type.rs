use std::fmt;

/// The type of an access token, which says how it is presented (RFC 6749 section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenType {
    /// `Bearer` (RFC 6750): possession of the token suffices to use it.
    Bearer,
    /// `DPoP` (RFC 9449): the token is bound to a key.
    DPoP,
    /// `N_A`: a token exchange issued something other than an access token, which cannot be
    /// presented (RFC 8693 section 2.2.1).
    NotApplicable,
}

impl TokenType {
    /// The name, which is also the authentication scheme if there is one.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::DPoP => "DPoP",
            Self::NotApplicable => "N_A",
        }
    }
}

impl fmt::Display for TokenType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
