use crate::documents::TokenResponse;
use crate::error::Error;
use crate::error::successor::lacks_keys;

/// The token endpoint answered, but its ID Token could not be verified.
///
/// The tokens are kept: the code that bought them is spent, and a rotated refresh token would be
/// lost with them.
#[derive(Debug, Clone)]
pub struct TokensUnverified {
    cause: Error,
    tokens: TokenResponse,
    /// Whether nothing but the want of keys stands against the refresh token.
    pub(super) is_of_the_same_login: bool,
}

impl TokensUnverified {
    pub(crate) fn new(cause: Error, tokens: TokenResponse) -> Box<Self> {
        Box::new(Self {
            cause,
            tokens,
            is_of_the_same_login: false,
        })
    }

    /// Why the ID Token could not be verified.
    pub const fn cause(&self) -> &Error {
        &self.cause
    }

    /// The tokens as they were received. Nothing says whose they are: log nobody in with them.
    pub const fn danger_tokens(&self) -> &TokenResponse {
        &self.tokens
    }
}

impl std::fmt::Display for TokensUnverified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Only then would the same tokens be good at another time.
        if lacks_keys(&self.cause) {
            f.write_str("tokens received, but not verified: ")?;
        }
        self.cause.fmt(f)
    }
}

impl std::error::Error for TokensUnverified {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.source()
    }
}
