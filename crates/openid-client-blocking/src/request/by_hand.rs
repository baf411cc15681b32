//! Logins whose state, nonce and PKCE verifier the application keeps itself.

use std::time::Duration;

use oauth_core::authorization::{
    AuthorizationCodeGrantChecks, Callback, ExpectedState, ResponseMode, ResponseType,
};
use oauth_core::configuration::Configuration;
use oauth_core::error::Misuse;
use oauth_core::flow::AuthorizationCodeGrant;
use oauth_core::pkce::CodeVerifier;
use oauth_core::secret::Secret;
use oauth_core::wire::Parameters;

use super::{Begin, Request, sealed};
use crate::error::Error;

/// The end of a login whose checks the application lists; see
/// [`Client::authorization_code_grant_with_checks`](crate::Client::authorization_code_grant_with_checks).
#[derive(Debug)]
pub struct AuthorizationCodeGrantWithChecks {
    pub(crate) configuration: Configuration,
    pub(crate) callback: Callback,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) checks: AuthorizationCodeGrantChecks,
    pub(crate) parameters: Parameters,
}

impl AuthorizationCodeGrantWithChecks {
    fn grant(self) -> Result<AuthorizationCodeGrant, Error> {
        let redirect_uri = self.redirect_uri.ok_or(Misuse::MissingArgument {
            argument: "redirect_uri",
            purpose: "the token request, which repeats that of the authorization request",
        })?;
        let (configuration, callback) = (&self.configuration, &self.callback);
        let grant = AuthorizationCodeGrant::new(configuration, callback, redirect_uri, self.checks);
        let parameters = self.parameters.iter();
        Ok(parameters.fold(grant, |grant, (name, value)| grant.parameter(name, value)))
    }

    fn redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(redirect_uri.into());
        self
    }

    fn checks(mut self, checks: AuthorizationCodeGrantChecks) -> Self {
        self.checks = checks;
        self
    }

    fn expected_state(mut self, state: ExpectedState) -> Self {
        self.checks.expected_state = state;
        self
    }

    fn expected_nonce(mut self, nonce: impl Into<Secret>) -> Self {
        self.checks.expected_nonce = Some(nonce.into());
        self
    }

    const fn id_token_expected(mut self) -> Self {
        self.checks.id_token_expected = true;
        self
    }

    const fn max_age(mut self, max_age: Duration) -> Self {
        self.checks.max_age = Some(max_age);
        self
    }

    const fn response_type(mut self, response_type: ResponseType) -> Self {
        self.checks.response_type = response_type;
        self
    }

    const fn response_mode(mut self, response_mode: ResponseMode) -> Self {
        self.checks.response_mode = Some(response_mode);
        self
    }

    fn pkce_code_verifier(mut self, verifier: CodeVerifier) -> Self {
        self.checks.pkce_code_verifier = Some(verifier);
        self
    }

    fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.append(name, value);
        self
    }
}

request! {
    AuthorizationCodeGrantWithChecks => AuthorizationCodeGrant, |request| request.grant()?;

    /// Sets the `redirect_uri` of the authorization request: the only one of the client unless set.
    redirect_uri(redirect_uri: impl Into<String>);

    /// Sets all checks at once.
    checks(checks: AuthorizationCodeGrantChecks);

    /// Sets the `state` that the callback must have: none unless set.
    expected_state(state: ExpectedState);

    /// Sets the `nonce` that the ID Token must have: none unless set.
    expected_nonce(nonce: impl Into<Secret>);

    /// Requires an ID Token.
    id_token_expected();

    /// Requires a login that is at most this old.
    max_age(max_age: Duration);

    /// Sets the response type that was asked for: `code` unless set.
    response_type(response_type: ResponseType);

    /// Sets the response mode that was asked for.
    response_mode(response_mode: ResponseMode);

    /// Sets the verifier of the PKCE challenge that was sent (RFC 7636 section 4.5).
    pkce_code_verifier(verifier: CodeVerifier);

    /// Adds any other parameter to the token request.
    parameter(name: impl Into<String>, value: impl Into<String>);
}
