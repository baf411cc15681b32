//! The grant that polls for the result of a backchannel authentication (CIBA Core 1.0 section
//! 10.1).

use super::grant::Grant;
use crate::configuration::Configuration;
use crate::error::Error;
use crate::secret::Secret;
use crate::wire::Parameters;

/// One poll for the result of a backchannel authentication.
/// [`PollBackchannelAuthenticationGrant`](crate::flow::PollBackchannelAuthenticationGrant) polls
/// until there is a result.
#[derive(Debug, Clone)]
pub struct BackchannelAuthenticationTokenRequest {
    /// The client and the server.
    pub configuration: Configuration,
    /// The `auth_req_id` of the backchannel authentication response.
    pub auth_req_id: Secret,
    /// Further parameters, for example `resource`; those of the protocol take precedence.
    pub parameters: Parameters,
}

impl Grant for BackchannelAuthenticationTokenRequest {
    fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn form(&self) -> Result<Parameters, Error> {
        let mut form = self.parameters.clone();
        form.set("grant_type", CIBA);
        form.set("auth_req_id", self.auth_req_id.expose().as_str());
        Ok(form)
    }
}

const CIBA: &str = "urn:openid:params:grant-type:ciba";
