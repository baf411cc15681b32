use jose::json;

use crate::documents::ClientMetadata;
use crate::error::{Artefact, Error, Reason};

impl ClientMetadata {
    /// Reads the metadata of a client that has yet to be registered from JSON; `client_id`, which the
    /// server issues, may be absent.
    ///
    /// # Errors
    ///
    /// As [`from_json`](Self::from_json), except for a `client_id` that is missing.
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

    /// Reads client metadata from JSON, such as a registration response that was stored.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`]: [`Reason::Json`] when it is not one strict JSON object,
    /// [`Reason::Missing`] or [`Reason::IllTyped`] with the member at fault.
    pub fn from_json(document: &[u8]) -> Result<Self, Error> {
        let rejected = |reason| Artefact::ClientMetadata.rejected(reason);
        let object = json::parse_object(document, json::Limits::DOCUMENT)
            .map_err(|error| rejected(Reason::Json(error)))?;
        Ok(Self::read(&object).map_err(rejected)?)
    }
}

#[cfg(test)]
mod tests;
