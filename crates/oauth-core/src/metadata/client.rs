use jose::json;
use serde_json::Map;
use serde_json::Value;

use crate::error::Artefact;
use crate::error::Error;
use crate::error::Reason;
use crate::metadata::document::document;
use crate::secret::Secret;

document! {
    /// Client metadata (RFC 7591 section 2, OpenID Connect Dynamic Client Registration 1.0
    /// section 2): what the client has registered and this library acts upon.
    ClientMetadata {
        [
            /// The client identifier.
            client_id
        ]
        /// The client secret.
        client_secret: Secret,
        /// The client authentication method, such as `client_secret_basic`.
        token_endpoint_auth_method: String,
        /// The algorithm of the client's assertions, such as `ES256`.
        token_endpoint_auth_signing_alg: String,
        /// The algorithm that ID Tokens for this client are signed with. Without it the server's
        /// `id_token_signing_alg_values_supported` decides, and without that it is `RS256`.
        id_token_signed_response_alg: String,
        /// The key management algorithm of encrypted ID Tokens. When it is set, an ID Token that is
        /// not encrypted is refused.
        id_token_encrypted_response_alg: String,
        /// The content encryption algorithm of encrypted ID Tokens; without it, any
        /// that the decryption keys are set to accept.
        id_token_encrypted_response_enc: String,
        /// The algorithm that UserInfo responses are signed with. When it is set, a response that
        /// is not signed is refused.
        userinfo_signed_response_alg: String,
        /// The key management algorithm of encrypted UserInfo responses. When it is set, a response
        /// that is not encrypted is refused.
        userinfo_encrypted_response_alg: String,
        /// The content encryption algorithm of encrypted UserInfo responses; without it,
        /// any that the decryption keys are set to accept.
        userinfo_encrypted_response_enc: String,
        /// The algorithm that authorization responses are signed with (JARM section 3).
        authorization_signed_response_alg: String,
        /// The key management algorithm of encrypted authorization responses (JARM section 3). When
        /// it is set, one that is not encrypted is refused.
        authorization_encrypted_response_alg: String,
        /// The content encryption algorithm of encrypted authorization responses; without it, any
        /// that the decryption keys are set to accept.
        authorization_encrypted_response_enc: String,
        /// The algorithm that introspection responses are signed with (RFC 9701 section 6).
        introspection_signed_response_alg: String,
        /// The key management algorithm of encrypted introspection responses. When it is set, one
        /// that is not encrypted is refused.
        introspection_encrypted_response_alg: String,
        /// The content encryption algorithm of encrypted introspection responses; without it, any
        /// that the decryption keys are set to accept.
        introspection_encrypted_response_enc: String,
        /// The key management algorithm of encrypted request objects, one with a public key of the
        /// server's (OpenID Connect Dynamic Client Registration 1.0 section 2). When it is set,
        /// every request object is encrypted.
        request_object_encryption_alg: String,
        /// The content encryption algorithm of encrypted request objects, `A128CBC-HS256` by
        /// default.
        request_object_encryption_enc: String,
        /// Whether the client sends authorization requests as signed request objects only
        /// (RFC 9101 section 10.5); false by default. Others are refused before they are sent.
        require_signed_request_object: bool,
        /// Whether the client pushes its authorization requests only (RFC 9126 section 6); false by
        /// default. Others are refused before they are sent.
        require_pushed_authorization_requests: bool,
        /// The `max_age` in seconds that applies where a request names none.
        default_max_age: u64,
        /// Whether every ID Token must have `auth_time`; false by default.
        require_auth_time: bool,
        /// Whether access tokens for this client are bound to its TLS certificate (RFC 8705 section
        /// 3.4); false by default.
        tls_client_certificate_bound_access_tokens: bool,
        /// Whether to use the server's `mtls_endpoint_aliases` (RFC 8705 section 5); by default,
        /// clients do that have a certificate.
        use_mtls_endpoint_aliases: bool,
        /// The URL of the client's public keys.
        jwks_uri: String,
        /// The client's public keys as a JWK Set.
        jwks: Map<String, Value>,
        /// The redirect URIs.
        redirect_uris: Vec<String>,
        /// Where the server may send the browser after a logout (OpenID Connect RP-Initiated Logout
        /// 1.0 section 3.1).
        post_logout_redirect_uris: Vec<String>,
        /// The `response_type` values that the client uses.
        response_types: Vec<String>,
        /// The `grant_type` values that the client uses.
        grant_types: Vec<String>,
        /// The scope values that the client can ask for, separated by spaces.
        scope: String,
        /// The client's name, for people.
        client_name: String,
    }
}

impl ClientMetadata {
    /// A client that has registered nothing but its identifier.
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            ..Self::default()
        }
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
mod tests {
    use serde_json::json;

    use super::ClientMetadata;
    use crate::error::Reason;
    use crate::secret::Secret;

    #[test]
    fn a_client_is_read_and_written_back_with_everything_it_had() {
        let document = json!({
            "client_id": "app",
            "client_secret": "hunter2",
            "default_max_age": 300,
            "require_auth_time": true,
            "jwks": {"keys": []},
            "client_name#ja": "アプリ",
        });
        let client = ClientMetadata::from_json(document.to_string().as_bytes()).unwrap();
        assert_eq!(client.client_secret, Some(Secret::from("hunter2")));
        assert_eq!(client.default_max_age, Some(300));
        assert_eq!(client.extra.len(), 1);
        assert_eq!(serde_json::Value::Object(client.to_json()), document);
        assert!(!format!("{client:?}").contains("hunter2"));
    }

    #[test]
    fn an_ill_typed_member_is_named() {
        for (member, value, expected) in [
            ("client_id", json!(7), "a string"),
            ("client_id", json!(""), "a string that is not empty"),
            ("client_secret", json!(["x"]), "a string"),
            (
                "default_max_age",
                json!(-1),
                "a whole number that is not negative",
            ),
            (
                "default_max_age",
                json!("60"),
                "a whole number that is not negative",
            ),
            ("require_auth_time", json!("true"), "a boolean"),
            ("jwks", json!([]), "an object"),
        ] {
            let mut document = json!({"client_id": "app"});
            document[member] = value;
            let error = ClientMetadata::from_json(document.to_string().as_bytes()).unwrap_err();
            assert_eq!(error.code(), Some("OAUTH_INVALID_RESPONSE"));
            assert!(
                matches!(
                    &error.rejection().unwrap().reason,
                    Reason::IllTyped { member: m, expected: e, .. } if m == member && *e == expected
                ),
                "{error}"
            );
        }
    }
}
