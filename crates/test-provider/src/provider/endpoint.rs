use bytes::Bytes;
use http::header::ALLOW;
use http::{Method, Response, StatusCode};

use crate::response;

/// An endpoint of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// The metadata document. It has two paths: `/.well-known/openid-configuration` after the
    /// issuer's path (OpenID Connect Discovery section 4), and
    /// `/.well-known/oauth-authorization-server` before it (RFC 8414 section 3).
    Discovery,
    /// WebFinger at the root of the issuer's host (OpenID Connect Discovery section 2): GET.
    WebFinger,
    /// The JWK Set (`jwks_uri`).
    KeySet,
    /// `authorization_endpoint`: GET or POST.
    Authorization,
    /// `pushed_authorization_request_endpoint`: POST.
    PushedAuthorization,
    /// The target of the form on the login page of an interactive provider: POST.
    Login,
    /// `token_endpoint`: POST.
    Token,
    /// `userinfo_endpoint`: GET or POST.
    UserInfo,
    /// The claims of a claims provider: GET with an access token of its own (OpenID Connect Core
    /// section 5.6.2.2).
    DistributedClaims,
    /// A protected resource: GET, POST, PUT or DELETE with an access token. It returns what it
    /// received.
    Resource,
    /// `end_session_endpoint`: GET or POST.
    EndSession,
    /// `device_authorization_endpoint`: POST.
    DeviceAuthorization,
    /// `backchannel_authentication_endpoint`: POST.
    BackchannelAuthentication,
    /// `introspection_endpoint`: POST.
    Introspection,
    /// `revocation_endpoint`: POST.
    Revocation,
    /// `registration_endpoint`: POST.
    Registration,
    /// `registration_client_uri` without its query: GET, PUT or DELETE.
    ClientConfiguration,
}

impl Endpoint {
    pub(super) const ALL: [Self; 17] = [
        Self::Discovery,
        Self::WebFinger,
        Self::KeySet,
        Self::Authorization,
        Self::PushedAuthorization,
        Self::Login,
        Self::Token,
        Self::UserInfo,
        Self::DistributedClaims,
        Self::Resource,
        Self::EndSession,
        Self::DeviceAuthorization,
        Self::BackchannelAuthentication,
        Self::Introspection,
        Self::Revocation,
        Self::Registration,
        Self::ClientConfiguration,
    ];

    /// Returns the path that follows the issuer's path.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Discovery => "/.well-known/openid-configuration",
            Self::WebFinger => "/.well-known/webfinger",
            Self::KeySet => "/jwks",
            Self::Authorization => "/authorize",
            Self::PushedAuthorization => "/par",
            Self::Login => "/login",
            Self::Token => "/token",
            Self::UserInfo => "/userinfo",
            Self::DistributedClaims => "/claims",
            Self::Resource => "/resource",
            Self::EndSession => "/end-session",
            Self::DeviceAuthorization => "/device-authorization",
            Self::BackchannelAuthentication => "/backchannel-authentication",
            Self::Introspection => "/introspect",
            Self::Revocation => "/revoke",
            Self::Registration => "/register",
            Self::ClientConfiguration => "/client",
        }
    }

    pub(super) fn methods(self) -> &'static [Method] {
        match self {
            Self::Discovery | Self::WebFinger | Self::KeySet | Self::DistributedClaims => {
                &[Method::GET]
            }
            Self::Authorization | Self::UserInfo | Self::EndSession => &[Method::GET, Method::POST],
            Self::PushedAuthorization
            | Self::Login
            | Self::Token
            | Self::DeviceAuthorization
            | Self::BackchannelAuthentication
            | Self::Introspection
            | Self::Revocation
            | Self::Registration => &[Method::POST],
            Self::ClientConfiguration => &[Method::GET, Method::PUT, Method::DELETE],
            Self::Resource => &[Method::GET, Method::POST, Method::PUT, Method::DELETE],
        }
    }

    /// Answers a request with another method.
    pub(super) fn method_not_allowed(self) -> Response<Bytes> {
        let methods: Vec<&str> = self.methods().iter().map(Method::as_str).collect();
        let mut response = response::page(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", "");
        let allow = methods.join(", ").try_into();
        let allow = allow.expect("method names are ASCII");
        response.headers_mut().insert(ALLOW, allow);
        response
    }
}
