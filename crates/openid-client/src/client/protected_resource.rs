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
    /// Uses a resource that an access token opens (RFC 6749 section 7): `.await` the request, after
    /// setting headers and body where it has any.
    ///
    /// The token is presented as its type says, a bound one with a DPoP proof; a nonce that the
    /// resource server asks for is no business of the caller's. The response is whatever the server
    /// answers, a redirect or a `404` too; its body arrives as a stream, of any length.
    ///
    /// With a [`TokenSource`](crate::TokenSource) in the place of a token, a fresh token is used. When
    /// the resource refuses it as invalid, the request is sent once more with the token that replaces
    /// it; with a nonce that the server asks for, three times at most. Where the body can be sent only
    /// once, or the refused token is less than 30 seconds old, the refusal is the result. A bare `401`
    /// counts as such a refusal, as [`access_token_is_dead`](crate::access_token_is_dead) says.
    ///
    /// What a person has to do before the resource can be used, such as a login by another method, is
    /// in [`step_up`](oauth_core::Error::step_up) of the error.
    ///
    /// Only a refusal with a challenge is an error. Of others, such as a bare `401`,
    /// [`access_token_is_dead`](crate::access_token_is_dead) says whether another token is needed.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let key = openid_client::jose::SigningKey::generate(openid_client::jose::SignatureAlgorithm::ES256)?;
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).dpop_key(key);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let (url, pending) = client.authorization_request().begin().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # let url = server.provider().url(test_provider::Endpoint::Resource);
    /// use openid_client::http::Method;
    ///
    /// let request = client.fetch_protected_resource(&tokens, Method::POST, &url);
    /// let response = request.body("hello").await?;
    /// assert_eq!(response.status(), 200);
    /// let answer = response.into_body().collect(10_000).await?;
    /// # assert!(str::from_utf8(&answer)?.contains("hello"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Of the awaited request: [`oauth_core::Error::WwwAuthenticateChallenge`] when the server
    /// refuses the token; [`oauth_core::Error::Metadata`] when the URL's scheme is not allowed;
    /// [`Misuse`] when URL, method or a header cannot be used, when the token is bound to another
    /// key, and [`Misuse::BodySpent`] when the server asks for a nonce after a body
    /// [that is there only once](ProtectedResourceRequest::body_once);
    /// [`oauth_core::Error::Unanswered`] and [`oauth_core::Error::Key`].
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
    /// The first header that was refused.
    refused: Option<Misuse>,
}

impl ProtectedResourceRequest {
    /// Adds a header. `Authorization` and `DPoP` are made from the access token and refused here.
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

    /// A body in memory.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = DraftBody::Bytes(body.into());
        self
    }

    /// A body that is made when it is sent, and once more when the server asks for a DPoP nonce.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let key = openid_client::jose::SigningKey::generate(openid_client::jose::SignatureAlgorithm::ES256)?;
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).dpop_key(key);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let (url, pending) = client.authorization_request().begin().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # let url = server.provider().url(test_provider::Endpoint::Resource);
    /// use openid_client::http::{Body, Bytes, Method};
    ///
    /// let request = client.fetch_protected_resource(&tokens, Method::POST, &url);
    /// let body = || Body::from(Bytes::from_static(b"hello"));
    /// let response = request.repeatable_body(body).await?;
    /// # assert_eq!(response.status(), 200);
    /// # Ok(()) });
    /// ```
    pub fn repeatable_body(mut self, make: impl Fn() -> Body + Send + Sync + 'static) -> Self {
        self.body = DraftBody::Callers { repeatable: true };
        self.callers_body = CallersBody::Repeatable(Arc::new(make));
        self
    }

    /// A body that is there only once, such as one that is being received from elsewhere. When the
    /// server asks for a DPoP nonce after it, the request fails with [`Misuse::BodySpent`]; the
    /// nonce is remembered, and the next request will do.
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
