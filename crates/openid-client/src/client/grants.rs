//! Tokens without anybody logging in.

use oauth_core::flow::ClientCredentialsGrant;
use oauth_core::flow::GenericGrant;
use oauth_core::flow::TokenSet;
use oauth_core::wire::Parameters;

use crate::client::Client;
use crate::error::Error;

impl Client {
    /// Gets tokens in the client's own name (RFC 6749 section 4.4). `parameters` are those of the
    /// request, such as `scope` and `resource`; there may be none.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # use test_provider::{ClientAuthentication, ClientRegistration, Provider};
    /// # use test_provider::server::{Scheme, Server};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Server::start(Scheme::Https, Provider::new).await?;
    /// # let secret = ClientAuthentication::ClientSecretPost("hunter2hunter2".to_owned());
    /// # server.provider().register(ClientRegistration::new("my-service", secret));
    /// # let client = Client::discover(server.url(), "my-service")
    /// #     .client_secret("hunter2hunter2")
    /// #     .root_certificate_pem(server.ca_certificate_pem())
    /// #     .await?;
    /// let tokens = client.client_credentials_grant([("scope", "read write")]).await?;
    /// # assert_eq!(tokens.scope(), Some("read write"));
    /// # Ok(())
    /// # }
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
    /// # use test_provider::{ClientAuthentication, ClientRegistration, Provider};
    /// # use test_provider::server::{Scheme, Server};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Server::start(Scheme::Https, Provider::new).await?;
    /// # let secret = ClientAuthentication::ClientSecretPost("hunter2hunter2".to_owned());
    /// # server.provider().register(ClientRegistration::new("my-service", secret));
    /// # let client = Client::discover(server.url(), "my-service")
    /// #     .client_secret("hunter2hunter2")
    /// #     .root_certificate_pem(server.ca_certificate_pem())
    /// #     .await?;
    /// # let tokens = client.client_credentials_grant([("scope", "read write")]).await?;
    /// # let received = tokens.access_token().expose().as_str();
    /// let token_exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    /// let access_token = "urn:ietf:params:oauth:token-type:access_token";
    /// let subject = [("subject_token", received), ("subject_token_type", access_token)];
    /// let exchanged = client.generic_grant_request(token_exchange, subject).await?;
    /// # assert_eq!(exchanged.issued_token_type(), Some(access_token));
    /// # Ok(())
    /// # }
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
