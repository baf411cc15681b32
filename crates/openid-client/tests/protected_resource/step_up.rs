//! Requests that need more than the token was granted.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use openid_client::http::{Body, Bytes, Method, Response};
use openid_client::{Artefact, Error, ResourceAccess, Scope, StepUp, UnixTime, Url};
use test_provider::server::Server;
use test_provider::{Endpoint, Misbehaviour};

use crate::world::{World, body, refused};

/// Opens the browser, and counts how often.
fn browser(
    world: &Arc<World>,
    change: fn(Url) -> Option<Url>,
) -> (
    impl Fn(Url) -> std::future::Ready<Option<String>> + Send + Sync + 'static + Clone,
    Arc<AtomicUsize>,
) {
    let opened = Arc::new(AtomicUsize::new(0));
    let (count, world) = (Arc::clone(&opened), Arc::clone(world));
    let open = move |url: Url| {
        count.fetch_add(1, Ordering::SeqCst);
        let provider: &Server = &world.provider;
        std::future::ready(change(url).map(|url| provider.log_in(url)))
    };
    (open, opened)
}

async fn access() -> (Arc<World>, ResourceAccess) {
    let world = Arc::new(World::new().await);
    let client = world.client().await.unwrap();
    let access = world.log_in(&client).await;
    (world, access)
}

#[track_caller]
fn insufficient(error: &Error) {
    let step_up = error.core().unwrap().step_up();
    assert!(
        matches!(step_up, Some(StepUp::InsufficientScope { .. })),
        "{error}"
    );
}

fn opened(count: &AtomicUsize) -> usize {
    count.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_login_for_more_keeps_what_was_granted() {
    let (world, access) = access().await;
    let (open, count) = browser(&world, Some);
    let url = world.url("/mcp/write");
    let write = || {
        access
            .fetch(Method::POST, &url)
            .body("text")
            .step_up(open.clone())
    };
    let answer = body(write().await.unwrap()).await;
    assert_eq!(answer["scope"], "read write");
    assert_eq!(answer["body"], "text");
    assert_eq!(access.requested_scope().to_string(), "read write");
    // The new token is used from now on.
    body(write().await.unwrap()).await;
    let answer = access.fetch(Method::GET, world.url("/mcp")).await.unwrap();
    assert_eq!(body(answer).await["scope"], "read write");
    assert_eq!(opened(&count), 1);
}

#[tokio::test]
async fn without_a_browser_the_refusal_is_the_result() {
    let (world, access) = access().await;
    let error = refused(access.fetch(Method::GET, world.url("/mcp/write")).await);
    insufficient(&error);
    assert_eq!(world.with_token(), ["/mcp/write"]);
}

#[tokio::test]
async fn a_second_refusal_is_the_result() {
    let (world, access) = access().await;
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"ever more\"";
    let page = Response::builder()
        .status(403)
        .header("www-authenticate", challenge);
    let page = page.body(Bytes::new()).unwrap();
    world.resource.resource().host("/mcp/never", page);
    let (open, count) = browser(&world, Some);
    let request = access
        .fetch(Method::GET, world.url("/mcp/never"))
        .step_up(open.clone());
    insufficient(&refused(request.await));
    assert_eq!(opened(&count), 1);
    assert_eq!(world.with_token(), ["/mcp/never", "/mcp/never"]);
    assert_eq!(access.requested_scope().to_string(), "read ever more");
    // What is asked for was granted: another login would change nothing.
    let request = access
        .fetch(Method::GET, world.url("/mcp/never"))
        .step_up(open);
    insufficient(&refused(request.await));
    assert_eq!(opened(&count), 1);
}

#[tokio::test]
async fn person_and_application_may_decline() {
    let (world, access) = access().await;
    let (open, count) = browser(&world, |_| None);
    let request = access
        .fetch(Method::GET, world.url("/mcp/write"))
        .step_up(open);
    insufficient(&refused(request.await));
    assert_eq!(
        (opened(&count), access.requested_scope().to_string()),
        (1, "read".to_owned())
    );

    let client = world.client().further_scope(|further| {
        assert_eq!(further.requested.to_string(), "read");
        assert_eq!(further.challenged.to_string(), "write");
        assert_eq!(further.proposed.to_string(), "read write");
        None
    });
    let access = world.log_in(&client.await.unwrap()).await;
    let (open, count) = browser(&world, Some);
    let request = access
        .fetch(Method::GET, world.url("/mcp/write"))
        .step_up(open);
    insufficient(&refused(request.await));
    assert_eq!(opened(&count), 0);
}

#[tokio::test]
async fn the_application_may_ask_for_less() {
    let world = Arc::new(World::new().await);
    let client = world
        .client()
        .further_scope(|further| Some(further.challenged.clone()));
    let access = world.log_in(&client.await.unwrap()).await;
    let (open, _) = browser(&world, Some);
    let request = access
        .fetch(Method::GET, world.url("/mcp/write"))
        .step_up(open);
    assert_eq!(body(request.await.unwrap()).await["scope"], "write");
    assert_eq!(access.requested_scope(), Scope::parse("write").unwrap());
}

#[tokio::test]
async fn another_person_does_not_take_the_session_over() {
    let world = World::with(|resource, issuer| {
        resource
            .authorization_server(issuer)
            .scope_supported("openid")
            .requires("/mcp/write", "write")
    });
    let world = Arc::new(world.await);
    let access = world.log_in(&world.client().await.unwrap()).await;
    let (open, _) = browser(&world, |mut url| {
        url.query_pairs_mut().append_pair("login_hint", "bob");
        Some(url)
    });
    let request = access
        .fetch(Method::GET, world.url("/mcp/write"))
        .step_up(open);
    let error = refused(request.await);
    assert_eq!(error.rejection().unwrap().artefact, Artefact::IdToken);
    assert_eq!(error.code(), Some("OAUTH_JWT_CLAIM_COMPARISON_FAILED"));
    let answer = access.fetch(Method::GET, world.url("/mcp")).await.unwrap();
    assert_eq!(body(answer).await["sub"], "alice");
}

/// The second request takes its token before the first one steps up, and is refused after it.
#[tokio::test(flavor = "multi_thread")]
async fn one_login_serves_a_request_that_was_under_way() {
    let (world, access) = access().await;
    let url = world.url("/mcp/write");
    let (open, count) = browser(&world, Some);
    let (began, has_begun) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel();
    let waiting = std::sync::Mutex::new((began, may_go_on));
    let first_time = std::sync::Once::new();
    let body_of_second = move || {
        first_time.call_once(|| {
            let (began, may_go_on) = &*waiting.lock().unwrap();
            began.send(()).unwrap();
            may_go_on.recv().unwrap();
        });
        Body::from(Bytes::from_static(b"second"))
    };
    let second = access
        .fetch(Method::POST, &url)
        .repeatable_body(body_of_second);
    let second = tokio::spawn(second.step_up(open.clone()).into_future());
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap())
        .await
        .unwrap();
    let first = access.fetch(Method::POST, &url).body("first").step_up(open);
    assert_eq!(body(first.await.unwrap()).await["body"], "first");
    go_on.send(()).unwrap();
    assert_eq!(body(second.await.unwrap().unwrap()).await["body"], "second");
    assert_eq!(opened(&count), 1);
}

#[tokio::test]
async fn a_challenge_that_contradicts_itself_asks_nobody() {
    let (world, access) = access().await;
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"write\", scope=\"admin\"";
    world.resource.resource().set_challenge(challenge);
    let (open, count) = browser(&world, Some);
    let request = access
        .fetch(Method::GET, world.url("/mcp/write"))
        .step_up(open);
    let error = refused(request.await);
    assert_eq!(
        error.rejection().unwrap().artefact,
        Artefact::ResourceChallenge
    );
    assert_eq!(opened(&count), 0);
}

/// Time passes when the test says so.
fn clock(ahead: &Arc<AtomicI64>) -> impl Fn() -> UnixTime + Send + Sync + 'static + use<> {
    let ahead = Arc::clone(ahead);
    move || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = i64::try_from(now.as_secs()).unwrap();
        UnixTime::from_seconds(now.saturating_add(ahead.load(Ordering::SeqCst)))
    }
}

/// A scope that is not named in the response to a refresh stays as it was granted, and is not the
/// one that was requested.
#[tokio::test]
async fn a_refresh_without_scope_does_not_end_the_step_up() {
    let world = Arc::new(World::new().await);
    let ahead = Arc::new(AtomicI64::new(0));
    let client = world.client().clock(clock(&ahead)).await.unwrap();
    let client = client.with_scope(Scope::parse("read write").unwrap());
    let (url, pending) = client.authorization_request().await.unwrap();
    // The person grants a part.
    let url = Url::parse(&url.as_str().replace("scope=read+write", "scope=read")).unwrap();
    let callback = world.provider.log_in(url);
    let access = client.authorization_code_grant(pending, callback).await;
    let access = access.unwrap();
    let get = |url: String| access.fetch(Method::GET, url);
    let provider = world.provider.provider();
    provider.misbehave(Misbehaviour::TokenScopeMissing);
    ahead.store(3600, Ordering::SeqCst);
    get(world.url("/mcp")).await.unwrap();
    assert_eq!(provider.served(Endpoint::Token), 2);
    assert_eq!(access.requested_scope().to_string(), "read write");

    // Also after a restart.
    let stored = serde_json::to_string(&access.stored().unwrap()).unwrap();
    let restored = client.restore(serde_json::from_str(&stored).unwrap());
    let (open, count) = browser(&world, |_| None);
    let request = restored
        .unwrap()
        .fetch(Method::GET, world.url("/mcp/write"));
    insufficient(&refused(request.step_up(open).await));
    assert_eq!(opened(&count), 1);

    let (open, count) = browser(&world, Some);
    let request = get(world.url("/mcp/write")).step_up(open);
    assert_eq!(body(request.await.unwrap()).await["scope"], "read write");
    assert_eq!(opened(&count), 1);
    // The second login was granted what it asked for, although its response does not say so.
    let granted = serde_json::to_value(access.stored().unwrap()).unwrap();
    assert_eq!(granted["granted"], "read write");

    // A form of an earlier version does not say what was granted, so the person is asked.
    let mut earlier: serde_json::Value = serde_json::from_str(&stored).unwrap();
    earlier.as_object_mut().unwrap().remove("granted").unwrap();
    let restored = client.restore(serde_json::from_value(earlier).unwrap());
    let (open, count) = browser(&world, |_| None);
    let request = restored
        .unwrap()
        .fetch(Method::GET, world.url("/mcp/write"));
    insufficient(&refused(request.step_up(open).await));
    assert_eq!(opened(&count), 1);
}
