//! A registration as the server sends it or an application stores it.

use jose::json;

use crate::documents::client_information::{ACCESS_TOKEN, CLIENT_URI, EXPIRES_AT, ISSUED_AT};
use crate::documents::{ClientInformation, ClientMetadata, Member, ill_typed, optional};
use crate::error::{Artefact, Error, Reason};
use crate::metadata::registered_default_method;
use crate::secret::Secret;
use crate::time::UnixTime;

impl ClientInformation {
    /// Adds an authentication method if the server has omitted it: the requested one, or
    /// `client_secret_basic` (RFC 7591 section 2), or `none` without a secret.
    pub(super) fn with_method(mut self, asked: Option<&str>) -> Self {
        let metadata = &mut self.metadata;
        if metadata.token_endpoint_auth_method.is_none() {
            let method = asked.unwrap_or_else(|| registered_default_method(metadata));
            metadata.token_endpoint_auth_method = Some(method.to_owned());
        }
        self
    }

    /// Reads a stored registration from JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::Json`] if the document is not one strict JSON object, and
    /// with [`Reason::Missing`] or [`Reason::IllTyped`] and the member at fault.
    pub fn from_json(document: &[u8]) -> Result<Self, Error> {
        let rejected = |reason| Artefact::RegistrationResponse.rejected(reason);
        let object = json::parse_object(document, json::Limits::DOCUMENT)
            .map_err(|error| rejected(Reason::Json(error)))?;
        Ok(Self::read(&object).map_err(rejected)?)
    }

    /// Reads the members. Servers send `null` for an absent member, times as strings, and a secret
    /// without its expiry; all of that is accepted.
    pub(super) fn read(object: &json::Object<'_>) -> Result<Self, Reason> {
        let mut metadata = ClientMetadata::read(object)?;
        for member in [ISSUED_AT, EXPIRES_AT, ACCESS_TOKEN, CLIENT_URI] {
            metadata.extra.remove(member);
        }
        if let Some(secret) = &metadata.client_secret {
            not_empty("client_secret", secret.expose())?;
        }
        let registration_access_token: Option<Secret> = member(object, ACCESS_TOKEN)?;
        if let Some(token) = &registration_access_token {
            not_empty(ACCESS_TOKEN, token.expose())?;
        }
        Ok(Self {
            client_id_issued_at: time(object, ISSUED_AT)?,
            client_secret_expires_at: time(object, EXPIRES_AT)?.filter(|at| at.seconds() != 0),
            registration_access_token,
            registration_client_uri: member(object, CLIENT_URI)?,
            metadata,
        })
    }

    /// Adds from `previous` what a response of the management endpoint may omit: the secret, of
    /// which a server may store only a hash, and the URL and token of that endpoint.
    pub(super) fn following(mut self, previous: Self) -> Self {
        if self.metadata.client_secret.is_none() {
            self.metadata.client_secret = previous.metadata.client_secret;
            self.client_secret_expires_at = previous.client_secret_expires_at;
        }
        self.registration_access_token = self
            .registration_access_token
            .or(previous.registration_access_token);
        self.registration_client_uri = self
            .registration_client_uri
            .or(previous.registration_client_uri);
        self
    }
}

fn member<T: Member>(object: &json::Object<'_>, name: &str) -> Result<Option<T>, Reason> {
    object
        .get(name)
        .map_or(Ok(None), |value| optional(name, value))
}

fn not_empty(member: &'static str, text: &str) -> Result<(), Reason> {
    if !text.is_empty() {
        return Ok(());
    }
    Err(Reason::IllTyped {
        member: member.into(),
        expected: "a string that is not empty",
        found: "an empty string".to_owned(),
    })
}

/// Reads seconds since the epoch, as a number or as a string of digits.
fn time(object: &json::Object<'_>, name: &str) -> Result<Option<UnixTime>, Reason> {
    let value = match object.get(name) {
        None | Some(json::Value::Null) => return Ok(None),
        Some(value) => value,
    };
    let seconds = match value {
        json::Value::String(text) => text.parse().ok(),
        value => value.as_number().and_then(serde_json::Number::as_u64),
    };
    seconds
        .and_then(|seconds: u64| i64::try_from(seconds).ok())
        .map(|seconds| Some(UnixTime::from_seconds(seconds)))
        .ok_or_else(|| ill_typed(name, "whole seconds since the epoch", value))
}
