//! The operations that yield tokens, and those that use them.

use oauth_core::authorization::AuthorizationCodeGrantChecks;
use oauth_core::authorization::Callback;
use oauth_core::authorization::PendingLogin;
use oauth_core::endpoint::AccessToken;
use oauth_core::endpoint::ExpectedSubject;
use oauth_core::endpoint::UserInfo;
use oauth_core::endpoint::UserInfoResponse;
use oauth_core::error::Misuse;
use oauth_core::flow::CodeGrant;
use oauth_core::flow::FetchUserInfo;
use oauth_core::flow::RefreshTokenGrant;
use oauth_core::flow::TokenSet;
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
    /// # Errors
    ///
    /// Those of [`CodeGrant`]: every check of the callback, before anything is sent, and every check
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
    /// # use openid_client::{Callback, Client};
    /// # use openid_client::core::authorization::{ResponseMode, ResponseType};
    /// # use test_provider::{ClientRegistration, Provider};
    /// # use test_provider::server::{Scheme, Server};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Server::start(Scheme::Https, Provider::new).await?;
    /// # let registration = ClientRegistration::public("my-app");
    /// # server.provider().register(registration.redirect_uri("https://app.example.com/cb"));
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
    /// # let browse = |url: openid_client::Url| {
    /// #     let request = http::Request::get(url.as_str()).body(bytes::Bytes::new()).unwrap();
    /// #     let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    /// #     server.provider().handle(&request, now.try_into().unwrap())
    /// # };
    /// let (url, pending) = client
    ///     .authorization_request()
    ///     .redirect_uri("https://app.example.com/cb")
    ///     .response_type(ResponseType::CodeIdToken)
    ///     .response_mode(ResponseMode::FormPost)
    ///     .pushed()
    ///     .begin()
    ///     .await?;
    ///
    /// // The browser posts the answer to the redirect URI.
    /// # let page = String::from_utf8(browse(url).into_body().to_vec())?;
    /// # let fields = page.split("type=\"hidden\" name=\"").skip(1).map(|field| {
    /// #     let (name, rest) = field.split_once("\" value=\"").unwrap();
    /// #     (name, rest.split_once('"').unwrap().0)
    /// # });
    /// # let body = openid_client::Parameters::from_iter(fields).encode();
    /// let callback = Callback::from_form_post(&body);
    /// let tokens = client.authorization_code_grant_of(pending, &callback).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # Ok(())
    /// # }
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
    /// # use openid_client::{Callback, Client};
    /// # use openid_client::core::authorization::ResponseType;
    /// # use test_provider::{ClientRegistration, Provider};
    /// # use test_provider::server::{Scheme, Server};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Server::start(Scheme::Https, Provider::new).await?;
    /// # let registration = ClientRegistration::public("my-app");
    /// # server.provider().register(registration.redirect_uri("https://app.example.com/cb"));
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
    /// # let browse = |url: openid_client::Url| {
    /// #     let request = http::Request::get(url.as_str()).body(bytes::Bytes::new()).unwrap();
    /// #     let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    /// #     server.provider().handle(&request, now.try_into().unwrap())
    /// # };
    /// let (url, pending) = client
    ///     .authorization_request()
    ///     .redirect_uri("https://app.example.com/cb")
    ///     .response_type(ResponseType::IdToken)
    ///     .begin()
    ///     .await?;
    ///
    /// // The answer is in the fragment: a script of the application brings the whole URL.
    /// # let callback_url = browse(url).headers()["location"].to_str()?.to_owned();
    /// let callback = Callback::from_url(&callback_url)?;
    /// let id_token = client.implicit_authentication(pending, &callback).await?;
    /// # assert_eq!(id_token.sub(), "alice");
    /// # Ok(())
    /// # }
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
        self.run(CodeGrant::new(
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
        let endpoint = UserInfo::new(self.configuration().clone(), access_token, subject);
        self.run(FetchUserInfo::new(endpoint)).await
    }
}

fn missing(argument: &'static str, purpose: &'static str) -> oauth_core::Error {
    Misuse::MissingArgument { argument, purpose }.into()
}
