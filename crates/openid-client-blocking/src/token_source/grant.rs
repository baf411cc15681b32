//! Where the tokens of a source come from.

use std::fmt;
use std::sync::Arc;

use oauth_core::Error as CoreError;
use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::flow::TokenSet;
use oauth_core::names::EndpointName;
use oauth_core::secret::Secret;
use oauth_core::source::{Attempt, Renewal, RequestedGrant, SourceGrantRequest};

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
        SourceGrantRequest::client_credentials()
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
        SourceGrantRequest::token_exchange(subject_token, subject_token_type)
    }

    /// Tokens for an assertion (RFC 7523 section 2.1).
    pub fn jwt_bearer(assertion: impl Into<Secret>) -> SourceGrantRequest {
        SourceGrantRequest::jwt_bearer(assertion)
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
            Kind::Request(request) => match request.grant(client.configuration().clone()) {
                RequestedGrant::ClientCredentials(grant) => client.run(grant),
                RequestedGrant::Generic(grant) => client.run(grant),
            },
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
            Kind::Request(request) => return request.fmt(f),
            Kind::Refresh(_) => "refresh_token",
            Kind::Function(_) => "function",
        })
    }
}
