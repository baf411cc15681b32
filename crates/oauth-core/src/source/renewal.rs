//! What a source renews its token with.

/// The credential that brings the next token of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// The refresh token of a login. Without one, the source ends with its access token.
    RefreshToken,
    /// The refresh token of a login in a store that several instances share. The driver loads it,
    /// and what it reports may be older than the attempt.
    Stored,
    /// An assertion or a subject token that stays the same: once the server has refused it with
    /// `invalid_grant`, it is never accepted again.
    Assertion,
    /// Something that can be tried again after any refusal, such as the client's credentials.
    Credentials,
}

impl Renewal {
    /// Whether the tokens come from a login.
    pub(super) const fn is_of_a_login(self) -> bool {
        matches!(self, Self::RefreshToken | Self::Stored)
    }
}
