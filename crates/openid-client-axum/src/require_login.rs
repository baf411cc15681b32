//! The layer around protected routes.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use openid_client::BoxFuture;
use tower_layer::Layer;
use tower_service::Service;

use crate::error::LoginError;
use crate::login::Login;
use crate::page::{escape, page};

/// A layer around routes that need a person who has logged in. A browser that opens a page is sent
/// to the login and comes back to the page; every other request gets the status 401.
///
/// [`LoginLayer`](crate::LoginLayer) must be around this layer.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequireLogin;

/// A layer around routes that need a person who has logged in at certain clients; see
/// [`RequireLogin::at`].
#[derive(Debug, Clone)]
pub struct RequireLoginAt(Arc<[String]>);

/// The service that [`RequireLogin`] and [`RequireLoginAt`] make.
#[derive(Debug, Clone)]
pub struct RequireLoginService<S> {
    inner: S,
    /// The names of the clients; `None` for each of the layer.
    clients: Option<Arc<[String]>>,
}

impl RequireLogin {
    /// Routes that need a person who has logged in at one of these clients of the layer. Someone
    /// who has logged in at another client is sent to a login, as if no one had logged in, and
    /// [`Claims`](crate::Claims) and [`AccessToken`](crate::AccessToken) are of these clients
    /// alone.
    ///
    /// Every request gets the status 500 ([`LoginError::NoSuchClient`]) when the layer has no
    /// client of such a name, and when there is no name.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use openid_client_axum::{AccessToken, RequireLogin};
    ///
    /// async fn repositories(token: AccessToken) -> String {
    ///     format!("a token of {}", token.client_name())
    /// }
    ///
    /// let routes: Router = Router::new()
    ///     .route("/repositories", get(repositories))
    ///     .route_layer(RequireLogin::at(["forge"]));
    /// # drop(routes);
    /// ```
    pub fn at(clients: impl IntoIterator<Item = impl Into<String>>) -> RequireLoginAt {
        RequireLoginAt(clients.into_iter().map(Into::into).collect())
    }
}

impl<S> Layer<S> for RequireLogin {
    type Service = RequireLoginService<S>;

    fn layer(&self, inner: S) -> RequireLoginService<S> {
        RequireLoginService {
            inner,
            clients: None,
        }
    }
}

impl<S> Layer<S> for RequireLoginAt {
    type Service = RequireLoginService<S>;

    fn layer(&self, inner: S) -> RequireLoginService<S> {
        RequireLoginService {
            inner,
            clients: Some(Arc::clone(&self.0)),
        }
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
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The clone has not been polled, so it stays, and the service that is ready goes.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let clients = self.clients.clone();
        Box::pin(async move {
            match admitted(&request, clients.as_deref()) {
                Ok(login) => request.extensions_mut().insert(login),
                Err(refusal) => return Ok((*refusal).map(R::from)),
            };
            inner.call(request).await
        })
    }
}

/// The login of a request whose person may see the route, or the response to the request.
fn admitted<B>(
    request: &Request<B>,
    clients: Option<&[String]>,
) -> Result<Login, Box<Response<Bytes>>> {
    let login = Login::of(request.extensions()).map_err(|error| Box::new(bare_page(&error)))?;
    let login = match clients {
        None => login.clone(),
        Some(clients) => {
            let at_clients = login.at(clients.iter().cloned());
            at_clients.map_err(|error| Box::new(login.refuse(&error)))?
        }
    };
    match login.claims() {
        Some(_) => Ok(login),
        None => Err(Box::new(login.refuse(&LoginError::LoginRequired))),
    }
}

/// The page of an error where no [`LoginLayer`](crate::LoginLayer) says how to show it.
pub(crate) fn bare_page(error: &LoginError) -> Response<Bytes> {
    let body = format!("<p>{}</p>", escape(&error.to_string()));
    page(error.status(), error.title(), &body)
}
