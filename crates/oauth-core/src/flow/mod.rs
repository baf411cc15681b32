//! The state machines around the endpoints.

mod call;
mod code_grant;
mod key_fetch;
mod keyed;
mod prefetch_keys;
mod refresh;
mod token_set;
mod verified;
mod verify_id_token;

pub use self::call::Call;
pub use self::code_grant::CodeGrant;
pub use self::prefetch_keys::PrefetchKeys;
pub use self::refresh::RefreshTokenGrant;
pub use self::token_set::TokenSet;
pub use self::verify_id_token::VerifyIdToken;
use crate::endpoint::Discovery;
use crate::endpoint::ProtectedResource;
use crate::endpoint::UserInfo;

/// Fetches an issuer's metadata and checks that it is this issuer's. Sends one request.
pub type Discover = Call<Discovery>;

/// Asks the UserInfo endpoint about the user who logged in. Sends one request, or two when the access
/// token is bound to a DPoP key and the server asks for a nonce.
pub type FetchUserInfo = Call<UserInfo>;

/// Uses a protected resource. Sends one request, or two when the access token is bound to a DPoP key
/// and the server asks for a nonce; one whose body cannot be sent twice ends in
/// [`Misuse::BodySpent`](crate::error::Misuse::BodySpent) then.
pub type FetchProtectedResource = Call<ProtectedResource>;
