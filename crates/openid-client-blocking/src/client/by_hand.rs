//! Logins whose state, nonce and PKCE verifier the application keeps itself, in a cookie or
//! elsewhere.

use oauth_core::authorization::{
    self, AuthorizationCodeGrantChecks, Callback, LoginInitiation, PendingLogin, SealingKey,
    build_authorization_url,
};
use oauth_core::flow::ImplicitAuthenticationResponse;
use oauth_core::pkce::CodeVerifier;
use oauth_core::secret::Secret;
use oauth_core::wire::Parameters;
use url::Url;

use super::Client;
use crate::error::Error;
use crate::request::{AuthorizationCodeGrantWithChecks, Request};

impl Client {
    /// Encrypts a login that has begun, for a cookie of the browser; see [`PendingLogin::seal`].
    ///
    /// # Errors
    ///
    /// The errors of [`PendingLogin::seal`].
    pub fn seal_login(&self, key: &SealingKey, pending: &PendingLogin) -> Result<String, Error> {
        Ok(pending.seal(key)?)
    }

    /// Opens what [`seal_login`](Self::seal_login) has sealed.
    ///
    /// # Errors
    ///
    /// The errors of [`PendingLogin::open`].
    pub fn open_login(&self, key: &SealingKey, sealed: &str) -> Result<PendingLogin, Error> {
        Ok(PendingLogin::open(key, sealed, self.now())?)
    }

    /// Ends a login that asked for an ID Token alone (`response_type=id_token`, OpenID Connect Core
    /// 1.0 section 3.2).
    ///
    /// # Errors
    ///
    /// The errors of [`PendingLogin::resume_implicit`] and of its operation.
    pub fn implicit_authentication<C>(
        &self,
        pending: PendingLogin,
        callback: C,
    ) -> Result<ImplicitAuthenticationResponse, Error>
    where
        C: TryInto<Callback, Error: Into<Error>>,
    {
        let callback = callback.try_into().map_err(Into::into)?;
        self.run(pending.resume_implicit(&self.configuration, &callback)?)
    }

    /// Begins a login that another party asks for (OpenID Connect Core 1.0 section 4). `is_own`
    /// says whether the application lets a login lead to a URL.
    ///
    /// # Errors
    ///
    /// The errors of [`LoginInitiation::accept`].
    pub fn login_initiated(
        &self,
        initiation: &LoginInitiation,
        is_own: impl FnOnce(&Url) -> bool,
    ) -> Result<(Request<authorization::AuthorizationRequest>, Option<Url>), Error> {
        let (request, target) = initiation.accept(self.new_authorization_request(), is_own)?;
        Ok((Request::new(self, request), target))
    }

    /// Makes an authorization URL of these parameters. The application keeps the state, the nonce
    /// and the PKCE verifier.
    ///
    /// # Errors
    ///
    /// The errors of [`build_authorization_url`].
    pub fn build_authorization_url(&self, parameters: Parameters) -> Result<Url, Error> {
        Ok(build_authorization_url(&self.configuration, parameters)?)
    }

    /// Ends a login whose checks the application lists. A check that is not set is the strict one:
    /// without an expected nonce, the ID Token must not have one.
    pub fn authorization_code_grant_with_checks<C>(
        &self,
        callback: C,
    ) -> Request<AuthorizationCodeGrantWithChecks>
    where
        C: TryInto<Callback, Error: Into<Error>>,
    {
        let redirect_uri = match self.client_metadata().redirect_uris.as_deref() {
            Some([only]) => Some(only.clone()),
            _ => None,
        };
        let callback = callback.try_into().map_err(Into::into);
        let request = callback.map(|callback| AuthorizationCodeGrantWithChecks {
            configuration: self.configuration.clone(),
            callback,
            redirect_uri,
            checks: AuthorizationCodeGrantChecks::default(),
            parameters: Parameters::new(),
        });
        Request::checked(self, request)
    }

    /// A random `state`.
    ///
    /// # Errors
    ///
    /// [`CoreError::Entropy`](crate::CoreError::Entropy) when the operating system has no
    /// randomness.
    pub fn random_state(&self) -> Result<Secret, Error> {
        let state = authorization::random_state(self.shared.entropy());
        Ok(state.map_err(oauth_core::Error::from)?)
    }

    /// A random `nonce`.
    ///
    /// # Errors
    ///
    /// As [`random_state`](Self::random_state).
    pub fn random_nonce(&self) -> Result<Secret, Error> {
        let nonce = authorization::random_nonce(self.shared.entropy());
        Ok(nonce.map_err(oauth_core::Error::from)?)
    }

    /// A random PKCE code verifier (RFC 7636 section 4.1).
    ///
    /// # Errors
    ///
    /// As [`random_state`](Self::random_state).
    pub fn random_pkce_code_verifier(&self) -> Result<CodeVerifier, Error> {
        let verifier = CodeVerifier::random(self.shared.entropy());
        Ok(verifier.map_err(oauth_core::Error::from)?)
    }
}
