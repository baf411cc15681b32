//! A session ends everywhere: for requests that are under way, on every instance, and for as long
//! as a copy of its cookie could be good.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use openid_client_axum::openid_client::TokenSource;
use openid_client_axum::openid_client::store::{MemoryStore, TokenStore as _};
use openid_client_axum::{AccessToken, Login, LoginError, LoginLayer};
use test_provider::{Endpoint, Misbehaviour};
use tokio::sync::Notify;

use self::support::{Browser, CALLBACK, Moody, ORIGIN, World, app, key, log_in, send_logout_token};

/// The instances of an application have clocks that differ. A login that was under way when the
/// logout token came looks the same: its session begins after it.
#[tokio::test]
async fn a_logout_token_ends_the_session_of_an_instance_whose_clock_is_ahead() {
    for misbehaviour in [None, Some(Misbehaviour::LogoutTokenSessionMissing)] {
        let world = World::new().await;
        let store = Arc::new(MemoryStore::new());
        let uri = format!("{ORIGIN}{CALLBACK}");
        let instance = async |ahead| {
            let client = world.client_ahead(&uri, ahead).await;
            let layer = LoginLayer::builder(key()).client("example", client);
            let layer = layer.store(Arc::clone(&store));
            Browser::new(app(layer.build().unwrap()))
        };
        let (mut ahead, other) = (instance(10).await, instance(0).await);
        log_in(&world, &mut ahead).await;
        assert_eq!(ahead.get("/me").await.body, "hello alice");
        if let Some(misbehaviour) = misbehaviour {
            world.provider.provider().misbehave(misbehaviour);
        }
        world.advance(1);
        let taken = send_logout_token(&other, &world.logout_token()).await;
        assert_eq!(taken.status, StatusCode::OK);
        assert_eq!(ahead.get("/me").await.status, StatusCode::SEE_OTHER);
    }
}

/// The clock of one of the provider's servers is behind that of another.
#[tokio::test]
async fn a_logout_token_with_an_early_time_ends_the_sessions_before_it_came() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    log_in(&world, &mut browser).await;
    world.advance(-5);
    let token = world.logout_token();
    world.advance(5);
    let taken = send_logout_token(&browser, &token).await;
    assert_eq!(taken.status, StatusCode::OK);
    assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
}

/// An older logout token that is late must not take the place of a newer one.
#[tokio::test]
async fn the_latest_of_several_logout_tokens_counts() {
    let world = World::new().await;
    world
        .provider
        .provider()
        .misbehave(Misbehaviour::LogoutTokenSessionMissing);
    let store = Arc::new(MemoryStore::new());
    for shared in [false, true] {
        let layer = world.layer().await;
        let layer = match shared {
            true => layer.store(Arc::clone(&store)),
            false => layer,
        };
        let mut browser = Browser::new(app(layer.build().unwrap()));
        log_in(&world, &mut browser).await;
        let late = world.logout_token();
        world.advance(10);
        log_in(&world, &mut browser).await;
        world.advance(10);
        let taken = send_logout_token(&browser, &world.logout_token()).await;
        assert_eq!(taken.status, StatusCode::OK);
        let taken = send_logout_token(&browser, &late).await;
        assert_eq!(taken.status, StatusCode::OK);
        assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
        world.advance(1);
    }
}

/// A handler is under way while the provider ends the session, and so is a task that outlives its
/// request.
#[tokio::test]
async fn what_is_under_way_gets_no_token_after_the_end() {
    let world = World::new().await;
    let store = Arc::new(Moody::new());
    let (begun, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let kept: Arc<Mutex<Option<TokenSource>>> = Arc::default();
    let wait = {
        let (begun, ended, kept) = (Arc::clone(&begun), Arc::clone(&ended), Arc::clone(&kept));
        get(async move |token: AccessToken, login: Login| {
            *kept.lock().unwrap() = Some(token.source().clone());
            begun.notify_one();
            ended.notified().await;
            match login.access_token().await {
                Ok(_) => "a token".to_owned(),
                Err(error) => error.code().to_owned(),
            }
        })
    };
    let layer = world.layer().await.keep_tokens().store(Arc::clone(&store));
    let app = Router::new().route("/wait", wait);
    let mut browser = Browser::new(app.layer(layer.build().unwrap()));
    log_in(&world, &mut browser).await;
    let mut tab = browser.clone();
    let waiting = tokio::spawn(async move { tab.get("/wait").await.body });
    begun.notified().await;
    let taken = send_logout_token(&browser, &world.logout_token()).await;
    assert_eq!(taken.status, StatusCode::OK);
    ended.notify_one();
    assert_eq!(waiting.await.unwrap(), "LOGIN_REQUIRED");
    // The task refreshes nothing, and the tokens are gone.
    let source = kept.lock().unwrap().take().unwrap();
    assert!(source.token().await.is_ok());
    world.advance(3600);
    let error = source.token().await.unwrap_err();
    assert!(error.to_string().contains("login"), "{error}");
    assert_eq!(world.provider.provider().served(Endpoint::Token), 1);
    let tokens = store.saved().into_iter();
    for name in tokens.filter(|name| !name.starts_with("login-layer:")) {
        assert!(store.load(&name).await.unwrap().is_none());
    }
}

/// The provider ends the session while its tokens are refreshed.
#[tokio::test]
async fn a_refresh_that_is_under_way_gives_no_token_after_the_end() {
    let world = World::new().await;
    let store = Arc::new(Moody::new());
    let layer = world.layer().await.keep_tokens().store(Arc::clone(&store));
    let page = get(async |_: AccessToken| "a token");
    let app = Router::new().route("/token", page);
    let mut browser = Browser::new(app.layer(layer.build().unwrap()));
    log_in(&world, &mut browser).await;
    assert_eq!(browser.get("/token").await.body, "a token");
    world.advance(3600);
    // The note that a refresh begins, which comes before the token request.
    let gate = store.shut("tokens:");
    let mut tab = browser.clone();
    let waiting = tokio::spawn(async move { tab.get("/token").await });
    gate.reached.notified().await;
    let taken = send_logout_token(&browser, &world.logout_token()).await;
    assert_eq!(taken.status, StatusCode::OK);
    gate.open.notify_one();
    assert_eq!(
        waiting.await.unwrap().location(),
        "/auth/login?return_to=%2Ftoken"
    );
    assert_eq!(world.provider.provider().served(Endpoint::Token), 2);
}

/// The layer remembers an end for as long as the session could last. With a longer lifetime after
/// the next start, a session from before would outlive the memory of its end.
#[tokio::test]
async fn a_session_lasts_no_longer_than_it_was_to_when_it_began() {
    let world = World::new().await;
    let store = Arc::new(MemoryStore::new());
    let start = async |hours: u64| {
        let layer = world.layer().await.store(Arc::clone(&store));
        let layer = layer.session_lifetime(Duration::from_secs(hours * 3600));
        Browser::new(app(layer.build().unwrap()))
    };
    let (mut short, mut long) = (start(1).await, start(12).await);
    log_in(&world, &mut short).await;
    long.jar.clone_from(&short.jar);
    assert_eq!(long.get("/me").await.body, "hello alice");
    world.advance(3600);
    assert_eq!(long.get("/me").await.status, StatusCode::SEE_OTHER);
    // A shorter lifetime counts at once.
    log_in(&world, &mut long).await;
    world.advance(3600);
    assert_eq!(long.get("/me").await.body, "hello alice");
    short.jar.clone_from(&long.jar);
    assert_eq!(short.get("/me").await.status, StatusCode::SEE_OTHER);
}

/// Two tabs, or a person who clicks twice, bring the same callback at once.
#[tokio::test]
async fn of_two_callbacks_at_once_one_is_used() {
    let world = World::new().await;
    for shared in [false, true] {
        let layer = world.layer().await;
        let layer = match shared {
            true => layer.store(Arc::new(MemoryStore::new())),
            false => layer,
        };
        let mut browser = Browser::new(app(layer.build().unwrap()));
        let before = world.provider.provider().served(Endpoint::Token);
        let login = browser.get("/auth/login").await;
        let callback = world.log_in(&login);
        let mut tab = browser.clone();
        let (one, two) = tokio::join!(browser.come_back(&callback), tab.come_back(&callback));
        let mut statuses = [one.status, two.status];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::BAD_REQUEST]);
        assert!(matches!(world.error(), LoginError::CallbackUsed));
        assert_eq!(
            world.provider.provider().served(Endpoint::Token),
            before.saturating_add(1)
        );
    }
}
