//! What the application decides: where the layers are, and what the pages of errors show.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use openid_client_axum::openid_client::http::Bytes;
use openid_client_axum::{Claims, Login, LoginLayer, OptionalClaims, RequireLogin};
use test_provider::ClientRegistration;

use self::support::{Browser, World, app, key, send_logout_token};

#[tokio::test]
async fn a_route_without_the_layer_is_refused() {
    let claims = async |claims: Claims| claims.sub().to_owned();
    let optional = async |OptionalClaims(claims): OptionalClaims| claims.is_some().to_string();
    let option = async |claims: Option<Claims>| claims.is_some().to_string();
    let login = async |login: Login| login.logout_path();
    let unprotected = Router::new()
        .route("/claims", get(claims))
        .route("/optional", get(optional))
        .route("/option", get(option))
        .route("/login", get(login));
    let layered = Router::new()
        .route("/required", get("protected"))
        .route_layer(RequireLogin)
        .merge(unprotected);
    let mut browser = Browser::new(layered);
    for path in ["/claims", "/optional", "/option", "/login", "/required"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(page.body.contains("`LoginLayer`"), "{path}: {}", page.body);
    }
    // Within the layer, the same routes answer.
    let world = World::new().await;
    let layer = world.layer().await.build().unwrap();
    let option = async |claims: Option<Claims>| claims.is_some().to_string();
    let mut browser = Browser::new(Router::new().route("/option", get(option)).layer(layer));
    assert_eq!(browser.get("/option").await.body, "false");
}

#[tokio::test]
async fn the_application_replaces_the_page_of_an_error() {
    let world = World::new().await;
    let layer = world.layer().await.error_page(|error, _| {
        let page = format!("sorry: {}", error.code());
        let mut page = Response::new(Bytes::from(page));
        *page.status_mut() = StatusCode::IM_A_TEAPOT;
        page
    });
    let mut browser = Browser::new(app(layer.build().unwrap()));
    let login = browser.get("/auth/login").await;
    let callback = world.log_in(&login).replace("code=", "code=x");
    let page = browser.come_back(&callback).await;
    assert_eq!(page.status, StatusCode::IM_A_TEAPOT);
    assert_eq!(page.body, "sorry: OAUTH_RESPONSE_BODY_ERROR");
    // The cookie of the login is deleted all the same.
    assert!(browser.jar.is_empty());
    assert_eq!(
        browser.post("/order", "").await.body,
        "sorry: LOGIN_REQUIRED"
    );
}

/// The provider must learn that a logout did not work, whatever the pages of the application say.
#[tokio::test]
async fn the_response_to_the_provider_is_not_replaced() {
    let world = World::new().await;
    let layer = world.layer().await;
    let noted = Arc::new(Mutex::new(Vec::new()));
    let errors = Arc::clone(&noted);
    let layer = layer.error_page(move |error, _| {
        errors.lock().unwrap().push(error.code());
        Response::new(Bytes::from_static(b"all is well"))
    });
    let browser = Browser::new(app(layer.build().unwrap()));
    let refused = send_logout_token(&browser, "logout_token=x").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(
        refused.body.contains("\"error\":\"invalid_request\""),
        "{}",
        refused.body
    );
    assert_eq!(noted.lock().unwrap().len(), 1);
}

/// The message is for the developer. The visitors of a site get an advice and a code.
#[tokio::test]
async fn a_message_is_shown_in_development_alone() {
    let message = "this browser has no cookie of a login";
    let world = World::new().await;
    let mut browser = world.browser().await;
    let page = browser.get("/auth/callback?state=x&code=y").await;
    assert!(page.body.contains("LOGIN_NOT_PENDING"), "{}", page.body);
    assert!(!page.body.contains(message), "{}", page.body);

    let redirect_uri = "http://127.0.0.1:3000/auth/callback";
    let loopback = ClientRegistration::public("my-app").redirect_uri(redirect_uri);
    world.provider.provider().register(loopback);
    let layer = LoginLayer::builder(key())
        .client("example", world.client_at(redirect_uri).await)
        .danger_insecure_cookies();
    let mut browser = Browser::new(app(layer.build().unwrap()));
    let page = browser.get("/auth/callback?state=x&code=y").await;
    assert!(page.body.contains(message), "{}", page.body);
    browser.get("/auth/login").await;
    assert!(
        browser.set[0].starts_with("openid-login-"),
        "{:?}",
        browser.set
    );
    assert!(!browser.set[0].contains("Secure"), "{:?}", browser.set);
}
