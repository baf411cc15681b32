use oauth_core::endpoint::{AccessToken, ExpectedSubject, UserInfoEndpoint, UserInfoResponse};
use oauth_core::error::Misuse;
use oauth_core::flow::FetchUserInfo;

use crate::client::Client;
use crate::error::Error;
use crate::http::BoxFuture;

impl Client {
    /// Asks the server about the person who logged in (OpenID Connect Core 1.0 section 5.3).
    /// `.await` the request.
    ///
    /// The `sub` of the response must equal the `sub` of the ID Token that began the login, which
    /// a [`TokenSet`](crate::TokenSet) knows. For an access token that was stored alone, set
    /// [`expected_subject`](UserInfoRequest::expected_subject).
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
    /// [`Misuse::MissingArgument`] without an expected subject;
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge) when the
    /// server refuses the access token; [`CoreError::Rejected`](crate::CoreError::Rejected) when
    /// the response fails a check; [`CoreError::Unsupported`](crate::CoreError::Unsupported) when
    /// it is encrypted and the client has no key for it;
    /// [`CoreError::Metadata`](crate::CoreError::Metadata),
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered) and
    /// [`CoreError::Key`](crate::CoreError::Key).
    pub fn fetch_user_info(&self, access_token: impl Into<AccessToken>) -> UserInfoRequest {
        let access_token = access_token.into();
        UserInfoRequest {
            client: self.clone(),
            subject: access_token.subject().map(ExpectedSubject::from),
            access_token,
        }
    }
}

/// A UserInfo request; see [`Client::fetch_user_info`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct UserInfoRequest {
    client: Client,
    access_token: AccessToken,
    subject: Option<ExpectedSubject>,
}

impl UserInfoRequest {
    /// Sets the user that the response must be about, for an access token that was stored without
    /// its [`TokenSet`](crate::TokenSet).
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// # let (stored, subject) = (tokens.access_token().clone(), "alice");
    /// use openid_client::AccessToken;
    ///
    /// let request = client.fetch_user_info(AccessToken::bearer(stored));
    /// let user = request.expected_subject(subject).await?;
    /// # assert_eq!(user.sub(), "alice");
    /// # });
    /// ```
    pub fn expected_subject(mut self, subject: impl Into<ExpectedSubject>) -> Self {
        self.subject = Some(subject.into());
        self
    }
}

impl IntoFuture for UserInfoRequest {
    type Output = Result<UserInfoResponse, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            client,
            access_token,
            subject,
        } = self;
        Box::pin(async move {
            let missing = Misuse::MissingArgument {
                argument: "expected_subject",
                purpose: "a UserInfo request with an access token that no ID Token came with",
            };
            let subject = subject.ok_or_else(|| oauth_core::Error::from(missing))?;
            let configuration = client.configuration().clone();
            let endpoint = UserInfoEndpoint::new(configuration, access_token, subject);
            client
                .run_as("fetch_user_info", FetchUserInfo::new(endpoint))
                .await
        })
    }
}
