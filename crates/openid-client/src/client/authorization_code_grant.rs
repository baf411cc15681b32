//! The end of a login.

use oauth_core::authorization::{Callback, PendingLogin};
use oauth_core::flow::{AuthorizationCodeGrant, ImplicitAuthenticationResponse, TokenSet};

use crate::client::Client;
use crate::error::Error;
use crate::http::BoxFuture;

impl Client {
    /// Finishes a login: checks the callback, exchanges its code for tokens and verifies the ID
    /// Token (RFC 6749 section 4.1, OpenID Connect Core 1.0 section 3.1). `.await` the request.
    ///
    /// `callback` is what the browser brought back to the redirect URI: its URL, whole or only path
    /// and query (as text, [`Url`](crate::Url) or [`http::Uri`](crate::http::Uri)), the whole
    /// request ([`http::Request`](crate::http::Request)), or a [`Callback`], for example of the
    /// body of a form post.
    ///
    /// Take `pending` out of its store first. Find it by the browser's session and by
    /// [`Callback::state`]. A login that stays in the store can be finished a second time with the
    /// same callback; then only the server, which accepts a code once, refuses it with
    /// `invalid_grant`.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # let (url, pending) = client.authorization_request().await?;
    /// # let callback = server.log_in(url);
    /// // `pending` has been taken out of the store.
    /// let tokens = client.authorization_code_grant(pending, callback).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # });
    /// ```
    ///
    /// A response by form post, with a parameter that the server added:
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # let request = client.authorization_request();
    /// # let request = request.response_mode(openid_client::ResponseMode::FormPost);
    /// # let (url, pending) = request.await?;
    /// # let body = server.log_in_by_form_post(url);
    /// use openid_client::Callback;
    ///
    /// let posted = Callback::from_form_post(&body);
    /// let tokens = client.authorization_code_grant(pending, &posted).await?;
    /// let user = posted.parameter("user")?;
    /// # assert!(user.is_none() && tokens.id_token().is_some());
    /// # });
    /// ```
    ///
    /// If the cached keys of the server are too old, they are fetched before the code is sent. The
    /// code can be used only once, and without keys its tokens could not be verified.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Misuse::InvalidArgument`](crate::Misuse::InvalidArgument) for a
    /// `callback` that is not a URL or a form;
    /// [`Misuse::LoginExpired`](crate::Misuse::LoginExpired) when the login has taken longer than
    /// its [lifetime](crate::AuthorizationRequest::lifetime);
    /// [`CoreError::AuthorizationResponse`](crate::CoreError::AuthorizationResponse) when the
    /// server reports an error, for example `access_denied`;
    /// [`CoreError::Rejected`](crate::CoreError::Rejected) when the callback fails a check.
    ///
    /// Afterwards: [`CoreError::ResponseBody`](crate::CoreError::ResponseBody) and
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge) when the
    /// token endpoint refuses; [`CoreError::Rejected`](crate::CoreError::Rejected) when its
    /// response, the key set or the ID Token fails a check;
    /// [`CoreError::TokensUnverified`](crate::CoreError::TokensUnverified) when the keys to verify
    /// the ID Token cannot be fetched; [`CoreError::Metadata`](crate::CoreError::Metadata),
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered),
    /// [`CoreError::Unsupported`](crate::CoreError::Unsupported),
    /// [`CoreError::Key`](crate::CoreError::Key) and
    /// [`CoreError::Entropy`](crate::CoreError::Entropy).
    pub fn authorization_code_grant<C>(
        &self,
        pending: PendingLogin,
        callback: C,
    ) -> AuthorizationCodeGrantRequest
    where
        C: TryInto<Callback, Error: Into<Error>>,
    {
        let callback = callback.try_into().map_err(Into::into);
        let grant = callback
            .and_then(|callback| Ok(pending.resume(self.configuration(), callback)?))
            .map(Box::new);
        AuthorizationCodeGrantRequest {
            client: self.clone(),
            grant,
        }
    }

    /// Finishes a login that asked for an ID Token only (OpenID Connect Core 1.0 section 3.2):
    /// checks the callback and verifies the ID Token. The response contains it, and the
    /// `session_state`.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// use openid_client::ResponseType;
    ///
    /// let kind = ResponseType::IdToken;
    /// let request = client.authorization_request().response_type(kind);
    /// let (url, pending) = request.await?;
    /// // The answer is in the fragment: a script of the application sends the whole URL.
    /// # let callback = server.log_in(url);
    /// let response = client.implicit_authentication(pending, callback).await?;
    /// let id_token = response.id_token();
    /// # assert_eq!(id_token.sub(), "alice");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`authorization_code_grant`](Self::authorization_code_grant), except those of
    /// the token endpoint.
    pub async fn implicit_authentication<C>(
        &self,
        pending: PendingLogin,
        callback: C,
    ) -> Result<ImplicitAuthenticationResponse, Error>
    where
        C: TryInto<Callback, Error: Into<Error>>,
    {
        let callback = callback.try_into().map_err(Into::into)?;
        let operation = pending.resume_implicit(self.configuration(), callback)?;
        self.run_as("implicit_authentication", operation).await
    }
}

/// The end of a login; see [`Client::authorization_code_grant`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct AuthorizationCodeGrantRequest {
    client: Client,
    grant: Result<Box<AuthorizationCodeGrant>, Error>,
}

impl AuthorizationCodeGrantRequest {
    /// Adds a parameter to the token request, for example `resource` (RFC 8707 section 2.2). Those
    /// of the protocol take precedence.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.grant = self
            .grant
            .map(|grant| Box::new(grant.parameter(name, value)));
        self
    }
}

impl IntoFuture for AuthorizationCodeGrantRequest {
    type Output = Result<TokenSet, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { client, grant } = self;
        Box::pin(async move { client.run_as("authorization_code_grant", *grant?).await })
    }
}
