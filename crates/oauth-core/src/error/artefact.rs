use std::fmt;
use std::sync::Arc;

use crate::error::{Reason, Rejection};

/// The things a peer sends that are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Artefact {
    /// The server metadata from a discovery endpoint.
    DiscoveryDocument,
    /// The signed metadata in a discovery document.
    SignedMetadata,
    /// The document behind `jwks_uri`.
    KeySet,
    /// The parameters that came back through the browser.
    AuthorizationResponse,
    /// A request to the client's `initiate_login_uri`.
    LoginInitiation,
    /// What a person typed to say who they are.
    UserIdentifier,
    /// The response of a WebFinger endpoint.
    WebFingerResponse,
    /// The parameters with which the browser came back from a logout.
    PostLogoutRedirection,
    /// The token endpoint's response.
    TokenResponse,
    /// An ID Token.
    IdToken,
    /// A logout token, or the request that brings it.
    LogoutToken,
    /// A request to the client's front-channel logout URI.
    FrontChannelLogout,
    /// The UserInfo endpoint's response.
    UserInfoResponse,
    /// The references to claims of other parties in a UserInfo response or an ID Token.
    ClaimSources,
    /// Claims that another party than the server of the login states.
    SourcedClaims,
    /// The pushed authorization request endpoint's response.
    PushedAuthorizationResponse,
    /// The device authorization endpoint's response.
    DeviceAuthorizationResponse,
    /// The backchannel authentication endpoint's response.
    BackchannelAuthenticationResponse,
    /// The notification that a backchannel authentication is over.
    Ping,
    /// The notification that brings the tokens of a backchannel authentication.
    Push,
    /// The introspection endpoint's response.
    IntrospectionResponse,
    /// The revocation endpoint's response.
    RevocationResponse,
    /// The client registration endpoint's response, or the client configuration endpoint's.
    RegistrationResponse,
    /// Client metadata that was registered or stored.
    ClientMetadata,
    /// The challenge of a protected resource.
    ResourceChallenge,
    /// The metadata of a protected resource.
    ProtectedResourceMetadata,
    /// An access token that a client presents to a resource server.
    AccessToken,
    /// A DPoP proof that a client presents to a resource server.
    DPoPProof,
    /// A request to a protected resource.
    ResourceRequest,
}

impl Artefact {
    /// A rejection of this artefact, shared, as [`Error`](crate::Error) carries it.
    pub(crate) fn rejected(self, reason: Reason) -> Arc<Rejection> {
        Arc::new(Rejection::new(self, reason))
    }
}

impl fmt::Display for Artefact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DiscoveryDocument => "discovery document",
            Self::SignedMetadata => "signed metadata",
            Self::KeySet => "key set",
            Self::AuthorizationResponse => "authorization response",
            Self::LoginInitiation => "login initiation",
            Self::UserIdentifier => "user identifier",
            Self::WebFingerResponse => "WebFinger response",
            Self::PostLogoutRedirection => "post-logout redirection",
            Self::TokenResponse => "token response",
            Self::IdToken => "ID Token",
            Self::LogoutToken => "logout token",
            Self::FrontChannelLogout => "front-channel logout request",
            Self::UserInfoResponse => "UserInfo response",
            Self::ClaimSources => "claim sources",
            Self::SourcedClaims => "claims of another party",
            Self::PushedAuthorizationResponse => "pushed authorization response",
            Self::DeviceAuthorizationResponse => "device authorization response",
            Self::BackchannelAuthenticationResponse => "backchannel authentication response",
            Self::Ping => "ping",
            Self::Push => "push",
            Self::IntrospectionResponse => "introspection response",
            Self::RevocationResponse => "revocation response",
            Self::RegistrationResponse => "registration response",
            Self::ClientMetadata => "client metadata",
            Self::ResourceChallenge => "challenge of the resource",
            Self::ProtectedResourceMetadata => "protected resource metadata",
            Self::AccessToken => "access token",
            Self::DPoPProof => "DPoP proof",
            Self::ResourceRequest => "resource request",
        })
    }
}
