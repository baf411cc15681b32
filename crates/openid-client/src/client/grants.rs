//! Tokens for grants without a login.

use oauth_core::flow::{ClientCredentialsGrant, GenericGrant, TokenSet};
use oauth_core::secret::Secret;
use oauth_core::wire::Parameters;

use crate::client::Client;
use crate::client::requests::request;

impl Client {
    /// Gets tokens for the client itself (RFC 6749 section 4.4). `.await` the request.
    ///
    /// ```
    /// # test_provider::example!(service |client, server| {
    /// let grant = client.client_credentials_grant().scope("read write");
    /// let tokens = grant.await?;
    /// # assert_eq!(tokens.scope(), Some("read write"));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`CoreError::ResponseBody`](crate::CoreError::ResponseBody) and
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge) when the
    /// server refuses; [`CoreError::Rejected`](crate::CoreError::Rejected) when its response fails
    /// a check; [`CoreError::TokensUnverified`](crate::CoreError::TokensUnverified) when the keys
    /// to verify an ID Token cannot be fetched;
    /// [`CoreError::Metadata`](crate::CoreError::Metadata),
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered),
    /// [`CoreError::Key`](crate::CoreError::Key) and
    /// [`CoreError::Entropy`](crate::CoreError::Entropy).
    pub fn client_credentials_grant(&self) -> ClientCredentialsGrantRequest {
        ClientCredentialsGrantRequest {
            request: ClientCredentialsGrant::new(self.configuration().clone()),
            client: self.clone(),
        }
    }

    /// Gets tokens by any other grant type (RFC 6749 section 4.5), for example token exchange (RFC
    /// 8693), JWT bearer (RFC 7523) or SAML bearer (RFC 7522). `.await` the request, after adding
    /// its parameters.
    ///
    /// `authorization_code` and `refresh_token` are refused: the tokens of these grants must be
    /// compared with those of the login, which their own methods do.
    ///
    /// ```
    /// # test_provider::example!(service |client, server| {
    /// # let received = client.client_credentials_grant().scope("read").await?;
    /// # let received = received.access_token().expose().as_str();
    /// # let access_token = "urn:ietf:params:oauth:token-type:access_token";
    /// # let subject = [("subject_token", received), ("subject_token_type", access_token)];
    /// // `subject` names the token to exchange and its type.
    /// let grant_type = "urn:ietf:params:oauth:grant-type:token-exchange";
    /// let grant = client.generic_grant(grant_type);
    /// let exchanged = grant.parameters(subject).await?;
    /// # assert_eq!(exchanged.issued_token_type(), Some(access_token));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::Misuse::InvalidArgument) for a grant type or a parameter
    /// that this method does not send; else as
    /// [`client_credentials_grant`](Self::client_credentials_grant).
    pub fn generic_grant(&self, grant_type: impl Into<String>) -> GenericGrantRequest {
        GenericGrantRequest {
            request: GenericGrant::new(self.configuration().clone(), grant_type),
            client: self.clone(),
        }
    }
}

request! {
    /// A client credentials grant; see [`Client::client_credentials_grant`].
    ClientCredentialsGrantRequest(ClientCredentialsGrant) -> TokenSet, "client_credentials_grant";

    /// The scope to ask for: scope values with single spaces between them. Without it, the server
    /// decides.
    scope(scope: impl Into<String>);

    /// Adds any other parameter, for example `resource` (RFC 8707 section 2). Protocol parameters
    /// take precedence.
    parameter(name: impl Into<String>, value: impl Into<String>);

    /// Adds several parameters.
    parameters(parameters: impl Into<Parameters>);
}

request! {
    /// A grant of any type; see [`Client::generic_grant`].
    GenericGrantRequest(GenericGrant) -> TokenSet, "generic_grant";

    /// The scope to ask for: scope values with single spaces between them. With `openid` among
    /// them, an ID Token must come and is verified.
    scope(scope: impl Into<String>);

    /// Adds any other parameter, for example `audience`, `resource` or `actor_token`. The same name
    /// may be added several times.
    parameter(name: impl Into<String>, value: impl Into<String>);

    /// Adds several parameters.
    parameters(parameters: impl Into<Parameters>);

    /// The nonce that an ID Token must have. Without it, an ID Token with a nonce is refused,
    /// because it belongs to another login.
    expected_nonce(nonce: impl Into<Secret>);
}
