//! The two halves of a login: the request that the browser takes away, and what it brings back.

pub(super) mod authorization_response;
mod build_authorization_url;
mod code_grant;
mod host_authorization_request;
mod implicit_authentication;
mod make_authorization_request;

pub use self::build_authorization_url::BuildAuthorizationUrl;
pub use self::code_grant::AuthorizationCodeGrant;
pub use self::host_authorization_request::HostAuthorizationRequest;
pub use self::implicit_authentication::{ImplicitAuthentication, ImplicitAuthenticationResponse};
pub use self::make_authorization_request::MakeAuthorizationRequest;
