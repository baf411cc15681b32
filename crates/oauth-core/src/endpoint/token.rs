//! The token endpoint (RFC 6749 section 3.2). It is one endpoint for all grants; each grant has a
//! file.

mod authorization_code;
mod ciba;
mod client_credentials;
mod device_code;
mod generic;
mod grant;
mod lenient;
mod refresh_token;
mod response;
mod token_type;

pub use self::authorization_code::AuthorizationCodeTokenRequest;
pub use self::ciba::BackchannelAuthenticationTokenRequest;
pub use self::client_credentials::ClientCredentialsTokenRequest;
pub use self::device_code::DeviceAuthorizationTokenRequest;
pub use self::generic::GenericTokenRequest;
pub(crate) use self::generic::{JWT_BEARER, SAML2_BEARER, TOKEN_EXCHANGE};
pub use self::grant::Grant;
pub use self::refresh_token::RefreshTokenRequest;
pub use crate::documents::{TokenResponse, TokenType};
