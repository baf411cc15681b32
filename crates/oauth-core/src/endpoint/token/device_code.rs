//! The grant that polls for the result of a device authorization (RFC 8628 section 3.4).

use super::grant::Grant;
use crate::configuration::Configuration;
use crate::error::Error;
use crate::secret::Secret;
use crate::wire::Parameters;

/// One poll for the result of a device authorization.
/// [`PollDeviceAuthorizationGrant`](crate::flow::PollDeviceAuthorizationGrant) polls until there is
/// a result.
#[derive(Debug, Clone)]
pub struct DeviceAuthorizationTokenRequest {
    /// The client and the server.
    pub configuration: Configuration,
    /// The `device_code` of the device authorization response.
    pub device_code: Secret,
    /// Further parameters, for example `resource`; those of the protocol take precedence.
    pub parameters: Parameters,
}

impl Grant for DeviceAuthorizationTokenRequest {
    fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn form(&self) -> Result<Parameters, Error> {
        let mut form = self.parameters.clone();
        form.set("grant_type", DEVICE_CODE);
        form.set("device_code", self.device_code.expose().as_str());
        Ok(form)
    }
}

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
