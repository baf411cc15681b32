use std::time::Duration;

use jose::json;

use crate::documents::ClientMetadata;
use crate::error::{Artefact, Error, Reason};

impl ClientMetadata {
    /// Reads the metadata of a client that is not registered yet from JSON. `client_id`, which the
    /// server issues, may be absent.
    ///
    /// # Errors
    ///
    /// The errors of [`from_json`](Self::from_json), except that `client_id` may be missing.
    pub fn unregistered_from_json(document: &[u8]) -> Result<Self, Error> {
        let rejected = |reason| Artefact::ClientMetadata.rejected(reason);
        let object = json::parse_object(document, json::Limits::DOCUMENT)
            .map_err(|error| rejected(Reason::Json(error)))?;
        let read = match object.get("client_id") {
            None | Some(json::Value::Null) => Self::read_optional(&object),
            Some(_) => Self::read(&object),
        };
        Ok(read.map_err(rejected)?)
    }

    /// Reads client metadata from JSON, for example from a stored registration response.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::Json`] if the document is not one strict JSON object, and
    /// with [`Reason::Missing`] or [`Reason::IllTyped`] and the name of the member at fault.
    pub fn from_json(document: &[u8]) -> Result<Self, Error> {
        let rejected = |reason| Artefact::ClientMetadata.rejected(reason);
        let object = json::parse_object(document, json::Limits::DOCUMENT)
            .map_err(|error| rejected(Reason::Json(error)))?;
        Ok(Self::read(&object).map_err(rejected)?)
    }

    /// The `max_age` for requests that set none. The member has it in seconds.
    pub fn default_max_age(&self) -> Option<Duration> {
        self.default_max_age.map(Duration::from_secs)
    }
}

#[cfg(test)]
mod tests;
