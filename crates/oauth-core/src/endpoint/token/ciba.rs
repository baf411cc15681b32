//! Asking whether a backchannel authentication is over (CIBA Core 1.0 section 10.1).

use bytes::Bytes;
use http::Response;

use super::response::TokenResponse;
use crate::configuration::Configuration;
use crate::endpoint::Endpoint;
use crate::env::UnixTime;
use crate::error::Error;
use crate::outbound::EndpointName;
use crate::policy::Policy;
use crate::secret::Secret;
use crate::wire::Draft;
use crate::wire::Parameters;

/// One question whether the person has said yes by now.
/// [`BackchannelAuthenticationGrant`](crate::flow::BackchannelAuthenticationGrant) asks until there
/// is an answer.
#[derive(Debug, Clone)]
pub struct AuthenticationRequestId {
    /// The client and the server.
    pub configuration: Configuration,
    /// The `auth_req_id` of the backchannel authentication response.
    pub auth_req_id: Secret,
    /// Further parameters, such as `resource`; those of the protocol take precedence.
    pub parameters: Parameters,
}

impl Endpoint for AuthenticationRequestId {
    type Output = TokenResponse;

    const NAME: EndpointName = EndpointName::Token;

    fn policy(&self) -> &Policy {
        self.configuration.policy()
    }

    fn authenticated(&self) -> Option<&Configuration> {
        Some(&self.configuration)
    }

    fn request(&self) -> Result<Draft, Error> {
        let mut form = self.parameters.clone();
        form.set("grant_type", CIBA);
        form.set("auth_req_id", self.auth_req_id.expose().as_str());
        Ok(Draft::post_form(
            self.configuration.endpoint(Self::NAME)?,
            form,
        ))
    }

    fn response(&self, now: UnixTime, response: &Response<Bytes>) -> Result<TokenResponse, Error> {
        TokenResponse::read(&self.configuration, now, response)
    }
}

const CIBA: &str = "urn:openid:params:grant-type:ciba";
