//! What the tests share: an application around a provider on loopback, and browsers.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every test file uses a part of it, and a test that panics has failed"
)]

mod browser;
mod store;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{get, post};
use openid_client_axum::openid_client::{Client, SealingKey, UnixTime};
use openid_client_axum::{
    Claims, Login, LoginError, LoginLayer, LoginLayerBuilder, OptionalClaims, RequireLogin,
};
use test_provider::server::{Scheme, Server};
use test_provider::{ClientRegistration, Provider};

pub use self::browser::{Answer, Browser, Cookie, Site};
pub use self::store::{Mood, Moody};

pub const ORIGIN: &str = "https://app.example.com";
pub const CALLBACK: &str = "/auth/callback";
pub const BACK_CHANNEL: &str = "/auth/backchannel-logout/example";
pub const BYE: &str = "https://app.example.com/auth/logged-out";

/// A provider, its clock, and the errors that the application has met.
pub struct World {
    pub provider: Server,
    pub clock: Arc<AtomicI64>,
    pub errors: Arc<Mutex<Vec<LoginError>>>,
}

impl World {
    pub async fn new() -> Self {
        Self::with_seed("").await
    }

    /// A provider whose tokens and codes are other ones.
    pub async fn with_seed(seed: &str) -> Self {
        let clock = Arc::new(AtomicI64::new(1_700_000_000));
        let now = Arc::clone(&clock);
        let now = move || now.load(Ordering::SeqCst);
        let provider = Server::start_with_clock(Scheme::Https, now, |issuer| {
            let provider = Provider::new(issuer);
            match seed {
                "" => provider,
                seed => provider.seed(seed),
            }
        });
        let provider = provider.await.unwrap();
        provider.provider().register(
            ClientRegistration::public("my-app")
                .redirect_uri(format!("{ORIGIN}{CALLBACK}"))
                .post_logout_redirect_uri(BYE)
                .backchannel_logout_uri(format!("{ORIGIN}{BACK_CHANNEL}")),
        );
        Self {
            provider,
            clock,
            errors: Arc::default(),
        }
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub async fn client(&self) -> Client {
        self.client_at(&format!("{ORIGIN}{CALLBACK}")).await
    }

    pub async fn client_at(&self, redirect_uri: &str) -> Client {
        self.client_ahead(redirect_uri, 0).await
    }

    /// A client whose clock is this many seconds ahead of the provider's.
    pub async fn client_ahead(&self, redirect_uri: &str, seconds: i64) -> Client {
        let clock = Arc::clone(&self.clock);
        let now = move || clock.load(Ordering::SeqCst).saturating_add(seconds);
        let clock = move || UnixTime::from_seconds(now());
        let client = Client::discover(self.provider.url(), "my-app")
            .root_certificate_pem(self.provider.ca_certificate_pem())
            .clock(clock)
            .redirect_uri(redirect_uri);
        client.await.unwrap()
    }

    /// A layer that notes its errors.
    pub fn noted(&self, builder: LoginLayerBuilder) -> LoginLayerBuilder {
        let errors = Arc::clone(&self.errors);
        builder.error_page(move |error, page| {
            errors.lock().unwrap().push(error.clone());
            page
        })
    }

    /// The usual layer.
    pub async fn layer(&self) -> LoginLayerBuilder {
        let layer = LoginLayer::builder(key()).client("example", self.client().await);
        self.noted(layer).scope("openid email")
    }

    /// The application with the usual layer, and a browser.
    pub async fn browser(&self) -> Browser {
        Browser::new(app(self.layer().await.build().unwrap()))
    }

    /// The error that the application has met since the last call.
    pub fn error(&self) -> LoginError {
        let errors = std::mem::take(&mut *self.errors.lock().unwrap());
        let [error] = errors.try_into().unwrap();
        error
    }

    /// What the provider does with a browser that comes from `login`: the callback, without its
    /// origin.
    pub fn log_in(&self, login: &Answer) -> String {
        let callback = self.provider.log_in(login.location());
        callback.strip_prefix(ORIGIN).unwrap().to_owned()
    }

    /// The same for another person than alice.
    pub fn log_in_as(&self, login: &Answer, name: &str) -> String {
        let url = format!("{}&login_hint={name}", login.location());
        let callback = self.provider.log_in(url);
        callback.strip_prefix(ORIGIN).unwrap().to_owned()
    }

    /// The form with a logout token for the last session at the provider.
    pub fn logout_token(&self) -> String {
        let provider = self.provider.provider();
        let request = provider.logout_request("my-app", self.now()).unwrap();
        assert_eq!(request.uri().path(), BACK_CHANNEL);
        String::from_utf8(request.body().to_vec()).unwrap()
    }
}

/// A person logs in.
pub async fn log_in(world: &World, browser: &mut Browser) {
    let login = browser.get("/auth/login").await;
    let back = browser.come_back(&world.log_in(&login)).await;
    assert_eq!(back.location(), "/");
    assert_eq!(browser.cookies("session").len(), 1);
}

/// Logs out while the provider cannot be asked: the session here ends, and the page says that the
/// one at the provider does not.
pub async fn log_out_here_alone(world: &World, browser: &mut Browser) {
    let page = browser.post("/auth/logout", "").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        page.body.contains("You are logged out here"),
        "{}",
        page.body
    );
    assert!(matches!(world.error(), LoginError::LogoutNotBegun(_)));
    assert!(browser.jar.is_empty());
}

/// Lets this time pass, which no socket sees.
pub async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

/// The provider sends a logout token, without a cookie of the browser.
pub async fn send_logout_token(browser: &Browser, form: &str) -> Answer {
    let mut provider = browser.other();
    provider
        .send(
            axum::http::Method::POST,
            BACK_CHANNEL,
            Site::Other,
            Some(form),
        )
        .await
}

pub fn browser_cookie(name: &str, value: &str) -> Cookie {
    Cookie {
        name: name.to_owned(),
        value: value.to_owned(),
        same_site: "Lax".to_owned(),
    }
}

pub fn key() -> SealingKey {
    SealingKey::new([7; 32])
}

/// An application with an open page, two protected ones, and one that only claims protect.
pub fn app(layer: LoginLayer) -> Router {
    app_with(layer, Router::new())
}

/// The same with more pages.
pub fn app_with(layer: LoginLayer, pages: Router) -> Router {
    Router::new()
        .route("/me", get(me))
        .route("/order", post(async || "ordered"))
        .route_layer(RequireLogin)
        .route("/", get(home))
        .route("/claims", get(me))
        .merge(pages)
        .layer(layer)
}

async fn me(claims: Claims) -> String {
    format!("hello {}", claims.sub())
}

async fn home(login: Login, OptionalClaims(claims): OptionalClaims) -> Html<String> {
    let name = claims.map_or_else(|| "stranger".to_owned(), |claims| claims.sub().to_owned());
    Html(format!("hello {name}, log out at {}", login.logout_path()))
}
