use std::fmt;

/// The endpoints that this crate talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointName {
    /// The discovery document (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3).
    Discovery,
    /// The key set at `jwks_uri` (RFC 7517 section 5).
    Jwks,
    /// The WebFinger endpoint at the host of a person's identifier (RFC 7033 section 4).
    WebFinger,
    /// The token endpoint (RFC 6749 section 3.2).
    Token,
    /// The UserInfo endpoint (OpenID Connect Core 1.0 section 5.3).
    UserInfo,
    /// The endpoint of a claims provider (OpenID Connect Core 1.0 section 5.6.2.2).
    DistributedClaims,
    /// The pushed authorization request endpoint (RFC 9126 section 2).
    PushedAuthorization,
    /// The device authorization endpoint (RFC 8628 section 3.1).
    DeviceAuthorization,
    /// The backchannel authentication endpoint (CIBA Core 1.0 section 7).
    BackchannelAuthentication,
    /// The introspection endpoint (RFC 7662 section 2).
    Introspection,
    /// The revocation endpoint (RFC 7009 section 2).
    Revocation,
    /// The client registration endpoint (RFC 7591 section 3).
    Registration,
    /// The client configuration endpoint of one registration (RFC 7592 section 2).
    ClientConfiguration,
    /// The metadata of a protected resource (RFC 9728 section 3).
    ProtectedResourceMetadata,
    /// A protected resource that the caller chooses (RFC 6749 section 7).
    ProtectedResource,
}

impl EndpointName {
    /// The number of endpoint names.
    pub(crate) const COUNT: usize = Self::ProtectedResource as usize + 1;

    /// Whether it is an endpoint of the authorization server. The others are those of parties that
    /// a person, a response or the caller names.
    pub(crate) const fn is_of_authorization_server(self) -> bool {
        match self {
            Self::Discovery
            | Self::Jwks
            | Self::Token
            | Self::UserInfo
            | Self::PushedAuthorization
            | Self::DeviceAuthorization
            | Self::BackchannelAuthentication
            | Self::Introspection
            | Self::Revocation
            | Self::Registration
            | Self::ClientConfiguration => true,
            Self::WebFinger
            | Self::DistributedClaims
            | Self::ProtectedResourceMetadata
            | Self::ProtectedResource => false,
        }
    }

    /// The member of the server metadata that contains the URL, or `issuer` for discovery. The URL
    /// of the client configuration endpoint belongs to a registration. That of a protected resource
    /// comes from the caller and is called `url`; that of distributed claims comes from the
    /// response that names them, as `endpoint`; that of WebFinger is made from an `identifier`.
    /// That of protected resource metadata comes from a challenge, as `resource_metadata`.
    pub const fn metadata_member(self) -> &'static str {
        match self {
            Self::Discovery => "issuer",
            Self::WebFinger => "identifier",
            Self::Jwks => "jwks_uri",
            Self::Token => "token_endpoint",
            Self::UserInfo => "userinfo_endpoint",
            Self::DistributedClaims => "endpoint",
            Self::PushedAuthorization => "pushed_authorization_request_endpoint",
            Self::DeviceAuthorization => "device_authorization_endpoint",
            Self::BackchannelAuthentication => "backchannel_authentication_endpoint",
            Self::Introspection => "introspection_endpoint",
            Self::Revocation => "revocation_endpoint",
            Self::Registration => "registration_endpoint",
            Self::ClientConfiguration => "registration_client_uri",
            Self::ProtectedResourceMetadata => "resource_metadata",
            Self::ProtectedResource => "url",
        }
    }
}

impl fmt::Display for EndpointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "discovery",
            Self::WebFinger => "WebFinger",
            Self::Jwks => "JWKS",
            Self::Token => "token",
            Self::UserInfo => "UserInfo",
            Self::DistributedClaims => "distributed claims",
            Self::PushedAuthorization => "pushed authorization request",
            Self::DeviceAuthorization => "device authorization",
            Self::BackchannelAuthentication => "backchannel authentication",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
            Self::Registration => "registration",
            Self::ClientConfiguration => "client configuration",
            Self::ProtectedResourceMetadata => "protected resource metadata",
            Self::ProtectedResource => "protected resource",
        })
    }
}
