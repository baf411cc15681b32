//! Logins whose state, nonce and PKCE verifier the application keeps itself.

use std::time::Duration;

use oauth_core::authorization;
use oauth_core::authorization::{
    AuthorizationCodeGrantChecks, Callback, ExpectedState, ResponseMode, ResponseType,
    build_authorization_url,
};
use oauth_core::error::Misuse;
use oauth_core::flow::{AuthorizationCodeGrant, TokenSet};
use oauth_core::pkce::CodeVerifier;
use oauth_core::secret::Secret;
use oauth_core::wire::Parameters;
use url::Url;

use crate::client::Client;
use crate::error::Error;
use crate::http::BoxFuture;

impl Client {
    /// Makes the URL to send the browser to, for applications that keep
    /// [`state`](Self::random_state), [`nonce`](Self::random_nonce) and
    /// [`code_verifier`](Self::random_pkce_code_verifier) themselves.
    ///
    /// It adds `client_id` and `response_type=code` where they are missing, and nothing else.
    /// Prefer [`authorization_request`](Self::authorization_request), which adds all that protects
    /// a login.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # let redirect_uri = "https://app.example.com/cb";
    /// use openid_client::Parameters;
    ///
    /// let verifier = client.random_pkce_code_verifier()?;
    /// let mut parameters = Parameters::from([("redirect_uri", redirect_uri)]);
    /// parameters.set("code_challenge", verifier.code_challenge());
    /// parameters.set("code_challenge_method", "S256");
    /// let url = client.build_authorization_url(parameters)?;
    /// # assert!(server.log_in(url).starts_with("https://app.example.com/cb?code="));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`CoreError::Metadata`](crate::CoreError::Metadata) when the server metadata have no valid
    /// `authorization_endpoint`, or when that URL's own query holds a parameter of the request;
    /// [`CoreError::Unsupported`](crate::CoreError::Unsupported) for a `request` or `request_uri`
    /// that the server does not support; [`CoreError::Profile`](crate::CoreError::Profile) for a
    /// client under a [profile](crate::Profile), whose requests must be pushed or signed.
    pub fn build_authorization_url(&self, parameters: Parameters) -> Result<Url, Error> {
        Ok(build_authorization_url(&self.configuration, parameters)?)
    }

    /// Finishes a login whose `state`, `nonce` and PKCE verifier the application has kept; see
    /// [`build_authorization_url`](Self::build_authorization_url). `.await` the request, after
    /// setting everything that was sent: what is not expected must be absent.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # let (state, verifier) = (client.random_state()?, client.random_pkce_code_verifier()?);
    /// # let redirect_uri = "https://app.example.com/cb";
    /// # let mut parameters = openid_client::Parameters::from([("redirect_uri", redirect_uri)]);
    /// # parameters.extend([("scope", "openid"), ("state", state.expose())]);
    /// # parameters.extend([("code_challenge_method", "S256")]);
    /// # parameters.set("code_challenge", verifier.code_challenge());
    /// # let callback = server.log_in(client.build_authorization_url(parameters)?);
    /// use openid_client::ExpectedState;
    ///
    /// let grant = client.authorization_code_grant_with_checks(callback);
    /// let grant = grant.expected_state(ExpectedState::Equals(state));
    /// let tokens = grant.pkce_code_verifier(verifier).await?;
    /// # assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] without a
    /// [`redirect_uri`](AuthorizationCodeGrantWithChecks::redirect_uri); else as
    /// [`authorization_code_grant`](Self::authorization_code_grant).
    pub fn authorization_code_grant_with_checks<C>(
        &self,
        callback: C,
    ) -> AuthorizationCodeGrantWithChecks
    where
        C: TryInto<Callback, Error: Into<Error>>,
    {
        let redirect_uri = match self.client_metadata().redirect_uris.as_deref() {
            Some([only]) => Some(only.clone()),
            _ => None,
        };
        AuthorizationCodeGrantWithChecks {
            client: self.clone(),
            callback: callback.try_into().map_err(Into::into),
            redirect_uri,
            checks: AuthorizationCodeGrantChecks::default(),
            parameters: Parameters::new(),
        }
    }

    /// Makes a new `state` (RFC 6749 section 10.12): 32 random bytes in base64url.
    ///
    /// # Errors
    ///
    /// [`CoreError::Entropy`](crate::CoreError::Entropy) when the source of randomness fails.
    pub fn random_state(&self) -> Result<Secret, Error> {
        let state = authorization::random_state(&*self.shared.entropy);
        Ok(state.map_err(oauth_core::Error::from)?)
    }

    /// Makes a new `nonce` (OpenID Connect Core 1.0 section 15.5.2): 32 random bytes in base64url.
    ///
    /// # Errors
    ///
    /// [`CoreError::Entropy`](crate::CoreError::Entropy) when the source of randomness fails.
    pub fn random_nonce(&self) -> Result<Secret, Error> {
        let nonce = authorization::random_nonce(&*self.shared.entropy);
        Ok(nonce.map_err(oauth_core::Error::from)?)
    }

    /// Makes a new PKCE verifier (RFC 7636 section 4.1), which gives its challenge.
    ///
    /// # Errors
    ///
    /// [`CoreError::Entropy`](crate::CoreError::Entropy) when the source of randomness fails.
    pub fn random_pkce_code_verifier(&self) -> Result<CodeVerifier, Error> {
        let verifier = CodeVerifier::random(&*self.shared.entropy);
        Ok(verifier.map_err(oauth_core::Error::from)?)
    }
}

/// The end of a login that the application began with its own `state`, `nonce` and PKCE verifier;
/// see [`Client::authorization_code_grant_with_checks`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct AuthorizationCodeGrantWithChecks {
    client: Client,
    callback: Result<Callback, Error>,
    redirect_uri: Option<String>,
    checks: AuthorizationCodeGrantChecks,
    parameters: Parameters,
}

impl AuthorizationCodeGrantWithChecks {
    /// The `redirect_uri` of the authorization request, byte for byte; by default the one
    /// [of the client](crate::ClientBuilder::redirect_uri).
    pub fn redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(redirect_uri.into());
        self
    }

    /// Sets every check below at once, for applications that keep them in one value.
    pub fn checks(mut self, checks: AuthorizationCodeGrantChecks) -> Self {
        self.checks = checks;
        self
    }

    /// The `state` that was sent. By default none was, and the callback must have none.
    pub fn expected_state(mut self, state: ExpectedState) -> Self {
        self.checks.expected_state = state;
        self
    }

    /// The `nonce` that was sent; an ID Token with it is then required. By default none was sent,
    /// and the ID Token must have none.
    pub fn expected_nonce(mut self, nonce: impl Into<Secret>) -> Self {
        self.checks.expected_nonce = Some(nonce.into());
        self
    }

    /// Requires an ID Token, even without a nonce and a `max_age`.
    pub const fn id_token_expected(mut self) -> Self {
        self.checks.id_token_expected = true;
        self
    }

    /// The `max_age` that was sent; an ID Token with a matching `auth_time` is then required.
    pub const fn max_age(mut self, max_age: Duration) -> Self {
        self.checks.max_age = Some(max_age);
        self
    }

    /// The `response_type` that was sent; a code by default. With an ID Token in it,
    /// [`expected_nonce`](Self::expected_nonce) and [`expected_state`](Self::expected_state) are
    /// mandatory.
    pub const fn response_type(mut self, response_type: ResponseType) -> Self {
        self.checks.response_type = response_type;
        self
    }

    /// The `response_mode` that was sent; by default the usual one of the response type. A response
    /// that comes back in another way is refused.
    pub const fn response_mode(mut self, response_mode: ResponseMode) -> Self {
        self.checks.response_mode = Some(response_mode);
        self
    }

    /// The verifier of the `code_challenge` that was sent.
    pub fn pkce_code_verifier(mut self, verifier: CodeVerifier) -> Self {
        self.checks.pkce_code_verifier = Some(verifier);
        self
    }

    /// Adds a parameter to the token request, for example `resource` (RFC 8707 section 2.2). Those
    /// of the protocol take precedence.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.append(name, value);
        self
    }
}

impl IntoFuture for AuthorizationCodeGrantWithChecks {
    type Output = Result<TokenSet, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            client,
            callback,
            redirect_uri,
            checks,
            parameters,
        } = self;
        Box::pin(async move {
            let missing = Misuse::MissingArgument {
                argument: "redirect_uri",
                purpose: "the token request, which repeats that of the authorization request",
            };
            let redirect_uri = redirect_uri.ok_or_else(|| oauth_core::Error::from(missing))?;
            let mut grant = AuthorizationCodeGrant::new(
                client.configuration(),
                callback?,
                redirect_uri,
                checks,
            );
            for (name, value) in parameters.iter() {
                grant = grant.parameter(name, value);
            }
            client
                .run_as("authorization_code_grant_with_checks", grant)
                .await
        })
    }
}
