//! The claims of a login in the form that is stored.

use serde_json::{Map, Value};

use crate::validate::PreviousIdToken;
use crate::validate::continuity::Source;

impl PreviousIdToken {
    /// All claims.
    pub(crate) fn claims(&self) -> &Map<String, Value> {
        match &self.0 {
            Source::IdToken(id_token) => id_token.claims(),
            Source::Claims(claims) => claims,
        }
    }
}
