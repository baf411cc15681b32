//! A request to a protected resource, and the login for a further scope.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response};
use oauth_core::error::{Artefact, Reason, Rejection, StepUp};
use oauth_core::flow::TokenSet;
use oauth_core::metadata::Scope;
use oauth_core::validate::ResourceChallenge;
use url::Url;

use super::access::{Held, ResourceAccess, granted};
use crate::client::resource_token::Request;
use crate::error::Error;
use crate::http::{Body, BoxFuture};

/// A scope that a resource needs, and that was not granted; see
/// [`ClientBuilder::further_scope`](crate::ClientBuilder::further_scope).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FurtherScope {
    /// The scope that earlier logins asked for.
    pub requested: Scope,
    /// The scope that the resource needs for this request.
    pub challenged: Scope,
    /// Both, so that the permissions for other operations stay.
    pub proposed: Scope,
}

/// A request to a protected resource; see [`ResourceAccess::fetch`].
#[must_use = "a request does nothing until it is awaited"]
pub struct ResourceAccessRequest {
    access: ResourceAccess,
    request: Request,
    browser: Option<Arc<Browser>>,
}

type Browser = dyn Fn(Url) -> BoxFuture<'static, Option<String>> + Send + Sync;

impl ResourceAccessRequest {
    pub(super) fn new(access: ResourceAccess, method: Method, url: &str) -> Self {
        let client = access.client.client().clone();
        Self {
            access,
            request: Request::new(client, method, url),
            browser: None,
        }
    }

    /// Adds a header. `Authorization` and `DPoP` are refused, because they come from the access
    /// token.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request.headers.append(name, value);
        self
    }

    /// The body, from memory.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.request.set_body(body.into());
        self
    }

    /// A body that a function makes when it is sent, and again when the request is sent once more.
    pub fn repeatable_body(mut self, make: impl Fn() -> Body + Send + Sync + 'static) -> Self {
        self.request.set_repeatable_body(make);
        self
    }

    /// Lets the person log in for a further scope when the resource refuses the request with
    /// `insufficient_scope`, and then sends the request once more. This happens at most once; a
    /// second refusal is the result. Without it, the first one is.
    ///
    /// `open` sends the browser to the URL, which is https unless the policy permits http, and
    /// returns the URL at which the browser came back; `None` if the person does not want to, and
    /// then the refusal is the result. [`further_scope`](crate::ClientBuilder::further_scope)
    /// decides before what to ask for. Nobody is asked if the scope of the challenge has been
    /// granted, or if the challenge names none, or if another request has brought new tokens in the
    /// meantime. Requests that are refused at the same time ask for themselves.
    pub fn step_up<F>(mut self, open: impl Fn(Url) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<String>> + Send + 'static,
    {
        self.browser = Some(Arc::new(move |url| Box::pin(open(url))));
        self
    }

    async fn send(self) -> Result<Response<Body>, Error> {
        let mut request = self.request;
        request.headers.check().map_err(oauth_core::Error::from)?;
        let policy = request.client.configuration().policy();
        let resource = self.access.client.resource();
        request.url = resource.url_within(&request.url, policy)?.into();
        let again = self.browser.as_ref().and_then(|_| request.again());
        let before = self.access.held();
        let error = match request.send((&before.source).into()).await {
            Err(error) => error,
            done => return done,
        };
        let (Some(browser), Some(again)) = (self.browser, again) else {
            return Err(error);
        };
        match self.access.step_up(&error, &before, &*browser).await? {
            Some(held) => again.send((&held.source).into()).await,
            None => Err(error),
        }
    }
}

impl ResourceAccess {
    /// Logs the person in for the scope that a refusal asks for. `None` if it asks for none, or if
    /// the application or the person declines.
    async fn step_up(
        &self,
        refusal: &Error,
        before: &Held,
        browser: &Browser,
    ) -> Result<Option<Held>, Error> {
        let Some(challenge) = insufficient_scope(refusal)? else {
            return Ok(None);
        };
        let held = self.held();
        // Another request has stepped up in the meantime.
        if held.logins != before.logins {
            return Ok(Some(held));
        }
        let Some(challenged) = challenge.scope().cloned() else {
            return Ok(None);
        };
        let tokens = held.source.token().await?;
        let is_granted = |granted: Scope| challenged.values().all(|value| granted.contains(value));
        if granted(&tokens, held.granted.as_ref()).is_some_and(is_granted) {
            return Ok(None);
        }
        let further = FurtherScope {
            proposed: challenge.further_scope(&held.requested)?,
            requested: held.requested,
            challenged,
        };
        let chosen = match &self.client.further_scope {
            Some(choose) => choose(&further),
            None => Some(further.proposed),
        };
        let Some(scope) = chosen else {
            return Ok(None);
        };
        let (url, pending) = self.client.request_for(&scope).await?;
        let Some(callback) = browser(url).await else {
            return Ok(None);
        };
        let renewed = self.client.redeem(pending, callback.as_str()).await?;
        check_person(&tokens, &renewed)?;
        self.replace(renewed, scope)?;
        Ok(Some(self.held()))
    }
}

/// The challenge of a refusal with `insufficient_scope` (RFC 6750 section 3.1).
fn insufficient_scope(refusal: &Error) -> Result<Option<ResourceChallenge>, Error> {
    match refusal.core() {
        Some(oauth_core::Error::WwwAuthenticateChallenge(refused))
            if matches!(refused.step_up(), Some(StepUp::InsufficientScope { .. })) =>
        {
            Ok(Some(ResourceChallenge::of_response(&refused.headers)?))
        }
        _ => Ok(None),
    }
}

/// Refuses a login of another person, where both logins say who it was.
fn check_person(before: &TokenSet, renewed: &TokenSet) -> Result<(), Error> {
    match (before.login(), renewed.id_token()) {
        (Some(login), Some(id_token)) if login.sub() != id_token.sub() => {
            let reason = Reason::ClaimMismatch {
                claim: "sub",
                expected: Some(login.sub().escape_debug().to_string()),
                found: Some(id_token.sub().escape_debug().to_string()),
            };
            let rejection = Rejection::new(Artefact::IdToken, reason);
            Err(oauth_core::Error::from(Arc::new(rejection)).into())
        }
        _ => Ok(()),
    }
}

impl IntoFuture for ResourceAccessRequest {
    type Output = Result<Response<Body>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for ResourceAccessRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceAccessRequest")
            .field("method", &self.request.method)
            .finish_non_exhaustive()
    }
}
