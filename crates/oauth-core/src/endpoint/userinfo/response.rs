use std::fmt;
use std::sync::OnceLock;

use bytes::Bytes;
use jose::json;
use jose::json::{Limits, Object};
use serde_json::{Map, Value};

use crate::validate::standard_claims;

/// Claims about a user from the UserInfo endpoint.
///
/// Only [`sub`](Self::sub) is always present. The other standard claims (OpenID Connect Core 1.0
/// section 5.1) are returned if they have the type in the specification. [`claims`](Self::claims)
/// contains everything that came. `Debug` shows `sub` alone.
#[derive(Clone)]
pub struct UserInfoResponse {
    sub: String,
    /// The JSON text, of which the map is made when it is first asked for. Many applications need
    /// `sub` alone.
    text: Bytes,
    claims: OnceLock<Map<String, Value>>,
}

impl UserInfoResponse {
    /// Creates the response from claims that were all checked.
    pub(crate) fn new(sub: String, claims: Map<String, Value>) -> Self {
        Self {
            sub,
            text: Bytes::new(),
            claims: claims.into(),
        }
    }

    /// Creates the response from the text of claims that were all checked.
    pub(crate) const fn of_text(sub: String, text: Bytes) -> Self {
        Self {
            sub,
            text,
            claims: OnceLock::new(),
        }
    }

    /// The identifier of the user; never empty.
    pub fn sub(&self) -> &str {
        &self.sub
    }

    standard_claims!();

    /// All claims, including `sub`.
    pub fn claims(&self) -> &Map<String, Value> {
        self.claims.get_or_init(|| self.parse())
    }

    /// Returns the claims and drops the rest.
    pub fn into_claims(mut self) -> Map<String, Value> {
        self.claims.take().unwrap_or_else(|| self.parse())
    }

    /// Reads the text, which was read without an error before.
    fn parse(&self) -> Map<String, Value> {
        let object = json::parse_object(&self.text, Limits::new(self.text.len(), 32));
        object
            .as_ref()
            .map(Object::to_owned_map)
            .unwrap_or_default()
    }
}

impl PartialEq for UserInfoResponse {
    fn eq(&self, other: &Self) -> bool {
        self.claims() == other.claims()
    }
}

impl fmt::Debug for UserInfoResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserInfoResponse")
            .field("sub", &self.sub)
            .finish_non_exhaustive()
    }
}
