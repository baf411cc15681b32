//! The settings of a layer.

mod checks;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use openid_client::store::{MemoryStore, TimedStore, TokenStore};
use openid_client::{AuthorizationRequest, Error, LazyClient, SealingKey};

use self::checks::invalid;
use crate::choice::LoginChoice;
use crate::cookies::Cookies;
use crate::ended::Memory;
use crate::error::LoginError;
use crate::layer::LoginLayer;
use crate::sealing::Keys;
use crate::session::Sessions;
use crate::settings::{ChoicePage, Customize, ErrorPage, Settings};
use crate::tokens::Kept;

/// The settings of a [`LoginLayer`]; see [`LoginLayer::builder`].
#[must_use = "nothing is made until `build` is called"]
pub struct LoginLayerBuilder {
    keys: Keys,
    name: String,
    clients: Vec<(String, LazyClient)>,
    sessions: Sessions,
    prefix: String,
    mount: String,
    after_login: String,
    after_logout: String,
    session_lifetime: Duration,
    idle_lifetime: Option<Duration>,
    has_front_channel: bool,
    post_logout_redirect_uri: Option<String>,
    scope: String,
    customize: Option<Box<Customize>>,
    error_page: Option<Box<ErrorPage>>,
    choice_page: Option<Box<ChoicePage>>,
    store: Option<Arc<dyn TokenStore>>,
    store_deadline: Duration,
    keeps_tokens: bool,
    is_insecure: bool,
}

impl LoginLayer {
    /// Begins the settings of a layer. `key` seals the cookies: 32 secret random bytes, the same on
    /// every instance of the application.
    pub fn builder(key: SealingKey) -> LoginLayerBuilder {
        LoginLayerBuilder {
            keys: Keys {
                layer: String::new(),
                current: key,
                earlier: Vec::new(),
            },
            name: String::new(),
            clients: Vec::new(),
            sessions: Sessions::Cookie,
            prefix: "/auth".to_owned(),
            mount: String::new(),
            after_login: "/".to_owned(),
            after_logout: "/".to_owned(),
            session_lifetime: Duration::from_secs(12 * 3600),
            idle_lifetime: None,
            has_front_channel: false,
            post_logout_redirect_uri: None,
            scope: "openid".to_owned(),
            customize: None,
            error_page: None,
            choice_page: None,
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
    ///
    /// `client` is a [`Client`](openid_client::Client), or a [`LazyClient`], with which the
    /// application starts while the provider is down:
    ///
    /// ```
    /// # use openid_client_axum::openid_client::{Client, Error};
    /// # use openid_client_axum::{LoginLayer, openid_client::SealingKey};
    /// let client = Client::discover("https://id.example.com", "my-app")
    ///     .redirect_uri("https://app.example.com/auth/callback")
    ///     .lazy()
    ///     .build()?;
    /// let layer = LoginLayer::builder(SealingKey::new([7; 32])).client("example", client);
    /// # layer.build()?;
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// What needs the provider then answers with [`LoginError::ProviderUnavailable`] and the status
    /// 503: the login, the callback, the access tokens. The rest works: pages, sessions, the end of
    /// a session here, and logins at other providers.
    pub fn client(mut self, name: impl Into<String>, client: impl Into<LazyClient>) -> Self {
        self.clients.push((name.into(), client.into()));
        self
    }

    /// Sets the scope that each login asks for, with spaces between its values; `openid` by
    /// default, which must be one of them.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Changes each request that begins a login, for example by
    /// [`prompt`](AuthorizationRequest::prompt) or
    /// [`response_mode`](AuthorizationRequest::response_mode). The response must come back in the
    /// query or by form post.
    pub fn authorization_request(
        mut self,
        change: impl Fn(AuthorizationRequest) -> AuthorizationRequest + Send + Sync + 'static,
    ) -> Self {
        self.customize = Some(Box::new(change));
        self
    }

    /// Also opens what this key has sealed. To change the key, first add the new key here on every
    /// instance, then seal with it and add the old key here, and remove the old key when the
    /// sessions have ended.
    pub fn also_opened_by(mut self, key: SealingKey) -> Self {
        self.keys.earlier.push(key);
        self
    }

    /// Sets the beginning of the paths that the layer answers itself; `/auth` by default.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Names this layer, with letters, digits, `-` and `_`. By default it has no name.
    ///
    /// Two layers on one host, in one application or in two, need different names. Two layers in
    /// one application also need different [prefixes](Self::prefix). The name is part of the names
    /// of the cookies, and a layer does not accept what a layer of another name has sealed or
    /// stored, also under the same key.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the path under which people see the application, for example `/shop`, where a proxy
    /// removes it from each request. Every other path of these settings is one that the application
    /// sees. The URLs that are registered at the provider contain it:
    /// `https://example.com/shop/auth/callback`.
    ///
    /// Applications that share a host can read the cookies of each other. Give each of them another
    /// [name](Self::name) and key.
    pub fn mounted_at(mut self, path: impl Into<String>) -> Self {
        self.mount = path.into();
        self
    }

    /// Sets the path to which a person goes after a login that names no other; `/` by default.
    pub fn after_login(mut self, path: impl Into<String>) -> Self {
        self.after_login = path.into();
        self
    }

    /// Sets the path to which a person goes after a logout; `/` by default.
    pub fn after_logout(mut self, path: impl Into<String>) -> Self {
        self.after_logout = path.into();
        self
    }

    /// Sets how long a session lasts after its login, in whole seconds; 12 hours by default. No
    /// request makes it longer.
    pub const fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.session_lifetime = lifetime;
        self
    }

    /// Sets how long a session lasts without a request, in whole seconds; by default until its
    /// [lifetime](Self::session_lifetime) is over. When an eighth of this time has passed, the next
    /// response renews the cookie, unless a cache may keep that response.
    ///
    /// Sessions of the crate `tower-sessions` have their own setting,
    /// `SessionManagerLayer::with_expiry`.
    pub const fn idle_lifetime(mut self, lifetime: Duration) -> Self {
        self.idle_lifetime = Some(lifetime);
        self
    }

    /// Takes front-channel logouts at `/auth/frontchannel-logout/name` (OpenID Connect
    /// Front-Channel Logout 1.0): the provider's logout page loads this path in a frame.
    ///
    /// The provider must send `sid`, so register `frontchannel_logout_session_required`. A browser
    /// sends no `SameSite=Lax` cookie with a frame of another site. So each login sets one more
    /// cookie, with `SameSite=None`, which is good for this logout alone. Many browsers withhold
    /// it as well: use it where the provider has no back-channel logout, or is on the same site as
    /// the application.
    pub const fn front_channel_logout(mut self) -> Self {
        self.has_front_channel = true;
        self
    }

    /// Sets the URL to which the browser returns from the logout at the provider, as registered
    /// there: the origin of the application and the path `/auth/logged-out` (OpenID Connect
    /// RP-Initiated Logout 1.0 section 3). Without it, the provider shows its own page.
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uri = Some(uri.into());
        self
    }

    /// Keeps the tokens of each session, for [`AccessToken`](crate::AccessToken). The layer seals
    /// them in the [store](Self::store). A cookie could not hold them: a server that rotates
    /// refresh tokens accepts each of them once, and parallel requests bring the same cookie.
    pub const fn keep_tokens(mut self) -> Self {
        self.keeps_tokens = true;
        self
    }

    /// Sets the store in which the layer remembers which sessions have ended and which callbacks
    /// were used, and keeps tokens. By default, this is the memory of the process, and sessions end
    /// with the process.
    ///
    /// An application with several instances needs a store that they share, for example
    /// `openid_client::store::RedisStore`. The store must keep each value for its lifetime. If it
    /// drops values early, for example because its memory is full, sessions that have ended can
    /// come back.
    pub fn store(mut self, store: impl TokenStore + 'static) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Sets how long to wait for each answer of the store, and of the store of `tower-sessions`; 5
    /// seconds by default. Later, the request that needs the answer is refused with the status 503.
    pub const fn store_deadline(mut self, deadline: Duration) -> Self {
        self.store_deadline = deadline;
        self
    }

    /// Keeps sessions on the server, in those of the crate `tower-sessions`. Use it when a session
    /// is too large for a cookie. The `SessionManagerLayer` must be around this layer, with
    /// `SameSite::Lax`: browsers withhold a `Strict` cookie when the person comes back from the
    /// provider.
    #[cfg(feature = "tower-sessions")]
    pub const fn tower_sessions(mut self) -> Self {
        self.sessions = Sessions::TowerSessions;
        self
    }

    /// Calls a function with each error and its page. The function returns the page to show, which
    /// can be the same one. Log errors here. The response to a back-channel logout is for the
    /// provider, and is not replaced.
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

    /// Replaces the page on which a person chooses between several [clients](Self::client).
    ///
    /// ```
    /// # use openid_client_axum::{LoginLayer, openid_client::SealingKey};
    /// let layer = LoginLayer::builder(SealingKey::new([7; 32])).choice_page(|choices, mut page| {
    ///     let links = choices.iter().map(|choice| {
    ///         let path = choice.path().replace('&', "&amp;");
    ///         format!("<li><a href=\"{path}\">Log in with {}</a>", choice.client())
    ///     });
    ///     *page.body_mut() = format!("<ul>{}</ul>", links.collect::<String>()).into();
    ///     page
    /// });
    /// # drop(layer);
    /// ```
    pub fn choice_page(
        mut self,
        replace: impl Fn(&[LoginChoice], Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.choice_page = Some(Box::new(replace));
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
    /// [`Misuse::MissingArgument`](openid_client::Misuse::MissingArgument) without a
    /// [client](Self::client); [`Misuse::InvalidArgument`](openid_client::Misuse::InvalidArgument)
    /// for a name that occurs twice or has other characters, a redirect URI that cannot be used, a
    /// path that is not one, a time of zero, and a scope without `openid`.
    pub fn build(mut self) -> Result<LoginLayer, Error> {
        self.check_names()?;
        self.keys.layer.clone_from(&self.name);
        let clients = self.named_clients()?;
        self.check_paths(&clients)?;
        if !self.scope.split(' ').any(|value| value == "openid") {
            return Err(invalid("scope", "one with `openid`", &self.scope));
        }
        if self.session_lifetime < Duration::from_secs(1) {
            return Err(invalid("session_lifetime", "at least a second", "less"));
        }
        let is_second = |lifetime: Duration| lifetime >= Duration::from_secs(1);
        if !self.idle_lifetime.is_none_or(is_second) {
            return Err(invalid("idle_lifetime", "at least a second", "less"));
        }
        if self.idle_lifetime.is_some() && self.sessions != Sessions::Cookie {
            let expected = "none, because `SessionManagerLayer::with_expiry` sets it";
            return Err(invalid("idle_lifetime", expected, "one"));
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
        let memory = Memory::new(&self.name, shared, &clients, self.session_lifetime, PENDING)?;
        let settings = Settings {
            clients,
            keys: self.keys,
            cookies: Cookies {
                layer: self.name,
                is_secure: !self.is_insecure,
            },
            sessions: self.sessions,
            prefix: self.prefix,
            mount: self.mount,
            after_login: self.after_login,
            after_logout: self.after_logout,
            session_lifetime: self.session_lifetime,
            idle_lifetime: self.idle_lifetime,
            has_front_channel: self.has_front_channel,
            pending_lifetime: PENDING,
            #[cfg(feature = "tower-sessions")]
            store_deadline: deadline,
            post_logout_redirect_uri: self.post_logout_redirect_uri,
            request: Box::new(request),
            error_page: self.error_page,
            choice_page: self.choice_page,
            memory: Arc::new(memory),
            kept,
        };
        if !settings.may_return_to(&settings.after_login) {
            let expected = "a path such as `/`, and not one of the layer";
            return Err(invalid("after_login", expected, &settings.after_login));
        }
        Ok(LoginLayer::new(settings))
    }
}

/// How long a person has for the login at the provider.
const PENDING: Duration = Duration::from_secs(600);
