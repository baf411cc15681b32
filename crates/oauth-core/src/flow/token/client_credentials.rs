//! Tokens for the client itself (RFC 6749 section 4.4).

use crate::configuration::Configuration;
use crate::endpoint::ClientCredentials;
use crate::env::Env;
use crate::error::Error;
use crate::flow::TokenSet;
use crate::flow::token::token_grant::{ExpectedIdToken, TokenGrant};
use crate::operation::{Action, Event, Operation};
use crate::wire::Parameters;

/// Gets tokens in the client's own name; nobody logs in.
///
/// Sends one request and uses at most one key; with a DPoP key, at most two requests and four keys
/// (see [`Call`](crate::flow::Call)). In the unlikely case that an ID Token comes back, it is
/// verified, with at most one request more.
///
/// # Errors
///
/// [`Error::ResponseBody`] and [`Error::WwwAuthenticateChallenge`] when the server refuses;
/// [`Error::Rejected`] for the token response or an ID Token; [`Error::TokensUnverified`] when the
/// keys to verify an ID Token could not be had; [`Error::Metadata`], [`Error::Unanswered`],
/// [`Error::Key`] and [`Error::Entropy`].
#[derive(Debug)]
pub struct ClientCredentialsGrant {
    request: ClientCredentials,
    grant: Option<TokenGrant<ClientCredentials>>,
}

impl ClientCredentialsGrant {
    /// A request for the scope that the server gives by default.
    pub const fn new(configuration: Configuration) -> Self {
        Self {
            request: ClientCredentials {
                configuration,
                parameters: Parameters::new(),
            },
            grant: None,
        }
    }

    /// What to ask for: scope values with single spaces between them.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.request.parameters.set("scope", scope);
        self
    }

    /// Adds any other parameter, such as `resource` (RFC 8707 section 2); those of the protocol take
    /// precedence.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.parameters.append(name, value);
        self
    }

    /// Adds other parameters.
    #[must_use]
    pub fn parameters(mut self, parameters: impl Into<Parameters>) -> Self {
        self.request.parameters.extend(parameters.into().iter());
        self
    }
}

impl Operation for ClientCredentialsGrant {
    type Output = TokenSet;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<TokenSet>, Error> {
        let request = &self.request;
        let grant = self.grant.get_or_insert_with(|| {
            let configuration = request.configuration.clone();
            TokenGrant::new(configuration, request.clone(), ExpectedIdToken::default())
        });
        grant.step(env, event)
    }
}

#[cfg(test)]
mod tests;
