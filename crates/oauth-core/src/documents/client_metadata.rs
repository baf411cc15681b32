use serde_json::{Map, Value};

use crate::documents::RegisteredAlgorithm;
use crate::documents::builder::document_with_builder;
use crate::secret::Secret;

document_with_builder! {
    ClientMetadataBuilder;
    /// Client metadata (RFC 7591 section 2, OpenID Connect Dynamic Client Registration 1.0 section
    /// 2): what the client has registered, or is going to register.
    ///
    /// It has a member for each name in IANA's registry of client metadata, except for those of
    /// [`ClientInformation`](crate::endpoint::ClientInformation). [`builder`](Self::builder)
    /// creates the metadata for a registration:
    ///
    /// ```
    /// use jose::SignatureAlgorithm;
    /// use oauth_core::metadata::ClientMetadata;
    ///
    /// let client = ClientMetadata::builder()
    ///     .client_name("My app")
    ///     .redirect_uris(["https://app.example.com/cb"])
    ///     .id_token_signed_response_alg(SignatureAlgorithm::ES256)
    ///     .require_auth_time(true)
    ///     .build();
    /// # assert_eq!(client.redirect_uris.unwrap(), ["https://app.example.com/cb"]);
    /// ```
    ///
    /// If a member that this library does not use has the wrong type, it is kept in
    /// [`extra`](Self::extra).
    ClientMetadata {
        [
            /// The client identifier.
            client_id
        ]
        /// The client secret.
        client_secret: Secret,
        /// The client authentication method, for example `client_secret_basic`.
        token_endpoint_auth_method: String,
        /// The algorithm of the client's assertions for authentication.
        token_endpoint_auth_signing_alg: RegisteredAlgorithm,
        /// The algorithm that signs ID Tokens for this client. If it is absent or `none`, the
        /// server's `id_token_signing_alg_values_supported` applies, and otherwise `RS256`. An ID
        /// Token must always be signed.
        id_token_signed_response_alg: RegisteredAlgorithm,
        /// The key management algorithm of encrypted ID Tokens. If it is set, an ID Token that is
        /// not encrypted is refused.
        id_token_encrypted_response_alg: String,
        /// The content encryption algorithm of encrypted ID Tokens. If it is absent, every
        /// algorithm that the decryption keys accept is permitted.
        id_token_encrypted_response_enc: String,
        /// The algorithm that signs UserInfo responses. If it is set to a value other than `none`,
        /// a response that is not signed is refused.
        userinfo_signed_response_alg: RegisteredAlgorithm,
        /// The key management algorithm of encrypted UserInfo responses. If it is set, a response
        /// that is not encrypted is refused.
        userinfo_encrypted_response_alg: String,
        /// The content encryption algorithm of encrypted UserInfo responses. If it is absent, every
        /// algorithm that the decryption keys accept is permitted.
        userinfo_encrypted_response_enc: String,
        /// The algorithm that signs authorization responses (JARM section 3).
        authorization_signed_response_alg: RegisteredAlgorithm,
        /// The key management algorithm of encrypted authorization responses (JARM section 3). If
        /// it is set, a response that is not encrypted is refused.
        authorization_encrypted_response_alg: String,
        /// The content encryption algorithm of encrypted authorization responses. If it is absent,
        /// every algorithm that the decryption keys accept is permitted.
        authorization_encrypted_response_enc: String,
        /// The algorithm that signs introspection responses (RFC 9701 section 6).
        introspection_signed_response_alg: RegisteredAlgorithm,
        /// The key management algorithm of encrypted introspection responses. If it is set, a
        /// response that is not encrypted is refused.
        introspection_encrypted_response_alg: String,
        /// The content encryption algorithm of encrypted introspection responses. If it is absent,
        /// every algorithm that the decryption keys accept is permitted.
        introspection_encrypted_response_enc: String,
        /// The algorithm that signs request objects (OpenID Connect Dynamic Client Registration 1.0
        /// section 2). If it is absent or `none`, the client need not sign.
        request_object_signing_alg: RegisteredAlgorithm,
        /// The key management algorithm of encrypted request objects, one that uses a public key of
        /// the server (OpenID Connect Dynamic Client Registration 1.0 section 2). If it is set,
        /// every request object is encrypted.
        request_object_encryption_alg: String,
        /// The content encryption algorithm of encrypted request objects, `A128CBC-HS256` by
        /// default.
        request_object_encryption_enc: String,
        /// The algorithm that signs backchannel authentication requests (CIBA Core 1.0 section 4).
        backchannel_authentication_request_signing_alg: RegisteredAlgorithm,
        /// Whether the client sends authorization requests only as signed request objects (RFC 9101
        /// section 10.5); false by default. If true, other requests are refused before they are
        /// sent.
        require_signed_request_object: bool,
        /// Whether the client always pushes its authorization requests (RFC 9126 section 6); false
        /// by default. If true, other requests are refused before they are sent.
        require_pushed_authorization_requests: bool,
        /// The `max_age` in seconds for requests that set none.
        default_max_age: u64,
        /// Whether every ID Token must contain `auth_time`; false by default.
        require_auth_time: bool,
        /// Whether access tokens for this client are bound to its TLS certificate (RFC 8705 section
        /// 3.4); false by default.
        tls_client_certificate_bound_access_tokens: bool,
        /// Whether to use the server's `mtls_endpoint_aliases` (RFC 8705 section 5). By default, a
        /// client uses them if it has a certificate for `tls_client_auth` or
        /// `self_signed_tls_client_auth`, or because `tls_client_certificate_bound_access_tokens`
        /// is true. The value true also covers servers that require a certificate for the
        /// connection alone (FAPI 2.0 Security Profile section 5.2.2.1). The value false selects
        /// the usual URLs.
        use_mtls_endpoint_aliases: bool,
        /// The URL of the client's public keys.
        jwks_uri: String,
        /// The client's public keys as a JWK Set.
        jwks: Map<String, Value>,
        /// The redirect URIs.
        redirect_uris: Vec<String>,
        /// The URLs that the server may redirect to after a logout (OpenID Connect RP-Initiated
        /// Logout 1.0 section 3.1).
        post_logout_redirect_uris: Vec<String>,
        /// Whether a logout token must contain `sid` (OpenID Connect Back-Channel Logout 1.0
        /// section 2.2); false by default.
        backchannel_logout_session_required: bool,
        /// Whether a front-channel logout request must contain `iss` and `sid` (OpenID Connect
        /// Front-Channel Logout 1.0 section 2); false by default.
        frontchannel_logout_session_required: bool,
        /// The `response_type` values that the client uses.
        response_types: Vec<String>,
        /// The `grant_type` values that the client uses.
        grant_types: Vec<String>,
        /// The scope values that the client may request, separated by spaces.
        scope: String,
        /// The readable name of the client.
        client_name: String,
        @informative {
            /// URL of a page about the client (RFC 7591 section 2).
            client_uri: String,
            /// URL of the client's logo.
            logo_uri: String,
            /// URL of the client's terms of service.
            tos_uri: String,
            /// URL of the client's privacy policy.
            policy_uri: String,
            /// How to contact the operators of the client, usually e-mail addresses.
            contacts: Vec<String>,
            /// The identifier of the client's software, which is the same at every server.
            software_id: String,
            /// The version of the client's software.
            software_version: String,
            /// A signed statement of the client's metadata (RFC 7591 section 2.3).
            software_statement: String,
            /// `web` or `native` (OpenID Connect Dynamic Client Registration 1.0 section 2).
            application_type: String,
            /// URL of a list of redirect URIs that share pairwise subject identifiers.
            sector_identifier_uri: String,
            /// The kind of `sub` for this client: `pairwise` or `public`.
            subject_type: String,
            /// The `acr_values` for requests that set none.
            default_acr_values: Vec<String>,
            /// URL where another party begins a login at this client.
            initiate_login_uri: String,
            /// The `request_uri` values that the client may use.
            request_uris: Vec<String>,
            /// The URLs that the browser returns to after claims were gathered (UMA 2.0 Grant
            /// section 2).
            claims_redirect_uris: Vec<String>,
            /// The algorithm that signs tokens of network functions (ETSI GS NFV-SEC 022).
            nfv_token_signed_response_alg: RegisteredAlgorithm,
            /// The key management algorithm of encrypted tokens of network functions.
            nfv_token_encrypted_response_alg: String,
            /// The content encryption algorithm of encrypted tokens of network functions.
            nfv_token_encrypted_response_enc: String,
            /// The subject of the client's TLS certificate (RFC 8705 section 2.1.2).
            tls_client_auth_subject_dn: String,
            /// The DNS name in the client's TLS certificate.
            tls_client_auth_san_dns: String,
            /// The URI in the client's TLS certificate.
            tls_client_auth_san_uri: String,
            /// The IP address in the client's TLS certificate.
            tls_client_auth_san_ip: String,
            /// The e-mail address in the client's TLS certificate.
            tls_client_auth_san_email: String,
            /// URL that the provider loads in a frame to log out (OpenID Connect Front-Channel
            /// Logout 1.0 section 2).
            frontchannel_logout_uri: String,
            /// URL that the provider sends Logout Tokens to (OpenID Connect Back-Channel Logout 1.0
            /// section 2.2).
            backchannel_logout_uri: String,
            /// The `type` values of `authorization_details` that the client uses (RFC 9396 section
            /// 10).
            authorization_details_types: Vec<String>,
            /// Whether every access token for this client is bound to a DPoP key (RFC 9449 section
            /// 5.2). The key is the
            /// [configuration's](crate::configuration::Configuration::with_dpop_key).
            dpop_bound_access_tokens: bool,
            /// How the client learns the end of a backchannel authentication: `poll`, `ping` or
            /// `push` (CIBA Core 1.0 section 4).
            backchannel_token_delivery_mode: String,
            /// URL that the server sends pings or pushes to.
            backchannel_client_notification_endpoint: String,
            /// Whether backchannel authentication requests have a `user_code`.
            backchannel_user_code_parameter: bool,
            /// How the client may register (OpenID Federation 1.0 section 5.1.2).
            client_registration_types: Vec<String>,
            /// URL of the client's keys as a signed JWT (OpenID Federation 1.0 section 5.2.1).
            signed_jwks_uri: String,
            /// The name of the organisation behind the client (OpenID Federation 1.0 section
            /// 5.2.2).
            organization_name: String,
            /// A readable description of the client.
            description: String,
            /// Keywords that help to find the client.
            keywords: Vec<String>,
            /// URL of further information about the client.
            information_uri: String,
            /// URL of a page about the organisation.
            organization_uri: String,
            /// The content encryption algorithms for encrypted presentations (OpenID for Verifiable
            /// Presentations 1.0 section 5.1).
            encrypted_response_enc_values_supported: Vec<String>,
            /// The formats of credentials that the client verifies (OpenID for Verifiable
            /// Presentations 1.0 section 11.1).
            vp_formats_supported: Map<String, Value>,
        }
    }
}

impl ClientMetadata {
    /// Creates client metadata that contain the identifier only.
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            ..Self::default()
        }
    }

    /// Creates a builder for a client that has no identifier yet: for a registration, in which the
    /// server issues one, or for a configuration that sets it elsewhere.
    pub fn builder() -> ClientMetadataBuilder {
        ClientMetadataBuilder::default()
    }
}
