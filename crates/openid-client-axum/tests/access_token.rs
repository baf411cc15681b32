//! The tokens of a session.

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
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use openid_client_axum::openid_client::http::Method;
use openid_client_axum::openid_client::store::TokenStore as _;
use openid_client_axum::{AccessToken, LoginError, LoginLayer, LoginLayerBuilder};
use test_provider::Endpoint;
use tokio::task::JoinSet;

use self::support::{Browser, Moody, World};

fn app(layer: LoginLayer, api: String) -> Router {
    let things = get(async move |token: AccessToken| -> Response {
        let client = token.client();
        let request = client.fetch_protected_resource(token.source(), Method::GET, &api);
        match request.await {
            Ok(response) => response.map(Body::new).into_response(),
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    });
    Router::new().route("/things", things).layer(layer)
}

async fn browser(world: &World, keeps_tokens: bool) -> Browser {
    let layer = world.layer().await;
    let layer = match keeps_tokens {
        true => layer.keep_tokens(),
        false => layer,
    };
    browser_with(world, layer).await
}

async fn browser_with(world: &World, layer: LoginLayerBuilder) -> Browser {
    let api = world.provider.provider().url(Endpoint::Resource);
    let mut browser = Browser::new(app(layer.build().unwrap(), api));
    let login = browser.get("/auth/login?return_to=/things").await;
    browser.come_back(&world.log_in(&login)).await;
    browser
}

#[tokio::test]
async fn parallel_requests_of_a_session_share_each_refresh() {
    let world = World::new().await;
    let browser = browser(&world, true).await;
    for expiry in 0..=3 {
        let mut requests = JoinSet::new();
        for _ in 0..8 {
            let mut tab = browser.clone();
            requests.spawn(async move { tab.get("/things").await });
        }
        for answer in requests.join_all().await {
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
            assert!(answer.body.contains("alice"), "{}", answer.body);
        }
        // The provider ends a login whose refresh token is used twice.
        assert_eq!(
            world.provider.provider().served(Endpoint::Token),
            1 + expiry
        );
        world.advance(3600);
    }
}

#[tokio::test]
async fn a_logout_removes_and_revokes_the_tokens() {
    let world = World::new().await;
    let store = Arc::new(Moody::new());
    let layer = world.layer().await.keep_tokens().store(Arc::clone(&store));
    let mut browser = browser_with(&world, layer).await;
    assert_eq!(browser.get("/things").await.status, StatusCode::OK);
    let [name] = &store.saved()[..] else {
        panic!("another number of values");
    };
    assert!(store.load(name).await.unwrap().is_some());
    let mut copy = browser.clone();
    browser.post("/auth/logout", "").await;
    assert!(store.load(name).await.unwrap().is_none());
    let refused = copy.get("/things").await;
    assert_eq!(refused.location(), "/auth/login?return_to=%2Fthings");
    // The refresh token is revoked in the background.
    let provider = world.provider.provider();
    for _ in 0..1000 {
        if provider.served(Endpoint::Revocation) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    assert_eq!(provider.served(Endpoint::Revocation), 1);
}

#[tokio::test]
async fn tokens_that_cannot_be_refreshed_need_a_login() {
    let world = World::new().await;
    let provider = world.provider.provider();
    provider.misbehave(test_provider::Misbehaviour::TokenRefreshTokenMissing);
    let mut browser = browser(&world, true).await;
    assert_eq!(browser.get("/things").await.status, StatusCode::OK);
    world.advance(3600);
    let refused = browser.get("/things").await;
    assert_eq!(refused.location(), "/auth/login?return_to=%2Fthings");
    world.provider.provider().behave();
    let login = browser.get(refused.location()).await;
    assert_eq!(
        browser.come_back(&world.log_in(&login)).await.location(),
        "/things"
    );
    assert_eq!(browser.get("/things").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_layer_that_keeps_no_tokens_says_so() {
    let world = World::new().await;
    let mut browser = browser(&world, false).await;
    let refused = browser.get("/things").await;
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
    let error = world.error();
    assert!(matches!(error, LoginError::TokensNotKept));
    assert!(error.to_string().contains("keep_tokens"));
}
