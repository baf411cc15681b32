//! Requests to protected resources.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use oauth_core::error::Misuse;
use oauth_core::wire::DraftBody;

use crate::client::Client;
use crate::client::resource_token::{Request, ResourceToken};
use crate::error::Error;
use crate::host::CallersBody;
use crate::http::{Body, BoxFuture};

impl Client {
    /// Sends a request to a protected resource with an access token (RFC 6749 section 7). `.await`
    /// the request, after setting its headers and body.
    ///
    /// The token is sent as its type requires: a token that is bound to a DPoP key is sent with a
    /// proof, and when the resource server asks for a nonce, the request is sent once more with it.
    /// Every answer of the server is returned as the response, including a redirect or a `404`. Its
    /// body arrives as a stream of any length.
    ///
    /// In place of a token, a [`TokenSource`](crate::TokenSource) gives a token that is still
    /// valid. When the resource refuses the token as invalid, the request is sent once more with a
    /// new one. With a nonce as well, it is sent at most three times. When the body cannot be sent
    /// again, or the refused token is less than 30 seconds old, the refusal is the result. A `401`
    /// without a challenge counts as such a refusal, as
    /// [`access_token_is_dead`](crate::access_token_is_dead) says.
    ///
    /// Only a refusal with a challenge is an error. For other responses, for example a `401`
    /// without a challenge, [`access_token_is_dead`](crate::access_token_is_dead) says whether
    /// another token is needed. [`CoreError::step_up`](crate::CoreError::step_up) of the error says
    /// what the person has to do before the resource can be used, for example log in by another
    /// method.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # let key = openid_client::jose::SigningKey::generate(openid_client::jose::SignatureAlgorithm::ES256)?;
    /// # let client = client.with_dpop_key(key)?;
    /// # let (url, pending) = client.authorization_request().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # let url = server.provider().url(test_provider::Endpoint::Resource);
    /// use openid_client::http::Method;
    ///
    /// let request = client.fetch_protected_resource(&tokens, Method::POST, &url);
    /// let response = request.body("hello").await?;
    /// assert_eq!(response.status(), 200);
    /// let answer = response.into_body().collect(10_000).await?;
    /// # assert!(str::from_utf8(&answer)?.contains("hello"));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The awaited request fails with
    /// [`CoreError::WwwAuthenticateChallenge`](crate::CoreError::WwwAuthenticateChallenge) when the
    /// server refuses the token; [`CoreError::Metadata`](crate::CoreError::Metadata) when the
    /// policy does not permit the URL's scheme; [`CoreError::Misuse`](crate::CoreError::Misuse)
    /// when URL, method or a header is not valid, when the token is bound to another key, and with
    /// [`Misuse::BodySpent`] when the server asks for a nonce after a body that [can be sent only
    /// once](ProtectedResourceRequest::body_once);
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered) and
    /// [`CoreError::Key`](crate::CoreError::Key).
    pub fn fetch_protected_resource(
        &self,
        access_token: impl Into<ResourceToken>,
        method: Method,
        url: impl AsRef<str>,
    ) -> ProtectedResourceRequest {
        ProtectedResourceRequest {
            client: self.clone(),
            access_token: access_token.into(),
            method,
            url: url.as_ref().to_owned(),
            headers: HeaderMap::new(),
            body: DraftBody::Empty,
            callers_body: CallersBody::Spent,
            refused: None,
        }
    }
}

/// A request to a protected resource; see [`Client::fetch_protected_resource`].
#[must_use = "a request does nothing until it is awaited"]
pub struct ProtectedResourceRequest {
    client: Client,
    access_token: ResourceToken,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: DraftBody,
    callers_body: CallersBody,
    /// The first header that was not valid.
    refused: Option<Misuse>,
}

impl ProtectedResourceRequest {
    /// Adds a header. `Authorization` and `DPoP` are refused, because they come from the access
    /// token.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => {
                self.headers.append(name, value);
            }
            _ => {
                self.refused.get_or_insert_with(|| Misuse::InvalidArgument {
                    argument: "header",
                    expected: "a name and a value that HTTP allows",
                    found: name.escape_debug().to_string(),
                });
            }
        }
        self
    }

    /// Adds headers.
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// The body, from memory.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = DraftBody::Bytes(body.into());
        self
    }

    /// A body that a function makes when it is sent, and again when the request is sent once more.
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// # let url = server.provider().url(test_provider::Endpoint::Resource);
    /// use openid_client::http::{Body, Bytes, Method};
    ///
    /// let request = client.fetch_protected_resource(&tokens, Method::POST, &url);
    /// let body = || Body::from(Bytes::from_static(b"hello"));
    /// let response = request.repeatable_body(body).await?;
    /// # assert_eq!(response.status(), 200);
    /// # });
    /// ```
    pub fn repeatable_body(mut self, make: impl Fn() -> Body + Send + Sync + 'static) -> Self {
        self.body = DraftBody::Callers { repeatable: true };
        self.callers_body = CallersBody::Repeatable(Arc::new(make));
        self
    }

    /// A body that can be sent only once, for example one that is being received from elsewhere.
    /// When the server then asks for a DPoP nonce, the request fails with [`Misuse::BodySpent`].
    /// The nonce is remembered, so that the next request succeeds.
    pub fn body_once(mut self, body: Body) -> Self {
        self.body = DraftBody::Callers { repeatable: false };
        self.callers_body = CallersBody::Once(body);
        self
    }

    async fn send(self) -> Result<Response<Body>, Error> {
        if let Some(refused) = self.refused {
            return Err(oauth_core::Error::from(refused).into());
        }
        let request = Request {
            client: self.client,
            method: self.method,
            url: self.url,
            headers: self.headers,
            body: self.body,
            callers_body: self.callers_body,
        };
        request.send(self.access_token).await
    }
}

impl IntoFuture for ProtectedResourceRequest {
    type Output = Result<Response<Body>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for ProtectedResourceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectedResourceRequest")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
