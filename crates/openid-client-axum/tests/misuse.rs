//! Attacks on logins and sessions, each refused for its reason.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use openid_client_axum::openid_client::SealingKey;
use openid_client_axum::openid_client::store::MemoryStore;
use openid_client_axum::{LoginError, LoginLayer};
use test_provider::Endpoint;

use self::support::{Browser, Site, World, app, key, log_in};

/// A link to the login that leads to another site afterwards (open redirect).
#[tokio::test]
async fn a_login_leads_to_no_other_site() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    for return_to in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "/%09/evil.example",
        "/%0D%0ALocation:%20https://evil.example",
        "javascript:alert(1)",
        "",
        // Encoded once more: a server behind may decode the path and redirect to it.
        "/%252Fevil.example",
        "/%255Cevil.example",
        "/%2509/evil.example",
        // Out of the paths of this application.
        "/../other-application",
        "/x/%252e%252e/..",
        // The layer itself: the next login would begin at once.
        "/auth/login",
        "/auth/login?return_to=/",
        "/auth/callback?code=x%26state=y",
        "/auth/logout",
        "/auth//login",
        "/%2561uth/login",
        "/auth",
    ] {
        let path = format!("/auth/login?return_to={return_to}");
        let refused = browser.get(&path).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{return_to}");
        assert!(matches!(world.error(), LoginError::ReturnToRefused));
        assert!(browser.jar.is_empty());
    }
    // A request line that browsers would read as another host is not followed either.
    let refused = browser.get("//evil.example/me").await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

/// The attacker begins a login, and has a victim's browser finish it (login CSRF).
#[tokio::test]
async fn a_login_that_another_browser_began_is_refused() {
    let world = World::new().await;
    let mut attacker = world.browser().await;
    let login = attacker.get("/auth/login").await;
    let callback = world.log_in(&login);
    let mut victim = attacker.other();
    let refused = victim.come_back(&callback).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(matches!(world.error(), LoginError::NoPendingLogin));
    // The same for a victim who has begun a login.
    victim.get("/auth/login").await;
    victim.come_back(&callback).await;
    assert!(matches!(world.error(), LoginError::NoPendingLogin));
    assert!(victim.cookies("session").is_empty());
    assert_eq!(world.provider.provider().served(Endpoint::Token), 0);
}

/// The cookie of another browser's login, under the name of one's own login.
#[tokio::test]
async fn the_cookie_of_another_login_is_refused() {
    let world = World::new().await;
    let mut attacker = world.browser().await;
    attacker.get("/auth/login").await;
    let mut victim = attacker.other();
    let login = victim.get("/auth/login").await;
    victim.jar[0].value.clone_from(&attacker.jar[0].value);
    victim.come_back(&world.log_in(&login)).await;
    assert!(matches!(world.error(), LoginError::PendingLoginRefused));
    // So is one that was changed, or sealed under another key.
    for value in [format!("{}A", attacker.jar[0].value), String::new()] {
        let mut browser = attacker.other();
        let login = browser.get("/auth/login").await;
        browser.jar[0].value = value;
        browser.come_back(&world.log_in(&login)).await;
        assert!(matches!(world.error(), LoginError::PendingLoginRefused));
    }
    assert_eq!(world.provider.provider().served(Endpoint::Token), 0);
}

/// The attacker's session, or one of another application, under the browser of a victim.
#[tokio::test]
async fn a_session_cookie_is_sealed_for_its_purpose() {
    let world = World::new().await;
    let store = Arc::new(MemoryStore::new());
    let layer = world.layer().await.store(Arc::clone(&store));
    let mut browser = Browser::new(app(layer.build().unwrap()));
    let login = browser.get("/auth/login").await;
    let pending = browser.jar[0].value.clone();
    browser.come_back(&world.log_in(&login)).await;
    let session = browser.jar[0].value.clone();
    let (kept, last) = session.split_at(session.len() - 10);
    let other = if last.starts_with('A') { "B" } else { "A" };
    let changed = format!("{kept}{other}{}", &last[1..]);
    for value in [pending, changed, String::new(), "a.b.c.d.e".to_owned()] {
        let mut browser = browser.clone();
        browser.jar[0].value = value;
        assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
        // The browser forgets what cannot be opened.
        assert!(browser.jar.is_empty());
    }
    let other_key = LoginLayer::builder(SealingKey::new([8; 32]));
    let other_key = other_key.client("example", world.client().await);
    let other_key = other_key.store(Arc::clone(&store)).build();
    let mut other = Browser::new(app(other_key.unwrap()));
    other.jar.clone_from(&browser.jar);
    assert_eq!(other.get("/me").await.status, StatusCode::SEE_OTHER);
    // A new key opens what the old one has sealed, for as long as it is told to.
    let next_key = LoginLayer::builder(SealingKey::new([9; 32])).also_opened_by(key());
    let next_key = next_key.client("example", world.client().await);
    let next_key = next_key.store(store).build();
    let mut next = Browser::new(app(next_key.unwrap()));
    next.jar.clone_from(&browser.jar);
    assert_eq!(next.get("/me").await.body, "hello alice");
}

/// The attacker knows the session from before the login (session fixation).
#[tokio::test]
async fn each_login_begins_another_session() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    log_in(&world, &mut browser).await;
    let before = browser.clone();
    log_in(&world, &mut browser).await;
    assert_ne!(browser.jar, before.jar);
    assert_eq!(browser.get("/me").await.body, "hello alice");
    // The earlier session has ended, also for a copy of its cookie.
    let mut copy = before;
    assert_eq!(copy.get("/me").await.status, StatusCode::SEE_OTHER);
}

/// A callback and the cookie of its login are used twice (replay).
#[tokio::test]
async fn a_callback_is_used_once() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    let login = browser.get("/auth/login").await;
    let mut copy = browser.clone();
    let callback = world.log_in(&login);
    browser.come_back(&callback).await;
    let refused = copy.come_back(&callback).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(matches!(world.error(), LoginError::CallbackUsed));
    assert!(copy.jar.is_empty());
    // The code was sent once.
    assert_eq!(world.provider.provider().served(Endpoint::Token), 1);
    browser.come_back(&callback).await;
    assert!(matches!(world.error(), LoginError::NoPendingLogin));
    assert_eq!(browser.get("/me").await.body, "hello alice");
}

/// Another site logs a person out (logout CSRF).
#[tokio::test]
async fn another_site_logs_nobody_out() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    log_in(&world, &mut browser).await;
    let session = browser.jar.clone();
    // A link.
    let page = browser
        .send(Method::GET, "/auth/logout", Site::Other, None)
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        page.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .matches("frame-ancestors 'none'")
            .count(),
        1
    );
    let origin = |value: &str| ("origin", value.to_owned());
    let site = |value: &str| ("sec-fetch-site", value.to_owned());
    for headers in [
        // A form of another site, in a browser that sends the cookie nevertheless.
        vec![site("cross-site")],
        vec![site("same-site"), origin("https://app.example.com")],
        vec![site(""), origin("https://evil.example")],
        vec![site(""), origin("https://app.example.com.evil.example")],
        vec![site(""), origin("http://app.example.com")],
        vec![site(""), origin("null")],
        vec![site("")],
    ] {
        for (name, value) in &headers {
            browser.headers.insert(*name, value.parse().unwrap());
        }
        for form in ["", "token=", "token=x"] {
            let refused = browser.post("/auth/logout", form).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{headers:?}");
            assert!(matches!(world.error(), LoginError::LogoutFromElsewhere));
        }
        browser.headers.clear();
    }
    // A form of another site, in a browser as it is: the cookie of the session does not arrive, and
    // it must not be deleted.
    browser
        .send(Method::POST, "/auth/logout", Site::Other, Some(""))
        .await;
    assert!(matches!(world.error(), LoginError::LogoutFromElsewhere));
    assert_eq!(browser.jar, session);
    assert_eq!(browser.get("/me").await.body, "hello alice");
}

/// The token of another session is of no use in a form.
#[tokio::test]
async fn the_button_for_a_logout_works_without_headers() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    log_in(&world, &mut browser).await;
    let mut attacker = browser.other();
    log_in(&world, &mut attacker).await;
    let token = async |browser: &mut Browser| {
        let page = browser.get("/auth/logout").await.body;
        let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let (own, others) = (token(&mut browser).await, token(&mut attacker).await);
    assert_ne!(own, others);
    browser
        .headers
        .insert("sec-fetch-site", "".parse().unwrap());
    browser
        .post("/auth/logout", &format!("token={others}"))
        .await;
    assert!(matches!(world.error(), LoginError::LogoutFromElsewhere));
    let left = browser.post("/auth/logout", &format!("token={own}")).await;
    assert!(left.location().starts_with(world.provider.url()));
    assert!(browser.jar.is_empty());
}

/// A copy of the session's cookie, after the logout.
#[tokio::test]
async fn a_session_ends_for_its_copies_too() {
    let world = World::new().await;
    let mut browser = world.browser().await;
    log_in(&world, &mut browser).await;
    let mut copy = browser.clone();
    browser.post("/auth/logout", "").await;
    assert_eq!(copy.get("/me").await.status, StatusCode::SEE_OTHER);
    assert!(copy.jar.is_empty());
}

/// An attacker who has a copy of a cookie takes it to another instance of the application.
#[tokio::test]
async fn instances_share_what_has_ended() {
    let world = World::new().await;
    let store = Arc::new(MemoryStore::new());
    let instance = async || {
        let layer = world.layer().await.store(Arc::clone(&store));
        Browser::new(app(layer.build().unwrap()))
    };
    let (mut first, mut second) = (instance().await, instance().await);
    let login = first.get("/auth/login").await;
    second.jar.clone_from(&first.jar);
    let callback = world.log_in(&login);
    first.come_back(&callback).await;
    second.come_back(&callback).await;
    assert!(matches!(world.error(), LoginError::CallbackUsed));
    second.jar.clone_from(&first.jar);
    assert_eq!(second.get("/me").await.body, "hello alice");
    first.post("/auth/logout", "").await;
    assert_eq!(second.get("/me").await.status, StatusCode::SEE_OTHER);
}
