use oauth_core::error::Misuse;
use oauth_core::flow::{RefreshTokenGrant, TokenSet};

use crate::client::Client;
use crate::error::Error;
use crate::http::BoxFuture;

impl Client {
    /// Gets new tokens for the refresh token in `tokens` (RFC 6749 section 6). `.await` the
    /// request.
    ///
    /// Save the new tokens before you use them. A server that rotates refresh tokens no longer
    /// accepts the old one, and a program that stops before the new one is saved loses the login. A
    /// [`TokenSource`](crate::TokenSource) with a [store](crate::store) does this, and
    /// [`Error::refresh_token`] gives the new refresh token when the response is refused.
    ///
    /// An ID Token in the response is compared with that of the login, which `tokens` remember over
    /// any number of refreshes (OpenID Connect Core 1.0 section 12.2).
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// let tokens = client.refresh_token_grant(&tokens).await?;
    /// # assert!(tokens.refresh_token().is_some());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] when `tokens` have no refresh token;
    /// [`CoreError::ResponseBody`](crate::CoreError::ResponseBody) and
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge) when the
    /// server refuses, with `invalid_grant` for a refresh token that was used or revoked;
    /// [`CoreError::Rejected`](crate::CoreError::Rejected) when the response or the ID Token fails
    /// a check; [`CoreError::TokensUnverified`](crate::CoreError::TokensUnverified) when the keys
    /// to verify the ID Token cannot be fetched;
    /// [`CoreError::Metadata`](crate::CoreError::Metadata),
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered),
    /// [`CoreError::Key`](crate::CoreError::Key) and
    /// [`CoreError::Entropy`](crate::CoreError::Entropy).
    pub fn refresh_token_grant(&self, tokens: &TokenSet) -> RefreshTokenGrantRequest {
        RefreshTokenGrantRequest {
            grant: RefreshTokenGrant::from_tokens(self.configuration().clone(), tokens),
            client: self.clone(),
        }
    }
}

/// A refresh; see [`Client::refresh_token_grant`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct RefreshTokenGrantRequest {
    client: Client,
    /// `None` without a refresh token.
    grant: Option<RefreshTokenGrant>,
}

impl RefreshTokenGrantRequest {
    /// Asks for a part of the scope that was granted. Without it, the scope stays as it is.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.grant = self.grant.map(|grant| grant.scope(scope));
        self
    }

    /// Adds any other parameter, for example `resource`. Protocol parameters take precedence.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.grant = self.grant.map(|grant| grant.parameter(name, value));
        self
    }
}

impl IntoFuture for RefreshTokenGrantRequest {
    type Output = Result<TokenSet, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { client, grant } = self;
        Box::pin(async move {
            let missing = Misuse::MissingArgument {
                argument: "refresh_token",
                purpose: "a refresh",
            };
            let grant = grant.ok_or_else(|| oauth_core::Error::from(missing))?;
            client.run_as("refresh_token_grant", grant).await
        })
    }
}
