//! An application starts while its provider is down, and follows the metadata of its provider.

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

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use openid_client_axum::openid_client::store::MemoryStore;
use openid_client_axum::openid_client::{
    Client, ClientBuilder, CoreError, Error, IssuerOnly, LazyClient, Misuse, Profile, UnixTime,
};
use openid_client_axum::{AccessToken, LoginError, LoginLayer, LoginLayerBuilder};
use test_provider::{Endpoint, Misbehaviour};

use self::support::{
    Answer, Browser, CALLBACK, ORIGIN, World, app, app_with, key, log_in, log_out_here_alone, pass,
    send_logout_token,
};

/// The client of a world, without its metadata.
fn client(world: &World) -> ClientBuilder<IssuerOnly> {
    set_up(world, Client::discover(world.provider.url(), "my-app"))
}

fn set_up<Source>(world: &World, client: ClientBuilder<Source>) -> ClientBuilder<Source> {
    let clock = Arc::clone(&world.clock);
    client
        .root_certificate_pem(world.provider.ca_certificate_pem())
        .clock(move || UnixTime::from_seconds(clock.load(Ordering::SeqCst)))
        .redirect_uri(format!("{ORIGIN}{CALLBACK}"))
}

fn lazy(world: &World) -> LazyClient {
    client(world).lazy().build().unwrap()
}

/// An application that starts, with a store that outlives it.
fn start(world: &World, client: impl Into<LazyClient>, store: &Arc<MemoryStore>) -> Browser {
    started(layer(world, client, store))
}

fn layer(
    world: &World,
    client: impl Into<LazyClient>,
    store: &Arc<MemoryStore>,
) -> LoginLayerBuilder {
    let layer = LoginLayer::builder(key()).client("example", client);
    let layer = world.noted(layer).store(Arc::clone(store));
    layer.keep_tokens().front_channel_logout()
}

fn started(layer: LoginLayerBuilder) -> Browser {
    let token = get(async |token: AccessToken| token.access_token().expose().clone());
    let pages = Router::new().route("/token", token);
    Browser::new(app_with(layer.build().unwrap(), pages))
}

async fn come_back_up(world: &World) {
    world.provider.listen_again().await.unwrap();
    pass(1).await;
}

#[track_caller]
fn is_unavailable(world: &World, page: &Answer) {
    assert_eq!(
        page.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "{}",
        page.body
    );
    assert_eq!(page.headers["retry-after"], "1");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(page.body.contains("cannot be reached"), "{}", page.body);
    match world.error() {
        LoginError::ProviderUnavailable { error, retry_after } => {
            let core = error.core();
            assert!(matches!(core, Some(CoreError::Unanswered(_))), "{error}");
            assert!(retry_after.is_some_and(|it| it <= Duration::from_secs(1)));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_application_starts_while_its_provider_does_not_listen() {
    let world = World::new().await;
    world.provider.stop_listening().await;
    let layer = LoginLayer::builder(key()).client("example", lazy(&world));
    let mut browser = Browser::new(app(world.noted(layer).build().unwrap()));
    assert!(browser.get("/").await.body.starts_with("hello stranger"));
    assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/auth/logout").await.status, StatusCode::OK);
    assert_eq!(browser.post("/auth/logout", "").await.location(), "/");
    let page = browser.get("/auth/login").await;
    is_unavailable(&world, &page);
    assert!(page.body.contains("href=\"/auth/login\""), "{}", page.body);
    assert!(browser.jar.is_empty());
    // It listens again, and the pause is not over.
    world.provider.listen_again().await.unwrap();
    is_unavailable(&world, &browser.get("/auth/login").await);
    pass(1).await;
    log_in(&world, &mut browser).await;
    assert_eq!(browser.get("/me").await.body, "hello alice");
}

/// What a restart finds while the provider is down: people who have logged in before.
#[tokio::test]
async fn sessions_go_on_and_end_while_the_provider_is_down() {
    let world = World::new().await;
    let store = Arc::new(MemoryStore::new());
    let mut before = start(&world, world.client().await, &store);
    log_in(&world, &mut before).await;
    world.provider.stop_listening().await;
    let idle = Duration::from_secs(800);
    let mut browser = started(layer(&world, lazy(&world), &store).idle_lifetime(idle));
    browser.jar.clone_from(&before.jar);
    assert_eq!(browser.get("/me").await.body, "hello alice");
    // The session is renewed by requests, and would be over without that.
    for _ in 0..4 {
        world.advance(400);
        assert_eq!(browser.get("/me").await.body, "hello alice");
    }
    assert!(world.errors.lock().unwrap().is_empty());
    // The access token is one of the provider's client.
    is_unavailable(&world, &browser.get("/token").await);
    let copy = browser.jar.clone();
    log_out_here_alone(&world, &mut browser).await;
    browser.jar = copy;
    assert!(browser.get("/").await.body.starts_with("hello stranger"));
}

/// The first thing that a person does after a restart is to log out.
#[tokio::test]
async fn a_logout_revokes_tokens_when_the_metadata_are_there() {
    let world = World::new().await;
    let store = Arc::new(MemoryStore::new());
    let mut before = start(&world, world.client().await, &store);
    log_in(&world, &mut before).await;
    let mut browser = start(&world, lazy(&world), &store);
    browser.jar.clone_from(&before.jar);
    let page = browser.post("/auth/logout", "").await;
    assert!(page.location().starts_with(world.provider.url()));
    let revoked = || world.provider.provider().served(Endpoint::Revocation);
    for _ in 0..100 {
        if revoked() > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(revoked(), 1);
}

/// The login began before the restart, and the callback comes too early.
#[tokio::test]
async fn a_callback_can_be_loaded_again_when_the_provider_is_back() {
    let world = World::new().await;
    let store = Arc::new(MemoryStore::new());
    let mut before = start(&world, world.client().await, &store);
    let callback = world.log_in(&before.get("/auth/login").await);
    world.provider.stop_listening().await;
    let mut browser = start(&world, lazy(&world), &store);
    browser.jar.clone_from(&before.jar);
    is_unavailable(&world, &browser.come_back(&callback).await);
    assert_eq!(browser.cookies("login").len(), 1);
    come_back_up(&world).await;
    assert_eq!(browser.get(&callback).await.location(), "/");
    assert_eq!(browser.get("/me").await.body, "hello alice");
    assert!(browser.cookies("login").is_empty());
    assert!(!browser.get("/token").await.body.is_empty());
}

/// The provider sends the logout again, because it was not taken.
#[tokio::test]
async fn a_logout_of_the_provider_is_not_taken_before_it_can_be_judged() {
    let world = World::new().await;
    let store = Arc::new(MemoryStore::new());
    let mut before = start(&world, world.client().await, &store);
    log_in(&world, &mut before).await;
    let token = world.logout_token();
    world.provider.stop_listening().await;
    let mut browser = start(&world, lazy(&world), &store);
    browser.jar.clone_from(&before.jar);
    let refused = send_logout_token(&browser, &token).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.headers["cache-control"], "no-store");
    let error = world.error();
    assert!(
        matches!(error, LoginError::ProviderUnavailable { .. }),
        "{error}"
    );
    let frame = format!(
        "/auth/frontchannel-logout/example?iss={}",
        world.provider.url()
    );
    let refused = browser.load_in_frame(&frame).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    match world.error() {
        LoginError::LogoutFailed(error) => {
            assert!(matches!(*error, LoginError::ProviderUnavailable { .. }));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(browser.get("/me").await.body, "hello alice");
    come_back_up(&world).await;
    assert_eq!(
        send_logout_token(&browser, &token).await.status,
        StatusCode::OK
    );
    assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_provider_that_is_down_does_not_disturb_the_others() {
    let [one, two] = [World::new().await, World::with_seed("two").await];
    one.provider.stop_listening().await;
    let strict = |world: &World| {
        let client = client(world).require_authorization_response_iss();
        client.lazy().build().unwrap()
    };
    let layer = LoginLayer::builder(key())
        .client("one", strict(&one))
        .client("two", strict(&two));
    let mut browser = Browser::new(app(one.noted(layer).build().unwrap()));
    assert_eq!(browser.get("/auth/login").await.status, StatusCode::OK);
    is_unavailable(&one, &browser.get("/auth/login?client=one").await);
    let login = browser.get("/auth/login?client=two").await;
    browser.come_back(&two.log_in(&login)).await;
    assert_eq!(browser.get("/me").await.body, "hello alice");
    come_back_up(&one).await;
    let login = browser.get("/auth/login?client=one").await;
    browser.come_back(&one.log_in(&login)).await;
    assert_eq!(browser.get("/me").await.body, "hello alice");
}

/// What the metadata of a provider promise can change. So only the settings can say that clients
/// may share a redirect URI (mix-up, RFC 9700 section 4.4).
#[tokio::test]
async fn clients_without_metadata_share_a_redirect_uri_only_if_they_require_iss() {
    let [one, two] = [World::new().await, World::with_seed("two").await];
    let fetched = lazy(&one);
    fetched.client().await.unwrap();
    let layer = LoginLayer::builder(key())
        .client("one", fetched)
        .client("two", two.client().await);
    match layer.build().unwrap_err() {
        Error::Core(CoreError::Misuse(Misuse::InvalidArgument { argument, .. })) => {
            assert_eq!(argument, "redirect_uri");
        }
        other => panic!("{other}"),
    }
}

/// The provider answers. What its metadata lack, only its operators can correct.
#[tokio::test]
async fn metadata_that_cannot_be_used_are_not_called_unreachable() {
    for (misbehaviour, code) in [
        (
            Misbehaviour::DiscoveryIssuerMismatch,
            "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED",
        ),
        (
            Misbehaviour::DiscoveryServerError,
            "OAUTH_RESPONSE_IS_NOT_CONFORM",
        ),
    ] {
        let world = World::new().await;
        world.provider.provider().misbehave(misbehaviour);
        let layer = LoginLayer::builder(key()).client("example", lazy(&world));
        let mut browser = Browser::new(app(world.noted(layer).build().unwrap()));
        let page = browser.get("/auth/login").await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(page.headers["retry-after"], "1");
        assert!(!page.body.contains("reached"), "{}", page.body);
        assert!(
            page.body.contains("does not answer as it should"),
            "{}",
            page.body
        );
        let error = world.error();
        assert!(matches!(error, LoginError::ProviderUnavailable { .. }));
        assert_eq!(error.code(), code);
        let message = error.to_string();
        assert!(message.starts_with("the metadata of the provider cannot be used: "));
    }
}

/// A mistake in the settings does not go away in a few minutes.
#[tokio::test]
async fn settings_that_do_not_fit_the_metadata_are_a_mistake_of_the_site() {
    let world = World::new().await;
    let signing = openid_client_axum::openid_client::SignatureAlgorithm::ES256;
    let new = || openid_client_axum::openid_client::SigningKey::generate(signing).unwrap();
    let client = client(&world).profile(Profile::Fapi2SecurityProfile);
    let client = client.dpop_key(new()).private_key(new());
    let layer = LoginLayer::builder(key()).client("example", client.lazy().build().unwrap());
    let mut browser = Browser::new(app(world.noted(layer).build().unwrap()));
    let page = browser.get("/auth/login").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!page.headers.contains_key("retry-after"));
    match world.error() {
        LoginError::NotBegun(Error::Core(CoreError::Profile(_))) => {}
        other => panic!("{other:?}"),
    }
}

/// The operator has replaced the provider. Nothing has to be fetched to see that the session
/// belongs to another one.
#[tokio::test]
async fn a_session_of_another_issuer_is_refused_while_the_provider_is_down() {
    let [one, two] = [World::new().await, World::with_seed("two").await];
    let store = Arc::new(MemoryStore::new());
    let mut before = start(&one, one.client().await, &store);
    log_in(&one, &mut before).await;
    two.provider.stop_listening().await;
    let mut browser = start(&two, lazy(&two), &store);
    browser.jar.clone_from(&before.jar);
    assert!(browser.get("/").await.body.starts_with("hello stranger"));
    assert!(browser.jar.is_empty());
    assert!(two.errors.lock().unwrap().is_empty());
}

/// Where the document may name any issuer, only the document says whose sessions are good.
#[tokio::test]
async fn a_session_waits_for_a_document_that_may_name_any_issuer() {
    let world = World::new().await;
    let store = Arc::new(MemoryStore::new());
    let mut before = start(&world, world.client().await, &store);
    log_in(&world, &mut before).await;
    world.provider.stop_listening().await;
    let url = format!("{}/.well-known/openid-configuration", world.provider.url());
    let lazy = set_up(&world, Client::danger_discover_document(url, "my-app")).lazy();
    let mut browser = start(&world, lazy.build().unwrap(), &store);
    browser.jar.clone_from(&before.jar);
    is_unavailable(&world, &browser.get("/me").await);
    assert_eq!(browser.cookies("session").len(), 1);
    // People without a session are not concerned.
    let mut stranger = browser.other();
    assert!(stranger.get("/").await.body.starts_with("hello stranger"));
    come_back_up(&world).await;
    assert_eq!(browser.get("/me").await.body, "hello alice");
}
