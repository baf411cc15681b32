//! Requests to protected resources.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, Response};

use crate::client::Client;
use crate::client::resource_token::{Request, ResourceToken};
use crate::error::Error;
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
    /// [`Misuse::BodySpent`](crate::Misuse::BodySpent) when the server asks for a nonce after a
    /// body that [can be sent only once](ProtectedResourceRequest::body_once);
    /// [`CoreError::Unanswered`](crate::CoreError::Unanswered) and
    /// [`CoreError::Key`](crate::CoreError::Key).
    pub fn fetch_protected_resource(
        &self,
        access_token: impl Into<ResourceToken>,
        method: Method,
        url: impl AsRef<str>,
    ) -> ProtectedResourceRequest {
        ProtectedResourceRequest {
            access_token: access_token.into(),
            request: Request::new(self.clone(), method, url.as_ref()),
        }
    }
}

/// A request to a protected resource; see [`Client::fetch_protected_resource`].
#[must_use = "a request does nothing until it is awaited"]
pub struct ProtectedResourceRequest {
    access_token: ResourceToken,
    request: Request,
}

impl ProtectedResourceRequest {
    /// Adds a header. `Authorization` and `DPoP` are refused, because they come from the access
    /// token.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request.headers.append(name, value);
        self
    }

    /// Adds headers.
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.request.headers.extend(headers);
        self
    }

    /// The body, from memory.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.request.set_body(body.into());
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
        self.request.set_repeatable_body(make);
        self
    }

    /// A body that can be sent only once, for example one that is being received from elsewhere.
    /// When the server then asks for a DPoP nonce, the request fails with
    /// [`Misuse::BodySpent`](crate::Misuse::BodySpent). The nonce is remembered, so that the next
    /// request succeeds.
    pub fn body_once(mut self, body: Body) -> Self {
        self.request.set_body_once(body);
        self
    }
}

impl IntoFuture for ProtectedResourceRequest {
    type Output = Result<Response<Body>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.request.send(self.access_token))
    }
}

impl fmt::Debug for ProtectedResourceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectedResourceRequest")
            .field("method", &self.request.method)
            .finish_non_exhaustive()
    }
}
