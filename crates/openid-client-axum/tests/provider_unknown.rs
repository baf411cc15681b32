//! A browser has a session at a provider whose metadata are needed to accept it, and cannot be
//! fetched. It can log in elsewhere and log out.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use openid_client_axum::openid_client::store::MemoryStore;
use openid_client_axum::openid_client::{
    Client, ClientBuilder, LazyClient, ResponseMode, UnixTime,
};
use openid_client_axum::{LoginError, LoginLayer, LoginLayerBuilder};
use test_provider::{Endpoint, Misbehaviour};

use self::support::{
    Browser, CALLBACK, ORIGIN, Site, World, app, key, log_in, log_out_here_alone, pass,
};

/// Both clients use one redirect URI.
fn set_up<Source>(world: &World, client: ClientBuilder<Source>) -> ClientBuilder<Source> {
    let clock = Arc::clone(&world.clock);
    client
        .root_certificate_pem(world.provider.ca_certificate_pem())
        .clock(move || UnixTime::from_seconds(clock.load(Ordering::SeqCst)))
        .redirect_uri(format!("{ORIGIN}{CALLBACK}"))
        .require_authorization_response_iss()
}

/// A client whose document may name any issuer, so that only the document says whose sessions are
/// good.
fn unknown(world: &World) -> LazyClient {
    let url = format!("{}/.well-known/openid-configuration", world.provider.url());
    let client = set_up(world, Client::danger_discover_document(url, "my-app"));
    client.lazy().build().unwrap()
}

/// An application that starts, with a store that outlives it.
fn started(world: &World, layer: LoginLayerBuilder, store: &Arc<MemoryStore>) -> Browser {
    let layer = world.noted(layer).store(Arc::clone(store)).keep_tokens();
    Browser::new(app(layer.build().unwrap()))
}

/// A browser with a session at a provider that is down since the application has started again.
async fn left_alone(world: &World, layer: LoginLayerBuilder) -> Browser {
    let store = Arc::new(MemoryStore::new());
    let known = LoginLayer::builder(key()).client("one", world.client().await);
    let mut before = started(world, known, &store);
    log_in(world, &mut before).await;
    world.provider.stop_listening().await;
    let mut browser = started(world, layer.client("one", unknown(world)), &store);
    browser.jar.clone_from(&before.jar);
    assert_eq!(
        browser.get("/me").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    let error = world.error();
    assert!(
        matches!(error, LoginError::ProviderUnavailable { .. }),
        "{error}"
    );
    browser
}

/// After a time in which the first attempt to revoke a token has failed.
async fn come_back_up(world: &World) {
    tokio::time::sleep(Duration::from_millis(50)).await;
    world.provider.listen_again().await.unwrap();
    pass(1).await;
}

async fn is_revoked(world: &World) -> bool {
    for _ in 0..100 {
        if world.provider.provider().served(Endpoint::Revocation) > 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test]
async fn a_login_at_another_provider_takes_the_place_of_the_session() {
    for by_form in [false, true] {
        let [one, two] = [World::new().await, World::with_seed("two").await];
        let layer = LoginLayer::builder(key()).client("two", two.client().await);
        let layer = match by_form {
            true => layer.authorization_request(|it| it.response_mode(ResponseMode::FormPost)),
            false => layer,
        };
        let mut browser = left_alone(&one, layer).await;
        let mut copy = browser.clone();
        let login = browser.get("/auth/login?client=two").await;
        assert_eq!(login.status, StatusCode::SEE_OTHER, "{}", login.body);
        let back = match by_form {
            true => {
                let form = two.provider.log_in_by_form_post(login.location());
                let post = browser.send(Method::POST, CALLBACK, Site::Other, Some(&form));
                post.await
            }
            false => browser.come_back(&two.log_in(&login)).await,
        };
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
        assert_eq!(two.provider.provider().served(Endpoint::Token), 1);
        assert_eq!(browser.get("/me").await.body, "hello alice");
        assert!(one.errors.lock().unwrap().is_empty());
        // The session at the first one has ended, and its refresh token is revoked.
        come_back_up(&one).await;
        assert_eq!(copy.get("/me").await.status, StatusCode::SEE_OTHER);
        assert!(is_revoked(&one).await);
    }
}

#[tokio::test]
async fn a_logout_ends_the_session_here() {
    let world = World::new().await;
    let mut browser = left_alone(&world, LoginLayer::builder(key())).await;
    let mut copy = browser.clone();
    let confirm = browser.get("/auth/logout").await;
    assert_eq!(confirm.status, StatusCode::OK);
    assert!(confirm.body.contains("name=\"token\""), "{}", confirm.body);
    log_out_here_alone(&world, &mut browser).await;
    come_back_up(&world).await;
    assert_eq!(copy.get("/me").await.status, StatusCode::SEE_OTHER);
    assert!(is_revoked(&world).await);
}

/// The operator has given the name of a client to another provider, which must not get the ID Token
/// of the session.
#[tokio::test]
async fn a_logout_at_another_issuer_than_that_of_the_session_stays_here() {
    let [one, two] = [World::new().await, World::with_seed("two").await];
    let store = Arc::new(MemoryStore::new());
    let known = LoginLayer::builder(key()).client("one", one.client().await);
    let mut before = started(&one, known, &store);
    log_in(&one, &mut before).await;
    let replaced = LoginLayer::builder(key()).client("one", two.client().await);
    let mut browser = started(&two, replaced, &store);
    browser.jar.clone_from(&before.jar);
    assert_eq!(browser.post("/auth/logout", "").await.location(), "/");
    assert!(browser.jar.is_empty());
    assert_eq!(before.get("/me").await.status, StatusCode::SEE_OTHER);
}

/// The metadata are known, and the request to revoke the token is not answered.
#[tokio::test]
async fn a_token_is_revoked_when_the_provider_is_back() {
    let world = World::new().await;
    let store = Arc::new(MemoryStore::new());
    let layer = LoginLayer::builder(key()).client("example", world.client().await);
    let mut browser = started(&world, layer, &store);
    log_in(&world, &mut browser).await;
    world.provider.stop_listening().await;
    let page = browser.post("/auth/logout", "").await;
    assert!(page.location().starts_with(world.provider.url()));
    come_back_up(&world).await;
    assert!(is_revoked(&world).await);
}

/// A provider behind a proxy answers also when it is down. What it refuses, it refuses again.
#[tokio::test]
async fn a_token_is_revoked_when_the_provider_is_no_longer_at_fault() {
    for (misbehaviour, is_repeated) in [
        (Misbehaviour::RevocationServerError, true),
        (Misbehaviour::RevocationUnsupportedTokenType, false),
    ] {
        let world = World::new().await;
        let store = Arc::new(MemoryStore::new());
        let layer = LoginLayer::builder(key()).client("example", world.client().await);
        let mut browser = started(&world, layer, &store);
        log_in(&world, &mut browser).await;
        let provider = world.provider.provider();
        provider.misbehave(misbehaviour);
        browser.post("/auth/logout", "").await;
        assert!(is_revoked(&world).await);
        provider.behave();
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            pass(1).await;
        }
        let requests = provider.served(Endpoint::Revocation);
        assert_eq!(requests, if is_repeated { 2 } else { 1 });
    }
}
