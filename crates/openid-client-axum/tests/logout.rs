//! Logout at the provider, and logout that the provider reports.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use axum::http::StatusCode;
use openid_client_axum::LoginError;
use openid_client_axum::openid_client::Reason;
use openid_client_axum::openid_client::store::MemoryStore;
use test_provider::Misbehaviour;

use self::support::{BYE, Browser, World, app, log_in, send_logout_token};

#[tokio::test]
async fn a_person_logs_out_here_and_at_the_provider() {
    let world = World::new().await;
    let layer = world
        .layer()
        .await
        .post_logout_redirect_uri(BYE)
        .after_logout("/?bye");
    let mut browser = Browser::new(app(layer.build().unwrap()));
    log_in(&world, &mut browser).await;
    let left = browser.post("/auth/logout", "").await;
    assert!(left.location().contains("id_token_hint="));
    assert!(browser.cookies("session").is_empty());
    let bye = world.log_in(&left);
    assert!(bye.starts_with("/auth/logged-out?state="), "{bye}");
    assert_eq!(browser.come_back(&bye).await.location(), "/?bye");
    assert!(browser.jar.is_empty());
    assert!(world.errors.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_return_without_the_state_of_the_logout_is_refused() {
    for (misbehaviour, member) in [
        (Misbehaviour::LogoutStateMismatch, "parameter"),
        (Misbehaviour::LogoutStateMissing, "missing"),
    ] {
        let world = World::new().await;
        let layer = world.layer().await.post_logout_redirect_uri(BYE);
        let mut browser = Browser::new(app(layer.build().unwrap()));
        log_in(&world, &mut browser).await;
        let left = browser.post("/auth/logout", "").await;
        world.provider.provider().misbehave(misbehaviour);
        let refused = browser.come_back(&world.log_in(&left)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        let LoginError::LogoutReturnRefused(error) = world.error() else {
            panic!("another error");
        };
        let reason = &error.rejection().unwrap().reason;
        let is_expected = match member {
            "missing" => matches!(reason, Reason::Missing { .. }),
            _ => matches!(reason, Reason::ParameterMismatch { .. }),
        };
        assert!(is_expected, "{reason:?}");
    }
    // A return that no logout of this browser has begun.
    let world = World::new().await;
    let mut browser = world.browser().await;
    browser.come_back("/auth/logged-out?state=forged").await;
    assert!(matches!(world.error(), LoginError::LogoutReturnRefused(_)));
}

#[tokio::test]
async fn a_logout_without_a_session_leads_to_the_page_after_a_logout() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    assert_eq!(browser.post("/auth/logout", "").await.location(), "/");
    let page = browser.get("/auth/logout").await;
    assert!(page.body.contains("You are not logged in."));
}

#[tokio::test]
async fn the_provider_ends_a_session() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    log_in(&world, &mut browser).await;
    let mut other = browser.other();
    log_in(&world, &mut other).await;
    // The logout token names the provider's last session, which is that of the other browser.
    let token = world.logout_token();
    let answer = send_logout_token(&browser, &token).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(browser.get("/me").await.body, "hello alice");
    assert_eq!(other.get("/me").await.status, StatusCode::SEE_OTHER);
    assert!(other.jar.is_empty());
    // A later login is another session.
    world.advance(1);
    log_in(&world, &mut other).await;
    assert_eq!(other.get("/me").await.body, "hello alice");
}

#[tokio::test]
async fn the_provider_ends_every_session_of_a_person() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    log_in(&world, &mut browser).await;
    let mut other = browser.other();
    log_in(&world, &mut other).await;
    let provider = world.provider.provider();
    provider.misbehave(Misbehaviour::LogoutTokenSessionMissing);
    let token = world.logout_token();
    assert_eq!(
        send_logout_token(&browser, &token).await.status,
        StatusCode::OK
    );
    for browser in [&mut browser, &mut other] {
        assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
    }
    world.advance(1);
    log_in(&world, &mut other).await;
    assert_eq!(other.get("/me").await.body, "hello alice");
}

#[tokio::test]
async fn a_logout_token_that_is_refused_ends_nothing() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    log_in(&world, &mut browser).await;
    let provider = world.provider.provider();
    provider.misbehave(Misbehaviour::LogoutTokenSignatureBroken);
    let token = world.logout_token();
    provider.behave();
    for form in [token.as_str(), "", "logout_token=x"] {
        let refused = send_logout_token(&browser, form).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(
            refused.body.contains("\"error\":\"invalid_request\""),
            "{}",
            refused.body
        );
        assert!(matches!(world.error(), LoginError::LogoutTokenRefused(_)));
    }
    assert_eq!(browser.get("/me").await.body, "hello alice");
}

/// The provider sends a token again when it did not get the response. A session that has begun
/// since is not concerned.
#[tokio::test]
async fn a_logout_token_that_comes_again_gets_the_same_response_and_ends_nothing_more() {
    let world = World::new().await;
    let provider = world.provider.provider();
    provider.misbehave(Misbehaviour::LogoutTokenSessionMissing);
    for shared in [false, true] {
        let layer = world.layer().await;
        let layer = match shared {
            true => layer.store(MemoryStore::new()),
            false => layer,
        };
        let mut browser = Browser::new(app(layer.build().unwrap()));
        log_in(&world, &mut browser).await;
        let token = world.logout_token();
        for _ in 0..2 {
            let answer = send_logout_token(&browser, &token).await;
            assert_eq!((answer.status, &*answer.body), (StatusCode::OK, ""));
        }
        assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
        world.advance(1);
        log_in(&world, &mut browser).await;
        world.advance(1);
        let answer = send_logout_token(&browser, &token).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(browser.get("/me").await.body, "hello alice");
        assert!(world.errors.lock().unwrap().is_empty());
    }
}
