//! The authorization code grant (RFC 6749 section 4.1.3, RFC 7636 section 4.5).

use super::grant::Grant;
use crate::configuration::Configuration;
use crate::error::Error;
use crate::pkce::CodeVerifier;
use crate::secret::Secret;
use crate::wire::Parameters;

/// A request to redeem a code. The callback must have been checked before;
/// [`AuthorizationCodeGrant`](crate::flow::AuthorizationCodeGrant) does both.
#[derive(Debug, Clone)]
pub struct AuthorizationCodeTokenRequest {
    /// The client and the server.
    pub configuration: Configuration,
    /// The code.
    pub code: Secret,
    /// The `redirect_uri` of the authorization request, unchanged.
    pub redirect_uri: String,
    /// The verifier that belongs to the request's `code_challenge`.
    pub code_verifier: Option<CodeVerifier>,
    /// Further parameters, for example `resource`; those of the protocol take precedence.
    pub parameters: Parameters,
}

impl Grant for AuthorizationCodeTokenRequest {
    fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn form(&self) -> Result<Parameters, Error> {
        let mut form = self.parameters.clone();
        form.set("grant_type", "authorization_code");
        form.set("code", self.code.expose().as_str());
        form.set("redirect_uri", self.redirect_uri.as_str());
        if let Some(code_verifier) = &self.code_verifier {
            form.set("code_verifier", code_verifier.expose());
        }
        Ok(form)
    }
}
