//! How long a session lasts.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use openid_client_axum::openid_client::ResponseMode;
use tokio::sync::Notify;

use self::support::{Browser, CALLBACK, Site, World, app, app_with, log_in};

#[tokio::test]
async fn a_session_ends_after_its_lifetime() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    log_in(&world, &mut browser).await;
    world.advance(12 * 3600 - 1);
    assert_eq!(browser.get("/me").await.body, "hello alice");
    world.advance(1);
    assert_eq!(
        browser.get("/me").await.location(),
        "/auth/login?return_to=%2Fme"
    );
    assert!(browser.cookies("session").is_empty());
}

/// A layer whose sessions last an hour without a request, and three hours at most.
async fn idle(world: &World, pages: Router) -> Browser {
    let layer = world.layer().await;
    let layer = layer.idle_lifetime(Duration::from_secs(3600));
    let layer = layer.session_lifetime(Duration::from_secs(3 * 3600));
    Browser::new(app_with(layer.build().unwrap(), pages))
}

fn max_age(browser: &Browser) -> &str {
    let header = browser.set.iter().rfind(|it| it.contains("openid-session"));
    let (_, age) = header.unwrap().split_once("Max-Age=").unwrap();
    age.split_once(';').unwrap().0
}

#[tokio::test]
async fn a_session_ends_without_requests_and_after_its_lifetime() {
    let world = World::new().await;
    let mut browser = idle(&world, Router::new()).await;
    log_in(&world, &mut browser).await;
    assert_eq!(max_age(&browser), "3600");
    let stolen = browser.clone();
    for stolen_status in [StatusCode::OK, StatusCode::SEE_OTHER, StatusCode::SEE_OTHER] {
        world.advance(3599);
        assert_eq!(browser.get("/me").await.body, "hello alice");
        // An earlier copy is not renewed with it.
        assert_eq!(stolen.clone().get("/me").await.status, stolen_status);
    }
    // Nothing makes it longer than its lifetime.
    assert_eq!(max_age(&browser), "3");
    world.advance(3);
    assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);

    log_in(&world, &mut browser).await;
    world.advance(3600);
    assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
    assert!(browser.cookies("session").is_empty());
}

#[tokio::test]
async fn a_session_is_renewed_now_and_then_and_not_by_what_a_cache_keeps() {
    let world = World::new().await;
    let public = get(async || ([("cache-control", "public, max-age=60")], "a picture"));
    let mut browser = idle(&world, Router::new().route("/picture", public)).await;
    log_in(&world, &mut browser).await;
    let renewals = |browser: &Browser| {
        let sessions = browser.set.iter();
        sessions.filter(|it| it.contains("openid-session=")).count()
    };
    assert_eq!(renewals(&browser), 1);
    world.advance(449);
    browser.get("/me").await;
    assert_eq!(renewals(&browser), 1);
    world.advance(1);
    assert_eq!(browser.get("/picture").await.body, "a picture");
    assert_eq!(renewals(&browser), 1);
    browser.get("/me").await;
    browser.get("/me").await;
    assert_eq!(renewals(&browser), 2);
    // The requests of a script, too.
    world.advance(450);
    browser
        .headers
        .insert("sec-fetch-mode", "cors".parse().unwrap());
    browser.get("/me").await;
    assert_eq!(renewals(&browser), 3);
}

/// Otherwise the response of a slow page would put the session of before into the browser, in the
/// place of the one of a new login.
#[tokio::test]
async fn a_session_that_has_ended_is_not_renewed() {
    let world = World::new().await;
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (begun, go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
        get(async move || {
            begun.notify_one();
            go_on.notified().await;
            "slow"
        })
    };
    let mut browser = idle(&world, Router::new().route("/slow", slow)).await;
    log_in(&world, &mut browser).await;
    world.advance(1800);
    let mut tab = browser.clone();
    let waiting = tokio::spawn(async move {
        let page = tab.get("/slow").await;
        assert_eq!(page.body, "slow");
        page.headers.contains_key("set-cookie")
    });
    begun.notified().await;
    browser.post("/auth/logout", "").await;
    go_on.notify_one();
    assert!(!waiting.await.unwrap());
}

/// The form of the provider does not bring the session cookie, which is `SameSite=Lax`.
#[tokio::test]
async fn a_login_by_form_post_ends_the_earlier_session_of_the_browser() {
    let world = World::new().await;
    let layer = world
        .layer()
        .await
        .authorization_request(|request| request.response_mode(ResponseMode::FormPost));
    let mut browser = Browser::new(app(layer.build().unwrap()));
    let log_in = async |browser: &mut Browser| {
        let login = browser.get("/auth/login").await;
        let form = world.provider.log_in_by_form_post(login.location());
        let posted = browser.send(Method::POST, CALLBACK, Site::Other, Some(&form));
        assert_eq!(posted.await.location(), "/");
    };
    log_in(&mut browser).await;
    let mut copy = browser.clone();
    assert_eq!(copy.get("/me").await.body, "hello alice");
    log_in(&mut browser).await;
    assert_eq!(browser.get("/me").await.body, "hello alice");
    assert_eq!(copy.get("/me").await.status, StatusCode::SEE_OTHER);
}
