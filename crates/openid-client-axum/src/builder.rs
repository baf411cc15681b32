//! The settings of a layer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use openid_client::store::{MemoryStore, TimedStore, TokenStore};
use openid_client::{AuthorizationRequest, Client, CoreError, Error, Misuse, SealingKey, Url};

use crate::cookies::Cookies;
use crate::ended::Memory;
use crate::error::LoginError;
use crate::layer::LoginLayer;
use crate::return_to::is_own_path;
use crate::sealing::Keys;
use crate::session::Sessions;
use crate::settings::{Customize, ErrorPage, NamedClient, Settings};
use crate::tokens::Kept;

/// The settings of a [`LoginLayer`]; see [`LoginLayer::builder`].
#[must_use = "nothing is made until `build` is called"]
pub struct LoginLayerBuilder {
    keys: Keys,
    clients: Vec<(String, Client)>,
    sessions: Sessions,
    prefix: String,
    after_login: String,
    after_logout: String,
    session_lifetime: Duration,
    post_logout_redirect_uri: Option<String>,
    scope: String,
    customize: Option<Box<Customize>>,
    error_page: Option<Box<ErrorPage>>,
    store: Option<Arc<dyn TokenStore>>,
    store_deadline: Duration,
    keeps_tokens: bool,
    is_insecure: bool,
}

impl LoginLayer {
    /// Sets a layer up. `key` seals the cookies: 32 secret random bytes, the same on every instance
    /// of the application.
    pub fn builder(key: SealingKey) -> LoginLayerBuilder {
        LoginLayerBuilder {
            keys: Keys {
                current: key,
                earlier: Vec::new(),
            },
            clients: Vec::new(),
            sessions: Sessions::Cookie,
            prefix: "/auth".to_owned(),
            after_login: "/".to_owned(),
            after_logout: "/".to_owned(),
            session_lifetime: Duration::from_secs(12 * 3600),
            post_logout_redirect_uri: None,
            scope: "openid".to_owned(),
            customize: None,
            error_page: None,
            store: None,
            store_deadline: Duration::from_secs(5),
            keeps_tokens: false,
            is_insecure: false,
        }
    }
}

impl LoginLayerBuilder {
    /// Adds a client, under a name that people see when they choose between several: letters,
    /// digits, `-` and `_`. The [redirect URI](openid_client::ClientBuilder::redirect_uri) of the
    /// client says on which path the layer takes its callbacks.
    pub fn client(mut self, name: impl Into<String>, client: Client) -> Self {
        self.clients.push((name.into(), client));
        self
    }

    /// The scope that each login asks for; `openid` by default, which must be part of it.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Changes each request that begins a login, for example by
    /// [`prompt`](AuthorizationRequest::prompt) or
    /// [`response_mode`](AuthorizationRequest::response_mode). The answer must come back in the
    /// query or by form post.
    pub fn authorization_request(
        mut self,
        change: impl Fn(AuthorizationRequest) -> AuthorizationRequest + Send + Sync + 'static,
    ) -> Self {
        self.customize = Some(Box::new(change));
        self
    }

    /// Also opens cookies that this key has sealed. To change the key, let every instance seal with
    /// the new one and open with the old one, until the sessions have ended.
    pub fn also_opened_by(mut self, key: SealingKey) -> Self {
        self.keys.earlier.push(key);
        self
    }

    /// The beginning of the paths that the layer answers itself; `/auth` by default.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The path to which a person goes after a login that names no other; `/` by default.
    pub fn after_login(mut self, path: impl Into<String>) -> Self {
        self.after_login = path.into();
        self
    }

    /// The path to which a person goes after a logout; `/` by default.
    pub fn after_logout(mut self, path: impl Into<String>) -> Self {
        self.after_logout = path.into();
        self
    }

    /// How long a session lasts after its login, in whole seconds; 12 hours by default.
    pub const fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.session_lifetime = lifetime;
        self
    }

    /// The URL to which the browser returns from the logout at the provider, as registered there:
    /// the origin of the application and the path `/auth/logged-out` (OpenID Connect RP-Initiated
    /// Logout 1.0 section 3). Without it, the provider shows its own page.
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uri = Some(uri.into());
        self
    }

    /// Keeps the tokens of each session, for [`AccessToken`](crate::AccessToken). They are sealed
    /// in the [store](Self::store), and not in a cookie: a server that rotates refresh tokens
    /// accepts each of them once, and parallel requests bring the same cookie.
    pub const fn keep_tokens(mut self) -> Self {
        self.keeps_tokens = true;
        self
    }

    /// Where the layer remembers which sessions have ended and which callbacks were used, and keeps
    /// tokens. By default in the memory of this process, so that sessions end with it.
    ///
    /// An application with several instances needs a store that they share, for example
    /// `openid_client::store::RedisStore`. The store must keep each value for its lifetime: what it
    /// drops early, for example because its memory is full, revives a session that has ended.
    pub fn store(mut self, store: impl TokenStore + 'static) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// How long to wait for each answer of the store, and of the store of `tower-sessions`; 5
    /// seconds by default. Later, the request that needs the answer is refused with the status 503.
    pub const fn store_deadline(mut self, deadline: Duration) -> Self {
        self.store_deadline = deadline;
        self
    }

    /// Keeps sessions in those of the crate `tower-sessions`, whose `SessionManagerLayer` must be
    /// around this layer, with `SameSite::Lax`: browsers withhold a `Strict` cookie when the person
    /// comes back from the provider. Use it when a session is too large for a cookie.
    #[cfg(feature = "tower-sessions")]
    pub const fn tower_sessions(mut self) -> Self {
        self.sessions = Sessions::TowerSessions;
        self
    }

    /// Sees each error, and replaces its page or returns it as it is. Log errors here.
    ///
    /// ```
    /// # use openid_client_axum::{LoginLayer, openid_client::SealingKey};
    /// let layer = LoginLayer::builder(SealingKey::new([7; 32])).error_page(|error, page| {
    ///     eprintln!("{}: {error:#}", error.code());
    ///     page
    /// });
    /// # drop(layer);
    /// ```
    pub fn error_page(
        mut self,
        replace: impl Fn(&LoginError, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.error_page = Some(Box::new(replace));
        self
    }

    /// Sets cookies without `Secure`, for development over plain HTTP. The redirect URIs must be on
    /// a loopback host, because everyone on the way can read such a cookie. Error pages then show
    /// the message of the error.
    pub const fn danger_insecure_cookies(mut self) -> Self {
        self.is_insecure = true;
        self
    }

    /// Makes the layer.
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] without a [client](Self::client);
    /// [`Misuse::InvalidArgument`] for a name that occurs twice or has other characters, a redirect
    /// URI that cannot be used, a path that is none, a lifetime of zero, and a scope without
    /// `openid`.
    pub fn build(self) -> Result<LoginLayer, Error> {
        let clients = self.named_clients()?;
        self.check_paths(&clients)?;
        if !self.scope.split(' ').any(|value| value == "openid") {
            return Err(invalid("scope", "one with `openid`", &self.scope));
        }
        if self.session_lifetime < Duration::from_secs(1) {
            return Err(invalid("session_lifetime", "at least a second", "less"));
        }
        if self.store_deadline.is_zero() {
            return Err(invalid("store_deadline", "a time above zero", "zero"));
        }
        let (scope, customize) = (self.scope, self.customize);
        let request = move |request: AuthorizationRequest| {
            let request = request.scope(scope.clone()).lifetime(PENDING);
            match &customize {
                Some(change) => change(request),
                None => request,
            }
        };
        let deadline = self.store_deadline;
        let shared = self.store.map(|store| TimedStore::new(store, deadline));
        let kept = self.keeps_tokens.then(|| {
            let in_memory = || TimedStore::new(MemoryStore::new(), deadline);
            let store = shared.clone().unwrap_or_else(in_memory);
            Kept::new(store, self.keys.clone(), self.session_lifetime)
        });
        let memory = Memory::new("", shared, &clients, self.session_lifetime, PENDING);
        Ok(LoginLayer::new(Settings {
            clients,
            keys: self.keys,
            cookies: Cookies {
                is_secure: !self.is_insecure,
            },
            sessions: self.sessions,
            prefix: self.prefix,
            after_login: self.after_login,
            after_logout: self.after_logout,
            session_lifetime: self.session_lifetime,
            pending_lifetime: PENDING,
            #[cfg(feature = "tower-sessions")]
            store_deadline: deadline,
            post_logout_redirect_uri: self.post_logout_redirect_uri,
            request: Box::new(request),
            error_page: self.error_page,
            memory: Arc::new(memory),
            kept,
        }))
    }

    fn named_clients(&self) -> Result<Vec<NamedClient>, Error> {
        let mut named: Vec<NamedClient> = Vec::new();
        for (name, client) in &self.clients {
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            if name.is_empty() || !name.bytes().all(is_name) {
                let expected = "letters, digits, `-` and `_`";
                return Err(invalid("client", expected, name));
            }
            if named.iter().any(|it| it.name == *name) {
                return Err(invalid("client", "a name that occurs once", name));
            }
            let uri = self.redirect_uri(client)?;
            named.push(NamedClient {
                name: name.clone(),
                client: client.clone(),
                callback: uri.path().to_owned(),
                origin: uri.origin().ascii_serialization(),
            });
        }
        for one in &named {
            let is_shared = |it: &NamedClient| it.name != one.name && it.callback == one.callback;
            if named.iter().any(is_shared) && !requires_iss(&one.client) {
                let expected = "a path that no other client has, or \
                                `ClientBuilder::require_authorization_response_iss`, because this \
                                provider does not promise `iss` in its responses";
                return Err(invalid("redirect_uri", expected, &one.callback));
            }
        }
        if named.is_empty() {
            let missing = Misuse::MissingArgument {
                argument: "client",
                purpose: "a login",
            };
            return Err(CoreError::from(missing).into());
        }
        Ok(named)
    }

    /// The redirect URI of a client: browsers keep the cookies of the layer only where it is HTTPS.
    fn redirect_uri(&self, client: &Client) -> Result<Url, Error> {
        let uris = client.client_metadata().redirect_uris.as_deref();
        let [uri] = uris.unwrap_or_default() else {
            let expected = "one; set `ClientBuilder::redirect_uri`";
            return Err(invalid("redirect_uri", expected, "none, or several"));
        };
        let is_loopback =
            |url: &Url| matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        let expected = match self.is_insecure {
            false => {
                "an https URL (for development over http on a loopback host, call \
                 `danger_insecure_cookies`)"
            }
            true => "an http URL of a loopback host, because of `danger_insecure_cookies`",
        };
        let url = Url::parse(uri).ok().filter(|url| match self.is_insecure {
            false => url.scheme() == "https",
            true => url.scheme() == "http" && is_loopback(url),
        });
        url.ok_or_else(|| invalid("redirect_uri", expected, uri))
    }

    fn check_paths(&self, clients: &[NamedClient]) -> Result<(), Error> {
        let prefix = &self.prefix;
        if !is_own_path(prefix) || prefix.ends_with('/') || prefix.contains(['?', '#']) {
            return Err(invalid("prefix", "a path such as `/auth`", prefix));
        }
        for (argument, path) in [
            ("after_login", &self.after_login),
            ("after_logout", &self.after_logout),
        ] {
            if !is_own_path(path) {
                return Err(invalid(argument, "a path such as `/`", path));
            }
        }
        for client in clients {
            let route = client.callback.strip_prefix(&format!("{prefix}/"));
            if route.is_some_and(|route| route != "callback") {
                let expected = "no path of the layer other than `callback`";
                return Err(invalid("redirect_uri", expected, &client.callback));
            }
        }
        let Some(uri) = &self.post_logout_redirect_uri else {
            return Ok(());
        };
        let path = format!("{prefix}/logged-out");
        let is_expected = clients
            .iter()
            .any(|it| *uri == format!("{}{path}", it.origin));
        match is_expected {
            true => Ok(()),
            false => {
                let expected = "the origin of a redirect URI and the path `/auth/logged-out`";
                Err(invalid("post_logout_redirect_uri", expected, uri))
            }
        }
    }
}

/// Whether each authorization response must name its issuer, so that a response of another provider
/// is refused (RFC 9207 section 2.4).
fn requires_iss(client: &Client) -> bool {
    let promised = client
        .server_metadata()
        .authorization_response_iss_parameter_supported;
    let policy = client.configuration().policy();
    promised == Some(true) || policy.requires_authorization_response_iss()
}

fn invalid(argument: &'static str, expected: &'static str, found: &str) -> Error {
    CoreError::from(Misuse::InvalidArgument {
        argument,
        expected,
        found: found.escape_debug().to_string(),
    })
    .into()
}

/// How long a person has for the login at the provider.
const PENDING: Duration = Duration::from_secs(600);
