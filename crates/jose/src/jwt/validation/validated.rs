use crate::jws::Header;
use crate::jwt::Claims;

/// A JWT that has passed every check of a [`Validation`](super::Validation).
#[derive(Clone)]
pub struct Validated {
    header: Header,
    claims: Claims<'static>,
}

impl Validated {
    pub(super) fn new(header: Header, claims: Claims<'static>) -> Self {
        Self { header, claims }
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The claims.
    #[must_use]
    pub fn claims(&self) -> &Claims<'static> {
        &self.claims
    }
}

/// Shows the header alone: claims may be personal or secret.
impl std::fmt::Debug for Validated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Validated")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
