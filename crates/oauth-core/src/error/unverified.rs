use std::sync::Arc;

use crate::documents::TokenResponse;
use crate::error::Error;
use crate::error::successor::lacks_keys;

/// Error for tokens whose ID Token could not be verified.
///
/// It keeps the tokens: the code is spent, and a rotated refresh token would be lost with them.
#[derive(Debug, Clone)]
pub struct TokensUnverified {
    cause: Error,
    tokens: TokenResponse,
    /// Whether missing keys are the only objection to the refresh token.
    pub(super) is_of_the_same_login: bool,
}

impl TokensUnverified {
    pub(crate) fn new(cause: Error, tokens: TokenResponse) -> Arc<Self> {
        Arc::new(Self {
            cause,
            tokens,
            is_of_the_same_login: false,
        })
    }

    /// Why the ID Token could not be verified.
    pub const fn cause(&self) -> &Error {
        &self.cause
    }

    /// The tokens as they were received. Nothing proves whose they are: do not log in a person with
    /// them.
    pub const fn danger_tokens(&self) -> &TokenResponse {
        &self.tokens
    }
}

impl std::fmt::Display for TokensUnverified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Only in this case can the same tokens be verified later.
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
