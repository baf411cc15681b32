use jose::json;

use crate::documents::document;
use crate::error::{Artefact, Error, Reason};
use crate::metadata::MtlsEndpointAliases;
use crate::names::EndpointName;

document! {
    /// Authorization server metadata (RFC 8414 section 2, OpenID Connect Discovery 1.0 section 3,
    /// and the registry at IANA). All URLs are text as published; they are checked when used.
    ///
    /// A member of the wrong type is refused if this library uses it. Otherwise its field is
    /// `None`, and the value is in `extra`.
    ServerMetadata {
        [
            /// The issuer identifier: an https URL without query and fragment.
            issuer
        ]

        // Endpoints.

        /// URL of the authorization endpoint (RFC 6749 section 3.1).
        authorization_endpoint: String,
        /// URL of the token endpoint (RFC 6749 section 3.2).
        token_endpoint: String,
        /// URL of the UserInfo endpoint (OpenID Connect Core 1.0 section 5.3).
        userinfo_endpoint: String,
        /// URL of the key set (RFC 7517 section 5).
        jwks_uri: String,
        /// URL of the registration endpoint (RFC 7591 section 3).
        registration_endpoint: String,
        /// URL of the revocation endpoint (RFC 7009 section 2).
        revocation_endpoint: String,
        /// URL of the introspection endpoint (RFC 7662 section 2).
        introspection_endpoint: String,
        /// URL of the pushed authorization request endpoint (RFC 9126 section 2).
        pushed_authorization_request_endpoint: String,
        /// URL of the device authorization endpoint (RFC 8628 section 3.1).
        device_authorization_endpoint: String,
        /// URL of the backchannel authentication endpoint (CIBA Core 1.0 section 7).
        backchannel_authentication_endpoint: String,
        /// URL of the logout endpoint (OpenID Connect RP-Initiated Logout 1.0 section 2).
        end_session_endpoint: String,
        /// URL of the session iframe (OpenID Connect Session Management 1.0 section 3).
        check_session_iframe: String,
        /// The endpoints for clients that use mutual TLS (RFC 8705 section 5).
        mtls_endpoint_aliases: MtlsEndpointAliases,

        // Authorization requests and responses.

        /// The `scope` values supported.
        scopes_supported: Vec<String>,
        /// The `response_mode` values supported.
        response_modes_supported: Vec<String>,
        /// The PKCE code challenge methods supported (RFC 8414 section 2).
        code_challenge_methods_supported: Vec<String>,
        /// Whether authorization responses carry `iss` (RFC 9207 section 3).
        authorization_response_iss_parameter_supported: bool,
        /// The algorithms that sign authorization responses (JARM section 3).
        authorization_signing_alg_values_supported: Vec<String>,

        // Request objects and pushed requests.

        /// Whether the `request` parameter is supported.
        request_parameter_supported: bool,
        /// Whether the `request_uri` parameter is supported.
        request_uri_parameter_supported: bool,
        /// Whether `request_uri` values must be registered.
        require_request_uri_registration: bool,
        /// Whether requests must come in a signed request object (RFC 9101 section 10.5).
        require_signed_request_object: bool,
        /// Whether requests must be pushed (RFC 9126 section 5).
        require_pushed_authorization_requests: bool,
        /// The algorithms of signed request objects.
        request_object_signing_alg_values_supported: Vec<String>,

        // Client authentication and tokens.

        /// The client authentication methods of the token endpoint.
        token_endpoint_auth_methods_supported: Vec<String>,
        /// The algorithms of client assertions at the token endpoint.
        token_endpoint_auth_signing_alg_values_supported: Vec<String>,
        /// The algorithms that sign introspection responses (RFC 9701 section 7).
        introspection_signing_alg_values_supported: Vec<String>,
        /// The algorithms of DPoP proofs (RFC 9449 section 5.1).
        dpop_signing_alg_values_supported: Vec<String>,
        /// Whether a client may be identified by the URL of its metadata
        /// (draft-ietf-oauth-client-id-metadata-document section 5).
        client_id_metadata_document_supported: bool,
        /// Whether access tokens can be bound to client certificates (RFC 8705 section 3.3).
        tls_client_certificate_bound_access_tokens: bool,

        // ID Tokens, UserInfo and claims.

        /// The algorithms that sign ID Tokens.
        id_token_signing_alg_values_supported: Vec<String>,
        /// The algorithms that sign UserInfo responses.
        userinfo_signing_alg_values_supported: Vec<String>,

        // Backchannel authentication (CIBA Core 1.0 section 4).

        /// The token delivery modes supported: `poll`, `ping`, `push`.
        backchannel_token_delivery_modes_supported: Vec<String>,
        /// The algorithms of signed authentication requests.
        backchannel_authentication_request_signing_alg_values_supported: Vec<String>,

        // The signed form of this document.

        /// The metadata as a signed JWT (RFC 8414 section 2.1). It is kept;
        /// [`MetadataSigner`](crate::validate::MetadataSigner) verifies it.
        signed_metadata: String,

        @informative {
            /// The `response_type` values supported.
            response_types_supported: Vec<String>,
            /// The `grant_type` values supported.
            grant_types_supported: Vec<String>,
            /// The authentication context class references supported.
            acr_values_supported: Vec<String>,
            /// The `display` values supported.
            display_values_supported: Vec<String>,
            /// The languages of the user interface (BCP 47 tags).
            ui_locales_supported: Vec<String>,
            /// The `alg` values that encrypt authorization responses (JARM section 3).
            authorization_encryption_alg_values_supported: Vec<String>,
            /// The `enc` values that encrypt authorization responses (JARM section 3).
            authorization_encryption_enc_values_supported: Vec<String>,
            /// The `alg` values of encrypted request objects.
            request_object_encryption_alg_values_supported: Vec<String>,
            /// The `enc` values of encrypted request objects.
            request_object_encryption_enc_values_supported: Vec<String>,
            /// The client authentication methods of the revocation endpoint.
            revocation_endpoint_auth_methods_supported: Vec<String>,
            /// The algorithms of client assertions at the revocation endpoint.
            revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
            /// The client authentication methods of the introspection endpoint.
            introspection_endpoint_auth_methods_supported: Vec<String>,
            /// The algorithms of client assertions at the introspection endpoint.
            introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
            /// The `alg` values that encrypt introspection responses.
            introspection_encryption_alg_values_supported: Vec<String>,
            /// The `enc` values that encrypt introspection responses.
            introspection_encryption_enc_values_supported: Vec<String>,
            /// The `alg` values that encrypt ID Tokens.
            id_token_encryption_alg_values_supported: Vec<String>,
            /// The `enc` values that encrypt ID Tokens.
            id_token_encryption_enc_values_supported: Vec<String>,
            /// The `alg` values that encrypt UserInfo responses.
            userinfo_encryption_alg_values_supported: Vec<String>,
            /// The `enc` values that encrypt UserInfo responses.
            userinfo_encryption_enc_values_supported: Vec<String>,
            /// The subject identifier types supported: `pairwise`, `public`.
            subject_types_supported: Vec<String>,
            /// The claim types supported, for example `normal`.
            claim_types_supported: Vec<String>,
            /// The names of the claims that can be supplied.
            claims_supported: Vec<String>,
            /// The languages of claim values (BCP 47 tags).
            claims_locales_supported: Vec<String>,
            /// Whether the `claims` parameter is supported.
            claims_parameter_supported: bool,
            /// Whether front-channel logout is supported.
            frontchannel_logout_supported: bool,
            /// Whether front-channel logout carries `iss` and `sid`.
            frontchannel_logout_session_supported: bool,
            /// Whether back-channel logout is supported.
            backchannel_logout_supported: bool,
            /// Whether logout tokens can carry `sid`.
            backchannel_logout_session_supported: bool,
            /// Whether the `user_code` parameter is supported.
            backchannel_user_code_parameter_supported: bool,
            /// URL of documentation for developers.
            service_documentation: String,
            /// URL of the policy on how the data may be used.
            op_policy_uri: String,
            /// URL of the terms of service.
            op_tos_uri: String,
        }
    }
}

impl ServerMetadata {
    /// Creates server metadata that contain the issuer only; set the other members by hand.
    pub fn new(issuer: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            ..Self::default()
        }
    }

    /// Reads server metadata from JSON, for example from a stored discovery document. The issuer is
    /// not compared with an expected one.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::Json`] if the document is not one strict JSON object,
    /// with [`Reason::Missing`] if it has no `issuer`, and with [`Reason::IllTyped`] and the name
    /// of the member at fault, if it is used.
    pub fn from_json(document: &[u8]) -> Result<Self, Error> {
        let rejected = |reason| Artefact::DiscoveryDocument.rejected(reason);
        let object = json::parse_object(document, json::Limits::DOCUMENT)
            .map_err(|error| rejected(Reason::Json(error)))?;
        Ok(Self::read(&object).map_err(rejected)?)
    }

    /// Whether the server advertises a PKCE method, `S256` or `plain`. A server that advertises
    /// none may still support it.
    pub fn supports_pkce(&self, method: &str) -> bool {
        let methods = self.code_challenge_methods_supported.as_deref();
        methods.is_some_and(|methods| methods.iter().any(|supported| supported == method))
    }

    /// The name of the member that contains an endpoint's URL.
    pub(crate) fn endpoint(&self, endpoint: EndpointName) -> Option<&str> {
        match endpoint {
            EndpointName::Discovery => Some(&self.issuer),
            EndpointName::Jwks => self.jwks_uri.as_deref(),
            EndpointName::Token => self.token_endpoint.as_deref(),
            EndpointName::UserInfo => self.userinfo_endpoint.as_deref(),
            EndpointName::PushedAuthorization => {
                self.pushed_authorization_request_endpoint.as_deref()
            }
            EndpointName::DeviceAuthorization => self.device_authorization_endpoint.as_deref(),
            EndpointName::BackchannelAuthentication => {
                self.backchannel_authentication_endpoint.as_deref()
            }
            EndpointName::Introspection => self.introspection_endpoint.as_deref(),
            EndpointName::Revocation => self.revocation_endpoint.as_deref(),
            EndpointName::Registration => self.registration_endpoint.as_deref(),
            EndpointName::WebFinger
            | EndpointName::DistributedClaims
            | EndpointName::ClientConfiguration
            | EndpointName::ProtectedResourceMetadata
            | EndpointName::ProtectedResource => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::ServerMetadata;
    use crate::error::{Error, Reason};

    #[test]
    fn a_document_is_read_and_written_back_with_everything_it_had() {
        let document = json!({
            "issuer": "https://op.example",
            "token_endpoint": "https://op.example/token",
            "code_challenge_methods_supported": ["S256"],
            "request_parameter_supported": false,
            "mtls_endpoint_aliases": {"token_endpoint": "https://mtls.op.example/token", "x": [1]},
            "vendor": {"of": ["anything", null]},
        });
        let server = ServerMetadata::from_json(document.to_string().as_bytes()).unwrap();
        assert!(server.supports_pkce("S256"));
        assert!(!server.supports_pkce("plain"));
        assert_eq!(server.request_parameter_supported, Some(false));
        assert_eq!(server.extra["vendor"]["of"][0], "anything");
        assert_eq!(Value::Object(server.to_json()), document);
        assert!(!ServerMetadata::new("https://op.example").supports_pkce("S256"));
    }

    #[test]
    fn null_counts_as_absent() {
        let document = br#"{"issuer":"https://op.example","jwks_uri":null,"vendor":null}"#;
        let server = ServerMetadata::from_json(document).unwrap();
        assert_eq!(server.jwks_uri, None);
        assert_eq!(server.extra["vendor"], Value::Null);
    }

    #[test]
    fn an_ill_typed_member_is_named() {
        for (member, value, found) in [
            ("issuer", json!(""), "an empty string"),
            ("issuer", json!(["https://op.example"]), "array"),
            ("token_endpoint", json!(7), "number"),
            ("scopes_supported", json!("openid"), "string"),
            (
                "scopes_supported",
                json!(["openid", 1]),
                "an array with a number",
            ),
            ("request_parameter_supported", json!("true"), "string"),
            ("mtls_endpoint_aliases", json!([]), "array"),
        ] {
            assert_eq!(
                reason(member, value),
                (member.to_owned(), found.to_owned()),
                "{member}"
            );
        }
        let (member, _) = reason("mtls_endpoint_aliases", json!({"token_endpoint": 1}));
        assert_eq!(member, "mtls_endpoint_aliases.token_endpoint");
    }

    #[test]
    fn an_ill_typed_member_that_is_not_used_is_kept_as_it_is() {
        let document = json!({
            "issuer": "https://op.example",
            "claims_supported": "sub name",
            "claims_parameter_supported": "true",
            "op_policy_uri": ["https://op.example/policy"],
        });
        let server = ServerMetadata::from_json(document.to_string().as_bytes()).unwrap();
        assert_eq!(server.claims_supported, None);
        assert_eq!(server.claims_parameter_supported, None);
        assert_eq!(
            server.extra["op_policy_uri"][0],
            "https://op.example/policy"
        );
        assert_eq!(Value::Object(server.to_json()), document);
    }

    #[test]
    fn the_issuer_is_mandatory() {
        for document in ["{}", r#"{"issuer":null}"#] {
            let error = ServerMetadata::from_json(document.as_bytes()).unwrap_err();
            assert_eq!(error.code(), Some("OAUTH_INVALID_RESPONSE"));
            assert_eq!(
                error.rejection().unwrap().reason,
                Reason::Missing {
                    member: "issuer".into()
                }
            );
        }
    }

    #[test]
    fn a_member_that_comes_twice_is_refused() {
        let document = br#"{"issuer":"https://op.example","issuer":"https://evil.example"}"#;
        let error = ServerMetadata::from_json(document).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_PARSE_ERROR"));
        assert_eq!(
            error.rejection().unwrap().reason,
            Reason::Json(jose::json::Error::Duplicate {
                member: "issuer".to_owned()
            })
        );
    }

    fn reason(member: &str, value: Value) -> (String, String) {
        let mut document = json!({"issuer": "https://op.example"});
        document[member] = value;
        let error = ServerMetadata::from_json(document.to_string().as_bytes()).unwrap_err();
        match error {
            Error::Rejected(rejection) => match rejection.reason.clone() {
                Reason::IllTyped { member, found, .. } => (member.into_owned(), found),
                reason => panic!("{reason}"),
            },
            error => panic!("{error}"),
        }
    }
}
