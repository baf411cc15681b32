use std::fmt;

use jose::json;
use serde_json::{Map, Value};

use crate::error::{Artefact, Error, Reason, printable_url};
use crate::metadata::{ClientMetadata, ill_typed, optional, registered_default_method};
use crate::secret::Secret;
use crate::time::UnixTime;

/// What a server has registered for a client (RFC 7591 section 3.2.1): its metadata, and how long
/// its secret is good and where the registration can be managed.
///
/// Keep it, as [JSON](Self::to_json): a client that registers at every start leaves an abandoned
/// registration behind each time. It holds secrets; `Debug` shows none of them, and of the URL no query.
#[derive(Clone, PartialEq)]
pub struct ClientInformation {
    metadata: ClientMetadata,
    client_id_issued_at: Option<UnixTime>,
    client_secret_expires_at: Option<UnixTime>,
    registration_access_token: Option<Secret>,
    registration_client_uri: Option<String>,
}

impl ClientInformation {
    /// The registered metadata, identifier and secret included.
    pub const fn metadata(&self) -> &ClientMetadata {
        &self.metadata
    }

    /// The same with an authentication method where the server has left it out: the one that was asked
    /// for, else the default of RFC 7591 section 2, or `none` without a secret.
    pub(super) fn with_method(mut self, asked: Option<&str>) -> Self {
        let metadata = &mut self.metadata;
        if metadata.token_endpoint_auth_method.is_none() {
            let method = asked.unwrap_or_else(|| registered_default_method(metadata));
            metadata.token_endpoint_auth_method = Some(method.to_owned());
        }
        self
    }

    /// When the identifier was issued.
    pub const fn client_id_issued_at(&self) -> Option<UnixTime> {
        self.client_id_issued_at
    }

    /// When the secret expires; `None` when it does not, or when the server did not say.
    pub const fn client_secret_expires_at(&self) -> Option<UnixTime> {
        self.client_secret_expires_at
    }

    /// The token for managing the registration (RFC 7592 section 3).
    pub const fn registration_access_token(&self) -> Option<&Secret> {
        self.registration_access_token.as_ref()
    }

    /// The URL for managing the registration (RFC 7592 section 3), as the server wrote it. It is
    /// checked when used.
    pub fn registration_client_uri(&self) -> Option<&str> {
        self.registration_client_uri.as_deref()
    }

    /// Reads a registration from JSON that was stored.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`]: [`Reason::Json`] when it is not one strict JSON object,
    /// [`Reason::Missing`] or [`Reason::IllTyped`] with the member at fault.
    pub fn from_json(document: &[u8]) -> Result<Self, Error> {
        let rejected = |reason| Artefact::RegistrationResponse.rejected(reason);
        let object = json::parse_object(document, json::Limits::DOCUMENT)
            .map_err(|error| rejected(Reason::Json(error)))?;
        Ok(Self::read(&object).map_err(rejected)?)
    }

    /// The registration as JSON, in the form in which the server sent it, secrets included. Where the
    /// server's answer left out `token_endpoint_auth_method`, it is there nevertheless: what it means
    /// depends on what was asked for.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut members = self.metadata.to_json();
        let mut set = |name: &str, value: Option<Value>| {
            members.extend(value.map(|value| (name.to_owned(), value)));
        };
        let seconds = |time: UnixTime| time.seconds().into();
        set(ISSUED_AT, self.client_id_issued_at.map(seconds));
        // Zero means never (RFC 7591 section 3.2.1).
        let expires_at = self.client_secret_expires_at.map_or(0.into(), seconds);
        let has_secret = self.metadata.client_secret.is_some();
        set(EXPIRES_AT, has_secret.then_some(expires_at));
        let token = self.registration_access_token.as_ref();
        set(
            ACCESS_TOKEN,
            token.map(|token| token.expose().as_str().into()),
        );
        let url = self.registration_client_uri.as_deref();
        set(CLIENT_URI, url.map(Value::from));
        members
    }

    /// Real servers send `null` for what they leave out, times as strings, and a secret without its
    /// expiry: all of that is read.
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

    /// Fills in from `previous` what a response of the management endpoint may leave out: the secret,
    /// of which a server may keep nothing but a hash, and the way to that endpoint.
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

/// Servers form the URL as they like: the query may be what lets the client in.
impl fmt::Debug for ClientInformation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.registration_client_uri.as_deref().map(printable_url);
        f.debug_struct("ClientInformation")
            .field("metadata", &self.metadata)
            .field("client_id_issued_at", &self.client_id_issued_at)
            .field("client_secret_expires_at", &self.client_secret_expires_at)
            .field("registration_access_token", &self.registration_access_token)
            .field("registration_client_uri", &url)
            .finish()
    }
}

fn member<T: crate::metadata::Member>(
    object: &json::Object<'_>,
    name: &str,
) -> Result<Option<T>, Reason> {
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

/// Seconds since the epoch, as a number or as a string of digits.
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

const ISSUED_AT: &str = "client_id_issued_at";
const EXPIRES_AT: &str = "client_secret_expires_at";
const ACCESS_TOKEN: &str = "registration_access_token";
const CLIENT_URI: &str = "registration_client_uri";
