//! Logins as a person sees them.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use openid_client_axum::openid_client::{CoreError, Misuse, ResponseMode};
use openid_client_axum::{Claims, LoginError, RequireLogin};

use self::support::{Browser, CALLBACK, Site, World, app, app_with, log_in};

#[tokio::test]
async fn a_person_logs_in_and_returns_to_the_page() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    assert!(browser.get("/").await.body.starts_with("hello stranger"));
    for page in ["/me?tab=2", "/claims"] {
        let mut browser = browser.clone();
        let refused = browser.get(page).await;
        let login = browser.get(refused.location()).await;
        let callback = world.log_in(&login);
        let back = browser.come_back(&callback).await;
        assert_eq!(back.location(), page);
        let shown = browser.get(page).await;
        assert_eq!(shown.body, "hello alice");
        assert!(browser.get("/").await.body.starts_with("hello alice"));
        // The cookie of the login is gone.
        assert_eq!(browser.jar.len(), 1);
    }
    assert!(world.errors.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_page_for_a_person_is_not_kept_by_the_browser() {
    let world = World::new().await;
    let aged = async |claims: Claims| ([("cache-control", "private")], claims.sub().to_owned());
    let pages = Router::new()
        .route("/aged", get(aged))
        .route("/open", get("for everyone"))
        .merge(
            Router::new()
                .route("/static", get("a file"))
                .route_layer(RequireLogin),
        );
    let layer = world.layer().await.build().unwrap();
    let mut browser = Browser::new(app_with(layer, pages));
    // It says who has not logged in, too.
    assert_eq!(browser.get("/").await.headers["cache-control"], "no-store");
    log_in(&world, &mut browser).await;
    for (path, expected) in [
        ("/me", Some("no-store")),
        ("/claims", Some("no-store")),
        ("/static", Some("no-store")),
        ("/", Some("no-store")),
        ("/aged", Some("private")),
        ("/open", None),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        let found = page.headers.get("cache-control");
        let found = found.map(|value| value.to_str().unwrap());
        assert_eq!(found, expected, "{path}");
    }
}

#[tokio::test]
async fn requests_that_cannot_show_a_login_get_a_status() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    let posted = browser.post("/order", "").await;
    assert_eq!(posted.status, StatusCode::UNAUTHORIZED);
    assert!(matches!(world.error(), LoginError::LoginRequired));
    // A script asks, of which only the browser knows that it is none of a person.
    browser
        .headers
        .insert("sec-fetch-mode", "cors".parse().unwrap());
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    browser
        .headers
        .insert("sec-fetch-mode", "navigate".parse().unwrap());
    assert_eq!(
        browser.get("/me").await.location(),
        "/auth/login?return_to=%2Fme"
    );
}

#[tokio::test]
async fn several_tabs_log_in_at_once() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    let first = browser.get("/auth/login?return_to=/me?tab=1").await;
    let second = browser.get("/auth/login?return_to=/me?tab=2").await;
    assert_eq!(browser.cookies("login-").len(), 2);
    for (login, page) in [(second, "/me?tab=2"), (first, "/me?tab=1")] {
        let back = browser.come_back(&world.log_in(&login)).await;
        assert_eq!(back.location(), page);
    }
    assert!(browser.cookies("login-").is_empty());
}

#[tokio::test]
async fn a_browser_keeps_the_last_five_logins() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    let oldest = browser.get("/auth/login").await;
    let mut last = None;
    for _ in 0..5 {
        last = Some(browser.get("/auth/login").await);
        assert!(browser.cookies("login-").len() <= 5);
    }
    assert_eq!(browser.cookies("login-").len(), 5);
    let refused = browser.come_back(&world.log_in(&oldest)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(matches!(world.error(), LoginError::NoPendingLogin));
    let back = browser.come_back(&world.log_in(&last.unwrap())).await;
    assert_eq!(back.location(), "/");
}

/// Web servers refuse a request whose cookies are too large, and the person could not go on.
#[tokio::test]
async fn the_cookies_of_logins_are_small_together() {
    let world = World::new().await;
    let browser = world.browser().await;
    for length in (0..500).step_by(25) {
        let mut browser = browser.clone();
        let path = format!("/auth/login?return_to=/{}", "x".repeat(length));
        for number in 1..=6 {
            browser.get(&path).await;
            let logins = browser.cookies("login-");
            let header = logins.iter().map(|it| format!("{}={}", it.name, it.value));
            let header = header.collect::<Vec<_>>().join("; ");
            assert!(header.len() <= 6 << 10, "{}", header.len());
            assert!(logins.len() >= number.min(3), "{}", logins.len());
        }
    }
}

#[tokio::test]
async fn a_response_by_form_post_comes_from_another_site() {
    let world = World::new().await;
    let layer = world
        .layer()
        .await
        .authorization_request(|request| request.response_mode(ResponseMode::FormPost));
    let mut browser = Browser::new(app(layer.build().unwrap()));
    let login = browser.get("/auth/login?return_to=/me").await;
    assert_eq!(browser.cookies("login-")[0].same_site, "None");
    let form = world.provider.log_in_by_form_post(login.location());
    let posted = browser
        .send(Method::POST, CALLBACK, Site::Other, Some(&form))
        .await;
    assert_eq!(posted.location(), "/me");
    assert_eq!(browser.cookies("session")[0].same_site, "Lax");
    assert_eq!(browser.get("/me").await.body, "hello alice");
}

/// The cookie of every other login does not arrive with a request from another site that posts.
#[tokio::test]
async fn a_login_by_query_takes_no_form_from_another_site() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    let login = browser.get("/auth/login").await;
    assert_eq!(browser.cookies("login-")[0].same_site, "Lax");
    let callback = world.log_in(&login);
    let (_, query) = callback.split_once('?').unwrap();
    browser
        .send(Method::POST, CALLBACK, Site::Other, Some(query))
        .await;
    assert!(matches!(world.error(), LoginError::NoPendingLogin));
}

#[tokio::test]
async fn a_login_that_takes_too_long_has_ended() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    let login = browser.get("/auth/login").await;
    world.advance(601);
    browser.come_back(&world.log_in(&login)).await;
    let LoginError::CallbackRefused(error) = world.error() else {
        panic!("another error");
    };
    let Some(CoreError::Misuse(misuse)) = error.core() else {
        panic!("{error}");
    };
    assert_eq!(
        *misuse,
        Misuse::LoginExpired {
            limit: std::time::Duration::from_secs(600)
        }
    );
    assert!(browser.cookies("login-").is_empty());
}

#[tokio::test]
async fn a_refusal_of_the_person_is_shown_as_one() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    let login = browser.get("/auth/login").await;
    let callback = world.log_in(&login);
    let state = callback
        .split('&')
        .find(|it| it.contains("state="))
        .unwrap();
    let state = state.trim_start_matches(|it| it != 's');
    let issuer: String = callback
        .split('&')
        .filter(|it| it.starts_with("iss="))
        .collect();
    let denied = format!("{CALLBACK}?error=access_denied&{state}&{issuer}");
    let page = browser.come_back(&denied).await;
    assert!(matches!(world.error(), LoginError::CallbackRefused(_)));
    assert!(
        page.body.contains("The login was cancelled"),
        "{}",
        page.body
    );
    assert!(page.body.contains("OAUTH_AUTHORIZATION_RESPONSE_ERROR"));
    assert!(page.body.contains("href=\"/auth/login\""));
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_named_as_the_cause() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    let login = browser.get("/auth/login").await;
    let callback = world.log_in(&login);
    world
        .provider
        .fail(test_provider::server::Fault::ClosesMidBody);
    let page = browser.come_back(&callback).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    assert!(page.body.contains("does not answer"), "{}", page.body);
    assert!(matches!(world.error(), LoginError::CallbackRefused(_)));
}

#[tokio::test]
async fn another_method_or_body_is_refused() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    for (method, path, allowed) in [
        (Method::POST, "/auth/login", "GET"),
        (Method::PUT, CALLBACK, "GET, POST"),
        (Method::DELETE, "/auth/logout", "GET, POST"),
        (Method::GET, "/auth/backchannel-logout/example", "POST"),
    ] {
        let refused = browser.send(method, path, Site::Own, None).await;
        assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(refused.headers["allow"], allowed, "{path}");
        world.error();
    }
    for (form, expected) in [
        (None, "a form (application/x-www-form-urlencoded)"),
        (
            Some("x".repeat(65 << 10)),
            "a form of at most 64 KiB, which arrives within 30 seconds",
        ),
    ] {
        let path = "/auth/backchannel-logout/example";
        browser
            .send(Method::POST, path, Site::Other, form.as_deref())
            .await;
        match world.error() {
            LoginError::RequestRefused { expected: found } => assert_eq!(found, expected),
            other => panic!("{other:?}"),
        }
    }
    let unknown = browser.post("/auth/backchannel-logout/other", "").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
