//! An application with several providers, one of which may be hostile.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use axum::http::StatusCode;
use openid_client_axum::{LoginError, LoginLayer};
use test_provider::ClientRegistration;

use self::support::{Browser, ORIGIN, World, app, key};

#[tokio::test]
async fn a_person_chooses_between_several_providers() {
    let world = World::new().await;
    let other = World::new().await;
    let layer = LoginLayer::builder(key())
        .client("one", world.client().await)
        .client("two", other.client().await);
    let mut browser = Browser::new(app(world.noted(layer).build().unwrap()));
    let choice = browser.get("/auth/login?return_to=/me").await;
    assert_eq!(choice.status, StatusCode::BAD_REQUEST);
    assert!(matches!(world.error(), LoginError::UnknownClient));
    for name in ["one", "two"] {
        let link = format!("/auth/login?client={name}&amp;return_to=%2Fme");
        assert!(choice.body.contains(&link), "{}", choice.body);
    }
    let login = browser.get("/auth/login?client=two&return_to=/me").await;
    assert!(login.location().starts_with(other.provider.url()));
    let back = browser.come_back(&other.log_in(&login)).await;
    assert_eq!(back.location(), "/me");
    // The other provider sends its code to a login that began here.
    let login = browser.get("/auth/login?client=one").await;
    let callback = world.log_in(&login).replace("iss=", "x=");
    browser.come_back(&callback).await;
    assert!(matches!(world.error(), LoginError::CallbackRefused(_)));
    browser.get("/auth/login?client=three").await;
    assert!(matches!(world.error(), LoginError::UnknownClient));
}

/// The provider of a login that a person began sends the browser to another provider, whose
/// response names no issuer. The code must not go to the first one (RFC 9700 section 4.4).
#[tokio::test]
async fn a_callback_at_the_redirect_uri_of_another_provider_is_refused() {
    let world = World::new().await;
    let mut clients = Vec::new();
    for name in ["one", "two"] {
        let uri = format!("{ORIGIN}/{name}/callback");
        let app_at = ClientRegistration::public("my-app").redirect_uri(&uri);
        world.provider.provider().register(app_at);
        clients.push((name, world.client_at(&uri).await));
    }
    let layer = clients
        .into_iter()
        .fold(LoginLayer::builder(key()), |layer, (name, client)| {
            layer.client(name, client)
        });
    let mut browser = Browser::new(app(world.noted(layer).build().unwrap()));
    let login = browser.get("/auth/login?client=two").await;
    let callback = world.log_in(&login);
    let mut elsewhere = browser.clone();
    elsewhere
        .come_back(&callback.replace("/two/", "/one/"))
        .await;
    assert!(matches!(world.error(), LoginError::AnotherRedirectUri));
    assert!(elsewhere.get("/").await.body.starts_with("hello stranger"));
    browser.come_back(&callback).await;
    assert!(browser.get("/").await.body.starts_with("hello alice"));
}
