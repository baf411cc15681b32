//! Asking whether a device has been authorised (RFC 8628 section 3.4).

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
/// [`DeviceAuthorizationGrant`](crate::flow::DeviceAuthorizationGrant) asks until there is an
/// answer.
#[derive(Debug, Clone)]
pub struct DeviceCode {
    /// The client and the server.
    pub configuration: Configuration,
    /// The `device_code` of the device authorization response.
    pub device_code: Secret,
    /// Further parameters, such as `resource`; those of the protocol take precedence.
    pub parameters: Parameters,
}

impl Endpoint for DeviceCode {
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
        form.set("grant_type", DEVICE_CODE);
        form.set("device_code", self.device_code.expose().as_str());
        Ok(Draft::post_form(
            self.configuration.endpoint(Self::NAME)?,
            form,
        ))
    }

    fn response(&self, now: UnixTime, response: &Response<Bytes>) -> Result<TokenResponse, Error> {
        TokenResponse::read(&self.configuration, now, response)
    }
}

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
