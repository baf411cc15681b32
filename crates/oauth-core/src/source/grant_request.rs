//! The grants of a source whose requests have parameters.

use std::fmt;

use crate::configuration::Configuration;
use crate::flow::{ClientCredentialsGrant, GenericGrant};
use crate::secret::Secret;
use crate::source::Renewal;
use crate::wire::Parameters;

/// The request of a source of tokens, which the source sends each time it needs a token.
///
/// `Debug` shows no token and no parameter.
#[derive(Clone)]
#[must_use = "nothing is requested until a source has this grant"]
pub struct SourceGrantRequest {
    kind: Kind,
    parameters: Parameters,
}

#[derive(Clone)]
enum Kind {
    ClientCredentials,
    TokenExchange {
        subject_token: Secret,
        subject_token_type: String,
    },
    JwtBearer(Secret),
}

/// The operation of a [`SourceGrantRequest`]. Both bring a [`TokenSet`](crate::flow::TokenSet).
#[derive(Debug)]
pub enum RequestedGrant {
    /// The client credentials grant.
    ClientCredentials(ClientCredentialsGrant),
    /// Token exchange, or the grant for a JWT.
    Generic(GenericGrant),
}

impl SourceGrantRequest {
    /// The client credentials grant (RFC 6749 section 4.4).
    pub const fn client_credentials() -> Self {
        Self::new(Kind::ClientCredentials)
    }

    /// A token in exchange for this one (RFC 8693).
    pub fn token_exchange(
        subject_token: impl Into<Secret>,
        subject_token_type: impl Into<String>,
    ) -> Self {
        Self::new(Kind::TokenExchange {
            subject_token: subject_token.into(),
            subject_token_type: subject_token_type.into(),
        })
    }

    /// Tokens for this JWT (RFC 7523 section 2.1).
    pub fn jwt_bearer(assertion: impl Into<Secret>) -> Self {
        Self::new(Kind::JwtBearer(assertion.into()))
    }

    const fn new(kind: Kind) -> Self {
        Self {
            kind,
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

    /// What brings the next token.
    pub const fn renewal(&self) -> Renewal {
        match self.kind {
            Kind::ClientCredentials => Renewal::Credentials,
            Kind::TokenExchange { .. } | Kind::JwtBearer(_) => Renewal::Assertion,
        }
    }

    /// The operation that gets a token.
    pub fn grant(&self, configuration: Configuration) -> RequestedGrant {
        let parameters = self.parameters.clone();
        let grant = match &self.kind {
            Kind::ClientCredentials => {
                let grant = ClientCredentialsGrant::new(configuration).parameters(parameters);
                return RequestedGrant::ClientCredentials(grant);
            }
            Kind::TokenExchange {
                subject_token,
                subject_token_type,
            } => {
                let subject_token = subject_token.expose();
                GenericGrant::token_exchange(configuration, subject_token, subject_token_type)
            }
            Kind::JwtBearer(assertion) => {
                GenericGrant::jwt_bearer(configuration, assertion.expose())
            }
        };
        RequestedGrant::Generic(grant.parameters(parameters))
    }
}

impl fmt::Debug for SourceGrantRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::ClientCredentials => "client_credentials",
            Kind::TokenExchange { .. } => "token_exchange",
            Kind::JwtBearer(_) => "jwt_bearer",
        })
    }
}
