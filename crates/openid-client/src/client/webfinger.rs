//! The issuer of a person.

use oauth_core::endpoint::{UserIdentifier, WebFingerEndpoint};
use oauth_core::flow::FindIssuer;

use crate::client::Client;
use crate::error::Error;

impl Client {
    /// Finds the issuer of a person by WebFinger (OpenID Connect Discovery 1.0 section 2).
    /// `identifier` is what the person types, for example `joe@example.com` or a URL; see
    /// [`UserIdentifier::parse`].
    ///
    /// The request goes to the host of the identifier, on the terms of this client: its transport,
    /// its deadline and its [destination policy](crate::ClientBuilder::destination_policy). Set a
    /// destination policy, for example [`PublicAddresses`](crate::http::PublicAddresses), because
    /// strangers choose the host. The issuer need not be that of this client.
    ///
    /// Anyone can name any issuer. Continue with a client that was registered at exactly this
    /// issuer, and never send it the credentials of another one.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let client = Client::discover(issuer, "my-app").root_certificate_pem(root).await?;
    /// # let identifier = format!("{issuer}/alice");
    /// let found = client.find_issuer(&identifier).await?;
    /// # assert_eq!(found, issuer);
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`oauth_core::Error::Rejected`] for the identifier, or for the response: a status other than
    /// 200, or no https issuer in it; [`oauth_core::Error::Unanswered`].
    pub async fn find_issuer(&self, identifier: &str) -> Result<String, Error> {
        let identifier = UserIdentifier::parse(identifier)?;
        let policy = self.configuration.policy().clone();
        self.run_as(
            "find_issuer",
            FindIssuer::new(WebFingerEndpoint::new(identifier, policy)),
        )
        .await
    }
}
