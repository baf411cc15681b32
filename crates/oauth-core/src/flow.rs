//! The state machines around the endpoints.

mod backchannel_authentication;
mod call;
mod explained;
mod introspection;
mod login;
mod polling;
mod token;
mod user_info;
mod verification;
mod verify_logout_token;

pub use self::backchannel_authentication::InitiateBackchannelAuthentication;
pub use self::call::Call;
pub use self::introspection::TokenIntrospection;
pub use self::login::{BeginLogin, BuildAuthorizationUrl, CodeGrant, ImplicitAuthentication};
pub use self::polling::{BackchannelAuthenticationGrant, DeviceAuthorizationGrant, Polling};
pub use self::token::{
    ClientCredentialsGrant, GenericGrant, RefreshTokenGrant, TokenGrant, TokenSet,
};
pub use self::user_info::FetchUserInfo;
pub(crate) use self::verification::ChooseRecipient;
pub use self::verification::{PrefetchKeys, VerifyIdToken};
pub use self::verify_logout_token::VerifyLogoutToken;
use crate::endpoint::{
    DeleteRegistration, DeviceAuthorization, Discovery, ProtectedResource, ReadRegistration,
    Registration, Revocation, UpdateRegistration,
};

/// Fetches an issuer's metadata and checks that it is this issuer's. Sends one request.
pub type Discover = Call<Discovery>;

/// Uses a protected resource. Sends one request, or two when the access token is bound to a DPoP key
/// and the server asks for a nonce; one whose body cannot be sent twice ends in
/// [`Misuse::BodySpent`](crate::error::Misuse::BodySpent) then.
pub type FetchProtectedResource = Call<ProtectedResource>;

/// Registers a client (RFC 7591). Sends one request, or two when it carries a DPoP proof and the
/// server asks for another nonce, and uses one key for each proof.
pub type RegisterClient = Call<Registration>;

/// Reads a registration (RFC 7592 section 2.1). Sends one request.
pub type FetchRegistration = Call<ReadRegistration>;

/// Replaces the metadata of a registration (RFC 7592 section 2.2). Sends one request.
pub type ReplaceRegistration = Call<UpdateRegistration>;

/// Deletes a registration (RFC 7592 section 2.3). Sends one request.
pub type RemoveRegistration = Call<DeleteRegistration>;

/// Begins a login on a device without a browser or a keyboard (RFC 8628 section 3.1). Sends one
/// request and uses at most one key.
pub type InitiateDeviceAuthorization = Call<DeviceAuthorization>;

/// Revokes a token (RFC 7009). Sends one request and uses at most one key.
pub type TokenRevocation = Call<Revocation>;

#[cfg(test)]
mod tests;
