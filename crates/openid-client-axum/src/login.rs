//! What a request knows about the person.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::header::ACCEPT;
use http::request::Parts;
use http::{Extensions, Method, Response};
use openid_client::IdToken;

use crate::error::LoginError;
use crate::session::Session;
use crate::settings::Settings;
use crate::tokens::AccessToken;

/// The person of a request, or that there is none. [`LoginLayer`](crate::LoginLayer) puts it into
/// the extensions of each request.
///
/// ```
/// use http::{Request, Response};
/// use openid_client_axum::{Login, LoginError};
///
/// fn page<B>(request: &Request<B>) -> Result<String, LoginError> {
///     let login = Login::of(request.extensions())?;
///     Ok(match login.claims() {
///         Some(claims) => format!("hello {}", claims.sub()),
///         None => format!("log in at {}", login.login_path("/")),
///     })
/// }
/// # assert!(page(&Request::new(())).is_err());
/// ```
#[derive(Debug, Clone)]
pub struct Login {
    settings: Arc<Settings>,
    session: Option<Arc<Session>>,
    /// The path and query of the request, where the browser opens a page that it can return to.
    page: Option<String>,
    /// The clients at which the person must have logged in; `None` for any of the layer.
    clients: Option<Arc<[String]>>,
    /// Whether the application has asked who has logged in.
    is_asked: Arc<AtomicBool>,
}

impl Login {
    pub(crate) fn new(
        settings: Arc<Settings>,
        session: Option<Arc<Session>>,
        parts: &Parts,
    ) -> Self {
        let page = opens_page(parts).then(|| {
            let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
            let path = match settings.may_return_to(path) {
                true => path,
                false => &settings.after_login,
            };
            path.to_owned()
        });
        Self {
            settings,
            session,
            page,
            clients: None,
            is_asked: Arc::default(),
        }
    }

    /// The login of a request.
    ///
    /// # Errors
    ///
    /// [`LoginError::LayerMissing`] when no [`LoginLayer`](crate::LoginLayer) is around the route.
    pub fn of(extensions: &Extensions) -> Result<&Self, LoginError> {
        let layer = "LoginLayer";
        extensions.get().ok_or(LoginError::LayerMissing { layer })
    }

    /// Whether this layer and the one of the settings disturb each other.
    pub(crate) fn collides_with(&self, settings: &Arc<Settings>) -> bool {
        !Arc::ptr_eq(&self.settings, settings) && self.settings.collides_with(settings)
    }

    /// Whether a browser opens a page, and so takes cookies with the response.
    pub(crate) const fn opens_page(&self) -> bool {
        self.page.is_some()
    }

    /// Whether the application has asked who has logged in, so that its response is for one person.
    pub(crate) fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::Relaxed)
    }

    /// The same login where the person has logged in at one of these clients of the layer, and
    /// otherwise a login of no one. [`RequireLogin::at`](crate::RequireLogin::at) does this for
    /// routes.
    ///
    /// # Errors
    ///
    /// [`LoginError::NoSuchClient`] when the layer has no client of such a name, when a layer
    /// around the route permits others only, and when there is no name.
    pub fn at(
        &self,
        clients: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, LoginError> {
        let clients: Arc<[String]> = clients.into_iter().map(Into::into).collect();
        let is_permitted = |name: &String| {
            let permitted = self.clients.as_ref();
            permitted.is_none_or(|permitted| permitted.contains(name))
        };
        let is_known = |name: &String| self.settings.client(name).is_ok() && is_permitted(name);
        if clients.is_empty() || !clients.iter().all(is_known) {
            let unknown = clients.iter().find(|name| !is_known(name)).cloned();
            let name = unknown.unwrap_or_default();
            return Err(LoginError::NoSuchClient { name });
        }
        let session = self.session.clone();
        Ok(Self {
            session: session.filter(|session| clients.contains(&session.client)),
            clients: Some(clients),
            ..self.clone()
        })
    }

    fn names(&self) -> &[String] {
        self.clients.as_deref().unwrap_or_default()
    }

    /// The claims of the person; `None` when no one has logged in.
    pub fn claims(&self) -> Option<Claims> {
        self.is_asked.store(true, Ordering::Relaxed);
        self.session.clone().map(Claims)
    }

    /// The access token of the person, which is refreshed before it expires.
    ///
    /// # Errors
    ///
    /// [`LoginError::LoginRequired`] when no one has logged in, or when the tokens cannot be
    /// refreshed any more; [`LoginError::NoAccessToken`] when the provider does not give one now;
    /// [`LoginError::TokensNotKept`] when the layer does not
    /// [keep tokens](crate::LoginLayerBuilder::keep_tokens); [`LoginError::ClientNotNamed`] when the
    /// layer has several clients, and neither [`at`](Self::at) nor
    /// [`RequireLogin::at`](crate::RequireLogin::at) says whose token is asked for;
    /// [`LoginError::Store`] when the store fails.
    pub async fn access_token(&self) -> Result<AccessToken, LoginError> {
        self.is_asked.store(true, Ordering::Relaxed);
        // The token of one provider must not reach the API of another.
        if self.clients.is_none() && self.settings.clients.len() > 1 {
            return Err(LoginError::ClientNotNamed);
        }
        let session = self.session.as_ref().ok_or(LoginError::LoginRequired)?;
        self.settings.access_token(session).await
    }

    /// The path that begins a login and returns to this path of the application, without the
    /// [path that a proxy removes](crate::LoginLayerBuilder::mounted_at).
    pub fn login_path(&self, return_to: &str) -> String {
        self.settings.login_path(self.names(), Some(return_to))
    }

    /// The path that ends the session. Post a form to it from a page of the application; a link
    /// leads to a page with a button.
    pub fn logout_path(&self) -> String {
        self.settings.path("logout")
    }

    /// The response to a request that an error refuses. For [`LoginError::LoginRequired`], a
    /// browser that opens a page is sent to the login and comes back to the page; everything else
    /// gets the status 401.
    pub fn refuse(&self, error: &LoginError) -> Response<Bytes> {
        match error {
            LoginError::LoginRequired => {
                let page = self.page.as_deref();
                self.settings.log_in_first(self.names(), page)
            }
            error => self.settings.error_page(error),
        }
    }
}

/// Whether a browser opens a page, so that a person sees the login (Fetch Metadata section 2.2).
/// Other requests, for example of a script, cannot follow a redirect to the provider.
fn opens_page(parts: &Parts) -> bool {
    let header = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let accepts_html = || {
        let accept = header(ACCEPT.as_str());
        accept.is_some_and(|accept| accept.contains("text/html"))
    };
    let mode = header("sec-fetch-mode");
    parts.method == Method::GET && mode.map_or_else(accepts_html, |mode| mode == "navigate")
}

/// The claims of the ID Token of the person who has logged in; it derefs to them.
///
/// As an extractor of axum it begins a login when there is none.
///
/// ```
/// use openid_client_axum::Claims;
///
/// async fn me(claims: Claims) -> String {
///     format!("hello {}", claims.email().unwrap_or(claims.sub()))
/// }
/// # let _: axum::Router = axum::Router::new().route("/me", axum::routing::get(me));
/// ```
#[derive(Debug, Clone)]
pub struct Claims(Arc<Session>);

impl Claims {
    /// The name of the client at which the person has logged in. Only the issuer and `sub` together
    /// identify a person.
    pub fn client(&self) -> &str {
        &self.0.client
    }
}

impl Deref for Claims {
    type Target = IdToken;

    fn deref(&self) -> &IdToken {
        &self.0.id_token
    }
}
