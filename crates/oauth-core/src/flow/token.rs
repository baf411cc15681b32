//! Requests to the token endpoint, and the tokens that come back.

mod client_credentials;
mod generic;
mod refresh;
pub(super) mod token_grant;
mod token_set;
pub(in crate::flow) mod verify_tokens;

pub use self::client_credentials::ClientCredentialsGrant;
pub use self::generic::GenericGrant;
pub use self::refresh::RefreshTokenGrant;
pub use self::token_grant::TokenGrant;
pub use self::token_set::TokenSet;
