//! From the callback to a verified ID Token, without a code (OpenID Connect Core 1.0 section 3.2).

use crate::authorization::{AuthorizationCodeGrantChecks, Callback, PendingLogin, ResponseType};
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::{Artefact, Error, Reason};
use crate::flow::login::authorization_response::VerifyAuthorizationResponse;
use crate::operation::{Action, Event, Operation};
use crate::secret::Secret;
use crate::validate::IdToken;

/// Finishes a login that asked for an ID Token alone: checks the callback and verifies the ID
/// Token. Returns an [`ImplicitAuthenticationResponse`].
///
/// Sends at most one request, for the server's keys, and uses no key.
///
/// # Errors
///
/// [`Misuse::LoginExpired`](crate::error::Misuse::LoginExpired); [`Error::Profile`] under a
/// [profile](crate::profile); [`Error::Rejected`] for the callback, the key set or the ID Token;
/// [`Error::AuthorizationResponse`] when the server reports an error through the browser;
/// [`Error::Metadata`] and [`Error::Unanswered`] when the keys cannot be fetched.
#[derive(Debug)]
pub struct ImplicitAuthentication(VerifyAuthorizationResponse);

/// The verified response of a login that asked for an ID Token alone (OpenID Connect Core 1.0
/// section 3.2.2.5).
#[derive(Debug, Clone)]
pub struct ImplicitAuthenticationResponse {
    id_token: IdToken,
    session_state: Option<Secret>,
}

impl ImplicitAuthenticationResponse {
    /// The verified ID Token.
    pub const fn id_token(&self) -> &IdToken {
        &self.id_token
    }

    /// The verified ID Token alone.
    pub fn into_id_token(self) -> IdToken {
        self.id_token
    }

    /// The `session_state` of the response, for a page that watches the session at the server
    /// ([`SESSION_FRAME`](crate::logout::SESSION_FRAME)). `None` if the server sent none that can be
    /// used; see [`TokenSet::session_state`](crate::flow::TokenSet::session_state).
    ///
    /// Nothing proves it: the signature of the ID Token does not cover it.
    pub fn session_state(&self) -> Option<&str> {
        Some(self.session_state.as_ref()?.expose())
    }
}

impl PendingLogin {
    /// Resumes a login that asked for an [`IdToken`](ResponseType::IdToken) only.
    ///
    /// # Errors
    ///
    /// [`Misuse::AnotherConfiguration`](crate::error::Misuse::AnotherConfiguration) as
    /// [`resume`](Self::resume), and
    /// [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument) when the login asked for
    /// something else.
    pub fn resume_implicit(
        self,
        configuration: &Configuration,
        callback: impl Into<Callback>,
    ) -> Result<ImplicitAuthentication, Error> {
        self.check_configuration(configuration)?;
        if self.response_type != ResponseType::IdToken {
            return Err(self.another_response_type("a login that asked for an ID Token alone"));
        }
        Ok(ImplicitAuthentication::resumed(
            configuration,
            callback,
            self,
        ))
    }
}

impl ImplicitAuthentication {
    /// The end of a login whose parts the caller has kept. [`PendingLogin::resume_implicit`] needs
    /// no such parts, and leaves no check to the caller.
    ///
    /// `checks` must expect a nonce. Its response type is replaced by `id_token`.
    pub fn new(
        configuration: &Configuration,
        callback: impl Into<Callback>,
        mut checks: AuthorizationCodeGrantChecks,
    ) -> Self {
        checks.response_type = ResponseType::IdToken;
        let (configuration, callback) = (configuration.clone(), callback.into());
        Self(VerifyAuthorizationResponse::new(
            configuration,
            callback,
            None,
            checks,
        ))
    }

    pub(crate) fn resumed(
        configuration: &Configuration,
        callback: impl Into<Callback>,
        pending: PendingLogin,
    ) -> Self {
        let (configuration, callback) = (configuration.clone(), callback.into());
        Self(VerifyAuthorizationResponse::resumed(
            configuration,
            callback,
            pending,
        ))
    }
}

impl Operation for ImplicitAuthentication {
    type Output = ImplicitAuthenticationResponse;

    fn step(
        &mut self,
        env: &mut Env<'_>,
        event: Event,
    ) -> Result<Action<ImplicitAuthenticationResponse>, Error> {
        match self.0.step(env, event)?.or_done() {
            Ok(action) => Ok(action),
            Err(handed_out) => {
                let member = "id_token".into();
                let missing =
                    || Artefact::AuthorizationResponse.rejected(Reason::Missing { member });
                Ok(Action::Done(ImplicitAuthenticationResponse {
                    id_token: handed_out.id_token.ok_or_else(missing)?,
                    session_state: handed_out.session_state,
                }))
            }
        }
    }
}
