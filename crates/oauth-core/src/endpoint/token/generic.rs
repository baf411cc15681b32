//! All other grants: token exchange (RFC 8693), JWT bearer (RFC 7523 section 2.1), SAML bearer (RFC
//! 7522 section 2.1), extensions (RFC 6749 section 4.5).

use bytes::Bytes;
use http::Response;

use super::grant::Grant;
use crate::configuration::Configuration;
use crate::documents::{TokenResponse, TokenType};
use crate::error::{Artefact, Error, Misuse, Reason, printable};
use crate::profile::{Party, Requirement};
use crate::time::UnixTime;
use crate::wire::Parameters;

/// A token request with any grant type. [`GenericGrant`](crate::flow::GenericGrant) also verifies
/// an ID Token in the response.
#[derive(Debug, Clone)]
pub struct GenericTokenRequest {
    /// The client and the server.
    pub configuration: Configuration,
    /// The grant type: a name or an absolute URI.
    pub grant_type: String,
    /// The parameters of the grant. `grant_type` and those of client authentication are refused.
    pub parameters: Parameters,
}

impl Grant for GenericTokenRequest {
    fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn form(&self) -> Result<Parameters, Error> {
        if self.grant_type.is_empty() || GUARDED.contains(&self.grant_type.as_str()) {
            return Err(Misuse::InvalidArgument {
                argument: "grant_type",
                expected: "one whose response needs no checks beyond those of every token response",
                found: printable(&self.grant_type),
            }
            .into());
        }
        self.parameters.refuse(&RESERVED)?;
        let takes_password = self.grant_type == PASSWORD;
        self.configuration
            .require(Requirement::Grant, Party::Request, |_| {
                takes_password.then_some("takes a password, by the password grant")
            })?;
        let mut form = self.parameters.clone();
        form.set("grant_type", self.grant_type.as_str());
        Ok(form)
    }

    fn read(&self, now: UnixTime, response: &Response<Bytes>) -> Result<TokenResponse, Error> {
        if self.grant_type != TOKEN_EXCHANGE {
            return TokenResponse::read(&self.configuration, now, response);
        }
        let tokens = TokenResponse::read_exchanged(&self.configuration, now, response)?;
        if tokens.token_type() == TokenType::NotApplicable && tokens.issued_token_type().is_none() {
            // Without it, the kind of the issued token is unknown (RFC 8693 section 2.2.1).
            let member = "issued_token_type".into();
            return Err(Artefact::TokenResponse
                .rejected(Reason::Missing { member })
                .with_refresh_token(tokens.refresh_token().cloned())
                .into());
        }
        Ok(tokens)
    }
}

/// Token exchange (RFC 8693 section 2.1).
pub(crate) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// A JWT as authorization grant (RFC 7523 section 2.1).
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// A SAML 2.0 assertion as authorization grant (RFC 7522 section 2.1).
pub(crate) const SAML2_BEARER: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";

/// The resource owner password grant (RFC 6749 section 4.3).
const PASSWORD: &str = "password";

/// Grants that need checks which are absent here: those of the callback and the nonce, and the
/// comparison with the login.
const GUARDED: [&str; 2] = ["authorization_code", "refresh_token"];

/// Parameters that this library sets itself.
const RESERVED: [&str; 5] = [
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];
