//! Logout that the application begins.

use oauth_core::authorization::{Callback, ExpectedState};
use oauth_core::logout::{EndSession, check_return};

use super::Client;
use crate::error::Error;

impl Client {
    /// Logout at the server (OpenID Connect RP-Initiated Logout 1.0 section 2): set what to send,
    /// then take the URL. End the application's own session first.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let (url, pending) = client.authorization_request().begin().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// let id_token = tokens.id_token().ok_or("a login without openid")?;
    /// let logout = client.end_session().id_token_hint(id_token.jwt().expose());
    /// let logout = logout.post_logout_redirect_uri("https://app.example.com/bye");
    /// let url = logout.url()?;
    /// # assert_eq!(server.log_in(url), "https://app.example.com/bye");
    /// # Ok(()) });
    /// ```
    pub fn end_session(&self) -> EndSession {
        EndSession::new(self.configuration.clone())
    }

    /// Checks the browser's return from a logout (OpenID Connect RP-Initiated Logout 1.0 section 3): its
    /// `state` must be the one that [`EndSession::state`] sent. `callback_url` is the whole URL, or path
    /// and query of it.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let (url, pending) = client.authorization_request().begin().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # let hint = tokens.id_token().ok_or("a login without openid")?.jwt().expose().to_owned();
    /// # let logout = client.end_session().id_token_hint(hint);
    /// # let logout = logout.post_logout_redirect_uri("https://app.example.com/bye");
    /// use openid_client::ExpectedState;
    ///
    /// let state = client.random_state()?;
    /// let url = logout.state(state.expose().as_str()).url()?;
    /// // The browser goes to `url` and comes back.
    /// # let callback_url = server.log_in(url);
    /// client.check_logout_return(callback_url, &ExpectedState::Equals(state))?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`check_return`]: nothing may be done in the name of the person who logged out then.
    pub fn check_logout_return(
        &self,
        callback_url: impl AsRef<str>,
        expected: &ExpectedState,
    ) -> Result<(), Error> {
        let callback = Callback::from_url(callback_url.as_ref())?;
        Ok(check_return(&callback, expected)?)
    }
}
