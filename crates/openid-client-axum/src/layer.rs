//! The layer and its service.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Body;
use openid_client::BoxFuture;
use tower_layer::Layer;
use tower_service::Service;

use crate::error::LoginError;
use crate::login::Login;
use crate::routes::{Route, answer};
use crate::settings::Settings;

/// A layer that logs people in, for every `tower` service of HTTP requests: a router of axum, or a
/// service of hyper. It must be around all routes that use it.
///
/// It answers these paths itself, and gives every other request a [`Login`] in its extensions:
///
/// | path | what it does |
/// |---|---|
/// | `/auth/login` | begins a login; `?return_to=/x` names the page to return to, `?client=name` the client. With several clients and without a name, it shows a page to choose one. |
/// | the path of the redirect URI | takes the callback, by query or by form post, and begins the session |
/// | `/auth/logout` | ends the session on a POST request, here and at the provider; shows a button on a GET request |
/// | `/auth/logged-out` | takes the return from the provider's logout |
/// | `/auth/backchannel-logout/name` | takes the logout tokens of the provider of the client with this name |
/// | `/auth/frontchannel-logout/name` | is loaded by the logout page of the provider, if [`front_channel_logout`](crate::LoginLayerBuilder::front_channel_logout) is set |
///
/// A response for which the application has asked who has logged in is marked `Cache-Control:
/// no-store`, unless it says otherwise: after a logout, the back button must not show it.
#[derive(Debug, Clone)]
pub struct LoginLayer(Arc<Settings>);

/// The service that [`LoginLayer`] makes.
#[derive(Debug, Clone)]
pub struct LoginService<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl LoginLayer {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(Arc::new(settings))
    }
}

impl<S> Layer<S> for LoginLayer {
    type Service = LoginService<S>;

    fn layer(&self, inner: S) -> LoginService<S> {
        LoginService {
            inner,
            settings: Arc::clone(&self.0),
        }
    }
}

impl<S, B, R> Service<Request<B>> for LoginService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    R: From<Bytes> + Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<R>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The clone has not been polled, so it stays, and the service that is ready goes.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let settings = Arc::clone(&self.settings);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let outer = parts.extensions.get::<Login>();
            if outer.is_some_and(|outer| outer.collides_with(&settings)) {
                let error = LoginError::LayersCollide;
                return Ok(settings.error_page(&error).map(R::from));
            }
            if let Some(route) = Route::of(&settings, parts.uri.path()) {
                let response = answer(&settings, route, &parts, body).await;
                return Ok(response.map(R::from));
            }
            let recalled = match settings.recall(&parts).await {
                Ok(recalled) => recalled,
                Err(error) => return Ok(settings.error_page(&error).map(R::from)),
            };
            let session = recalled.session.clone();
            let login = Login::new(Arc::clone(&settings), recalled.session, &parts);
            parts.extensions.insert(login.clone());
            let mut response = inner.call(Request::from_parts(parts, body)).await?;
            if login.is_asked() {
                let no_store = HeaderValue::from_static("no-store");
                let headers = response.headers_mut();
                headers.entry(CACHE_CONTROL).or_insert(no_store);
            }
            // The other requests of a page may be answered after the next login, and would delete
            // its cookies.
            if login.opens_page() {
                add_cookies(response.headers_mut(), recalled.cookies);
            }
            // If the cookie cannot be renewed now, the next response tries again.
            if let Some(session) = session
                && let Ok(renewed) = settings.renewed(&session).await
            {
                add_cookies(response.headers_mut(), renewed);
            }
            Ok(response)
        })
    }
}

/// Adds cookies to a response of the application, unless a cache could give the response, and the
/// cookies with it, to other people.
fn add_cookies(headers: &mut HeaderMap, cookies: impl IntoIterator<Item = HeaderValue>) {
    let mut cookies = cookies.into_iter().peekable();
    if cookies.peek().is_none() {
        return;
    }
    let directives = headers.get_all(CACHE_CONTROL).iter();
    let directives = directives.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let mut directives = directives.map(<[u8]>::trim_ascii).peekable();
    let is_set = directives.peek().is_some();
    let is_own =
        |it: &[u8]| it.eq_ignore_ascii_case(b"no-store") || it.eq_ignore_ascii_case(b"private");
    if is_set && !directives.any(is_own) {
        return;
    }
    if !is_set {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
}
