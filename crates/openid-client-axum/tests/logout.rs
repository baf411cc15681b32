//! Logout at the provider, and logout that the provider reports.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use axum::http::{Method, StatusCode};
use openid_client_axum::LoginError;
use openid_client_axum::openid_client::Reason;
use test_provider::Misbehaviour;

use self::support::{BYE, Browser, Site, World, app};

const BACK_CHANNEL: &str = "/auth/backchannel-logout/example";

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
    let token = logout_token(&world);
    let answer = send(&mut browser, &token).await;
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
    let token = logout_token(&world);
    assert_eq!(send(&mut browser, &token).await.status, StatusCode::OK);
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
    let token = logout_token(&world);
    provider.behave();
    for form in [token.as_str(), "", "logout_token=x"] {
        let refused = send(&mut browser, form).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(
            refused.body.contains("\"error\":\"invalid_request\""),
            "{}",
            refused.body
        );
        assert!(matches!(world.error(), LoginError::LogoutTokenRefused(_)));
    }
    assert_eq!(browser.get("/me").await.body, "hello alice");
    // A token is accepted once.
    let token = logout_token(&world);
    send(&mut browser, &token).await;
    send(&mut browser, &token).await;
    let LoginError::LogoutTokenRefused(error) = world.error() else {
        panic!("another error");
    };
    let replayed = Reason::Replayed { claim: "jti" };
    assert_eq!(error.rejection().unwrap().reason, replayed);
}

fn logout_token(world: &World) -> String {
    let provider = world.provider.provider();
    let request = provider.logout_request("my-app", world.now()).unwrap();
    assert_eq!(request.uri().path(), BACK_CHANNEL);
    String::from_utf8(request.body().to_vec()).unwrap()
}

/// The provider sends a request, without a cookie of the browser.
async fn send(browser: &mut Browser, form: &str) -> support::Answer {
    let mut provider = browser.other();
    provider
        .send(Method::POST, BACK_CHANNEL, Site::Other, Some(form))
        .await
}

async fn log_in(world: &World, browser: &mut Browser) {
    let login = browser.get("/auth/login").await;
    browser.come_back(&world.log_in(&login)).await;
    assert_eq!(browser.cookies("session").len(), 1);
}
