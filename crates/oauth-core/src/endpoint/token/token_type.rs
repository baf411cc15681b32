use std::fmt;

use crate::configuration::Configuration;
use crate::error::{Reason, printable};

/// How an access token is presented (RFC 6749 section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenType {
    /// `Bearer` (RFC 6750): whoever has the token can use it.
    Bearer,
    /// `DPoP` (RFC 9449): the token is bound to a key.
    DPoP,
    /// `N_A`: what a token exchange issued is no access token and not presented at all
    /// (RFC 8693 section 2.2.1).
    NotApplicable,
}

impl TokenType {
    /// The name, which is also the authentication scheme where there is one.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::DPoP => "DPoP",
            Self::NotApplicable => "N_A",
        }
    }

    /// As [`read`](Self::read), for what a token exchange issued.
    pub(super) fn read_exchanged(
        configuration: &Configuration,
        found: &str,
    ) -> Result<Self, Reason> {
        match found.eq_ignore_ascii_case(Self::NotApplicable.as_str()) {
            true => Ok(Self::NotApplicable),
            false => Self::read(configuration, found),
        }
    }

    /// The type of a response's token, which must be the one asked for: a client that does not
    /// understand a type must not use the token (RFC 6749 section 7.1), and one that asked for a
    /// bound token may refuse any other (RFC 9449 section 5).
    pub(super) fn read(configuration: &Configuration, found: &str) -> Result<Self, Reason> {
        let danger = &configuration.policy().danger;
        let (expected, accepted): (_, &[Self]) = match configuration.dpop_key() {
            None => ("Bearer", &[Self::Bearer]),
            Some(_) if danger.accept_bearer_for_dpop => {
                ("DPoP or Bearer", &[Self::DPoP, Self::Bearer])
            }
            Some(_) => ("DPoP", &[Self::DPoP]),
        };
        accepted
            .iter()
            .find(|accepted| accepted.as_str().eq_ignore_ascii_case(found))
            .copied()
            .ok_or_else(|| Reason::UnsupportedTokenType {
                expected,
                found: printable(found),
            })
    }
}

impl fmt::Display for TokenType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
