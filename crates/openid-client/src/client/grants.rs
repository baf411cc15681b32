//! Tokens without anybody logging in.

use oauth_core::flow::{ClientCredentialsGrant, GenericGrant, TokenSet};
use oauth_core::wire::Parameters;

use crate::client::Client;
use crate::error::Error;

impl Client {
    /// Gets tokens in the client's own name (RFC 6749 section 4.4). `parameters` are those of the
    /// request, such as `scope` and `resource`; there may be none.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-service").root_certificate_pem(root);
    /// # let client = client.client_secret("a-secret-of-at-least-32-characters").await?;
    /// let scope = [("scope", "read write")];
    /// let tokens = client.client_credentials_grant(scope).await?;
    /// # assert_eq!(tokens.scope(), Some("read write"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`ClientCredentialsGrant`].
    pub async fn client_credentials_grant(
        &self,
        parameters: impl Into<Parameters>,
    ) -> Result<TokenSet, Error> {
        let grant = ClientCredentialsGrant::new(self.configuration().clone());
        self.run(grant.parameters(parameters)).await
    }

    /// Gets tokens by any other grant type (RFC 6749 section 4.5), such as token exchange (RFC 8693),
    /// JWT bearer (RFC 7523) or SAML bearer (RFC 7522), with its parameters.
    ///
    /// `authorization_code` and `refresh_token` are refused: their answers have to be held against
    /// what began the login, for which there are methods of their own.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-service").root_certificate_pem(root);
    /// # let client = client.client_secret("a-secret-of-at-least-32-characters").await?;
    /// # let received = client.client_credentials_grant([("scope", "read")]).await?;
    /// # let received = received.access_token().expose().as_str();
    /// # let access_token = "urn:ietf:params:oauth:token-type:access_token";
    /// # let subject = [("subject_token", received), ("subject_token_type", access_token)];
    /// // `subject` names the token to exchange and its type.
    /// let grant_type = "urn:ietf:params:oauth:grant-type:token-exchange";
    /// let exchanged = client.generic_grant_request(grant_type, subject).await?;
    /// # assert_eq!(exchanged.issued_token_type(), Some(access_token));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`GenericGrant`].
    pub async fn generic_grant_request(
        &self,
        grant_type: impl Into<String>,
        parameters: impl Into<Parameters>,
    ) -> Result<TokenSet, Error> {
        let grant = GenericGrant::new(self.configuration().clone(), grant_type);
        self.run(grant.parameters(parameters)).await
    }
}
