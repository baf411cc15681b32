//! The operations that yield tokens, and those that use them.

use oauth_core::authorization::{AuthorizationCodeGrantChecks, Callback, PendingLogin};
use oauth_core::endpoint::{AccessToken, ExpectedSubject, UserInfoEndpoint, UserInfoResponse};
use oauth_core::error::Misuse;
use oauth_core::flow::{AuthorizationCodeGrant, FetchUserInfo, RefreshTokenGrant, TokenSet};
use oauth_core::validate::IdToken;

use crate::client::Client;
use crate::error::Error;

impl Client {
    /// Finishes a login: checks the callback, redeems its code, verifies the ID Token (RFC 6749
    /// section 4.1, OpenID Connect Core 1.0 section 3.1).
    ///
    /// `callback_url` is the URL that the browser was sent back to: the whole one, or path and query
    /// as a server sees them. Take `pending` out of its store by the `state` in it (see
    /// [`Callback::state`]) and by the browser's session: whoever puts it back, or leaves it there,
    /// lets a callback be played a second time. The code itself is good for one use only; a second
    /// one is refused by the server with `invalid_grant`.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let (url, pending) = client.authorization_request().begin().await?;
    /// # let callback = server.log_in(url);
    /// // `pending` has been taken out of the store.
    /// let tokens = client.authorization_code_grant(pending, callback).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # Ok(()) });
    /// ```
    ///
    /// The server's keys are fetched before the code is sent, where the cached ones are too old: the code
    /// is good once, and without keys the tokens that it bought could not be believed.
    ///
    /// # Errors
    ///
    /// Those of [`AuthorizationCodeGrant`]: every check of the callback, before anything is sent, and every check
    /// of the tokens.
    pub async fn authorization_code_grant(
        &self,
        pending: PendingLogin,
        callback_url: impl AsRef<str>,
    ) -> Result<TokenSet, Error> {
        let callback = Callback::from_url(callback_url.as_ref())?;
        self.run(pending.resume(self.configuration(), &callback)?)
            .await
    }

    /// The same for a response that came otherwise than in a URL: in the body of a POST request, for
    /// one.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// use openid_client::{Callback, ResponseMode};
    ///
    /// let mode = ResponseMode::FormPost;
    /// let request = client.authorization_request().response_mode(mode);
    /// let (url, pending) = request.begin().await?;
    /// // The browser posts the answer to the redirect URI.
    /// # let body = server.log_in_by_form_post(url);
    /// let posted = Callback::from_form_post(&body);
    /// let tokens = client.authorization_code_grant_of(pending, &posted).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`authorization_code_grant`](Self::authorization_code_grant).
    pub async fn authorization_code_grant_of(
        &self,
        pending: PendingLogin,
        callback: &Callback,
    ) -> Result<TokenSet, Error> {
        self.run(pending.resume(self.configuration(), callback)?)
            .await
    }

    /// Finishes a login that asked for an ID Token alone (OpenID Connect Core 1.0 section 3.2): checks
    /// the callback and verifies the ID Token.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// use openid_client::{Callback, ResponseType};
    ///
    /// let kind = ResponseType::IdToken;
    /// let request = client.authorization_request().response_type(kind);
    /// let (url, pending) = request.begin().await?;
    /// // The answer is in the fragment: a script of the application brings the whole URL.
    /// # let callback_url = server.log_in(url);
    /// let callback = Callback::from_url(&callback_url)?;
    /// let id_token = client.implicit_authentication(pending, &callback).await?;
    /// # assert_eq!(id_token.sub(), "alice");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`ImplicitAuthentication`](oauth_core::flow::ImplicitAuthentication).
    pub async fn implicit_authentication(
        &self,
        pending: PendingLogin,
        callback: &Callback,
    ) -> Result<IdToken, Error> {
        self.run(pending.resume_implicit(self.configuration(), callback)?)
            .await
    }

    /// Finishes a login whose `state`, `nonce` and PKCE verifier the caller has kept by hand; see
    /// [`authorization_url`](Self::authorization_url). What `checks` do not expect must be absent.
    ///
    /// `redirect_uri` is the one of the authorization request, byte for byte.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
    /// # let redirect_uri = "https://app.example.com/cb";
    /// # let (state, verifier) = (client.random_state()?, client.random_pkce_code_verifier()?);
    /// # let mut parameters = openid_client::Parameters::from([("redirect_uri", redirect_uri)]);
    /// # parameters.extend([("scope", "openid"), ("state", state.expose())]);
    /// # parameters.extend([("code_challenge_method", "S256")]);
    /// # parameters.set("code_challenge", verifier.code_challenge());
    /// # let callback_url = server.log_in(client.authorization_url(parameters)?);
    /// use openid_client::{AuthorizationCodeGrantChecks, ExpectedState};
    ///
    /// let mut checks = AuthorizationCodeGrantChecks::default();
    /// checks.expected_state = ExpectedState::Equals(state);
    /// checks.pkce_code_verifier = Some(verifier);
    /// let grant = client.authorization_code_grant_with_checks(callback_url, redirect_uri, checks);
    /// let tokens = grant.await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`authorization_code_grant`](Self::authorization_code_grant).
    pub async fn authorization_code_grant_with_checks(
        &self,
        callback_url: impl AsRef<str>,
        redirect_uri: impl Into<String>,
        checks: AuthorizationCodeGrantChecks,
    ) -> Result<TokenSet, Error> {
        let callback = Callback::from_url(callback_url.as_ref())?;
        self.run(AuthorizationCodeGrant::new(
            self.configuration(),
            &callback,
            redirect_uri,
            checks,
        ))
        .await
    }

    /// Gets new tokens for the refresh token among `tokens` (RFC 6749 section 6). An ID Token that
    /// comes back is held against that of the login, which `tokens` remember over any number of
    /// refreshes (OpenID Connect Core 1.0 section 12.2).
    ///
    /// For a refresh token that was stored by itself, or a narrower scope, [`run`](Self::run) a
    /// [`RefreshTokenGrant`].
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let (url, pending) = client.authorization_request().begin().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// let tokens = client.refresh_token_grant(&tokens).await?;
    /// # assert!(tokens.refresh_token().is_some());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] when there is no refresh token among them, else those of
    /// [`RefreshTokenGrant`].
    pub async fn refresh_token_grant(&self, tokens: &TokenSet) -> Result<TokenSet, Error> {
        let refresh_token = tokens.refresh_token().cloned();
        let refresh_token = refresh_token.ok_or_else(|| missing("refresh_token", "a refresh"))?;
        let mut grant = RefreshTokenGrant::new(self.configuration().clone(), refresh_token);
        if let Some(login) = tokens.login() {
            grant = grant.previous(login.clone());
        }
        self.run(grant).await
    }

    /// Asks the server about the person who logged in (OpenID Connect Core 1.0 section 5.3), and
    /// refuses an answer about anybody else: its `sub` must be that of the ID Token that began the
    /// login.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let (url, pending) = client.authorization_request().begin().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// let user = client.fetch_user_info(&tokens).await?;
    /// println!("hello {}", user.email().unwrap_or(user.sub()));
    /// # assert_eq!(user.sub(), "alice");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] when the login brought no ID Token, else those of
    /// [`fetch_user_info_about`](Self::fetch_user_info_about).
    pub async fn fetch_user_info(&self, tokens: &TokenSet) -> Result<UserInfoResponse, Error> {
        let login = tokens.login();
        let login = login.ok_or_else(|| missing("id_token", "the subject of UserInfo"))?;
        self.fetch_user_info_about(login, tokens).await
    }

    /// The same for an access token that was stored by itself, and the subject it must be about.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let (url, pending) = client.authorization_request().scope("openid email").begin().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # let stored = tokens.access_token().clone();
    /// # let subject = "alice".to_owned();
    /// use openid_client::{AccessToken, ExpectedSubject};
    ///
    /// let subject = ExpectedSubject::Equals(subject);
    /// let token = AccessToken::bearer(stored);
    /// let user = client.fetch_user_info_about(subject, token).await?;
    /// # assert_eq!(user.sub(), "alice");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// [`oauth_core::Error::WwwAuthenticateChallenge`] when the server refuses the access token,
    /// [`oauth_core::Error::Rejected`] when the answer fails a check,
    /// [`oauth_core::Error::Unsupported`] when it is encrypted and there is no key for it,
    /// [`oauth_core::Error::Metadata`] and [`oauth_core::Error::Unanswered`].
    pub async fn fetch_user_info_about(
        &self,
        subject: impl Into<ExpectedSubject>,
        access_token: impl Into<AccessToken>,
    ) -> Result<UserInfoResponse, Error> {
        let endpoint = UserInfoEndpoint::new(self.configuration().clone(), access_token, subject);
        self.run(FetchUserInfo::new(endpoint)).await
    }
}

fn missing(argument: &'static str, purpose: &'static str) -> oauth_core::Error {
    Misuse::MissingArgument { argument, purpose }.into()
}
