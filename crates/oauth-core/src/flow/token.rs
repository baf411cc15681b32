//! Requests to the token endpoint, and the tokens that come back.

mod client_credentials;
mod generic;
mod refresh;
pub(super) mod token_grant;
mod token_set;
pub(super) mod verified;

pub use self::client_credentials::ClientCredentialsGrant;
pub use self::generic::GenericGrant;
pub use self::refresh::RefreshTokenGrant;
pub use self::token_set::TokenSet;
