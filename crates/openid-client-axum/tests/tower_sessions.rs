//! Sessions of the crate tower-sessions.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use openid_client_axum::{Claims, LoginError, LoginLayerBuilder, RequireLogin};
use tokio::time::timeout;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, SessionStore, session_store};

use self::support::{Browser, Mood, Moody, World, browser_cookie};

async fn app(world: &World, has_sessions: bool) -> Router {
    app_with(world.layer().await, has_sessions)
}

fn app_with(layer: LoginLayerBuilder, has_sessions: bool) -> Router {
    let layer = layer.tower_sessions().build().unwrap();
    let app = Router::new()
        .route("/me", get(async |claims: Claims| claims.sub().to_owned()))
        .route_layer(RequireLogin)
        .route("/cart", get(cart))
        .layer(layer);
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    match has_sessions {
        true => app.layer(sessions.with_same_site(SameSite::Lax)),
        false => app,
    }
}

/// Counts, in the session of the application.
async fn cart(session: Session) -> String {
    let number: u32 = session.get("cart").await.unwrap().unwrap_or_default();
    session
        .insert("cart", number.saturating_add(1))
        .await
        .unwrap();
    number.to_string()
}

#[tokio::test]
async fn a_login_keeps_the_session_of_the_application_under_a_new_identifier() {
    let world = World::new().await;
    let mut browser = Browser::new(app(&world, true).await);
    assert_eq!(browser.get("/cart").await.body, "0");
    let before = browser.clone();
    let login = browser.get("/auth/login?return_to=/me").await;
    let back = browser.come_back(&world.log_in(&login)).await;
    assert_eq!(back.location(), "/me");
    assert_eq!(browser.get("/me").await.body, "alice");
    assert_eq!(browser.get("/cart").await.body, "1");
    // The identifier from before the login is worth nothing (session fixation).
    let mut attacker = before;
    assert_eq!(attacker.get("/me").await.status, StatusCode::SEE_OTHER);
    assert_eq!(attacker.get("/cart").await.body, "0");
    // This layer has set the cookie of the login alone.
    let set: Vec<_> = browser
        .set
        .iter()
        .filter(|it| it.contains("openid-"))
        .collect();
    assert!(
        set.iter().all(|it| it.starts_with("__Host-openid-login-")),
        "{set:?}"
    );
}

/// The login takes its time, and another tab of the browser goes on.
#[tokio::test]
async fn a_login_takes_back_nothing_that_the_application_has_kept_since_it_began() {
    let world = World::new().await;
    let store = Arc::new(Moody::new());
    let layer = world.layer().await.keep_tokens().store(Arc::clone(&store));
    let mut browser = Browser::new(app_with(layer, true));
    assert_eq!(browser.get("/cart").await.body, "0");
    let callback = world.log_in(&browser.get("/auth/login").await);
    let gate = store.shut("tokens:");
    let mut tab = browser.clone();
    let waiting = tokio::spawn(async move {
        assert_eq!(tab.come_back(&callback).await.location(), "/");
        tab
    });
    gate.reached.notified().await;
    assert_eq!(browser.get("/cart").await.body, "1");
    gate.open.notify_one();
    let mut tab = waiting.await.unwrap();
    assert_eq!(tab.get("/me").await.body, "alice");
    assert_eq!(tab.get("/cart").await.body, "2");
}

#[tokio::test]
async fn a_logout_deletes_the_session() {
    let world = World::new().await;
    let mut browser = Browser::new(app(&world, true).await);
    let login = browser.get("/auth/login").await;
    browser.come_back(&world.log_in(&login)).await;
    browser.get("/cart").await;
    let mut copy = browser.clone();
    browser.post("/auth/logout", "").await;
    assert_eq!(copy.get("/me").await.status, StatusCode::SEE_OTHER);
    assert_eq!(copy.get("/cart").await.body, "0");
}

#[tokio::test]
async fn the_layer_of_the_sessions_is_needed() {
    let world = World::new().await;
    let mut browser = Browser::new(app(&world, false).await);
    let page = browser.get("/me").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    match world.error() {
        LoginError::LayerMissing { layer } => assert_eq!(layer, "SessionManagerLayer"),
        other => panic!("{other:?}"),
    }
}

/// The cart of one person must not be that of the next.
#[tokio::test]
async fn another_person_gets_nothing_that_the_application_kept() {
    let world = World::new().await;
    let mut browser = Browser::new(app(&world, true).await);
    let log_in_as = async |browser: &mut Browser, name| {
        let login = browser.get("/auth/login?return_to=/me").await;
        browser.come_back(&world.log_in_as(&login, name)).await;
        assert_eq!(browser.get("/me").await.body, name);
    };
    log_in_as(&mut browser, "alice").await;
    assert_eq!(browser.get("/cart").await.body, "0");
    log_in_as(&mut browser, "alice").await;
    assert_eq!(browser.get("/cart").await.body, "1");
    log_in_as(&mut browser, "bob").await;
    assert_eq!(browser.get("/cart").await.body, "0");
}

/// A store of sessions that accepts requests and then says nothing.
#[derive(Debug, Clone)]
struct Silent;

/// What the methods of a store return.
type Answer<'a, T> = Pin<Box<dyn Future<Output = session_store::Result<T>> + Send + 'a>>;

impl SessionStore for Silent {
    fn save<'a, 'b: 'c, 'c>(&'a self, _: &'b Record) -> Answer<'c, ()>
    where
        'a: 'c,
    {
        Box::pin(std::future::pending())
    }

    fn load<'a, 'b: 'c, 'c>(&'a self, _: &'b Id) -> Answer<'c, Option<Record>>
    where
        'a: 'c,
    {
        Box::pin(std::future::pending())
    }

    fn delete<'a, 'b: 'c, 'c>(&'a self, _: &'b Id) -> Answer<'c, ()>
    where
        'a: 'c,
    {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_given_up() {
    let world = World::new().await;
    let layer = world.layer().await.tower_sessions();
    let layer = layer.store_deadline(Duration::from_millis(50)).build();
    let pages = Router::new().route("/me", get(async |claims: Claims| claims.sub().to_owned()));
    let sessions = SessionManagerLayer::new(Silent).with_same_site(SameSite::Lax);
    let mut browser = Browser::new(pages.layer(layer.unwrap()).layer(sessions));
    browser
        .jar
        .push(browser_cookie("id", &Id::default().to_string()));
    let page = timeout(Duration::from_secs(5), browser.get("/me")).await;
    assert_eq!(page.unwrap().status, StatusCode::SERVICE_UNAVAILABLE);
    match world.error() {
        LoginError::Session { cause } => assert_eq!(cause, "no answer within 50ms"),
        other => panic!("{other}"),
    }
}

/// The tokens of a login cannot be kept: no one has logged in.
#[tokio::test]
async fn a_login_whose_tokens_are_lost_begins_no_session() {
    let world = World::new().await;
    let store = Arc::new(Moody::new());
    let layer = world.layer().await.tower_sessions().keep_tokens();
    // The sessions are not saved with a response whose status is 503.
    let layer = layer.error_page(|_, mut page| {
        *page.status_mut() = StatusCode::OK;
        page
    });
    let layer = layer.store(Arc::clone(&store)).build().unwrap();
    let pages = Router::new().route("/me", get(async |claims: Claims| claims.sub().to_owned()));
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    let sessions = sessions.with_same_site(SameSite::Lax);
    let mut browser = Browser::new(pages.layer(layer).layer(sessions));
    let login = browser.get("/auth/login").await;
    store.set(Mood::Fails("save"));
    let page = browser.come_back(&world.log_in(&login)).await;
    assert!(page.body.contains("OAUTH_STORE_FAILED"), "{}", page.body);
    store.set(Mood::Works);
    assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
}

/// The sessions have their own setting, and a renewal would write back what the application keeps.
#[tokio::test]
async fn the_time_without_requests_is_a_setting_of_the_sessions() {
    let world = World::new().await;
    let layer = world.layer().await.tower_sessions();
    let error = layer.idle_lifetime(Duration::from_secs(60)).build();
    let error = error.unwrap_err().to_string();
    assert!(error.contains("`idle_lifetime`"), "{error}");
    assert!(
        error.contains("`SessionManagerLayer::with_expiry`"),
        "{error}"
    );
}
