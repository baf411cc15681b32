//! Request and response pairs, one file for each endpoint.
//!
//! A pair knows nothing of retries, keys or client authentication; [`Call`](crate::flow::Call)
//! adds those. Whoever wants no state machine can use a pair alone.

mod access_token;
mod backchannel_authentication;
mod device_authorization;
mod discovery;
mod introspection;
mod jwks;
mod protected_resource;
mod pushed_authorization;
mod registration;
mod revocation;
mod token;
mod unverified;
mod userinfo;

use bytes::Bytes;
use http::Response;

pub use self::access_token::AccessToken;
pub use self::backchannel_authentication::{
    BackchannelAuthenticationEndpoint, BackchannelAuthenticationResponse, Hint, Ping,
};
pub use self::device_authorization::{DeviceAuthorizationEndpoint, DeviceAuthorizationResponse};
pub use self::discovery::{DiscoveryAlgorithm, DiscoveryEndpoint};
pub(crate) use self::introspection::validate_introspection;
pub use self::introspection::{IntrospectionEndpoint, IntrospectionResponse};
pub use self::jwks::JwksEndpoint;
pub use self::protected_resource::ProtectedResourceEndpoint;
pub use self::pushed_authorization::{PushedAuthorizationRequest, PushedAuthorizationResponse};
pub use self::registration::{
    ClientInformation, DeleteRegistrationRequest, FetchRegistrationRequest, RegistrationEndpoint,
    UpdateRegistrationRequest,
};
pub use self::revocation::RevocationEndpoint;
pub use self::token::{
    AuthorizationCodeGrantRequest, BackchannelAuthenticationGrantRequest,
    ClientCredentialsGrantRequest, DeviceAuthorizationGrantRequest, GenericGrantRequest, Grant,
    RefreshTokenGrantRequest, TokenResponse, TokenType,
};
pub(crate) use self::token::{JWT_BEARER, SAML2_BEARER, TOKEN_EXCHANGE};
pub use self::unverified::JsonOrJwt;
pub use self::userinfo::{ExpectedSubject, UserInfoAddress, UserInfoEndpoint, UserInfoResponse};
pub(crate) use self::userinfo::{read_user_info, validate_user_info};

use crate::cache::ServerRole;
use crate::configuration::Configuration;
use crate::dpop::ProofOfPossession;
use crate::error::Error;
use crate::names::EndpointName;
use crate::outbound::ResponseBody;
use crate::policy::Policy;
use crate::request_object::SignedRequest;
use crate::time::UnixTime;
use crate::wire::Draft;

/// The sender of a request.
#[derive(Debug, Clone, Copy)]
pub enum Sender<'a> {
    /// The client of this configuration, which authenticates itself.
    Client(&'a Configuration),
    /// A request without client authentication, on these terms.
    Unauthenticated(&'a Policy),
}

/// One endpoint: builds the request, reads the response.
///
/// Neither method consumes the pair, so that a request can be built again for a second attempt.
pub trait Endpoint {
    /// What a successful response yields.
    type Output;

    /// Which endpoint this is.
    const NAME: EndpointName;

    /// Whose request it is.
    fn sender(&self) -> Sender<'_>;

    /// The terms of the request: time-out, body cap, https.
    fn policy(&self) -> &Policy {
        match self.sender() {
            Sender::Client(configuration) => configuration.policy(),
            Sender::Unauthenticated(policy) => policy,
        }
    }

    /// The configuration whose client authenticates itself at this endpoint, or `None` where the
    /// request carries no client authentication.
    fn authenticated(&self) -> Option<&Configuration> {
        match self.sender() {
            Sender::Client(configuration) => Some(configuration),
            Sender::Unauthenticated(_) => None,
        }
    }

    /// How the form of the request is packed into a request object, or `None` where it is sent as it
    /// is (RFC 9101, CIBA Core 1.0 section 7.1.1).
    fn signed_request(&self) -> Option<SignedRequest<'_>> {
        None
    }

    /// What a DPoP proof has to prove, or `None` where the request carries none (RFC 9449).
    ///
    /// By default: possession of the configuration's DPoP key at the endpoints of an authorization
    /// server that bind something to it, as section 5 says.
    fn proof(&self) -> Option<ProofOfPossession<'_>> {
        match Self::NAME {
            EndpointName::Token => Some(ProofOfPossession {
                key: self.authenticated()?.dpop_key()?,
                role: ServerRole::AuthorizationServer,
                access_token: None,
            }),
            _ => None,
        }
    }

    /// Whether the client may show its certificate (RFC 8705): by default where it authenticates
    /// itself and [has one](Configuration::has_client_certificate).
    fn client_certificate(&self) -> bool {
        self.authenticated()
            .is_some_and(Configuration::has_client_certificate)
    }

    /// What becomes of the body of a response: by default it is collected, up to the policy's cap.
    fn response_body(&self) -> ResponseBody {
        ResponseBody::Buffered {
            cap: self.policy().body_cap(),
        }
    }

    /// The request, without request object, client authentication and DPoP proof.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] when the server metadata lacks a usable URL for the endpoint, and
    /// [`Error::Misuse`] when an argument cannot be sent.
    fn request(&self) -> Result<Draft, Error>;

    /// Reads the response received at `now`.
    ///
    /// # Errors
    ///
    /// The server's refusal, or [`Error::Rejected`] when the response fails a check.
    fn response(&self, now: UnixTime, response: &Response<Bytes>) -> Result<Self::Output, Error>;
}
