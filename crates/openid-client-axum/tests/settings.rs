//! The settings of a layer.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use std::time::Duration;

use axum::http::StatusCode;
use openid_client_axum::openid_client::{Client, CoreError, Misuse, ResponseMode, ServerMetadata};
use openid_client_axum::{LoginError, LoginLayer};
use test_provider::{ClientRegistration, Endpoint};

use self::support::{Browser, CALLBACK, ORIGIN, World, app, key};

#[tokio::test]
async fn a_mistake_in_the_set_up_is_found_when_the_layer_is_made() {
    let world = World::new().await;
    let client = world.client().await;
    let loopback = world.client_at("http://127.0.0.1:3000/auth/callback").await;
    let public = world
        .client_at("http://app.example.com/auth/callback")
        .await;
    // The metadata promise no `iss`.
    let silent = |requires_iss: bool| {
        let server = ServerMetadata::from_json(br#"{"issuer": "https://id.example.com"}"#).unwrap();
        let silent = Client::from_metadata(server, "my-app");
        let silent = silent.redirect_uri(format!("{ORIGIN}{CALLBACK}"));
        match requires_iss {
            true => silent.require_authorization_response_iss().build().unwrap(),
            false => silent.build().unwrap(),
        }
    };
    let on_logout = world.client_at(&format!("{ORIGIN}/auth/logout")).await;
    let layer = || LoginLayer::builder(key());
    let usual = || layer().client("a", client.clone());
    assert!(usual().build().is_ok());
    assert!(
        layer()
            .client("a", loopback.clone())
            .danger_insecure_cookies()
            .build()
            .is_ok()
    );
    assert!(usual().client("b", silent(true)).build().is_ok());
    assert!(layer().client("b", silent(false)).build().is_ok());
    for (layer, argument) in [
        (usual().client("b", silent(false)), "redirect_uri"),
        (layer(), "client"),
        (layer().client("a b", client.clone()), "client"),
        (layer().client("", client.clone()), "client"),
        (usual().client("a", client.clone()), "client"),
        (layer().client("a", loopback), "redirect_uri"),
        (layer().client("a", public.clone()), "redirect_uri"),
        (
            layer().client("a", public).danger_insecure_cookies(),
            "redirect_uri",
        ),
        (usual().danger_insecure_cookies(), "redirect_uri"),
        (layer().client("a", on_logout), "redirect_uri"),
        (usual().scope("email"), "scope"),
        (usual().session_lifetime(Duration::ZERO), "session_lifetime"),
        (
            usual().idle_lifetime(Duration::from_millis(999)),
            "idle_lifetime",
        ),
        (usual().prefix("auth"), "prefix"),
        (usual().prefix("/auth/"), "prefix"),
        (usual().after_login("//evil.example"), "after_login"),
        (usual().after_login("/auth/login"), "after_login"),
        (usual().name("a.b"), "name"),
        (usual().mounted_at("shop"), "mounted_at"),
        (usual().mounted_at("/shop/"), "mounted_at"),
        (usual().mounted_at("/shop"), "redirect_uri"),
        (usual().store_deadline(Duration::ZERO), "store_deadline"),
        (usual().after_logout("https://evil.example"), "after_logout"),
        (
            usual().post_logout_redirect_uri("https://evil.example/bye"),
            "post_logout_redirect_uri",
        ),
    ] {
        let error = layer.build().unwrap_err();
        match error.core() {
            Some(CoreError::Misuse(
                Misuse::InvalidArgument {
                    argument: found, ..
                }
                | Misuse::MissingArgument {
                    argument: found, ..
                },
            )) => assert_eq!(*found, argument, "{error}"),
            _ => panic!("{error}"),
        }
    }
}

/// A response in the fragment of the URL never arrives at a server. The person would come back to a
/// page that says that no login has begun.
#[tokio::test]
async fn a_response_in_the_fragment_is_a_mistake() {
    let world = World::new().await;
    let layer = world
        .layer()
        .await
        .authorization_request(|request| request.response_mode(ResponseMode::Fragment));
    let mut browser = Browser::new(app(layer.build().unwrap()));
    let page = browser.get("/auth/login").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    let LoginError::NotBegun(error) = world.error() else {
        panic!("another error");
    };
    match error.core() {
        Some(CoreError::Misuse(Misuse::InvalidArgument {
            argument, found, ..
        })) => {
            assert_eq!((*argument, found.as_str()), ("response_mode", "fragment"));
        }
        _ => panic!("{error}"),
    }
    assert!(browser.jar.is_empty());
}

#[tokio::test]
async fn a_client_of_another_path_has_its_callback_there() {
    let world = World::new().await;
    let elsewhere = format!("{ORIGIN}/oidc/cb");
    let app_at = ClientRegistration::public("my-app").redirect_uri(&elsewhere);
    world.provider.provider().register(app_at);
    let client = world.client_at(&elsewhere).await;
    let layer = LoginLayer::builder(key()).client("a", client).prefix("/id");
    let mut browser = Browser::new(app(layer.build().unwrap()));
    let login = browser.get("/id/login").await;
    let back = browser.come_back(&world.log_in(&login)).await;
    assert_eq!(back.location(), "/");
    assert_eq!(browser.get("/me").await.body, "hello alice");
    assert_eq!(world.provider.provider().served(Endpoint::Token), 1);
    // No login leads to it.
    for path in ["/oidc/cb?code=x", "/oidc//cb"] {
        let refused = browser.get(&format!("/id/login?return_to={path}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{path}");
    }
}
