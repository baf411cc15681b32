//! The cookies of the layer: their attributes, their size, and the responses that set them.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use openid_client_axum::openid_client::{Client, ClientMetadata, SignatureAlgorithm, UnixTime};
use openid_client_axum::{LoginError, LoginLayer};
use test_provider::ClientRegistration;

use self::support::{Browser, CALLBACK, ORIGIN, World, app, browser_cookie, key, log_in};

#[tokio::test]
async fn every_cookie_is_marked() {
    let world = World::new().await;
    let layer = world.layer().await.post_logout_redirect_uri(support::BYE);
    let mut browser = Browser::new(app(layer.build().unwrap()));
    log_in(&world, &mut browser).await;
    browser.post("/auth/logout", "").await;
    // Login, its end and the session; the end of the session and the state of the logout.
    assert_eq!(browser.set.len(), 5);
    for header in &browser.set {
        assert!(header.starts_with("__Host-openid-"), "{header}");
        for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert_eq!(
                header.matches(&format!("; {attribute}")).count(),
                1,
                "{header}"
            );
        }
    }
}

/// A session that no browser keeps would look like a login that does not work. The signatures of
/// this algorithm are larger than a cookie.
#[tokio::test]
async fn a_session_that_is_too_large_for_a_cookie_is_refused() {
    let world = World::new().await;
    let redirect_uri = format!("{ORIGIN}{CALLBACK}");
    let large = ClientRegistration::public("large").redirect_uri(&redirect_uri);
    let large = large.id_token_signed_response_alg(SignatureAlgorithm::MlDsa65);
    world.provider.provider().register(large);
    let mut metadata = ClientMetadata::new("large");
    metadata.id_token_signed_response_alg = Some(SignatureAlgorithm::MlDsa65.into());
    let now = UnixTime::from_seconds(world.now());
    let client = Client::discover(world.provider.url(), "large")
        .root_certificate_pem(world.provider.ca_certificate_pem())
        .client_metadata(metadata)
        .clock(move || now)
        .redirect_uri(redirect_uri);
    let layer = LoginLayer::builder(key()).client("large", client.await.unwrap());
    let mut browser = Browser::new(app(world.noted(layer).build().unwrap()));
    let login = browser.get("/auth/login").await;
    let page = browser.come_back(&world.log_in(&login)).await;
    let error = world.error();
    assert!(
        matches!(error, LoginError::CookieTooLarge { cookie: "session", bytes, most: 4096 } if bytes > 4096),
        "{error}"
    );
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(error.to_string().contains("tower-sessions"), "{error}");
    assert!(browser.jar.is_empty());
}

/// So would the cookie of a login: the person would come back to a browser without it.
#[tokio::test]
async fn a_login_that_is_too_large_for_a_cookie_is_refused() {
    let world = World::new().await;
    let redirect_uri = format!("{ORIGIN}/{}/callback", "x".repeat(3000));
    let long = ClientRegistration::public("my-app").redirect_uri(&redirect_uri);
    world.provider.provider().register(long);
    let layer = LoginLayer::builder(key()).client("long", world.client_at(&redirect_uri).await);
    let mut browser = Browser::new(app(world.noted(layer).build().unwrap()));
    let page = browser.get("/auth/login").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    let error = world.error();
    assert!(
        matches!(error, LoginError::CookieTooLarge { cookie: "login", bytes, most: 4096 } if bytes > 4096),
        "{error}"
    );
    assert!(error.to_string().contains("redirect URI"), "{error}");
    assert!(browser.jar.is_empty());
}

/// A cookie in a response that a cache keeps reaches other people: here it would log them out.
#[tokio::test]
async fn no_cookie_is_part_of_a_response_that_a_cache_may_keep() {
    let world = World::new().await;
    let kept = |value: &'static str| get(async move || ([("cache-control", value)], "page"));
    let pages = Router::new()
        .route("/public", kept("public, max-age=60"))
        .route("/aged", kept("max-age=60"))
        .route("/private", kept("max-age=60, Private"))
        .route("/bare", get("page"))
        .layer(world.layer().await.build().unwrap());
    let mut browser = Browser::new(pages);
    browser
        .jar
        .push(browser_cookie("__Host-openid-session", "x"));
    for (path, deletes, cache_control) in [
        ("/public", false, "public, max-age=60"),
        ("/aged", false, "max-age=60"),
        ("/private", true, "max-age=60, Private"),
        ("/bare", true, "no-store"),
    ] {
        let mut browser = browser.clone();
        let page = browser.get(path).await;
        assert_eq!(page.headers["cache-control"], cache_control, "{path}");
        assert_eq!(browser.jar.is_empty(), deletes, "{path}");
    }
    // A script or an image may be answered after the next login.
    browser
        .headers
        .insert("sec-fetch-mode", "no-cors".parse().unwrap());
    browser.get("/bare").await;
    assert_eq!(browser.jar.len(), 1);
}

/// Each request may bring thousands of cookies. The response takes some of them from the browser.
#[tokio::test]
async fn a_browser_with_many_logins_gets_a_small_response() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    for number in 0..2000 {
        let name = format!("__Host-openid-login-{number}");
        browser.jar.push(browser_cookie(&name, "x"));
    }
    let login = browser.get("/auth/login").await;
    assert_eq!(login.headers.get_all("set-cookie").iter().count(), 6);
    assert_eq!(browser.jar.len(), 2000 - 5 + 1);
    let back = browser.come_back(&world.log_in(&login)).await;
    assert_eq!(back.location(), "/");
}
