//! Logins that another party asks the client to begin.

use oauth_core::authorization::LoginInitiation;
use url::Url;

use super::{AuthorizationRequest, Client};
use crate::error::Error;

impl Client {
    /// Checks a request to the client's `initiate_login_uri`, and returns the authorization request
    /// to send and the page to open after the login (OpenID Connect Core 1.0 section 4).
    ///
    /// `is_own` says which URLs are pages of the application; see [`LoginInitiation::accept`] for
    /// the checks and for LTI 1.3.
    ///
    /// ```
    /// # use openid_client::Url;
    /// # test_provider::example!(|client, server| {
    /// # let url = format!("/login?iss={}&target_link_uri=https://app.example.com/c", server.url());
    /// # let app = Url::parse("https://app.example.com")?;
    /// use openid_client::LoginInitiation;
    ///
    /// let initiation = LoginInitiation::from_url(&url)?;
    /// let is_own = |target: &Url| target.origin() == app.origin();
    /// let (request, target) = client.login_initiated(&initiation, is_own)?;
    /// let (url, pending) = request.await?;
    /// # assert!(target.is_some() && server.log_in(url).contains(pending.state()));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`LoginInitiation::accept`].
    pub fn login_initiated(
        &self,
        initiation: &LoginInitiation,
        is_own: impl FnOnce(&Url) -> bool,
    ) -> Result<(AuthorizationRequest, Option<Url>), Error> {
        let request = self.authorization_request();
        let (accepted, target) = initiation.accept(request.request(), is_own)?;
        Ok((request.with_request(accepted), target))
    }
}
