use crate::configuration::Configuration;
use crate::documents::TokenType;
use crate::error::{Reason, printable};

impl TokenType {
    /// Reads the type of the token that a token exchange issued.
    pub(super) fn read_exchanged(
        configuration: &Configuration,
        found: &str,
    ) -> Result<Self, Reason> {
        match found.eq_ignore_ascii_case(Self::NotApplicable.as_str()) {
            true => Ok(Self::NotApplicable),
            false => Self::read(configuration, found),
        }
    }

    /// Reads the type of a response's token, which must be the requested one: a client must not use
    /// a token of a type that it does not understand (RFC 6749 section 7.1), and a client that
    /// requested a bound token may refuse any other (RFC 9449 section 5).
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
