use std::fmt;

use serde_json::{Map, Value};

use crate::documents::ClientMetadata;
use crate::reason::printable_url;
use crate::secret::Secret;
use crate::time::UnixTime;

/// The registration of a client at a server (RFC 7591 section 3.2.1): its metadata, the expiry of
/// its secret, and the endpoint that manages the registration.
///
/// Store it as [JSON](Self::to_json): a client that registers at every start leaves an abandoned
/// registration behind each time. It contains secrets. `Debug` shows none of them, and omits the
/// query of the URL.
#[derive(Clone, PartialEq)]
pub struct ClientInformation {
    pub(crate) metadata: ClientMetadata,
    pub(crate) client_id_issued_at: Option<UnixTime>,
    pub(crate) client_secret_expires_at: Option<UnixTime>,
    pub(crate) registration_access_token: Option<Secret>,
    pub(crate) registration_client_uri: Option<String>,
}

impl ClientInformation {
    /// The registered metadata, including identifier and secret.
    pub const fn metadata(&self) -> &ClientMetadata {
        &self.metadata
    }

    /// When the identifier was issued.
    pub const fn client_id_issued_at(&self) -> Option<UnixTime> {
        self.client_id_issued_at
    }

    /// When the secret expires; `None` if it never expires or the server did not say.
    pub const fn client_secret_expires_at(&self) -> Option<UnixTime> {
        self.client_secret_expires_at
    }

    /// The token that authorizes management of the registration (RFC 7592 section 3).
    pub const fn registration_access_token(&self) -> Option<&Secret> {
        self.registration_access_token.as_ref()
    }

    /// The URL of the client configuration endpoint (RFC 7592 section 3) as the server sent it. It
    /// is checked when it is used.
    pub fn registration_client_uri(&self) -> Option<&str> {
        self.registration_client_uri.as_deref()
    }

    /// The registration as JSON in the form that the server sent, including secrets. If the
    /// server's response omitted `token_endpoint_auth_method`, the JSON contains it, because its
    /// default depends on the request.
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
}

/// Omits the query of the URL, which may contain a key: servers choose its form.
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

pub(crate) const ISSUED_AT: &str = "client_id_issued_at";
pub(crate) const EXPIRES_AT: &str = "client_secret_expires_at";
pub(crate) const ACCESS_TOKEN: &str = "registration_access_token";
pub(crate) const CLIENT_URI: &str = "registration_client_uri";
