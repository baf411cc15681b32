//! What all requests to one layer share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::RETRY_AFTER;
use openid_client::{AuthorizationRequest, Client, LazyClient};

use crate::choice::LoginChoice;
use crate::cookies::Cookies;
use crate::ended::Memory;
use crate::error::LoginError;
use crate::page;
use crate::page::{escape, link, page};
use crate::sealing::Keys;
use crate::session::Sessions;
use crate::tokens::Kept;

/// Changes a request that begins a login.
pub(crate) type Customize = dyn Fn(AuthorizationRequest) -> AuthorizationRequest + Send + Sync;

/// Replaces the page of an error.
pub(crate) type ErrorPage = dyn Fn(&LoginError, Response<Bytes>) -> Response<Bytes> + Send + Sync;

/// Replaces the page on which a person chooses where to log in.
pub(crate) type ChoicePage =
    dyn Fn(&[LoginChoice], Response<Bytes>) -> Response<Bytes> + Send + Sync;

/// What all requests to one layer share.
pub(crate) struct Settings {
    pub(crate) clients: Vec<NamedClient>,
    pub(crate) keys: Keys,
    pub(crate) cookies: Cookies,
    pub(crate) sessions: Sessions,
    /// The paths of the layer begin with this one.
    pub(crate) prefix: String,
    /// The path that a proxy removes from each request. It is part of what browsers get.
    pub(crate) mount: String,
    pub(crate) after_login: String,
    pub(crate) after_logout: String,
    pub(crate) session_lifetime: Duration,
    /// How long a session lasts without a request.
    pub(crate) idle_lifetime: Option<Duration>,
    pub(crate) has_front_channel: bool,
    pub(crate) pending_lifetime: Duration,
    /// How long to wait for each answer of a store.
    #[cfg(feature = "tower-sessions")]
    pub(crate) store_deadline: Duration,
    pub(crate) post_logout_redirect_uri: Option<String>,
    pub(crate) request: Box<Customize>,
    pub(crate) error_page: Option<Box<ErrorPage>>,
    pub(crate) choice_page: Option<Box<ChoicePage>>,
    /// Remembers which sessions have ended and which callbacks were used.
    pub(crate) memory: Arc<Memory>,
    /// The tokens, if they are kept.
    pub(crate) kept: Option<Kept>,
}

/// A client, under the name that the application gives it.
pub(crate) struct NamedClient {
    pub(crate) name: String,
    pub(crate) client: LazyClient,
    /// The path of its redirect URI, as this application sees it.
    pub(crate) callback: String,
    /// The origin of its redirect URI, which is that of the application.
    pub(crate) origin: String,
}

impl Settings {
    /// The client of this name.
    ///
    /// # Errors
    ///
    /// [`LoginError::UnknownClient`].
    pub(crate) fn client(&self, name: &str) -> Result<&LazyClient, LoginError> {
        let found = self.clients.iter().find(|it| it.name == name);
        found.map(|it| &it.client).ok_or(LoginError::UnknownClient)
    }

    /// The client of this name with the metadata of its provider, which may have to be fetched.
    ///
    /// # Errors
    ///
    /// [`LoginError::UnknownClient`], [`LoginError::ProviderUnavailable`] and
    /// [`LoginError::NotBegun`].
    pub(crate) async fn ready(&self, name: &str) -> Result<Client, LoginError> {
        let lazy = self.client(name)?;
        let ready = lazy.client().await;
        ready.map_err(|error| LoginError::not_ready(error, lazy.retry_after()))
    }

    /// Whether this is the path of the client's redirect URI.
    pub(crate) fn is_callback_of(&self, name: &str, path: &str) -> bool {
        let mut named = self.clients.iter();
        named.any(|it| it.name == name && it.callback == path)
    }

    /// The path of a route of the layer, as browsers see it.
    pub(crate) fn path(&self, route: &str) -> String {
        format!("{}{}/{route}", self.mount, self.prefix)
    }

    /// A path of the application, as browsers see it.
    pub(crate) fn outside(&self, path: &str) -> String {
        format!("{}{path}", self.mount)
    }

    /// Whether two layers around one route disturb each other.
    pub(crate) fn collides_with(&self, other: &Self) -> bool {
        let callbacks = |it: &Self| -> Vec<String> {
            let paths = it.clients.iter().map(|client| it.outside(&client.callback));
            paths.collect()
        };
        let others = callbacks(other);
        self.cookies.layer == other.cookies.layer
            || self.outside(&self.prefix) == other.outside(&other.prefix)
            || callbacks(self).iter().any(|path| others.contains(path))
    }

    /// The path that begins a login.
    pub(crate) fn login_path(&self, clients: &[String], return_to: Option<&str>) -> String {
        let mut query = openid_client::Parameters::new();
        for client in clients {
            query.append("client", client);
        }
        if let Some(return_to) = return_to {
            query.set("return_to", return_to);
        }
        match query.is_empty() {
            true => self.path("login"),
            false => format!("{}?{}", self.path("login"), query.encode()),
        }
    }

    /// The page of an error.
    pub(crate) fn error_page(&self, error: &LoginError) -> Response<Bytes> {
        let retry = match error {
            LoginError::LogoutFromElsewhere | LoginError::LogoutFailed(_) => {
                link(&self.path("logout"), "Log out")
            }
            LoginError::LogoutReturnRefused(_) | LoginError::LogoutNotBegun(_) => {
                link(&self.outside(&self.after_logout), "Go to the start page")
            }
            // Another tab may have finished another login.
            LoginError::NoPendingLogin
            | LoginError::PendingLoginRefused
            | LoginError::CallbackUsed => {
                let start = link(&self.outside(&self.after_login), "Go to the start page");
                format!("{}{start}", link(&self.path("login"), "Log in"))
            }
            _ => link(&self.path("login"), "Log in"),
        };
        // The message is for the developer, not for the visitors of a site.
        let message = match self.cookies.is_secure {
            true => String::new(),
            false => format!("<p><code>{}</code></p>", escape(&error.to_string())),
        };
        self.respond(error, &format!("{message}{retry}"))
    }

    /// Answers with an error, whose page the application may replace.
    fn respond(&self, error: &LoginError, more: &str) -> Response<Bytes> {
        let (advice, code) = (escape(error.advice()), error.code());
        let body = format!("<p>{advice}</p>{more}<p><small>{code}</small></p>");
        let mut page = page(error.status(), error.title(), &body);
        if let Some(after) = error.retry_after() {
            let seconds = after.as_millis().div_ceil(1000);
            let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
            page.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        self.replaced(error, page)
    }

    /// Shows an error to the application. The response is for the provider, and stays as it is.
    pub(crate) fn note(&self, error: &LoginError, response: &Response<Bytes>) {
        if let Some(replace) = &self.error_page {
            drop(replace(error, response.clone()));
        }
    }

    /// What the application makes of the page of an error.
    fn replaced(&self, error: &LoginError, page: Response<Bytes>) -> Response<Bytes> {
        match &self.error_page {
            Some(replace) => replace(error, page),
            None => page,
        }
    }

    /// Answers a request that needs a login: sends a browser there that opens a page, and says so
    /// to everything else.
    pub(crate) fn log_in_first(
        &self,
        clients: &[String],
        return_to: Option<&str>,
    ) -> Response<Bytes> {
        match return_to {
            Some(path) => page::redirect(&self.login_path(clients, Some(path))),
            None => self.error_page(&LoginError::LoginRequired),
        }
    }
}

/// Hides the keys, the store and what the application has supplied.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clients: Vec<_> = self
            .clients
            .iter()
            .map(|it| (&it.name, &it.client))
            .collect();
        f.debug_struct("Settings")
            .field("clients", &clients)
            .field("prefix", &self.prefix)
            .field("sessions", &self.sessions)
            .field("session_lifetime", &self.session_lifetime)
            .finish_non_exhaustive()
    }
}
