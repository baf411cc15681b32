//! The store of the layer fails, or does not answer.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use openid_client_axum::LoginError;
use openid_client_axum::openid_client::store::MemoryStore;
use tokio::time::timeout;

use self::support::{Browser, Mood, Moody, World, app, log_in, send_logout_token};

async fn browser(world: &World, store: &Arc<Moody>) -> Browser {
    let layer = world.layer().await.store(Arc::clone(store));
    let layer = layer
        .store_deadline(Duration::from_millis(50))
        .keep_tokens();
    Browser::new(app(layer.build().unwrap()))
}

/// Without the store, the layer does not know which sessions have ended.
#[tokio::test]
async fn a_session_is_refused_while_the_store_fails_or_is_silent() {
    let world = World::new().await;
    let store = Arc::new(Moody::new());
    let mut browser = browser(&world, &store).await;
    log_in(&world, &mut browser).await;
    for mood in [Mood::Fails(""), Mood::Silent] {
        store.set(mood);
        let refused = timeout(Duration::from_secs(5), browser.get("/")).await;
        assert_eq!(refused.unwrap().status, StatusCode::SERVICE_UNAVAILABLE);
        let error = world.error();
        assert!(matches!(error, LoginError::Store(_)), "{error}");
        assert!(error.to_string().contains("store_deadline"), "{error}");
        // Neither can a login finish, because its callback could be a replay.
        let mut stranger = browser.other();
        assert_eq!(stranger.get("/").await.status, StatusCode::OK);
        let login = stranger.get("/auth/login").await;
        let callback = world.log_in(&login);
        let refused = timeout(Duration::from_secs(5), stranger.come_back(&callback)).await;
        assert_eq!(refused.unwrap().status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(matches!(world.error(), LoginError::Store(_)));
        assert!(stranger.cookies("session").is_empty());
    }
    // The cookie is still there when the store is back.
    store.set(Mood::Works);
    assert_eq!(browser.get("/me").await.body, "hello alice");
}

/// Who believes that they have logged out leaves the computer.
#[tokio::test]
async fn a_logout_that_the_store_does_not_take_is_not_shown_as_one() {
    let world = World::new().await;
    let store = Arc::new(Moody::new());
    let mut browser = browser(&world, &store).await;
    log_in(&world, &mut browser).await;
    let session = browser.jar.clone();
    for mood in [
        Mood::Fails(""),
        Mood::Fails("save"),
        Mood::Fails("take"),
        Mood::Silent,
    ] {
        store.set(mood);
        let page = timeout(Duration::from_secs(5), browser.post("/auth/logout", "")).await;
        let page = page.unwrap();
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{mood:?}");
        match world.error() {
            LoginError::LogoutFailed(error) => assert!(matches!(*error, LoginError::Store(_))),
            other => panic!("{other:?}"),
        }
        assert!(
            page.body.contains("The logout did not work"),
            "{}",
            page.body
        );
        assert!(
            page.body.contains("You may still be logged in"),
            "{}",
            page.body
        );
        assert!(page.body.contains("href=\"/auth/logout\""), "{}", page.body);
        // The person can try again.
        assert_eq!(browser.jar, session, "{mood:?}");
    }
    store.set(Mood::Works);
    let left = browser.post("/auth/logout", "").await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    assert!(browser.jar.is_empty());
}

#[tokio::test]
async fn a_logout_token_that_the_store_did_not_take_is_taken_later() {
    let world = World::new().await;
    let store = Arc::new(Moody::new());
    let mut browser = browser(&world, &store).await;
    log_in(&world, &mut browser).await;
    let token = world.logout_token();
    for mood in [Mood::Fails("save"), Mood::Fails("lease"), Mood::Silent] {
        store.set(mood);
        let refused = timeout(Duration::from_secs(5), send_logout_token(&browser, &token)).await;
        assert_eq!(refused.unwrap().status, StatusCode::BAD_REQUEST, "{mood:?}");
        assert!(matches!(world.error(), LoginError::Store(_)));
    }
    store.set(Mood::Works);
    assert_eq!(browser.get("/me").await.body, "hello alice");
    let taken = send_logout_token(&browser, &token).await;
    assert_eq!(taken.status, StatusCode::OK);
    assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
}

/// Where the browser has an earlier session, the store has to look it up first.
#[tokio::test]
async fn a_callback_that_was_not_used_can_be_loaded_again() {
    for (has_session, mood) in [
        (true, Mood::Fails("")),
        (false, Mood::Fails("")),
        (false, Mood::Silent),
    ] {
        let world = World::new().await;
        let store = Arc::new(Moody::new());
        let mut browser = browser(&world, &store).await;
        if has_session {
            log_in(&world, &mut browser).await;
        }
        let callback = world.log_in(&browser.get("/auth/login").await);
        store.set(mood);
        let page = timeout(Duration::from_secs(5), browser.get(&callback)).await;
        assert_eq!(page.unwrap().status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(matches!(world.error(), LoginError::Store(_)));
        assert_eq!(browser.cookies("login").len(), 1);
        store.set(Mood::Works);
        assert_eq!(browser.get(&callback).await.location(), "/");
        assert!(browser.cookies("login").is_empty());
        assert_eq!(browser.get("/me").await.body, "hello alice");
    }
}

/// The tokens of a login cannot be kept: no one has logged in, and the code is spent.
#[tokio::test]
async fn a_login_whose_tokens_are_lost_begins_no_session() {
    let world = World::new().await;
    let store = Arc::new(Moody::new());
    let mut browser = browser(&world, &store).await;
    let login = browser.get("/auth/login").await;
    store.set(Mood::Fails("save"));
    let page = browser.come_back(&world.log_in(&login)).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(matches!(world.error(), LoginError::Store(_)));
    store.set(Mood::Works);
    assert!(browser.jar.is_empty());
    assert!(browser.get("/").await.body.starts_with("hello stranger"));
}

/// What a process remembers ends with it. A copy of a cookie that was logged out before must not be
/// good after the next start.
#[tokio::test]
async fn a_session_outlives_the_process_only_with_a_store_that_does() {
    let world = World::new().await;
    let mut first = world.browser().await;
    log_in(&world, &mut first).await;
    let mut copy = first.clone();
    first.post("/auth/logout", "").await;
    // In the same second, and with a clock that was set back.
    for seconds in [0, -3600] {
        world.advance(seconds);
        let mut second = world.browser().await;
        second.jar.clone_from(&copy.jar);
        assert_eq!(second.get("/me").await.status, StatusCode::SEE_OTHER);
        assert!(second.jar.is_empty());
        log_in(&world, &mut second).await;
        assert_eq!(second.get("/me").await.body, "hello alice");
    }
    let mut second = world.browser().await;
    second.jar.append(&mut copy.jar);
    assert_eq!(second.get("/me").await.status, StatusCode::SEE_OTHER);
    assert!(second.jar.is_empty());

    let store = Arc::new(MemoryStore::new());
    let start = async || {
        let layer = world.layer().await.store(Arc::clone(&store));
        Browser::new(app(layer.build().unwrap()))
    };
    // What began without the store could have ended without it.
    let mut before = world.browser().await;
    log_in(&world, &mut before).await;
    let mut first = start().await;
    first.jar.append(&mut before.jar);
    assert_eq!(first.get("/me").await.status, StatusCode::SEE_OTHER);
    log_in(&world, &mut first).await;
    let mut second = start().await;
    second.jar.clone_from(&first.jar);
    assert_eq!(second.get("/me").await.body, "hello alice");
    first.post("/auth/logout", "").await;
    assert_eq!(second.get("/me").await.status, StatusCode::SEE_OTHER);
}
