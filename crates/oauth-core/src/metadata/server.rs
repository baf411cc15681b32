use serde_json::Map;
use serde_json::Value;

use crate::outbound::EndpointName;

/// Authorization server metadata (RFC 8414 section 2, OpenID Connect Discovery 1.0 section 3).
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ServerMetadata {
    /// The issuer identifier: an https URL.
    pub issuer: String,
    /// URL of the authorization endpoint.
    pub authorization_endpoint: Option<String>,
    /// URL of the token endpoint.
    pub token_endpoint: Option<String>,
    /// URL of the UserInfo endpoint.
    pub userinfo_endpoint: Option<String>,
    /// URL of the key set.
    pub jwks_uri: Option<String>,
    /// Members that this type does not name.
    pub extra: Map<String, Value>,
}

impl ServerMetadata {
    /// The member that holds an endpoint's URL.
    pub(crate) fn endpoint(&self, endpoint: EndpointName) -> Option<&str> {
        match endpoint {
            EndpointName::Discovery => Some(&self.issuer),
            EndpointName::Jwks => self.jwks_uri.as_deref(),
            EndpointName::Token => self.token_endpoint.as_deref(),
            EndpointName::UserInfo => self.userinfo_endpoint.as_deref(),
        }
    }
}
