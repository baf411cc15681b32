use std::fmt;

use serde_json::{Map, Value};

use crate::documents::ClientMetadata;
use crate::reason::printable_url;
use crate::secret::Secret;
use crate::time::UnixTime;

/// What a server has registered for a client (RFC 7591 section 3.2.1): its metadata, and how long
/// its secret is good and where the registration can be managed.
///
/// Keep it, as [JSON](Self::to_json): a client that registers at every start leaves an abandoned
/// registration behind each time. It holds secrets; `Debug` shows none of them, and of the URL no query.
#[derive(Clone, PartialEq)]
pub struct ClientInformation {
    pub(crate) metadata: ClientMetadata,
    pub(crate) client_id_issued_at: Option<UnixTime>,
    pub(crate) client_secret_expires_at: Option<UnixTime>,
    pub(crate) registration_access_token: Option<Secret>,
    pub(crate) registration_client_uri: Option<String>,
}

impl ClientInformation {
    /// The registered metadata, identifier and secret included.
    pub const fn metadata(&self) -> &ClientMetadata {
        &self.metadata
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

pub(crate) const ISSUED_AT: &str = "client_id_issued_at";
pub(crate) const EXPIRES_AT: &str = "client_secret_expires_at";
pub(crate) const ACCESS_TOKEN: &str = "registration_access_token";
pub(crate) const CLIENT_URI: &str = "registration_client_uri";
