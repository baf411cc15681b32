//! Using a refresh token (RFC 6749 section 6).

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

/// A refresh token to use. [`RefreshTokenGrant`](crate::flow::RefreshTokenGrant) also verifies an
/// ID Token that comes back.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    /// The client and the server.
    pub configuration: Configuration,
    /// The refresh token.
    pub refresh_token: Secret,
    /// Further parameters, such as `scope` or `resource`; those of the protocol take precedence.
    pub parameters: Parameters,
}

impl Endpoint for RefreshToken {
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
        form.set("grant_type", "refresh_token");
        form.set("refresh_token", self.refresh_token.expose().as_str());
        Ok(Draft::post_form(
            self.configuration.endpoint(Self::NAME)?,
            form,
        ))
    }

    fn response(&self, now: UnixTime, response: &Response<Bytes>) -> Result<TokenResponse, Error> {
        TokenResponse::read(&self.configuration, now, response)
    }
}
