//! Logout that the provider reports through the browser.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use openid_client_axum::openid_client::Reason;
use openid_client_axum::{Claims, LoginError};

use self::support::{Browser, Mood, Moody, Site, World, app_with, log_in};

const FRONT_CHANNEL: &str = "/auth/frontchannel-logout/example";

async fn browser(world: &World, store: &Arc<Moody>) -> Browser {
    let sid = get(async |claims: Claims| claims.sid().unwrap().to_owned());
    let layer = world.layer().await.front_channel_logout();
    let layer = layer.store(Arc::clone(store)).build().unwrap();
    Browser::new(app_with(layer, Router::new().route("/sid", sid)))
}

/// The address in the frame of the provider's logout page.
async fn frame(world: &World, browser: &mut Browser) -> String {
    let sid = browser.get("/sid").await.body;
    format!("{FRONT_CHANNEL}?iss={}&sid={sid}", world.provider.url())
}

#[tokio::test]
async fn the_logout_page_of_the_provider_ends_the_session() {
    let world = World::new().await;
    let mut browser = browser(&world, &Arc::new(Moody::new())).await;
    log_in(&world, &mut browser).await;
    let cookie = &browser.cookies("front-channel")[0];
    assert_eq!(cookie.name, "__Host-openid-front-channel");
    assert_eq!(cookie.same_site, "None");
    let set = browser.set.iter().find(|it| it.contains("front-channel"));
    for attribute in ["; Secure", "; HttpOnly", "; Path=/"] {
        assert!(set.unwrap().contains(attribute), "{set:?}");
    }
    let mut copy = browser.clone();
    let frame = frame(&world, &mut browser).await;
    // Twice: the provider may load it again.
    for _ in 0..2 {
        let answer = browser.load_in_frame(&frame).await;
        assert_eq!((answer.status, &*answer.body), (StatusCode::OK, ""));
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(!answer.headers.contains_key("content-security-policy"));
    }
    assert!(browser.jar.is_empty());
    assert_eq!(copy.get("/me").await.status, StatusCode::SEE_OTHER);
    assert!(copy.jar.is_empty());
    assert!(world.errors.lock().unwrap().is_empty());
}

/// Any site can load the address, without knowing the session.
#[tokio::test]
async fn a_request_about_another_session_ends_nothing() {
    let world = World::new().await;
    let mut browser = browser(&world, &Arc::new(Moody::new())).await;
    log_in(&world, &mut browser).await;
    let jar = browser.jar.clone();
    let good = frame(&world, &mut browser).await;
    let iss = world.provider.url();
    let sid = good.rsplit_once("sid=").unwrap().1;
    for (query, parameter) in [
        (format!("iss={iss}&sid=guessed"), "sid"),
        (format!("iss={iss}&sid="), "sid"),
        (format!("iss={iss}"), "sid"),
        (String::new(), "sid"),
        (format!("iss=https://evil.example&sid={sid}"), "iss"),
        (format!("iss={iss}&sid={sid}&sid={sid}"), "sid"),
    ] {
        let answer = browser
            .load_in_frame(&format!("{FRONT_CHANNEL}?{query}"))
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        let LoginError::FrontChannelLogoutRefused(error) = world.error() else {
            panic!("another error");
        };
        let found = match &error.rejection().unwrap().reason {
            Reason::ParameterMismatch { parameter, .. } => (*parameter).to_owned(),
            Reason::Missing { member } | Reason::Duplicate { member } => member.to_string(),
            other => panic!("{query}: {other:?}"),
        };
        assert_eq!(found, parameter, "{query}");
    }
    assert_eq!(browser.jar, jar);
    assert_eq!(browser.get("/me").await.body, "hello alice");
    // A browser without a session has nothing to end.
    let answer = browser.other().load_in_frame(&good).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(browser.get("/me").await.body, "hello alice");
}

/// The route of another client, whose provider is not that of the session.
#[tokio::test]
async fn the_provider_of_another_client_ends_nothing() {
    let world = World::new().await;
    let sid = get(async |claims: Claims| claims.sid().unwrap().to_owned());
    let layer = world.layer().await.client("other", world.client().await);
    let layer = layer.front_channel_logout().build().unwrap();
    let mut browser = Browser::new(app_with(layer, Router::new().route("/sid", sid)));
    let login = browser.get("/auth/login?client=example").await;
    browser.come_back(&world.log_in(&login)).await;
    let frame = frame(&world, &mut browser).await;
    let of_other = frame.replace("/example?", "/other?");
    assert_eq!(
        browser.load_in_frame(&of_other).await.status,
        StatusCode::OK
    );
    assert_eq!(browser.get("/me").await.body, "hello alice");
    assert_eq!(browser.load_in_frame(&frame).await.status, StatusCode::OK);
    assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
}

/// The cookie for this logout is good for nothing else, and no other cookie is good for it.
#[tokio::test]
async fn each_cookie_serves_its_purpose() {
    let world = World::new().await;
    let mut browser = browser(&world, &Arc::new(Moody::new())).await;
    log_in(&world, &mut browser).await;
    let frame = frame(&world, &mut browser).await;
    let value = |name: &str| browser.cookies(name)[0].value.clone();
    let (session, front_channel) = (value("session"), value("front-channel"));
    let mut swapped = browser.clone();
    for cookie in &mut swapped.jar {
        cookie.value = match cookie.name.contains("front-channel") {
            true => session.clone(),
            false => front_channel.clone(),
        };
    }
    assert_eq!(swapped.load_in_frame(&frame).await.status, StatusCode::OK);
    assert_eq!(swapped.get("/me").await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/me").await.body, "hello alice");
    // A logout of the person takes both.
    browser.post("/auth/logout", "").await;
    assert!(browser.jar.is_empty());
}

#[tokio::test]
async fn a_store_that_fails_is_reported() {
    let world = World::new().await;
    let store = Arc::new(Moody::new());
    let mut browser = browser(&world, &store).await;
    log_in(&world, &mut browser).await;
    let frame = frame(&world, &mut browser).await;
    store.set(Mood::Fails("save"));
    let answer = browser.load_in_frame(&frame).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(matches!(world.error(), LoginError::LogoutFailed(_)));
    assert_eq!(browser.jar.len(), 2);
    store.set(Mood::Works);
    assert_eq!(browser.load_in_frame(&frame).await.status, StatusCode::OK);
    assert!(browser.jar.is_empty());
}

#[tokio::test]
async fn a_layer_takes_such_logouts_only_if_it_is_told_to() {
    let world = World::new().await;
    let mut usual = world.browser().await;
    log_in(&world, &mut usual).await;
    assert!(usual.cookies("front-channel").is_empty());
    let answer = usual.load_in_frame(FRONT_CHANNEL).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let mut told = browser(&world, &Arc::new(Moody::new())).await;
    let posted = told
        .send(Method::POST, FRONT_CHANNEL, Site::Frame, Some(""))
        .await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
    let other = told.load_in_frame("/auth/frontchannel-logout/other").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}
