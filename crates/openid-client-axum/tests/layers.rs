//! Two layers in one application, and an application that a proxy shows below a path.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use openid_client_axum::openid_client::store::MemoryStore;
use openid_client_axum::{Claims, LoginError, LoginLayer, LoginLayerBuilder, RequireLogin};
use test_provider::{ClientRegistration, Misbehaviour};

use self::support::{
    BACK_CHANNEL, Browser, CALLBACK, ORIGIN, World, app, key, log_in, send_logout_token,
};

const ADMIN_CALLBACK: &str = "/admin/auth/callback";

/// The administrators of an application log in at a separate layer, with the same key, and
/// their client has the same name.
async fn admin(world: &World) -> LoginLayerBuilder {
    let uri = format!("{ORIGIN}{ADMIN_CALLBACK}");
    let both = ClientRegistration::public("my-app").redirect_uri(format!("{ORIGIN}{CALLBACK}"));
    let both = both.backchannel_logout_uri(format!("{ORIGIN}{BACK_CHANNEL}"));
    world.provider.provider().register(both.redirect_uri(&uri));
    let client = world.client_at(&uri).await;
    let layer = LoginLayer::builder(key()).client("example", client);
    world.noted(layer).name("admin").mounted_at("/admin")
}

async fn hello(claims: Claims) -> String {
    format!("hello {}", claims.sub())
}

/// The pages of the administrators are below `/admin`, which axum removes from the requests there.
async fn nested(world: &World) -> Browser {
    let store = Arc::new(MemoryStore::new());
    let people = world.layer().await.store(Arc::clone(&store));
    let people = people.build().unwrap();
    let admin = admin(world).await.store(store).build().unwrap();
    let admin_pages = Router::new()
        .route("/orders", get(hello))
        .route_layer(RequireLogin)
        .layer(admin);
    let pages = Router::new()
        .route("/me", get(hello))
        .route_layer(RequireLogin)
        .nest_service("/admin", admin_pages)
        .layer(people);
    Browser::new(pages)
}

#[tokio::test]
async fn the_cookie_of_one_layer_is_worth_nothing_in_another() {
    let world = World::new().await;
    let mut browser = nested(&world).await;
    log_in(&world, &mut browser).await;
    let refused = browser.get("/admin/orders").await;
    assert_eq!(refused.location(), "/admin/auth/login?return_to=%2Forders");
    let login = browser.get(refused.location()).await;
    // A pending login of one layer, under the name of the other, does not finish there.
    let callback = world.log_in_as(&login, "bob");
    let mut moved = browser.clone();
    let pending = moved.jar.last_mut().unwrap();
    pending.name = pending.name.replace("admin.", "");
    moved
        .come_back(&callback.replace(ADMIN_CALLBACK, CALLBACK))
        .await;
    assert!(matches!(world.error(), LoginError::PendingLoginRefused));

    let back = browser.come_back(&callback).await;
    assert_eq!(back.location(), "/admin/orders");
    assert_eq!(browser.jar.len(), 2);
    assert_eq!(browser.get("/me").await.body, "hello alice");
    assert_eq!(browser.get("/admin/orders").await.body, "hello bob");
    // Alice makes her cookie one of the administrators'.
    let mut alice = browser.clone();
    let session = alice.jar[0].value.clone();
    assert_eq!(alice.jar[1].name, "__Host-admin.openid-session");
    alice.jar[1].value = session;
    assert_eq!(
        alice.get("/admin/orders").await.status,
        StatusCode::SEE_OTHER
    );
    // A logout of one layer leaves the other session alone.
    browser.post("/auth/logout", "").await;
    assert_eq!(browser.jar.len(), 1);
    assert_eq!(browser.get("/admin/orders").await.body, "hello bob");
}

/// Both layers share a store, a provider, the name of a client, and the person.
#[tokio::test]
async fn a_logout_token_ends_the_sessions_of_its_layer() {
    let world = World::new().await;
    let provider = world.provider.provider();
    provider.misbehave(Misbehaviour::LogoutTokenSessionMissing);
    let mut browser = nested(&world).await;
    log_in(&world, &mut browser).await;
    let login = browser.get("/admin/auth/login").await;
    browser.come_back(&world.log_in(&login)).await;
    assert_eq!(browser.get("/admin/orders").await.body, "hello alice");
    let taken = send_logout_token(&browser, &world.logout_token()).await;
    assert_eq!(taken.status, StatusCode::OK);
    assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/admin/orders").await.body, "hello alice");
}

#[tokio::test]
async fn layers_that_disturb_each_other_are_found() {
    let world = World::new().await;
    let people = async || world.layer().await.build().unwrap();
    let usual = async || {
        world
            .noted(LoginLayer::builder(key()))
            .client("example", world.client().await)
    };
    for inner in [
        // The same name; the same prefix; the same redirect URI.
        admin(&world).await.name(""),
        admin(&world).await.mounted_at("").prefix("/auth"),
        usual().await.name("admin").prefix("/login"),
    ] {
        let inner = inner.build().unwrap();
        let pages = Router::new().route("/", get("page")).layer(inner);
        let mut browser = Browser::new(pages.layer(people().await));
        let page = browser.get("/").await;
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
        let error = world.error();
        assert!(matches!(error, LoginError::LayersCollide), "{error}");
        assert!(error.to_string().contains("LoginLayerBuilder::name"));
    }
    // One layer around two parts of an application is not two layers.
    let layer = people().await;
    let pages = Router::new().route("/", get("page")).layer(layer.clone());
    assert_eq!(Browser::new(pages.layer(layer)).get("/").await.body, "page");
}

/// The proxy shows the application below `/shop`, and removes that from the requests.
#[tokio::test]
async fn an_application_below_a_path_leads_people_back_below_it() {
    let world = World::new().await;
    let (uri, bye) = (
        format!("{ORIGIN}/shop{CALLBACK}"),
        format!("{ORIGIN}/shop/auth/logged-out"),
    );
    let shop = ClientRegistration::public("my-app").redirect_uri(&uri);
    world
        .provider
        .provider()
        .register(shop.post_logout_redirect_uri(&bye));
    let layer = LoginLayer::builder(key()).client("example", world.client_at(&uri).await);
    let layer = world
        .noted(layer)
        .mounted_at("/shop")
        .post_logout_redirect_uri(&bye);
    let mut browser = Browser::new(app(layer.build().unwrap()));
    let inside = |path: &str| path.strip_prefix("/shop").unwrap().to_owned();
    let refused = browser.get("/me").await;
    assert_eq!(refused.location(), "/shop/auth/login?return_to=%2Fme");
    let login = browser.get(&inside(refused.location())).await;
    let back = browser.come_back(&inside(&world.log_in(&login))).await;
    assert_eq!(back.location(), "/shop/me");
    assert_eq!(browser.get("/me").await.body, "hello alice");
    let page = browser.get("/").await.body;
    assert!(page.contains("log out at /shop/auth/logout"), "{page}");
    let page = browser.get("/auth/logout").await.body;
    assert!(page.contains("action=\"/shop/auth/logout\""), "{page}");
    let left = browser.post("/auth/logout", "").await;
    let back = browser.come_back(&inside(&world.log_in(&left))).await;
    assert_eq!(back.location(), "/shop/");
    // A path out of `/shop` belongs to another application.
    browser.get("/auth/login?return_to=/../bank").await;
    assert!(matches!(world.error(), LoginError::ReturnToRefused));
    for cookie in &browser.set {
        assert!(cookie.contains("; Path=/; "), "{cookie}");
    }
}
