//! Logouts: those that the application begins, and those that the server reports.

use std::sync::Arc;

use oauth_core::authorization::{Callback, ExpectedState};
use oauth_core::error::{Artefact, Reason, Rejection};
use oauth_core::flow::VerifyLogoutToken;
use oauth_core::logout::{
    EndSession, FrontChannelLogout, check_return, logout_token, session_frame_fragment,
};
use oauth_core::resource_server::{ReplayStore as _, Unstored};
use oauth_core::validate::{IdToken, LogoutToken};

use super::Client;
use crate::error::Error;

impl Client {
    /// Begins a logout at the server; [`EndSession::url`] is the URL for the browser (OpenID
    /// Connect RP-Initiated Logout 1.0 section 2). Sends nothing.
    pub fn end_session(&self) -> EndSession {
        EndSession::new(self.configuration.clone())
    }

    /// Compares the `state` of the browser's return from a logout with the one that was sent
    /// (OpenID Connect RP-Initiated Logout 1.0 section 3).
    ///
    /// # Errors
    ///
    /// The errors of [`check_return`].
    pub fn check_logout_return<C>(&self, callback: C, expected: &ExpectedState) -> Result<(), Error>
    where
        C: TryInto<Callback, Error: Into<Error>>,
    {
        let callback = callback.try_into().map_err(Into::into)?;
        Ok(check_return(&callback, expected)?)
    }

    /// Checks that a front-channel logout is about the session of this ID Token; see
    /// [`FrontChannelLogout`].
    ///
    /// # Errors
    ///
    /// The errors of [`FrontChannelLogout::check`]: do not end the session then.
    pub fn check_front_channel_logout(
        &self,
        request: &FrontChannelLogout,
        id_token: &IdToken,
    ) -> Result<(), Error> {
        Ok(request.check(&self.configuration, id_token)?)
    }

    /// The fragment for the URL of the page that watches the session at the server (OpenID Connect
    /// Session Management 1.0 section 3.1).
    ///
    /// # Errors
    ///
    /// The errors of [`session_frame_fragment`].
    pub fn session_frame_fragment(&self, session_state: &str) -> Result<String, Error> {
        Ok(session_frame_fragment(&self.configuration, session_state)?)
    }

    /// Verifies the logout token in the body of a back-channel logout (OpenID Connect Back-Channel
    /// Logout 1.0 section 2.6). The clones of this client accept each token once. They remember
    /// 200,000 of them for as long as [`LogoutToken::remembered_until`] says, and accept no other
    /// one meanwhile.
    ///
    /// # Errors
    ///
    /// The errors of [`logout_token`] and [`VerifyLogoutToken`]; [`Reason::Replayed`] for a token
    /// that was accepted before, and [`Reason::ReplayStoreFull`].
    pub fn verify_logout_token(&self, body: impl AsRef<[u8]>) -> Result<LogoutToken, Error> {
        let jwt = logout_token(body.as_ref())?;
        let token = self.run(VerifyLogoutToken::new(self.configuration.clone(), jwt))?;
        let end = token.remembered_until(self.configuration.policy());
        let accepted = &self.shared.accepted_tokens;
        let reason = match accepted.insert(&token.replay_name(), self.now(), end) {
            Ok(()) => return Ok(token),
            Err(Unstored::Replayed) => Reason::Replayed { claim: "jti" },
            Err(Unstored::Full) => Reason::ReplayStoreFull,
        };
        let rejection = Rejection::new(Artefact::LogoutToken, reason);
        Err(oauth_core::Error::from(Arc::new(rejection)).into())
    }
}
