//! The client credentials grant: tokens for the client itself (RFC 6749 section 4.4).

use super::grant::Grant;
use crate::configuration::Configuration;
use crate::error::Error;
use crate::wire::Parameters;

/// A request for tokens for the client itself.
/// [`ClientCredentialsGrant`](crate::flow::ClientCredentialsGrant) also verifies an ID Token in the
/// response.
#[derive(Debug, Clone)]
pub struct ClientCredentialsTokenRequest {
    /// The client and the server.
    pub configuration: Configuration,
    /// Further parameters, for example `scope` or `resource`; those of the protocol take
    /// precedence.
    pub parameters: Parameters,
}

impl Grant for ClientCredentialsTokenRequest {
    fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn form(&self) -> Result<Parameters, Error> {
        let mut form = self.parameters.clone();
        form.set("grant_type", "client_credentials");
        Ok(form)
    }
}
