//! Questions about a token, and its revocation.

use oauth_core::endpoint::{IntrospectionEndpoint, IntrospectionResponse, RevocationEndpoint};
use oauth_core::flow::{TokenIntrospection, TokenRevocation};
use oauth_core::secret::Secret;

use crate::client::Client;
use crate::error::Error;
use crate::http::BoxFuture;

impl Client {
    /// Asks the server about an access or refresh token (RFC 7662), for example as a resource
    /// server that received it. `.await` the request.
    ///
    /// An active token may still be for another resource, permit less than the request needs, or
    /// belong to another sender: compare [`aud`](IntrospectionResponse::aud),
    /// [`scope`](IntrospectionResponse::has_scope) and [`cnf`](IntrospectionResponse::cnf) with the
    /// request.
    ///
    /// When the client has registered `introspection_signed_response_alg`, the response must be
    /// signed (RFC 9701), and the signature is verified.
    ///
    /// ```
    /// # test_provider::example!(service |client, server| {
    /// # let tokens = client.client_credentials_grant().scope("read write").await?;
    /// # let received = tokens.access_token();
    /// let token = client.token_introspection(received).await?;
    /// let may_write = token.active() && token.has_scope("write");
    /// # assert!(may_write && !token.has_scope("admin"));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`CoreError::ResponseBody`](crate::CoreError::ResponseBody) and
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge) when the
    /// server refuses; [`CoreError::Rejected`](crate::CoreError::Rejected) when its response fails
    /// a check; [`CoreError::Unsupported`](crate::CoreError::Unsupported) when it is encrypted and
    /// the client has no key for it; [`CoreError::Metadata`](crate::CoreError::Metadata),
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered),
    /// [`CoreError::Key`](crate::CoreError::Key) and
    /// [`CoreError::Entropy`](crate::CoreError::Entropy).
    pub fn token_introspection(&self, token: impl Into<Secret>) -> TokenIntrospectionRequest {
        TokenIntrospectionRequest {
            request: IntrospectionEndpoint::new(self.configuration().clone(), token),
            client: self.clone(),
        }
    }

    /// Revokes an access or refresh token (RFC 7009). `.await` the request. Revoke the refresh
    /// token at a logout: the server then also revokes the access tokens that came from it.
    ///
    /// ```
    /// # test_provider::example!(service |client, server| {
    /// # let tokens = client.client_credentials_grant().scope("read write").await?;
    /// client.token_revocation(tokens.access_token()).await?;
    /// # assert!(!client.token_introspection(tokens.access_token()).await?.active());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// After any error, assume that the token is still valid.
    /// [`CoreError::ResponseBody`](crate::CoreError::ResponseBody) and
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge) when the
    /// server refuses; [`CoreError::Rejected`](crate::CoreError::Rejected) for another status;
    /// [`CoreError::Metadata`](crate::CoreError::Metadata),
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered),
    /// [`CoreError::Key`](crate::CoreError::Key) and
    /// [`CoreError::Entropy`](crate::CoreError::Entropy).
    pub fn token_revocation(&self, token: impl Into<Secret>) -> TokenRevocationRequest {
        TokenRevocationRequest {
            request: RevocationEndpoint::new(self.configuration().clone(), token),
            client: self.clone(),
        }
    }
}

/// A request about one token, with its setters.
macro_rules! token_request {
    (
        $(#[$documentation:meta])*
        $name:ident($endpoint:ty, $operation:ty) -> $output:ty,
        $method:literal
    ) => {
        $(#[$documentation])*
        #[derive(Debug)]
        #[must_use = "a request does nothing until it is awaited"]
        pub struct $name {
            client: Client,
            request: $endpoint,
        }

        impl $name {
            /// The kind of the token, `access_token` or `refresh_token`, so that the server finds
            /// it faster.
            pub fn token_type_hint(self, hint: impl Into<String>) -> Self {
                self.parameter("token_type_hint", hint)
            }

            /// Adds any other parameter. Protocol parameters take precedence.
            pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.request.parameters.append(name, value);
                self
            }
        }

        impl IntoFuture for $name {
            type Output = Result<$output, Error>;
            type IntoFuture = BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                let Self { client, request } = self;
                Box::pin(async move { client.run_as($method, <$operation>::new(request)).await })
            }
        }
    };
}

token_request! {
    /// A question about a token; see [`Client::token_introspection`].
    TokenIntrospectionRequest(IntrospectionEndpoint, TokenIntrospection)
        -> IntrospectionResponse, "token_introspection"
}

token_request! {
    /// The revocation of a token; see [`Client::token_revocation`].
    TokenRevocationRequest(RevocationEndpoint, TokenRevocation) -> (), "token_revocation"
}
