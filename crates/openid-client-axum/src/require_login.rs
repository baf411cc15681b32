//! The layer around protected routes.

use std::mem;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http::{Extensions, HeaderValue, Request, Response};
use openid_client::BoxFuture;
use tower_layer::Layer;
use tower_service::Service;

use crate::error::LoginError;
use crate::login::Login;
use crate::page::{escape, page};

/// A layer around routes that need a person who has logged in. A browser that opens a page is sent
/// to the login and comes back to the page; every other request gets the status 401.
///
/// Pages are marked `Cache-Control: no-store`, unless they say otherwise: after a logout, the back
/// button must not show them.
///
/// [`LoginLayer`](crate::LoginLayer) must be around this layer.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequireLogin;

/// The service that [`RequireLogin`] makes.
#[derive(Debug, Clone)]
pub struct RequireLoginService<S>(S);

impl<S> Layer<S> for RequireLogin {
    type Service = RequireLoginService<S>;

    fn layer(&self, inner: S) -> RequireLoginService<S> {
        RequireLoginService(inner)
    }
}

impl<S, B, R> Service<Request<B>> for RequireLoginService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: From<Bytes> + Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<R>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The clone has not been polled, so it stays, and the service that is ready goes.
        let clone = self.0.clone();
        let mut inner = mem::replace(&mut self.0, clone);
        Box::pin(async move {
            if let Some(refusal) = refusal(request.extensions()) {
                return Ok(refusal.map(R::from));
            }
            let mut response = inner.call(request).await?;
            let no_store = HeaderValue::from_static("no-store");
            response
                .headers_mut()
                .entry(CACHE_CONTROL)
                .or_insert(no_store);
            Ok(response)
        })
    }
}

/// The response to a request without a person who has logged in.
pub(crate) fn refusal(extensions: &Extensions) -> Option<Response<Bytes>> {
    match Login::of(extensions) {
        Ok(login) if login.claims().is_some() => None,
        Ok(login) => Some(login.refuse(&LoginError::LoginRequired)),
        Err(error) => Some(bare_page(&error)),
    }
}

/// The page of an error where no [`LoginLayer`](crate::LoginLayer) says how to show it.
pub(crate) fn bare_page(error: &LoginError) -> Response<Bytes> {
    let body = format!("<p>{}</p>", escape(&error.to_string()));
    page(error.status(), error.title(), &body)
}
