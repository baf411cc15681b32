use std::fmt;

use super::Profile;

/// A requirement of a profile on a client or on what it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Requirement {
    /// No check is switched off under `danger`.
    NoDanger,
    /// Every request uses TLS.
    Tls,
    /// The client authenticates itself by `private_key_jwt`, `tls_client_auth` or
    /// `self_signed_tls_client_auth`.
    ClientAuthentication,
    /// The audience of a client assertion is the issuer alone, as one string in `aud`.
    AssertionAudience,
    /// Access tokens are bound to a DPoP key or to the client's certificate, so that a stolen token
    /// cannot be used.
    SenderConstrainedTokens,
    /// JWTs are signed with an algorithm that the profile permits.
    Algorithms,
    /// The response contains an authorization code, and no access token passes through the browser.
    ResponseType,
    /// The response is protected: as a JWT (JARM), or by an ID Token that signs it.
    ProtectedResponse,
    /// The response names its issuer.
    ResponseIssuer,
    /// The request is pushed (RFC 9126).
    PushedRequest,
    /// Only `client_id` and `request_uri` pass through the browser.
    ReferenceOnly,
    /// PKCE with `S256`.
    Pkce,
    /// The request is bound to the browser and to its response: by `state`, or by `nonce` with an
    /// ID Token.
    SessionBinding,
    /// A `redirect_uri` is sent, and its scheme is not `http`.
    RedirectUri,
    /// The request is a JWT that this library signs.
    SignedRequest,
    /// The audience of a signed request is the issuer, and it has `nbf` and an `exp` within 60
    /// minutes.
    RequestLifetime,
    /// The user can see what they approve: `binding_message`, or `authorization_details`.
    AuthorizationContext,
    /// The client fetches tokens, after polling or a ping; the server does not push them.
    TokenDeliveryMode,
    /// The profile covers the grant.
    Grant,
}

impl Requirement {
    /// The document and section that contain the requirement.
    pub const fn section(self, profile: Profile) -> &'static str {
        let fapi_1 = matches!(profile, Profile::Fapi1Advanced);
        let ciba = matches!(profile, Profile::Ciba);
        match self {
            Self::NoDanger if fapi_1 => "FAPI 1.0 Part 2 section 8.7",
            Self::NoDanger => "FAPI 2.0 Security Profile section 6.6",
            Self::Tls if fapi_1 => "FAPI 1.0 Part 2 section 8.5",
            Self::Tls => "FAPI 2.0 Security Profile section 5.2",
            Self::ClientAuthentication | Self::AssertionAudience if fapi_1 => {
                "FAPI 1.0 Part 2 section 5.2.2, item 14"
            }
            Self::SenderConstrainedTokens if fapi_1 => "FAPI 1.0 Part 2 section 5.2.3, item 1",
            Self::ClientAuthentication
            | Self::AssertionAudience
            | Self::SenderConstrainedTokens => "FAPI 2.0 Security Profile section 5.3.3.1",
            Self::Algorithms if fapi_1 => "FAPI 1.0 Part 2 section 8.6",
            Self::Algorithms => "FAPI 2.0 Security Profile section 5.4.1",
            Self::Grant | Self::ResponseType if ciba => "FAPI-CIBA section 5.2",
            Self::ResponseType | Self::ProtectedResponse | Self::Grant if fapi_1 => {
                "FAPI 1.0 Part 2 section 5.2.2, item 2"
            }
            Self::ProtectedResponse => "FAPI 2.0 Message Signing section 5.4.2",
            Self::Grant => "FAPI 2.0 Security Profile section 5.3.2.1",
            Self::Pkce if fapi_1 => "FAPI 1.0 Part 2 section 5.2.3, item 15",
            Self::SessionBinding if fapi_1 => "FAPI 1.0 Part 1 section 5.2.3",
            Self::SessionBinding => "FAPI 2.0 Security Profile section 5.3.3.1",
            Self::RedirectUri if fapi_1 => "FAPI 1.0 Part 1 section 5.2.2, item 20",
            Self::RedirectUri => "FAPI 2.0 Security Profile section 5.3.2.2",
            Self::ResponseType
            | Self::ResponseIssuer
            | Self::PushedRequest
            | Self::ReferenceOnly
            | Self::Pkce => "FAPI 2.0 Security Profile section 5.3.3.2",
            Self::SignedRequest | Self::RequestLifetime if fapi_1 => {
                "FAPI 1.0 Part 2 section 5.2.3"
            }
            Self::SignedRequest | Self::RequestLifetime if ciba => "FAPI-CIBA section 5.2.3",
            Self::SignedRequest | Self::RequestLifetime => "FAPI 2.0 Message Signing section 5.3.2",
            Self::AuthorizationContext => "FAPI-CIBA section 5.2.3",
            Self::TokenDeliveryMode => "FAPI-CIBA section 5.2.2",
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoDanger => "that no check is switched off",
            Self::Tls => "TLS for every request",
            Self::ClientAuthentication => {
                "client authentication by private_key_jwt, tls_client_auth or \
                 self_signed_tls_client_auth"
            }
            Self::AssertionAudience => "client assertions for the issuer alone",
            Self::SenderConstrainedTokens => "sender-constrained access tokens",
            Self::Algorithms => "JWTs under algorithms of the profile",
            Self::ResponseType => "an authorization code",
            Self::ProtectedResponse => "a signed authorization response",
            Self::ResponseIssuer => "authorization responses with `iss`",
            Self::PushedRequest => "pushed authorization requests",
            Self::ReferenceOnly => {
                "that the browser brings nothing but `client_id` and `request_uri`"
            }
            Self::Pkce => "PKCE with S256",
            Self::SessionBinding => "`nonce` with an ID Token, `state` without",
            Self::RedirectUri => "an https redirect URI",
            Self::SignedRequest => "signed requests",
            Self::RequestLifetime => {
                "signed requests for the issuer, with `nbf` and an `exp` within 60 minutes"
            }
            Self::AuthorizationContext => "a binding message or authorization details",
            Self::TokenDeliveryMode => "tokens by poll or ping",
            Self::Grant => "a grant that it covers",
        })
    }
}
