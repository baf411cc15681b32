//! The refresh token grant (RFC 6749 section 6).

use super::grant::Grant;
use crate::configuration::Configuration;
use crate::error::Error;
use crate::secret::Secret;
use crate::wire::Parameters;

/// A request with a refresh token. [`RefreshTokenGrant`](crate::flow::RefreshTokenGrant) also
/// verifies an ID Token in the response.
#[derive(Debug, Clone)]
pub struct RefreshTokenRequest {
    /// The client and the server.
    pub configuration: Configuration,
    /// The refresh token.
    pub refresh_token: Secret,
    /// Further parameters, for example `scope` or `resource`; those of the protocol take
    /// precedence.
    pub parameters: Parameters,
}

impl Grant for RefreshTokenRequest {
    fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn form(&self) -> Result<Parameters, Error> {
        let mut form = self.parameters.clone();
        form.set("grant_type", "refresh_token");
        form.set("refresh_token", self.refresh_token.expose().as_str());
        Ok(form)
    }
}
