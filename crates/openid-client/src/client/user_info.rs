use oauth_core::endpoint::{AccessToken, ExpectedSubject, UserInfoEndpoint, UserInfoResponse};
use oauth_core::error::Misuse;
use oauth_core::flow::{FetchUserInfo, TokenSet};

use crate::client::Client;
use crate::error::Error;

impl Client {
    /// Asks the server about the person who logged in (OpenID Connect Core 1.0 section 5.3). The
    /// `sub` of the response must equal the `sub` of the ID Token that began the login.
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// let user = client.fetch_user_info(&tokens).await?;
    /// println!("hello {}", user.email().unwrap_or(user.sub()));
    /// # assert_eq!(user.sub(), "alice");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] when the login brought no ID Token; else as
    /// [`fetch_user_info_about`](Self::fetch_user_info_about).
    pub async fn fetch_user_info(&self, tokens: &TokenSet) -> Result<UserInfoResponse, Error> {
        let missing = || Misuse::MissingArgument {
            argument: "id_token",
            purpose: "the subject of UserInfo",
        };
        let login = tokens.login();
        let login = login.ok_or_else(|| oauth_core::Error::from(missing()))?;
        self.fetch_user_info_about(login, tokens).await
    }

    /// As [`fetch_user_info`](Self::fetch_user_info), with an access token and a subject that were
    /// stored separately.
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// # let stored = tokens.access_token().clone();
    /// # let subject = "alice".to_owned();
    /// use openid_client::{AccessToken, ExpectedSubject};
    ///
    /// let subject = ExpectedSubject::Equals(subject);
    /// let token = AccessToken::bearer(stored);
    /// let user = client.fetch_user_info_about(subject, token).await?;
    /// # assert_eq!(user.sub(), "alice");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge) when the
    /// server refuses the access token; [`CoreError::Rejected`](crate::CoreError::Rejected) when
    /// the response fails a check; [`CoreError::Unsupported`](crate::CoreError::Unsupported) when
    /// it is encrypted and the client has no key for it;
    /// [`CoreError::Metadata`](crate::CoreError::Metadata),
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered) and
    /// [`CoreError::Key`](crate::CoreError::Key).
    pub async fn fetch_user_info_about(
        &self,
        subject: impl Into<ExpectedSubject>,
        access_token: impl Into<AccessToken>,
    ) -> Result<UserInfoResponse, Error> {
        let endpoint = UserInfoEndpoint::new(self.configuration().clone(), access_token, subject);
        self.run(FetchUserInfo::new(endpoint)).await
    }
}
