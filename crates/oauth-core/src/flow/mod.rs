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
use crate::endpoint::UserInfo;

/// Fetches an issuer's metadata and checks that it is this issuer's. Sends one request.
pub type Discover = Call<Discovery>;

/// Asks the UserInfo endpoint about the user who logged in. Sends one request.
pub type FetchUserInfo = Call<UserInfo>;
