//! The grants of a source whose requests have parameters.

use std::fmt;

use oauth_core::flow::{ClientCredentialsGrant, GenericGrant, TokenSet};
use oauth_core::secret::Secret;
use oauth_core::source::Renewal;
use oauth_core::wire::Parameters;

use crate::client::Client;
use crate::error::Error;

/// The request of a [`SourceGrant`](crate::SourceGrant), which the source sends each time it needs
/// a token. It converts to a `SourceGrant`.
#[derive(Clone)]
#[must_use = "nothing is requested until a source has this grant"]
pub struct SourceGrantRequest {
    grant: RequestedGrant,
    parameters: Parameters,
}

#[derive(Clone)]
pub(super) enum RequestedGrant {
    ClientCredentials,
    TokenExchange {
        subject_token: Secret,
        subject_token_type: String,
    },
    JwtBearer(Secret),
}

impl SourceGrantRequest {
    pub(super) const fn new(grant: RequestedGrant) -> Self {
        Self {
            grant,
            parameters: Parameters::new(),
        }
    }

    /// The scope to ask for: scope values with single spaces between them. Without it, the server
    /// decides.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.parameters.set("scope", scope);
        self
    }

    /// Adds any other parameter, for example `resource` (RFC 8707 section 2) or `audience`. The
    /// same name may be added several times.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.append(name, value);
        self
    }

    /// Adds several parameters.
    pub fn parameters(mut self, parameters: impl Into<Parameters>) -> Self {
        self.parameters.extend(parameters.into().iter());
        self
    }

    pub(super) const fn renewal(&self) -> Renewal {
        match self.grant {
            RequestedGrant::ClientCredentials => Renewal::Credentials,
            RequestedGrant::TokenExchange { .. } | RequestedGrant::JwtBearer(_) => {
                Renewal::Assertion
            }
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        match self.grant {
            RequestedGrant::ClientCredentials => "client_credentials",
            RequestedGrant::TokenExchange { .. } => "token_exchange",
            RequestedGrant::JwtBearer(_) => "jwt_bearer",
        }
    }

    pub(super) async fn run(&self, client: &Client) -> Result<TokenSet, Error> {
        let configuration = client.configuration().clone();
        let parameters = self.parameters.clone();
        let grant = match &self.grant {
            RequestedGrant::ClientCredentials => {
                let grant = ClientCredentialsGrant::new(configuration);
                let grant = grant.parameters(parameters);
                return client.run_as("client_credentials_grant", grant).await;
            }
            RequestedGrant::TokenExchange {
                subject_token,
                subject_token_type,
            } => {
                let subject_token = subject_token.expose();
                GenericGrant::token_exchange(configuration, subject_token, subject_token_type)
            }
            RequestedGrant::JwtBearer(assertion) => {
                GenericGrant::jwt_bearer(configuration, assertion.expose())
            }
        };
        let grant = grant.parameters(parameters);
        client.run_as("generic_grant", grant).await
    }
}

/// Shows no token and no parameter.
impl fmt::Debug for SourceGrantRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
