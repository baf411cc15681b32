use std::fmt;

use serde_json::{Map, Value};

use crate::validate::standard_claims;

/// Claims about a user from the UserInfo endpoint.
///
/// Only [`sub`](Self::sub) is always present. The other standard claims (OpenID Connect Core 1.0
/// section 5.1) are returned if they have the type in the specification. [`claims`](Self::claims)
/// contains everything that came. `Debug` shows `sub` alone.
#[derive(Clone, PartialEq)]
pub struct UserInfoResponse {
    sub: String,
    claims: Map<String, Value>,
}

impl UserInfoResponse {
    pub(crate) const fn new(sub: String, claims: Map<String, Value>) -> Self {
        Self { sub, claims }
    }

    /// The identifier of the user; never empty.
    pub fn sub(&self) -> &str {
        &self.sub
    }

    standard_claims!();

    /// All claims, including `sub`.
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Returns the claims and drops the rest.
    pub fn into_claims(self) -> Map<String, Value> {
        self.claims
    }
}

impl fmt::Debug for UserInfoResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserInfoResponse")
            .field("sub", &self.sub)
            .finish_non_exhaustive()
    }
}
