//! Where the tokens of a source come from.

use std::fmt;
use std::sync::Arc;

use oauth_core::Error as CoreError;
use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::flow::{ClientCredentialsGrant, GenericGrant, TokenSet};
use oauth_core::names::EndpointName;
use oauth_core::secret::Secret;
use oauth_core::source::{Attempt, Renewal};
use oauth_core::wire::Parameters;

use crate::client::Client;
use crate::error::Error;

/// Where the tokens of a [`TokenSource`](super::TokenSource) come from.
#[derive(Clone)]
pub struct SourceGrant(Kind);

#[derive(Clone)]
enum Kind {
    Request(SourceGrantRequest),
    Refresh(Box<TokenSet>),
    Function(Arc<Function>),
}

type Function = dyn Fn(&Client) -> Result<TokenSet, Error> + Send + Sync;

impl SourceGrant {
    /// The client's own tokens (RFC 6749 section 4.4).
    pub const fn client_credentials() -> SourceGrantRequest {
        SourceGrantRequest::new(Requested::ClientCredentials)
    }

    /// The tokens of a login, and those that their refresh token brings (RFC 6749 section 6). The
    /// source ends when the server refuses the refresh token.
    pub fn refresh(tokens: impl Into<TokenSet>) -> Self {
        Self(Kind::Refresh(Box::new(tokens.into())))
    }

    /// Tokens for another token (RFC 8693).
    pub fn token_exchange(
        subject_token: impl Into<Secret>,
        subject_token_type: impl Into<String>,
    ) -> SourceGrantRequest {
        SourceGrantRequest::new(Requested::TokenExchange {
            subject_token: subject_token.into(),
            subject_token_type: subject_token_type.into(),
        })
    }

    /// Tokens for an assertion (RFC 7523 section 2.1).
    pub fn jwt_bearer(assertion: impl Into<Secret>) -> SourceGrantRequest {
        SourceGrantRequest::new(Requested::JwtBearer(assertion.into()))
    }

    /// Tokens that a function gets. The function must not ask the source for a token, which waits
    /// for the function.
    pub fn from_fn(
        get: impl Fn(&Client) -> Result<TokenSet, Error> + Send + Sync + 'static,
    ) -> Self {
        Self(Kind::Function(Arc::new(get)))
    }

    pub(super) const fn renewal(&self) -> Renewal {
        match &self.0 {
            Kind::Refresh(_) => Renewal::RefreshToken,
            Kind::Request(request) => request.renewal(),
            Kind::Function(_) => Renewal::Credentials,
        }
    }

    /// The tokens that the source begins with.
    pub(super) fn tokens(&self) -> Option<TokenSet> {
        match &self.0 {
            Kind::Refresh(tokens) => Some((**tokens).clone()),
            Kind::Request(_) | Kind::Function(_) => None,
        }
    }

    /// Carries out an attempt.
    pub(super) fn run(&self, client: &Client, attempt: &Attempt) -> Result<TokenSet, CoreError> {
        let result = match &self.0 {
            Kind::Refresh(_) => match attempt.refresh_token_grant(client.configuration()) {
                Some(grant) => client.run(grant),
                // The machine begins no attempt without one.
                None => Err(CoreError::Aborted.into()),
            },
            Kind::Request(request) => request.run(client),
            Kind::Function(get) => get(client),
        };
        result.map_err(|error| match error {
            Error::Core(error) => error,
            error => Unanswered {
                endpoint: EndpointName::Token,
                reason: NoAnswer::Failed,
                source: Some(Arc::new(error)),
            }
            .into(),
        })
    }
}

impl From<SourceGrantRequest> for SourceGrant {
    fn from(request: SourceGrantRequest) -> Self {
        Self(Kind::Request(request))
    }
}

impl From<TokenSet> for SourceGrant {
    fn from(tokens: TokenSet) -> Self {
        Self::refresh(tokens)
    }
}

impl From<&TokenSet> for SourceGrant {
    fn from(tokens: &TokenSet) -> Self {
        Self::refresh(tokens.clone())
    }
}

/// Shows no token.
impl fmt::Debug for SourceGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Kind::Request(request) => request.name(),
            Kind::Refresh(_) => "refresh_token",
            Kind::Function(_) => "function",
        })
    }
}

/// The request of a [`SourceGrant`], which the source sends each time it needs a token. It converts
/// to a `SourceGrant`.
#[derive(Clone)]
#[must_use = "nothing is requested until a source has this grant"]
pub struct SourceGrantRequest {
    grant: Requested,
    parameters: Parameters,
}

#[derive(Clone)]
enum Requested {
    ClientCredentials,
    TokenExchange {
        subject_token: Secret,
        subject_token_type: String,
    },
    JwtBearer(Secret),
}

impl SourceGrantRequest {
    const fn new(grant: Requested) -> Self {
        Self {
            grant,
            parameters: Parameters::new(),
        }
    }

    /// Sets the scope to ask for.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.parameters.set("scope", scope);
        self
    }

    /// Adds any other parameter, for example `resource` (RFC 8707 section 2).
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.append(name, value);
        self
    }

    /// Adds any other parameters.
    pub fn parameters(mut self, parameters: impl Into<Parameters>) -> Self {
        self.parameters.extend(parameters.into().iter());
        self
    }

    const fn renewal(&self) -> Renewal {
        match self.grant {
            Requested::ClientCredentials => Renewal::Credentials,
            Requested::TokenExchange { .. } | Requested::JwtBearer(_) => Renewal::Assertion,
        }
    }

    const fn name(&self) -> &'static str {
        match self.grant {
            Requested::ClientCredentials => "client_credentials",
            Requested::TokenExchange { .. } => "token_exchange",
            Requested::JwtBearer(_) => "jwt_bearer",
        }
    }

    fn run(&self, client: &Client) -> Result<TokenSet, Error> {
        let configuration = client.configuration().clone();
        let parameters = self.parameters.clone();
        let grant = match &self.grant {
            Requested::ClientCredentials => {
                let grant = ClientCredentialsGrant::new(configuration);
                return client.run(grant.parameters(parameters));
            }
            Requested::TokenExchange {
                subject_token,
                subject_token_type,
            } => {
                let subject_token = subject_token.expose();
                GenericGrant::token_exchange(configuration, subject_token, subject_token_type)
            }
            Requested::JwtBearer(assertion) => {
                GenericGrant::jwt_bearer(configuration, assertion.expose())
            }
        };
        client.run(grant.parameters(parameters))
    }
}

/// Shows no token and no parameter.
impl fmt::Debug for SourceGrantRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
