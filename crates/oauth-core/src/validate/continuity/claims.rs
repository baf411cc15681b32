//! The claims of a login, to be stored.

use serde_json::{Map, Value};

use crate::validate::PreviousIdToken;

impl PreviousIdToken {
    /// Every claim.
    pub(crate) const fn claims(&self) -> &Map<String, Value> {
        &self.0
    }
}
