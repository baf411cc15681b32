//! The access token for a request to a protected resource, and the retry with another one.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use oauth_core::endpoint::{AccessToken, ProtectedResourceEndpoint};
use oauth_core::env::Env;
use oauth_core::flow::FetchProtectedResource;
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::source::Invalidation;
use oauth_core::wire::{DraftBody, RequestHeaders, access_token_is_dead};

use crate::client::{Client, TokenSource};
use crate::error::Error;
use crate::host::{BEGINNING, CallersBody, drive};
use crate::http::Body;
use crate::trace;

/// An access token, or a [`TokenSource`] that gives one.
///
/// It converts from everything that converts to an [`AccessToken`], and from a source.
#[derive(Debug, Clone)]
pub struct ResourceToken(Origin);

#[derive(Debug, Clone)]
enum Origin {
    Token(AccessToken),
    Source(TokenSource),
}

impl<T: Into<AccessToken>> From<T> for ResourceToken {
    fn from(token: T) -> Self {
        Self(Origin::Token(token.into()))
    }
}

impl From<TokenSource> for ResourceToken {
    fn from(source: TokenSource) -> Self {
        Self(Origin::Source(source))
    }
}

impl From<&TokenSource> for ResourceToken {
    fn from(source: &TokenSource) -> Self {
        source.clone().into()
    }
}

/// A request that can be sent with one token and then with another.
pub(super) struct Request {
    pub(super) client: Client,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: RequestHeaders,
    body: DraftBody,
    callers_body: CallersBody,
}

impl Request {
    /// A request without headers and body.
    pub(super) fn new(client: Client, method: Method, url: &str) -> Self {
        Self {
            client,
            method,
            url: url.to_owned(),
            headers: RequestHeaders::default(),
            body: DraftBody::Empty,
            callers_body: CallersBody::Spent,
        }
    }

    pub(super) fn set_body(&mut self, body: Bytes) {
        self.body = DraftBody::Bytes(body);
    }

    pub(super) fn set_repeatable_body(&mut self, make: impl Fn() -> Body + Send + Sync + 'static) {
        self.body = DraftBody::Callers { repeatable: true };
        self.callers_body = CallersBody::Repeatable(Arc::new(make));
    }

    pub(super) fn set_body_once(&mut self, body: Body) {
        self.body = DraftBody::Callers { repeatable: false };
        self.callers_body = CallersBody::Once(body);
    }

    /// Sends the request. When the resource refuses a token of a source as invalid, sends it once
    /// more with another token, unless its body cannot be sent again, or the refused token is so
    /// new that another one would be refused as well.
    pub(super) async fn send(mut self, token: ResourceToken) -> Result<Response<Body>, Error> {
        self.headers.check().map_err(oauth_core::Error::from)?;
        let source = match token.0 {
            Origin::Token(token) => return self.send_with(token, &Sends::default()).await,
            Origin::Source(source) => source,
        };
        let sends = Sends::default();
        let tokens = source.token().await?;
        let again = self.again();
        let result = self.send_with((&tokens).into(), &sends).await;
        let within = self.client.configuration().policy().timeout();
        let (result, is_dead) = judged(result, within).await;
        if !is_dead {
            return result;
        }
        let invalidation = source.invalidate(tokens.access_token());
        match again {
            Some(mut again) if invalidation != Invalidation::TooYoung && sends.left() > 0 => {
                let tokens = source.token().await?;
                again.send_with((&tokens).into(), &sends).await
            }
            _ => result,
        }
    }

    async fn send_with(
        &mut self,
        token: AccessToken,
        sends: &Sends,
    ) -> Result<Response<Body>, Error> {
        let configuration = self.client.configuration().clone();
        let headers = std::mem::take(&mut self.headers).into_map();
        let headers = headers.map_err(oauth_core::Error::from)?;
        let resource =
            ProtectedResourceEndpoint::new(configuration, token, self.method.clone(), &self.url)?
                .headers(headers)?
                .body(std::mem::replace(&mut self.body, DraftBody::Empty));
        let call = FetchProtectedResource::new(resource);
        let call = call.at_most(sends.left());
        let body = std::mem::take(&mut self.callers_body);
        let host = self.client.host().with_request_body(body);
        let run = drive(&host, Counted { call, sends });
        let issuer = &self.client.server_metadata().issuer;
        let head = trace::operation("fetch_protected_resource", issuer, run).await?;
        Ok(head.map(|()| host.into_response_body()))
    }

    /// The same request; `None` where its body can be sent only once.
    pub(super) fn again(&self) -> Option<Self> {
        let callers_body = match &self.callers_body {
            CallersBody::Spent => CallersBody::Spent,
            CallersBody::Repeatable(make) => CallersBody::Repeatable(make.clone()),
            CallersBody::Once(_) => return None,
        };
        Some(Self {
            client: self.client.clone(),
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            callers_body,
        })
    }
}

/// The result, and whether it refuses the token as dead. The beginning of the body of a refusal
/// without a challenge is read ahead for that, since the code may be there.
async fn judged(
    result: Result<Response<Body>, Error>,
    within: Duration,
) -> (Result<Response<Body>, Error>, bool) {
    match result {
        Err(error) => {
            let is_dead = error.access_token_is_dead();
            (Err(error), is_dead)
        }
        Ok(response) if MAY_REFUSE.contains(&response.status()) => {
            let (head, body) = response.into_parts();
            let (beginning, body) = body.peek(BEGINNING, within).await;
            let is_dead = access_token_is_dead(head.status, &head.headers, &beginning);
            (Ok(Response::from_parts(head, body)), is_dead)
        }
        other => (other, false),
    }
}

/// The statuses with which a token is refused (RFC 6750 section 3.1).
const MAY_REFUSE: [StatusCode; 3] = [
    StatusCode::BAD_REQUEST,
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
];

/// How many times a request has been sent.
#[derive(Default)]
struct Sends(AtomicU8);

impl Sends {
    fn left(&self) -> u8 {
        MOST_SENDS.saturating_sub(self.0.load(Ordering::Relaxed))
    }
}

/// The first send, one with a nonce and one with another token.
const MOST_SENDS: u8 = 3;

/// A call whose sends are counted.
struct Counted<'a> {
    call: FetchProtectedResource,
    sends: &'a Sends,
}

impl Operation for Counted<'_> {
    type Output = Response<()>;

    fn step(
        &mut self,
        env: &mut Env<'_>,
        event: Event,
    ) -> Result<Action<Self::Output>, oauth_core::Error> {
        let action = self.call.step(env, event)?;
        if let Action::Send(_) = action {
            self.sends.0.fetch_add(1, Ordering::Relaxed);
        }
        Ok(action)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
