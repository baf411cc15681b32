//! Sessions of the crate tower-sessions.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use openid_client_axum::{Claims, LoginError, RequireLogin};
use tower_sessions::cookie::SameSite;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use self::support::{Browser, World};

async fn app(world: &World, has_sessions: bool) -> Router {
    let layer = world.layer().await.tower_sessions().build().unwrap();
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
