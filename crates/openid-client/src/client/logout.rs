//! Logout that the application begins.

use oauth_core::authorization::{Callback, ExpectedState};
use oauth_core::logout::{EndSession, FrontChannelLogout, check_return, session_frame_fragment};
use oauth_core::validate::IdToken;

use super::Client;
use crate::error::Error;

impl Client {
    /// Logs the person out at the server as well (OpenID Connect RP-Initiated Logout 1.0 section
    /// 2): set what to send, then redirect the browser to the URL. End the application's own
    /// session first, because the browser may not come back.
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// let id_token = tokens.id_token().ok_or("a login without openid")?;
    /// let logout = client.end_session().id_token_hint(id_token.jwt());
    /// let logout = logout.post_logout_redirect_uri("https://app.example.com/bye");
    /// let url = logout.url()?;
    /// # assert_eq!(server.log_in(url), "https://app.example.com/bye");
    /// # });
    /// ```
    ///
    /// [`EndSession::form`] gives the same request as a form to post.
    pub fn end_session(&self) -> EndSession {
        EndSession::new(self.configuration.clone())
    }

    /// Checks the browser's return from a logout (OpenID Connect RP-Initiated Logout 1.0 section
    /// 3): its `state` must equal the one that [`EndSession::state`] sent. `callback` is the URL,
    /// whole or only path and query, or the request.
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// # let logout = client.end_session().id_token_hint(tokens.id_token().unwrap().jwt());
    /// # let logout = logout.post_logout_redirect_uri("https://app.example.com/bye");
    /// use openid_client::ExpectedState;
    ///
    /// let state = client.random_state()?;
    /// let url = logout.state(state.expose().as_str()).url()?;
    /// // The browser goes to `url` and comes back.
    /// # let callback = server.log_in(url);
    /// client.check_logout_return(callback, &ExpectedState::Equals(state))?;
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`CoreError::Rejected`](crate::CoreError::Rejected) when `state` is missing, occurs twice,
    /// differs from the one that was sent, or came although none was sent. The return may then be a
    /// link that anyone made, so do nothing in the name of the person who logged out.
    /// [`Misuse::InvalidArgument`](crate::Misuse::InvalidArgument) for a `callback` that is not a
    /// URL.
    pub fn check_logout_return<C>(&self, callback: C, expected: &ExpectedState) -> Result<(), Error>
    where
        C: TryInto<Callback, Error: Into<Error>>,
    {
        let callback = callback.try_into().map_err(Into::into)?;
        Ok(check_return(&callback, expected)?)
    }

    /// Checks a request to the client's `frontchannel_logout_uri` (OpenID Connect Front-Channel
    /// Logout 1.0 section 2): whether it is about the session that began with this ID Token. Then
    /// end the session, and answer with [`logged_out`](crate::logged_out). See
    /// [`FrontChannelLogout`] for how to find the session.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # let app = test_provider::ClientRegistration::public("my-app");
    /// # let app = app.redirect_uri("https://app.example.com/cb");
    /// # server.provider().register(app.frontchannel_logout_uri("https://app.example.com/out"));
    /// # let (url, pending) = client.authorization_request().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # let id_token = tokens.id_token().unwrap();
    /// # let url = format!("/out?iss={}&sid={}", server.url(), id_token.sid().unwrap());
    /// use openid_client::FrontChannelLogout;
    ///
    /// let request = FrontChannelLogout::from_url(&url)?;
    /// // The session is the one with this `sid`.
    /// # assert!(request.sid().is_some());
    /// client.check_front_channel_logout(&request, id_token)?;
    /// # });
    /// ```
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

    /// The fragment for the URL of the page that watches the session at the server, whose text is
    /// [`SESSION_FRAME`](crate::SESSION_FRAME) (OpenID Connect Session Management 1.0 section 3.1).
    /// `session_state` is that of the login:
    /// [`TokenSet::session_state`](crate::TokenSet::session_state), or
    /// [`ImplicitAuthenticationResponse::session_state`](crate::ImplicitAuthenticationResponse::session_state).
    ///
    /// ```
    /// # use openid_client::{Client, ServerMetadata};
    /// # let document = r#"{"issuer": "https://id.example.com",
    /// #     "check_session_iframe": "https://id.example.com/frame"}"#.as_bytes();
    /// # let server = ServerMetadata::from_json(document)?;
    /// # let client = Client::from_metadata(server, "my-app").build()?;
    /// # let session_state = "x.y";
    /// let fragment = client.session_frame_fragment(session_state)?;
    /// let frame = format!("/session-frame#{fragment}");
    /// # assert!(frame.ends_with("&session_state=x.y"));
    /// # Ok::<(), openid_client::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`session_frame_fragment`].
    pub fn session_frame_fragment(&self, session_state: &str) -> Result<String, Error> {
        Ok(session_frame_fragment(&self.configuration, session_state)?)
    }
}
