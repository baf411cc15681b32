//! The operations of a client as state machines. [`run`](crate::run::run) carries them out.
//!
//! | task | operations |
//! |---|---|
//! | find the server | [`Discover`], [`FindIssuer`] |
//! | find the server of a protected resource | [`FetchProtectedResourceMetadata`], [`DiscoverAuthorizationServer`] |
//! | log a person in | [`MakeAuthorizationRequest`], then [`AuthorizationCodeGrant`] or [`ImplicitAuthentication`] |
//! | the same with a request object that the application hosts | [`HostAuthorizationRequest`] |
//! | the same with values that the application keeps | [`BuildAuthorizationUrl`] |
//! | log a person in elsewhere | [`InitiateDeviceAuthorization`], [`PollDeviceAuthorizationGrant`]; [`InitiateBackchannelAuthentication`], [`PollBackchannelAuthenticationGrant`] or [`VerifyPush`] |
//! | get tokens otherwise | [`RefreshTokenGrant`], [`ClientCredentialsGrant`], [`GenericGrant`] |
//! | read claims of other parties | [`VerifyAggregatedClaims`], [`FetchDistributedClaims`] |
//! | use tokens | [`FetchUserInfo`], [`FetchProtectedResource`] |
//! | ask about tokens, and end them | [`TokenIntrospection`], [`TokenRevocation`] |
//! | register a client | [`Register`], [`FetchRegistration`], [`UpdateRegistration`], [`DeleteRegistration`] |
//! | verify a JWT of the server | [`VerifyIdToken`], [`VerifyLogoutToken`], [`PrefetchKeys`] |
//!
//! The documentation of each operation states how many requests it sends at most. A GET without a
//! body that meets a closed connection
//! ([`NoAnswer::ClosedUnanswered`](crate::error::NoAnswer::ClosedUnanswered)) is sent once more;
//! the stated numbers count it once. So a fetch of the server's metadata, of its key set or of
//! UserInfo may take one request more.
//! [`AuthorizationRequest::begin`](crate::authorization::AuthorizationRequest::begin) and
//! [`PendingLogin::resume`](crate::authorization::PendingLogin::resume) make the operations of a
//! login.

mod backchannel_authentication;
mod call;
mod claim_sources;
mod explained;
mod introspection;
mod login;
mod polling;
mod protected_resource;
mod token;
mod user_info;
pub(crate) mod verification;
mod verify_logout_token;
mod verify_push;

pub use self::backchannel_authentication::InitiateBackchannelAuthentication;
pub use self::call::Call;
pub use self::claim_sources::{ClaimsProvider, FetchDistributedClaims, VerifyAggregatedClaims};
pub(crate) use self::explained::explained;
pub use self::introspection::TokenIntrospection;
pub use self::login::{
    AuthorizationCodeGrant, BuildAuthorizationUrl, HostAuthorizationRequest,
    ImplicitAuthentication, ImplicitAuthenticationResponse, MakeAuthorizationRequest,
};
pub use self::polling::{
    PollBackchannelAuthenticationGrant, PollDeviceAuthorizationGrant, Polling,
};
pub use self::protected_resource::{DiscoverAuthorizationServer, FetchProtectedResourceMetadata};
pub use self::token::{
    ClientCredentialsGrant, GenericGrant, RefreshTokenGrant, TokenGrant, TokenSet,
};
pub use self::user_info::FetchUserInfo;
pub(crate) use self::verification::ChooseRecipient;
pub use self::verification::{PrefetchKeys, VerifyIdToken};
pub use self::verify_logout_token::VerifyLogoutToken;
pub use self::verify_push::VerifyPush;
use crate::endpoint::{
    DeleteRegistrationRequest, DeviceAuthorizationEndpoint, DiscoveryEndpoint,
    FetchRegistrationRequest, ProtectedResourceEndpoint, RegistrationEndpoint, RevocationEndpoint,
    UpdateRegistrationRequest, WebFingerEndpoint,
};

/// Fetches the metadata of an issuer and checks that they belong to this issuer. Sends one request.
pub type Discover = Call<DiscoveryEndpoint>;

/// Finds the issuer of a person by WebFinger (OpenID Connect Discovery 1.0 section 2). Sends one
/// request.
pub type FindIssuer = Call<WebFingerEndpoint>;

/// Uses a protected resource. Sends one request, or two when the access token is bound to a DPoP
/// key and the server asks for a nonce. If the body cannot be sent twice, the second case fails
/// with [`Misuse::BodySpent`](crate::error::Misuse::BodySpent).
pub type FetchProtectedResource = Call<ProtectedResourceEndpoint>;

/// Registers a client (RFC 7591). Sends one request, or two when it carries a DPoP proof and the
/// server asks for another nonce. Uses one key for each proof.
pub type Register = Call<RegistrationEndpoint>;

/// Reads a registration (RFC 7592 section 2.1). Sends one request.
pub type FetchRegistration = Call<FetchRegistrationRequest>;

/// Replaces the metadata of a registration (RFC 7592 section 2.2). Sends one request.
pub type UpdateRegistration = Call<UpdateRegistrationRequest>;

/// Deletes a registration (RFC 7592 section 2.3). Sends one request.
pub type DeleteRegistration = Call<DeleteRegistrationRequest>;

/// Begins a login on a device without a browser or a keyboard (RFC 8628 section 3.1). Sends one
/// request and uses at most one key.
pub type InitiateDeviceAuthorization = Call<DeviceAuthorizationEndpoint>;

/// Revokes a token (RFC 7009). Sends one request and uses at most one key.
pub type TokenRevocation = Call<RevocationEndpoint>;

#[cfg(test)]
mod tests;
