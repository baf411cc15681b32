//! Tokens for the client itself (RFC 6749 section 4.4).

use bytes::Bytes;
use http::Response;

use super::response::TokenResponse;
use crate::configuration::Configuration;
use crate::endpoint::Endpoint;
use crate::env::UnixTime;
use crate::error::Error;
use crate::outbound::EndpointName;
use crate::policy::Policy;
use crate::wire::Draft;
use crate::wire::Parameters;

/// A request for tokens in the client's own name.
/// [`ClientCredentialsGrant`](crate::flow::ClientCredentialsGrant) also verifies an ID Token that
/// comes with them.
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    /// The client and the server.
    pub configuration: Configuration,
    /// Further parameters, such as `scope` or `resource`; those of the protocol take precedence.
    pub parameters: Parameters,
}

impl Endpoint for ClientCredentials {
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
        form.set("grant_type", "client_credentials");
        Ok(Draft::post_form(
            self.configuration.endpoint(Self::NAME)?,
            form,
        ))
    }

    fn response(&self, now: UnixTime, response: &Response<Bytes>) -> Result<TokenResponse, Error> {
        TokenResponse::read(&self.configuration, now, response)
    }
}
