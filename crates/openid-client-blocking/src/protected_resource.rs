//! Requests to protected resources.

use std::fmt;

use bytes::Bytes;
use http::{Method, Response};
use oauth_core::endpoint::{AccessToken, ProtectedResourceEndpoint};
use oauth_core::flow::FetchProtectedResource;
use oauth_core::run::run;
use oauth_core::wire::{DraftBody, RequestHeaders};

use crate::client::Client;
use crate::error::Error;

/// A request to a protected resource; see [`Client::fetch_protected_resource`].
#[must_use = "a request does nothing until it is sent"]
pub struct ProtectedResourceRequest {
    client: Client,
    access_token: AccessToken,
    method: Method,
    url: String,
    headers: RequestHeaders,
    body: DraftBody,
    cap: usize,
}

impl ProtectedResourceRequest {
    pub(crate) fn new(
        client: &Client,
        access_token: AccessToken,
        method: Method,
        url: &str,
    ) -> Self {
        Self {
            client: client.clone(),
            access_token,
            method,
            url: url.to_owned(),
            headers: RequestHeaders::default(),
            body: DraftBody::Empty,
            cap: client.configuration().policy().body_cap(),
        }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = DraftBody::Bytes(body.into());
        self
    }

    /// Sets the most bytes of the body of the response, in place of the policy's limit.
    pub fn body_cap(mut self, bytes: usize) -> Self {
        self.cap = bytes;
        self
    }

    /// Sends the request, and returns the response of the resource with its whole body. A response
    /// with any status is returned unless it refuses the access token. Sends one request, or two
    /// when the access token is bound to a DPoP key and the server asks for a nonce.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::Misuse::InvalidArgument) for a URL or a header that cannot
    /// be sent;
    /// [`WwwAuthenticateChallenge`](oauth_core::Error::WwwAuthenticateChallenge) for a response
    /// that refuses the access token; [`NoAnswer`](crate::NoAnswer) when no response comes.
    pub fn send(self) -> Result<Response<Bytes>, Error> {
        let headers = self.headers.into_map()?;
        let configuration = self.client.configuration().clone();
        let resource = ProtectedResourceEndpoint::new(
            configuration,
            self.access_token,
            self.method,
            &self.url,
        )?;
        let resource = resource.headers(headers)?.body(self.body);
        let host = self.client.host().with_streamed_cap(self.cap);
        let head = run(&host, FetchProtectedResource::new(resource))?;
        Ok(head.map(|()| host.into_body()))
    }
}

impl fmt::Debug for ProtectedResourceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectedResourceRequest")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
