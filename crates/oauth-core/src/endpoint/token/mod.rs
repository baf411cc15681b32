//! The token endpoint (RFC 6749 section 3.2): one response, one file for each grant.

mod authorization_code;
mod refresh_token;
mod response;
mod token_type;

pub use self::authorization_code::AuthorizationCode;
pub use self::refresh_token::RefreshToken;
pub use self::response::TokenResponse;
pub use self::token_type::TokenType;
