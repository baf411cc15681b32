//! The claims of a login in the form that is stored.

use serde_json::{Map, Value};

use crate::validate::PreviousIdToken;

impl PreviousIdToken {
    /// All claims.
    pub(crate) const fn claims(&self) -> &Map<String, Value> {
        &self.0
    }
}
