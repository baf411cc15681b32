//! Redeeming an authorization code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).

use bytes::Bytes;
use http::Response;

use super::response::TokenResponse;
use crate::configuration::Configuration;
use crate::endpoint::Endpoint;
use crate::env::UnixTime;
use crate::error::Error;
use crate::outbound::EndpointName;
use crate::pkce::CodeVerifier;
use crate::policy::Policy;
use crate::secret::Secret;
use crate::wire::Draft;
use crate::wire::Parameters;

/// A code to redeem. Its callback must have been checked already;
/// [`CodeGrant`](crate::flow::CodeGrant) does both.
#[derive(Debug, Clone)]
pub struct AuthorizationCode {
    /// The client and the server.
    pub configuration: Configuration,
    /// The code.
    pub code: Secret,
    /// The `redirect_uri` of the authorization request, byte for byte.
    pub redirect_uri: String,
    /// The verifier behind the request's `code_challenge`.
    pub code_verifier: Option<CodeVerifier>,
    /// Further parameters, such as `resource`; those of the protocol take precedence.
    pub parameters: Parameters,
}

impl Endpoint for AuthorizationCode {
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
        form.set("grant_type", "authorization_code");
        form.set("code", self.code.expose().as_str());
        form.set("redirect_uri", self.redirect_uri.as_str());
        if let Some(code_verifier) = &self.code_verifier {
            form.set("code_verifier", code_verifier.expose());
        }
        Ok(Draft::post_form(
            self.configuration.endpoint(Self::NAME)?,
            form,
        ))
    }

    fn response(&self, now: UnixTime, response: &Response<Bytes>) -> Result<TokenResponse, Error> {
        TokenResponse::read(&self.configuration, now, response)
    }
}
