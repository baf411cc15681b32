//! An application with several providers, one of which may be hostile.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use openid_client_axum::openid_client::store::MemoryStore;
use openid_client_axum::openid_client::{Error, Reason, ResponseMode};
use openid_client_axum::{
    AccessToken, Claims, Login, LoginError, LoginLayer, LoginLayerBuilder, RequireLogin,
};
use test_provider::{ClientRegistration, Endpoint};

use self::support::{Answer, Browser, CALLBACK, ORIGIN, Site, World, app, key};

/// A layer with the clients `one` and `two` at two providers. Both providers send `iss`, so the
/// clients may share a redirect URI.
async fn layer(one: &World, two: &World) -> LoginLayerBuilder {
    let layer = LoginLayer::builder(key())
        .client("one", one.client().await)
        .client("two", two.client().await);
    one.noted(layer)
}

async fn worlds() -> [World; 2] {
    [World::new().await, World::with_seed("two").await]
}

#[tokio::test]
async fn a_person_chooses_between_several_providers() {
    let [one, two] = worlds().await;
    let layer = layer(&one, &two).await;
    let mut browser = Browser::new(app(layer.build().unwrap()));
    let choice = browser.get("/auth/login?return_to=/me").await;
    assert_eq!(choice.status, StatusCode::OK);
    assert_eq!(choice.headers["cache-control"], "no-store");
    for name in ["one", "two"] {
        let link = format!("/auth/login?client={name}&amp;return_to=%2Fme");
        assert!(choice.body.contains(&link), "{}", choice.body);
    }
    assert!(one.errors.lock().unwrap().is_empty());
    let login = browser.get("/auth/login?client=two&return_to=/me").await;
    assert!(login.location().starts_with(two.provider.url()));
    let back = browser.come_back(&two.log_in(&login)).await;
    assert_eq!(back.location(), "/me");
    let unknown = browser.get("/auth/login?client=three").await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert!(matches!(one.error(), LoginError::UnknownClient));
    assert!(
        unknown.body.contains("href=\"/auth/login\""),
        "{}",
        unknown.body
    );
}

#[tokio::test]
async fn the_application_replaces_the_page_to_choose_from() {
    let [one, two] = worlds().await;
    let layer = layer(&one, &two).await.choice_page(|choices, mut page| {
        let names: Vec<_> = choices.iter().map(|it| (it.client(), it.path())).collect();
        *page.body_mut() = format!("{names:?}").into();
        page
    });
    let mut browser = Browser::new(app(layer.build().unwrap()));
    let page = browser.get("/auth/login?client=two&client=one").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        page.body,
        r#"[("one", "/auth/login?client=one"), ("two", "/auth/login?client=two")]"#
    );
    // One client, however often it is named.
    let login = browser.get("/auth/login?client=two&client=two").await;
    assert!(login.location().starts_with(two.provider.url()));
}

/// The parameter of a callback.
fn parameter(callback: &str, name: &str) -> String {
    let (_, query) = callback.split_once('?').unwrap();
    let value = query.split('&').find_map(|it| it.strip_prefix(name));
    value.unwrap().to_owned()
}

fn refused(world: &World) -> Error {
    match world.error() {
        LoginError::CallbackRefused(error) => error,
        other => panic!("{other}"),
    }
}

/// Mix-up (RFC 9700 section 4.4): a hostile provider sends the browser back with what another
/// provider has issued.
#[tokio::test]
async fn what_another_provider_has_issued_is_refused_at_the_route_of_this_one() {
    let [one, two] = worlds().await;
    let layer = layer(&one, &two).await;
    let mut browser = Browser::new(app(layer.build().unwrap()));
    let others = browser.get("/auth/login?client=two").await;
    let others = two.log_in(&others);
    // Its `iss`, or none.
    let iss = format!("iss={}", parameter(&others, "iss="));
    for forged_iss in [iss.as_str(), "x=y"] {
        let login = browser.get("/auth/login?client=one").await;
        let callback = one.log_in(&login);
        let own = format!("iss={}", parameter(&callback, "iss="));
        let page = browser.come_back(&callback.replace(&own, forged_iss)).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        let error = refused(&one);
        let reason = &error.rejection().unwrap().reason;
        let is_expected = match reason {
            Reason::ParameterMismatch { parameter, .. } => forged_iss == iss && *parameter == "iss",
            Reason::Missing { member } => forged_iss != iss && member == "iss",
            _ => false,
        };
        assert!(is_expected, "{reason:?}");
        assert!(browser.cookies("session").is_empty());
    }
    assert_eq!(one.provider.provider().served(Endpoint::Token), 0);
    // Its code: this provider does not know it, and the other one does not get it.
    let login = browser.get("/auth/login?client=one").await;
    let callback = one.log_in(&login);
    let forged = callback.replace(&parameter(&callback, "code="), &parameter(&others, "code="));
    assert_ne!(forged, callback);
    browser.come_back(&forged).await;
    assert_eq!(refused(&one).code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    assert_eq!(one.provider.provider().served(Endpoint::Token), 1);
    assert_eq!(two.provider.provider().served(Endpoint::Token), 0);
    assert!(browser.cookies("session").is_empty());
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

async fn token(token: AccessToken) -> String {
    token.access_token().expose().clone()
}

/// Routes for each client, and one that says nothing.
async fn routes(one: &World, two: &World) -> Browser {
    let at = |names: &[&'static str]| {
        let routes = Router::new().route("/", get(token).post(token));
        routes.route_layer(RequireLogin::at(names.to_vec()))
    };
    let claims = get(async |claims: Claims| claims.client().to_owned());
    let chosen = get(async |login: Login| match login.at(["two"]) {
        Ok(login) => format!(
            "{} {}",
            login.claims().is_some(),
            login.login_path("/chosen")
        ),
        Err(error) => error.to_string(),
    });
    let app = Router::new()
        .nest("/one", at(&["one"]))
        .nest("/two", at(&["two"]))
        .nest("/both", at(&["one", "two"]))
        .nest("/three", at(&["three"]))
        .nest("/none", at(&[]))
        .nest(
            "/narrower",
            at(&["two"]).route_layer(RequireLogin::at(["one"])),
        )
        .route("/any", get(token))
        .route("/claims", claims)
        .route("/chosen", chosen);
    let layer = layer(one, two).await.keep_tokens();
    Browser::new(app.layer(layer.build().unwrap()))
}

async fn log_in_at(world: &World, browser: &mut Browser, login: &str) -> Answer {
    let login = browser.get(login).await;
    browser.come_back(&world.log_in(&login)).await
}

/// The API of one provider must not get the access token of another, which could be used there.
#[tokio::test]
async fn the_session_of_one_provider_does_not_serve_at_the_route_of_another() {
    let [one, two] = worlds().await;
    let mut browser = routes(&one, &two).await;
    log_in_at(&one, &mut browser, "/auth/login?client=one").await;
    assert_eq!(browser.get("/claims").await.body, "one");
    let token_of_one = browser.get("/one").await.body;
    assert_eq!(browser.get("/both").await.body, token_of_one);
    assert_eq!(
        browser.get("/chosen").await.body,
        "false /auth/login?client=two&return_to=%2Fchosen"
    );

    let refused = browser.get("/two").await;
    assert_eq!(
        refused.location(),
        "/auth/login?client=two&return_to=%2Ftwo"
    );
    let posted = browser
        .send(Method::POST, "/two", Site::Own, Some(""))
        .await;
    assert_eq!(posted.status, StatusCode::UNAUTHORIZED);
    assert!(matches!(one.error(), LoginError::LoginRequired));
    let back = log_in_at(&two, &mut browser, refused.location()).await;
    assert_eq!(back.location(), "/two");
    let token_of_two = browser.get("/two").await.body;
    assert_ne!(token_of_two, token_of_one);
    assert_eq!(browser.get("/both").await.body, token_of_two);
    assert_eq!(
        browser.get("/chosen").await.body,
        "true /auth/login?client=two&return_to=%2Fchosen"
    );
    assert_eq!(
        browser.get("/one").await.location(),
        "/auth/login?client=one&return_to=%2Fone"
    );
}

/// A route that does not say, or says it wrongly, is a mistake of the application.
#[tokio::test]
async fn a_route_must_say_whose_token_it_needs() {
    let [one, two] = worlds().await;
    let mut browser = routes(&one, &two).await;
    log_in_at(&one, &mut browser, "/auth/login?client=one").await;
    let page = browser.get("/any").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    let error = one.error();
    assert!(matches!(error, LoginError::ClientNotNamed), "{error}");
    assert!(error.to_string().contains("`RequireLogin::at`"), "{error}");
    for (path, expected) in [("/three", "three"), ("/none", ""), ("/narrower", "two")] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        match one.error() {
            LoginError::NoSuchClient { name } => assert_eq!(name, expected),
            other => panic!("{path}: {other}"),
        }
    }
}

/// The provider `two` reports a logout of the session at `one`.
#[tokio::test]
async fn a_logout_token_ends_no_session_of_another_provider() {
    let [one, two] = worlds().await;
    let layer = layer(&one, &two).await;
    let mut browser = Browser::new(app(layer.build().unwrap()));
    log_in_at(&two, &mut browser, "/auth/login?client=two").await;
    log_in_at(&one, &mut browser, "/auth/login?client=one").await;
    let send = async |name: &str, form: &str| {
        let path = format!("/auth/backchannel-logout/{name}");
        let mut provider = browser.other();
        provider
            .send(Method::POST, &path, Site::Other, Some(form))
            .await
            .status
    };
    // Each token at the route of the other client; then the token of `two` at its own.
    assert_eq!(
        send("one", &two.logout_token()).await,
        StatusCode::BAD_REQUEST
    );
    assert!(matches!(one.error(), LoginError::LogoutTokenRefused(_)));
    assert_eq!(
        send("two", &one.logout_token()).await,
        StatusCode::BAD_REQUEST
    );
    assert!(matches!(one.error(), LoginError::LogoutTokenRefused(_)));
    assert_eq!(send("two", &two.logout_token()).await, StatusCode::OK);
    let mut tab = browser.clone();
    assert_eq!(tab.get("/me").await.body, "hello alice");
    assert_eq!(send("one", &one.logout_token()).await, StatusCode::OK);
    assert_eq!(tab.get("/me").await.status, StatusCode::SEE_OTHER);
}

/// The name of a client is given to a client at another provider.
#[tokio::test]
async fn a_session_belongs_to_the_provider_and_not_to_the_name() {
    let [one, two] = worlds().await;
    let store = Arc::new(MemoryStore::new());
    let named = async |world: &World| {
        let layer = LoginLayer::builder(key()).client("example", world.client().await);
        Browser::new(app(layer.store(Arc::clone(&store)).build().unwrap()))
    };
    let (mut before, mut after) = (named(&one).await, named(&two).await);
    log_in_at(&one, &mut before, "/auth/login").await;
    after.jar.clone_from(&before.jar);
    assert_eq!(after.get("/me").await.status, StatusCode::SEE_OTHER);
    // Neither does a login that has begun.
    let login = before.get("/auth/login").await;
    after.jar.clone_from(&before.jar);
    let page = after.come_back(&one.log_in(&login)).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(after.get("/me").await.status, StatusCode::SEE_OTHER);
}

/// A client is removed from the application while a person, who has a session at it, logs in
/// elsewhere.
#[tokio::test]
async fn the_session_of_a_client_that_was_removed_is_in_no_ones_way() {
    let [one, two] = worlds().await;
    let store = Arc::new(MemoryStore::new());
    let by_form = |layer: LoginLayerBuilder| {
        let layer = layer.authorization_request(|it| it.response_mode(ResponseMode::FormPost));
        Browser::new(app(layer.store(Arc::clone(&store)).build().unwrap()))
    };
    let mut before = by_form(layer(&one, &two).await);
    let layer = LoginLayer::builder(key()).client("two", two.client().await);
    let mut after = by_form(one.noted(layer));
    let post = async |browser: &mut Browser, form: &str| {
        let posted = browser.send(Method::POST, CALLBACK, Site::Other, Some(form));
        posted.await.location().to_owned()
    };
    let login = before.get("/auth/login?client=one").await;
    let form = one.provider.log_in_by_form_post(login.location());
    assert_eq!(post(&mut before, &form).await, "/");
    let login = before.get("/auth/login?client=two").await;
    let form = two.provider.log_in_by_form_post(login.location());
    after.jar.clone_from(&before.jar);
    assert_eq!(post(&mut after, &form).await, "/");
    assert_eq!(after.get("/me").await.body, "hello alice");
}
