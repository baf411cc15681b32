use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::documents::TokenType;
use crate::secret::Secret;
use crate::time::UnixTime;

/// Tokens as the server sent them: well-formed, with an ID Token that is not verified.
#[derive(Clone)]
pub struct TokenResponse {
    pub(crate) access_token: Secret,
    pub(crate) token_type: TokenType,
    pub(crate) dpop_thumbprint: Option<String>,
    pub(crate) expires_in: Option<u64>,
    pub(crate) received_at: UnixTime,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) scope: Option<String>,
    pub(crate) id_token: Option<Secret>,
    pub(crate) extra: Map<String, Value>,
}

impl TokenResponse {
    /// The access token.
    pub const fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// The type of the access token, which says how it is presented.
    pub const fn token_type(&self) -> TokenType {
        self.token_type
    }

    /// The thumbprint of the DPoP key that the access token is bound to; `None` for a Bearer token.
    pub fn dpop_thumbprint(&self) -> Option<&str> {
        self.dpop_thumbprint.as_deref()
    }

    /// The refresh token, if one was sent.
    pub const fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// The lifetime of the access token from its receipt.
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    /// When the response was received, by the local clock.
    pub const fn received_at(&self) -> UnixTime {
        self.received_at
    }

    /// The granted scope, if the server sent it.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The ID Token as it was sent. Do not trust its claims.
    pub const fn unverified_id_token(&self) -> Option<&Secret> {
        self.id_token.as_ref()
    }

    /// The type of the token that a token exchange issued, for example
    /// `urn:ietf:params:oauth:token-type:access_token` (RFC 8693 section 2.2.1).
    pub fn issued_token_type(&self) -> Option<&str> {
        let issued = self.extra.get("issued_token_type")?.as_str();
        issued.filter(|issued| !issued.is_empty())
    }

    /// The other members.
    pub const fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Unknown members may be tokens too.
        f.debug_struct("TokenResponse")
            .field("access_token", &self.access_token)
            .field("token_type", &self.token_type)
            .field("expires_in", &self.expires_in)
            .field("received_at", &self.received_at)
            .field("refresh_token", &self.refresh_token)
            .field("scope", &self.scope)
            .field("id_token", &self.id_token)
            .finish_non_exhaustive()
    }
}
