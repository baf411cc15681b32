use std::sync::Arc;
use std::time::Duration;

use jose::{JwkSet, json};
use serde_json::{Map, Value};

use crate::cache::key_sets::OLDEST;
use crate::error::{Artefact, Error, Reason};
use crate::metadata::ill_typed;
use crate::time::UnixTime;
use crate::wire::Members;

/// A server's key set with its URL and its age, exported from one cache for another. It serves
/// programs that start too often to fetch the keys each time.
///
/// **Protect it like the program itself.** Anyone who can change the stored form chooses the keys
/// that tokens are verified with, and can log in as any user.
#[derive(Debug, Clone)]
pub struct ExportedJwksCache {
    pub(super) jwks_uri: String,
    pub(super) jwks: Arc<JwkSet>,
    pub(super) fetched_at: UnixTime,
}

impl ExportedJwksCache {
    /// How long a key set can be used after it was fetched: 65 minutes.
    pub const LIFETIME: Duration = OLDEST;

    /// The URL that the keys came from. They are used for no other URL.
    pub fn jwks_uri(&self) -> &str {
        &self.jwks_uri
    }

    /// The key set.
    pub fn jwks(&self) -> &JwkSet {
        &self.jwks
    }

    /// The time when the keys were fetched.
    pub const fn fetched_at(&self) -> UnixTime {
        self.fetched_at
    }

    /// The key set as JSON: `version` 1, `jwks_uri`, `jwks`, and in `uat` the time of
    /// [`fetched_at`](Self::fetched_at), in seconds since the epoch.
    pub fn to_json(&self) -> Map<String, Value> {
        let members: [(&str, Value); 4] = [
            ("version", VERSION.into()),
            (JWKS_URI, self.jwks_uri.as_str().into()),
            (JWKS, self.jwks.to_json().into()),
            (UAT, self.fetched_at.seconds().into()),
        ];
        let members = members.into_iter();
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// Reads the JSON that [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::Json`] if it is not one strict JSON object of at most 1
    /// MiB, with [`Reason::Missing`] or [`Reason::IllTyped`] and the member at fault, including an
    /// unknown `version`, and with the reasons that apply to a key set from a server, for example
    /// more than 256 keys.
    pub fn from_json(document: &[u8]) -> Result<Self, Error> {
        let artefact = Artefact::KeySet;
        let object = json::parse_object(document, json::Limits::DOCUMENT)
            .map_err(|error| artefact.rejected(Reason::Json(error)))?;
        let member = |name: &'static str| {
            let member = object.get(name);
            member.ok_or_else(|| {
                artefact.rejected(Reason::Missing {
                    member: name.into(),
                })
            })
        };
        let whole = |name, expected| {
            let value = member(name)?;
            let number = value.as_number().and_then(serde_json::Number::as_i64);
            number.ok_or_else(|| artefact.rejected(ill_typed(name, expected, value)))
        };
        // First, so that an unknown version is reported before the other members are read.
        let version = whole("version", "the number 1")?;
        if version != VERSION {
            return Err(artefact
                .rejected(Reason::IllTyped {
                    member: "version".into(),
                    expected: "the number 1",
                    found: version.to_string(),
                })
                .into());
        }
        let jwks = member(JWKS)?;
        let jwks = match jwks.as_object() {
            Some(jwks) => JwkSet::from_object(jwks),
            None => return Err(artefact.rejected(ill_typed(JWKS, "an object", jwks)).into()),
        };
        Ok(Self {
            jwks_uri: Members::new(artefact, &object).text(JWKS_URI)?.to_owned(),
            jwks: Arc::new(jwks.map_err(|error| artefact.rejected(Reason::of_key_set(error)))?),
            fetched_at: UnixTime::from_seconds(whole(UAT, "whole seconds since the epoch")?),
        })
    }
}

const VERSION: i64 = 1;
const JWKS_URI: &str = "jwks_uri";
const JWKS: &str = "jwks";
const UAT: &str = "uat";

#[cfg(test)]
mod tests;
