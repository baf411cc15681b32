//! Logout that the server tells the application about directly.

use std::sync::Arc;

use oauth_core::error::{Artefact, Reason, Rejection};
use oauth_core::flow::VerifyLogoutToken;
use oauth_core::logout::logout_token;
use oauth_core::validate::LogoutToken;

use super::Client;
use crate::error::Error;

impl Client {
    /// Verifies the logout token in the body of a request to the client's `backchannel_logout_uri`,
    /// and accepts it once (OpenID Connect Back-Channel Logout 1.0 sections 2.5 and 2.6). `body` is
    /// the raw body of a POST request with the media type `application/x-www-form-urlencoded`.
    ///
    /// End each session that the token [ends](LogoutToken::ends), and answer with
    /// [`logged_out`](crate::logged_out), status 200. If the token is refused, or a session cannot
    /// be ended, answer with [`logout_failed`](crate::logout_failed), status 400 (section 2.8).
    ///
    /// ```
    /// # use openid_client::{logged_out, logout_failed};
    /// # test_provider::example!(|client, server| {
    /// # let app = test_provider::ClientRegistration::public("my-app");
    /// # let app = app.redirect_uri("https://app.example.com/cb");
    /// # server.provider().register(app.backchannel_logout_uri("https://app.example.com/logout"));
    /// # let (url, pending) = client.authorization_request().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # let mut sessions = vec![tokens.id_token().unwrap().clone()];
    /// # let now = client.now().seconds();
    /// # let request = server.provider().logout_request("my-app", now).unwrap();
    /// # let mut log_out = async |body: &[u8]| {
    /// match client.verify_logout_token(body).await {
    ///     Ok(token) => sessions.retain(|id_token| !token.ends(id_token)),
    ///     Err(error) => return logout_failed(error.code()),
    /// }
    /// logged_out()
    /// # };
    /// # assert_eq!(log_out(request.body()).await.status(), 200);
    /// # assert_eq!(log_out(request.body()).await.status(), 400);
    /// # assert!(sessions.is_empty());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`logout_token`] and [`VerifyLogoutToken`]; [`Reason::Replayed`] for a token
    /// that was accepted before; [`Error::Store`] when the
    /// [store](crate::ClientBuilder::logout_token_store) fails.
    pub async fn verify_logout_token(&self, body: impl AsRef<[u8]>) -> Result<LogoutToken, Error> {
        let jwt = logout_token(body.as_ref())?;
        let configuration = self.configuration.clone();
        let token = self
            .run_as(
                "verify_logout_token",
                VerifyLogoutToken::new(configuration, jwt),
            )
            .await?;
        let accepted = &self.shared.accepted_tokens;
        let policy = self.configuration.policy();
        if accepted.insert(&token, policy, self.now()).await? {
            return Ok(token);
        }
        let replayed = Reason::Replayed { claim: "jti" };
        let rejection = Rejection::new(Artefact::LogoutToken, replayed);
        Err(oauth_core::Error::from(Arc::new(rejection)).into())
    }
}
