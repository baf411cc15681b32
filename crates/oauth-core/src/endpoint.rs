//! Pairs of request and response, one file for each endpoint.
//!
//! A pair handles no retries, keys or client authentication; [`Call`](crate::flow::Call) adds
//! those. A pair can also be used alone, without a state machine.

mod access_token;
mod backchannel_authentication;
mod device_authorization;
mod discovery;
mod distributed_claims;
mod introspection;
mod jwks;
mod protected_resource;
mod protected_resource_metadata;
mod pushed_authorization;
mod registration;
mod revocation;
mod token;
mod unverified;
mod userinfo;
mod webfinger;

use bytes::Bytes;
use http::Response;

pub use self::access_token::AccessToken;
pub use self::backchannel_authentication::{
    BackchannelAuthenticationEndpoint, BackchannelAuthenticationResponse, Hint, Ping, Push,
};
pub use self::device_authorization::{DeviceAuthorizationEndpoint, DeviceAuthorizationResponse};
pub use self::discovery::{DiscoveryAlgorithm, DiscoveryEndpoint};
pub use self::distributed_claims::DistributedClaimsEndpoint;
pub(crate) use self::introspection::validate_introspection;
pub use self::introspection::{IntrospectionEndpoint, IntrospectionResponse};
pub use self::jwks::JwksEndpoint;
pub use self::protected_resource::ProtectedResourceEndpoint;
pub use self::protected_resource_metadata::{
    ProtectedResourceMetadataEndpoint, ResourceMetadataLocation,
};
pub use self::pushed_authorization::{PushedAuthorizationRequest, PushedAuthorizationResponse};
pub use self::registration::{
    ClientInformation, DeleteRegistrationRequest, FetchRegistrationRequest, RegistrationEndpoint,
    UpdateRegistrationRequest,
};
pub use self::revocation::RevocationEndpoint;
pub use self::token::{
    AuthorizationCodeTokenRequest, BackchannelAuthenticationTokenRequest,
    ClientCredentialsTokenRequest, DeviceAuthorizationTokenRequest, GenericTokenRequest, Grant,
    RefreshTokenRequest, TokenResponse, TokenType,
};
pub(crate) use self::token::{JWT_BEARER, SAML2_BEARER, TOKEN_EXCHANGE};
pub use self::unverified::JsonOrJwt;
pub use self::userinfo::{ExpectedSubject, UserInfoEndpoint, UserInfoResponse};
pub(crate) use self::userinfo::{read_user_info, validate_user_info};
pub use self::webfinger::{UserIdentifier, WebFingerEndpoint};
pub use crate::validate::UserInfoAddress;

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
    /// A sender without client authentication, with this policy.
    Unauthenticated(&'a Policy),
}

/// One endpoint: it builds the request and reads the response.
///
/// Both methods borrow the pair, so that a request can be built again for a second attempt.
pub trait Endpoint {
    /// The content of a successful response.
    type Output;

    /// The name of the endpoint.
    const NAME: EndpointName;

    /// The sender of the request.
    fn sender(&self) -> Sender<'_>;

    /// The policy for the request: time limit, body limit, https.
    fn policy(&self) -> &Policy {
        match self.sender() {
            Sender::Client(configuration) => configuration.policy(),
            Sender::Unauthenticated(policy) => policy,
        }
    }

    /// The configuration whose client authenticates itself at this endpoint; `None` if the request
    /// has no client authentication.
    fn authenticated(&self) -> Option<&Configuration> {
        match self.sender() {
            Sender::Client(configuration) => Some(configuration),
            Sender::Unauthenticated(_) => None,
        }
    }

    /// The configuration that prepares the endpoint's URL for requests once; by default that of a
    /// client that authenticates itself.
    fn prepared_by(&self) -> Option<&Configuration> {
        self.authenticated()
    }

    /// The settings for a request object that contains the form (RFC 9101, CIBA Core 1.0 section
    /// 7.1.1); `None` if the form is sent as it is.
    fn signed_request(&self) -> Option<SignedRequest<'_>> {
        None
    }

    /// The content of a DPoP proof; `None` if the request has none (RFC 9449).
    ///
    /// By default it proves possession of the configuration's DPoP key at the endpoints of an
    /// authorization server that issue bound tokens (section 5).
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

    /// Whether the client may present its certificate (RFC 8705). By default it may if it
    /// authenticates itself at this endpoint and [has a
    /// certificate](Configuration::has_client_certificate).
    fn client_certificate(&self) -> bool {
        self.authenticated()
            .is_some_and(Configuration::has_client_certificate)
    }

    /// How the response body is handled. By default it is collected, up to the policy's limit.
    fn response_body(&self) -> ResponseBody {
        ResponseBody::Buffered {
            cap: self.policy().body_cap(),
        }
    }

    /// Builds the request without request object, client authentication and DPoP proof.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] if the server metadata lack a usable URL for the endpoint, and
    /// [`Error::Misuse`] if an argument cannot be sent.
    fn request(&self) -> Result<Draft, Error>;

    /// Reads the response received at `now`.
    ///
    /// # Errors
    ///
    /// The server's refusal, or [`Error::Rejected`] if the response fails a check.
    fn response(&self, now: UnixTime, response: &Response<Bytes>) -> Result<Self::Output, Error>;
}
