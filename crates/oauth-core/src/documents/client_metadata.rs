use serde_json::{Map, Value};

use crate::documents::RegisteredAlgorithm;
use crate::documents::builder::document_with_builder;
use crate::secret::Secret;

document_with_builder! {
    ClientMetadataBuilder;
    /// Client metadata (RFC 7591 section 2, OpenID Connect Dynamic Client Registration 1.0
    /// section 2): what the client has registered, or is to register.
    ///
    /// It has a member for each name in IANA's registry of client metadata, except for those that
    /// [`ClientInformation`](crate::endpoint::ClientInformation) has. [`builder`](Self::builder) makes
    /// one for a registration:
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
    /// In a document that is read, a member that this library does not act upon and that has the wrong
    /// type is found in [`extra`](Self::extra).
    ClientMetadata {
        [
            /// The client identifier.
            client_id
        ]
        /// The client secret.
        client_secret: Secret,
        /// The client authentication method, such as `client_secret_basic`.
        token_endpoint_auth_method: String,
        /// The algorithm of the client's assertions for authentication.
        token_endpoint_auth_signing_alg: RegisteredAlgorithm,
        /// The algorithm that ID Tokens for this client are signed with. Without it, or with `none`,
        /// the server's `id_token_signing_alg_values_supported` decides, and without that it is
        /// `RS256`: an ID Token must be signed in any case.
        id_token_signed_response_alg: RegisteredAlgorithm,
        /// The key management algorithm of encrypted ID Tokens. When it is set, an ID Token that is
        /// not encrypted is refused.
        id_token_encrypted_response_alg: String,
        /// The content encryption algorithm of encrypted ID Tokens; without it, any
        /// that the decryption keys are set to accept.
        id_token_encrypted_response_enc: String,
        /// The algorithm that UserInfo responses are signed with. When it is set to another value than
        /// `none`, a response that is not signed is refused.
        userinfo_signed_response_alg: RegisteredAlgorithm,
        /// The key management algorithm of encrypted UserInfo responses. When it is set, a response
        /// that is not encrypted is refused.
        userinfo_encrypted_response_alg: String,
        /// The content encryption algorithm of encrypted UserInfo responses; without it,
        /// any that the decryption keys are set to accept.
        userinfo_encrypted_response_enc: String,
        /// The algorithm that authorization responses are signed with (JARM section 3).
        authorization_signed_response_alg: RegisteredAlgorithm,
        /// The key management algorithm of encrypted authorization responses (JARM section 3). When
        /// it is set, one that is not encrypted is refused.
        authorization_encrypted_response_alg: String,
        /// The content encryption algorithm of encrypted authorization responses; without it, any
        /// that the decryption keys are set to accept.
        authorization_encrypted_response_enc: String,
        /// The algorithm that introspection responses are signed with (RFC 9701 section 6).
        introspection_signed_response_alg: RegisteredAlgorithm,
        /// The key management algorithm of encrypted introspection responses. When it is set, one
        /// that is not encrypted is refused.
        introspection_encrypted_response_alg: String,
        /// The content encryption algorithm of encrypted introspection responses; without it, any
        /// that the decryption keys are set to accept.
        introspection_encrypted_response_enc: String,
        /// The algorithm that request objects are signed with (OpenID Connect Dynamic Client
        /// Registration 1.0 section 2); without it, or with `none`, the client need not sign.
        request_object_signing_alg: RegisteredAlgorithm,
        /// The key management algorithm of encrypted request objects, one with a public key of the
        /// server's (OpenID Connect Dynamic Client Registration 1.0 section 2). When it is set,
        /// every request object is encrypted.
        request_object_encryption_alg: String,
        /// The content encryption algorithm of encrypted request objects, `A128CBC-HS256` by
        /// default.
        request_object_encryption_enc: String,
        /// The algorithm that backchannel authentication requests are signed with (CIBA Core 1.0
        /// section 4).
        backchannel_authentication_request_signing_alg: RegisteredAlgorithm,
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
        /// Whether to use the server's `mtls_endpoint_aliases` (RFC 8705 section 5). By default, clients do
        /// that have a certificate, which counts where it is used: for `tls_client_auth` or
        /// `self_signed_tls_client_auth`, or because `tls_client_certificate_bound_access_tokens` is true.
        /// True here is itself such a use, for servers that want a certificate for the connection alone
        /// (FAPI 2.0 Security Profile section 5.2.2.1); false keeps to the usual URLs.
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
        /// Whether a logout token must have `sid` (OpenID Connect Back-Channel Logout 1.0 section
        /// 2.2); false by default.
        backchannel_logout_session_required: bool,
        /// Whether a front-channel logout request must have `iss` and `sid` (OpenID Connect
        /// Front-Channel Logout 1.0 section 2); false by default.
        frontchannel_logout_session_required: bool,
        /// The `response_type` values that the client uses.
        response_types: Vec<String>,
        /// The `grant_type` values that the client uses.
        grant_types: Vec<String>,
        /// The scope values that the client can ask for, separated by spaces.
        scope: String,
        /// The client's name, for people.
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
            /// How to reach the people behind the client, usually by e-mail.
            contacts: Vec<String>,
            /// What identifies the client's software, the same at every server.
            software_id: String,
            /// The version of the client's software.
            software_version: String,
            /// A signed statement of the client's metadata (RFC 7591 section 2.3).
            software_statement: String,
            /// `web` or `native` (OpenID Connect Dynamic Client Registration 1.0 section 2).
            application_type: String,
            /// URL of the redirect URIs that share pairwise subject identifiers.
            sector_identifier_uri: String,
            /// `pairwise` or `public`: how the server makes `sub` for this client.
            subject_type: String,
            /// The `acr_values` that apply where a request names none.
            default_acr_values: Vec<String>,
            /// URL where others begin a login at this client.
            initiate_login_uri: String,
            /// The `request_uri` values that the client may use.
            request_uris: Vec<String>,
            /// Where the browser comes back to after claims were gathered (UMA 2.0 Grant section 2).
            claims_redirect_uris: Vec<String>,
            /// The algorithm that tokens of network functions are signed with (ETSI GS NFV-SEC 022).
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
            /// URL that the provider loads in a frame to log out (OpenID Connect Front-Channel Logout
            /// 1.0 section 2).
            frontchannel_logout_uri: String,
            /// URL that the provider sends Logout Tokens to (OpenID Connect Back-Channel Logout 1.0
            /// section 2.2).
            backchannel_logout_uri: String,
            /// The `type` values of `authorization_details` that the client uses (RFC 9396 section
            /// 10).
            authorization_details_types: Vec<String>,
            /// Whether every access token for this client is bound to a DPoP key (RFC 9449 section
            /// 5.2). The key is the [configuration's](crate::configuration::Configuration::with_dpop_key).
            dpop_bound_access_tokens: bool,
            /// `poll`, `ping` or `push`: how the client learns that a backchannel authentication is
            /// over (CIBA Core 1.0 section 4).
            backchannel_token_delivery_mode: String,
            /// URL that pings are sent to.
            backchannel_client_notification_endpoint: String,
            /// Whether backchannel authentication requests have a `user_code`.
            backchannel_user_code_parameter: bool,
            /// How the client may register (OpenID Federation 1.0 section 5.1.2).
            client_registration_types: Vec<String>,
            /// URL of the client's keys as a signed JWT (OpenID Federation 1.0 section 5.2.1).
            signed_jwks_uri: String,
            /// The name of the organisation behind the client (OpenID Federation 1.0 section 5.2.2).
            organization_name: String,
            /// A description of the client, for people.
            description: String,
            /// Keywords for finding the client.
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
    /// A client that has registered nothing but its identifier.
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            ..Self::default()
        }
    }

    /// Begins the metadata of a client that has no identifier yet: for a registration, in which the
    /// server issues one, or for a set-up that names it elsewhere.
    pub fn builder() -> ClientMetadataBuilder {
        ClientMetadataBuilder::default()
    }
}
