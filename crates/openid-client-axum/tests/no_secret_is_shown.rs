//! Pages, errors and `Debug` show no secret.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use axum::Router;
use axum::routing::get;
use openid_client_axum::{AccessToken, Claims, Login};
use test_provider::Misbehaviour;

use self::support::{Browser, World, key};

#[tokio::test]
async fn no_secret_is_shown() {
    let world = World::new().await;
    let layer = world.layer().await.keep_tokens().build().unwrap();
    let mut shown = vec![format!(
        "{layer:?} {:?}",
        world.layer().await.build().unwrap()
    )];
    let secrets = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&secrets);
    let page = get(
        async move |claims: Claims, token: AccessToken, login: Login| {
            let mut seen = seen.lock().unwrap();
            seen.push(claims.jwt().expose().clone());
            seen.push(token.access_token().expose().clone());
            seen.push(token.refresh_token().unwrap().expose().clone());
            format!("{claims:?} {token:?} {login:?}")
        },
    );
    let mut browser = Browser::new(Router::new().route("/", page).layer(layer));
    let login = browser.get("/auth/login").await;
    let pending = browser.jar[0].clone();
    let callback = world.log_in(&login);
    browser.come_back(&callback).await;
    let session = browser.jar[0].clone();
    shown.push(browser.get("/").await.body);
    // Callbacks that are refused for every reason, with the code in their URL.
    let mut copy = browser.other();
    shown.push(copy.come_back(&callback).await.body);
    copy.jar.push(pending.clone());
    shown.push(copy.come_back(&callback).await.body);
    copy.jar.push(support::browser_cookie(&pending.name, "x"));
    shown.push(copy.come_back(&callback).await.body);
    for misbehaviour in [
        Misbehaviour::IdTokenNonceMismatch,
        Misbehaviour::IdTokenSignatureBroken,
    ] {
        world.provider.provider().misbehave(misbehaviour);
        let login = copy.get("/auth/login").await;
        let callback = world.log_in(&login);
        secrets.lock().unwrap().push(code(&callback));
        shown.push(copy.come_back(&callback).await.body);
        world.provider.provider().behave();
    }
    let errors = std::mem::take(&mut *world.errors.lock().unwrap());
    assert_eq!(errors.len(), 5);
    for error in errors {
        shown.push(format!("{error} {error:#} {error:?}"));
    }
    let mut secrets = secrets.lock().unwrap().clone();
    secrets.extend([pending.value, session.value, code(&callback)]);
    secrets.push(format!("{:?}", [7_u8; 32]));
    assert_eq!(secrets.len(), 9);
    for text in &shown {
        for secret in &secrets {
            assert!(
                !secret.is_empty() && !text.contains(secret),
                "{secret} in {text}"
            );
        }
    }
    assert!(!format!("{:?}", key()).contains('7'));
}

fn code(callback: &str) -> String {
    let (_, query) = callback.split_once('?').unwrap();
    let code = query.split('&').find_map(|it| it.strip_prefix("code="));
    code.unwrap().to_owned()
}
