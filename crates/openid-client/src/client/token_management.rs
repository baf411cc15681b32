//! What the server knows of a token, and making it forget one.

use oauth_core::endpoint::{IntrospectionEndpoint, IntrospectionResponse, RevocationEndpoint};
use oauth_core::flow::{TokenIntrospection, TokenRevocation};
use oauth_core::secret::Secret;

use crate::client::Client;
use crate::error::Error;

impl Client {
    /// Asks the server about an access or refresh token (RFC 7662), as a resource server does with
    /// one that it has received. A client that has registered `introspection_signed_response_alg` gets
    /// the answer signed (RFC 9701), and it is verified.
    ///
    /// For further parameters, such as `token_type_hint`, [`run`](Self::run) a
    /// [`TokenIntrospection`].
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-service").root_certificate_pem(root);
    /// # let client = client.client_secret("a-secret-of-at-least-32-characters").await?;
    /// # let tokens = client.client_credentials_grant([("scope", "read write")]).await?;
    /// # let received = tokens.access_token();
    /// let token = client.token_introspection(received).await?;
    /// if token.active() {
    ///     println!("good for {}", token.scope().unwrap_or("nothing"));
    /// }
    /// # assert_eq!(token.scope(), Some("read write"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`TokenIntrospection`].
    pub async fn token_introspection(
        &self,
        token: impl Into<Secret>,
    ) -> Result<IntrospectionResponse, Error> {
        let question = IntrospectionEndpoint::new(self.configuration().clone(), token);
        self.run(TokenIntrospection::new(question)).await
    }

    /// Makes an access or refresh token worthless (RFC 7009). With a refresh token goes all that came
    /// from it, so that is the one to revoke at a logout.
    ///
    /// For further parameters, such as `token_type_hint`, [`run`](Self::run) a [`TokenRevocation`].
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-service").root_certificate_pem(root);
    /// # let client = client.client_secret("a-secret-of-at-least-32-characters").await?;
    /// # let tokens = client.client_credentials_grant([("scope", "read write")]).await?;
    /// client.token_revocation(tokens.access_token()).await?;
    /// # assert!(!client.token_introspection(tokens.access_token()).await?.active());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// After any of them the token must be taken to be good still:
    /// [`oauth_core::Error::ResponseBody`] and [`oauth_core::Error::WwwAuthenticateChallenge`] when
    /// the server refuses, [`oauth_core::Error::Rejected`] for another status,
    /// [`oauth_core::Error::Metadata`], [`oauth_core::Error::Unanswered`],
    /// [`oauth_core::Error::Key`] and [`oauth_core::Error::Entropy`].
    pub async fn token_revocation(&self, token: impl Into<Secret>) -> Result<(), Error> {
        let revocation = RevocationEndpoint::new(self.configuration().clone(), token);
        self.run(TokenRevocation::new(revocation)).await
    }
}
