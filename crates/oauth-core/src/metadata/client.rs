use serde_json::Map;
use serde_json::Value;

use crate::secret::Secret;

/// Client metadata (RFC 7591 section 2, OpenID Connect Dynamic Client Registration 1.0 section 2).
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ClientMetadata {
    /// The client identifier.
    pub client_id: String,
    /// The client secret.
    pub client_secret: Option<Secret>,
    /// The registered client authentication method, such as `client_secret_basic`.
    pub token_endpoint_auth_method: Option<String>,
    /// The algorithm that ID Tokens for this client are signed with.
    pub id_token_signed_response_alg: Option<String>,
    /// Members that this type does not name.
    pub extra: Map<String, Value>,
}
