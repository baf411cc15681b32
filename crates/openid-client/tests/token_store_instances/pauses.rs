//! Instances that share the pause after a failed refresh.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use openid_client::http::{
    Body, BoxFuture, HttpClient, Request, Response, TransportError, TransportFailure,
};
use openid_client::{
    Client, Error, ServerMetadata, SourceError, SourceGrant, TokenSource, UnixTime,
};
use test_provider::Misbehaviour;
use tokio::task::JoinSet;
use tokio::time::{Instant, advance, sleep};

use crate::support::in_process::ISSUER;
use crate::world::{NAME, World, instances};

/// Every instance asks ten times a second for this long.
async fn all_ask(sources: &[TokenSource], seconds: u64) {
    for _ in 0..seconds * 10 {
        let mut tasks = JoinSet::new();
        for source in sources {
            let source = source.clone();
            tasks.spawn(async move { source.token().await });
        }
        for error in tasks.join_all().await.into_iter().map(Result::unwrap_err) {
            let is_kept = matches!(
                error,
                Error::Source(SourceError::Failed { .. } | SourceError::PausedElsewhere { .. })
            );
            assert!(is_kept, "{error}");
        }
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn ten_instances_make_one_attempt_in_each_step_of_the_back_off() {
    let instances = instances(10).await;
    let (world, sources) = (&instances.world, &instances.sources);
    advance(Duration::from_secs(3600)).await;
    // Less than the first step, so that the steps decide.
    world.busy.store(1, Ordering::SeqCst);
    all_ask(sources, 65).await;
    // After 1, 2, 4, 8 and 16 seconds, with up to half of it and a second on top.
    let attempts = world.token_requests() - 1;
    assert!((5..=6).contains(&attempts), "{attempts}");
    // The server asks for ten minutes.
    world.busy.store(600, Ordering::SeqCst);
    advance(Duration::from_secs(60)).await;
    let before = world.token_requests();
    all_ask(sources, 590).await;
    assert_eq!(world.token_requests(), before + 1);
    // A good answer ends the pause for all instances.
    world.busy.store(0, Ordering::SeqCst);
    advance(Duration::from_secs(20)).await;
    for source in sources {
        source.token().await.unwrap();
    }
    assert_eq!(world.token_requests(), before + 2);
}

/// The first failure after a success has the shortest pause, although the store would still keep
/// the count.
#[tokio::test(start_paused = true)]
async fn a_good_answer_ends_the_count_of_failures() {
    let instances = instances(1).await;
    let world = &instances.world;
    let source = instances.clients[0].token_source(SourceGrant::stored(&instances.store, NAME));
    let source = source.margin(Duration::from_secs(1800)).build().unwrap();
    advance(Duration::from_secs(3600)).await;
    world.busy.store(1, Ordering::SeqCst);
    for _ in 0..5 {
        source.token().await.unwrap_err();
        advance(Duration::from_secs(30)).await;
    }
    world.busy.store(0, Ordering::SeqCst);
    source.token().await.unwrap();
    advance(Duration::from_secs(1900)).await;
    world.busy.store(1, Ordering::SeqCst);
    assert!(source.token().await.unwrap().warning().is_some());
    world.busy.store(0, Ordering::SeqCst);
    advance(Duration::from_secs(3)).await;
    let (before, begun) = (world.token_requests(), Instant::now());
    assert!(source.token().await.unwrap().warning().is_none());
    assert_eq!(world.token_requests(), before + 1);
    // The end of the failed refresh is known, so no instance waits for it.
    assert!(begun.elapsed() < Duration::from_secs(1));
}

/// What fails before anything is sent says nothing about the server.
#[tokio::test(start_paused = true)]
async fn an_instance_that_cannot_send_makes_no_other_one_wait() {
    let instances = instances(1).await;
    let (world, store) = (&instances.world, &instances.store);
    advance(Duration::from_secs(3600)).await;
    // It does not know where the keys of the server are.
    let server = ServerMetadata::new(ISSUER);
    let client = Client::from_metadata(server, "app").http_client(Arc::clone(world));
    let time = UnixTime::from_seconds(world.now());
    let client = client.clock(move || time).build().unwrap();
    let source = client.token_source(SourceGrant::stored(store, NAME));
    let error = source.build().unwrap().token().await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_MISSING_SERVER_METADATA"));
    instances.sources[0].token().await.unwrap();
    assert_eq!(world.token_requests(), 2);
}

/// An instance that reaches everything but the token endpoint.
struct Walled(Arc<World>, TransportFailure);

impl HttpClient for Walled {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        match request.uri().path() {
            "/token" => Box::pin(async { Err(TransportError::new(self.1)) }),
            _ => self.0.send(request),
        }
    }
}

/// Its own settings keep it from the server. A server that accepts no connection is another matter.
#[tokio::test(start_paused = true)]
async fn an_instance_that_may_not_reach_the_server_makes_no_other_one_wait() {
    for (failure, code, waits) in [
        (
            TransportFailure::DestinationRefused,
            "OAUTH_DESTINATION_REFUSED",
            false,
        ),
        (TransportFailure::NotTrusted, "OAUTH_TLS_NOT_TRUSTED", false),
        (TransportFailure::NotConnected, "OAUTH_NOT_CONNECTED", true),
    ] {
        let instances = instances(1).await;
        let (world, store) = (&instances.world, &instances.store);
        advance(Duration::from_secs(3600)).await;
        let (clock, walled) = (Arc::clone(world), Walled(Arc::clone(world), failure));
        let client = Client::discover(ISSUER, "app").http_client(walled);
        let client = client.clock(move || UnixTime::from_seconds(clock.now()));
        let client = client.await.unwrap();
        let source = client.token_source(SourceGrant::stored(store, NAME));
        let error = source.build().unwrap().token().await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{error}");
        let other = instances.sources[0].token().await;
        let paused = other.err().and_then(|error| error.code());
        assert_eq!(paused, waits.then_some("OAUTH_PAUSED_ELSEWHERE"), "{code}");
    }
}

/// The store takes no pause, so the lease makes the others wait.
#[tokio::test(start_paused = true)]
async fn a_pause_that_cannot_be_saved_lasts_as_long_as_the_lease() {
    let instances = instances(2).await;
    let [one, two] = &instances.sources[..] else {
        panic!("two instances");
    };
    advance(Duration::from_secs(3600)).await;
    instances.world.busy.store(1, Ordering::SeqCst);
    let remote = Arc::clone(&instances.remote);
    let fails = move || remote.full.store(true, Ordering::SeqCst);
    instances.world.meanwhile(fails);
    one.token().await.unwrap_err();
    let other = two.clone();
    let other = tokio::spawn(async move { other.token().await });
    sleep(Duration::from_secs(100)).await;
    assert_eq!(instances.world.token_requests(), 2);
    instances.world.busy.store(0, Ordering::SeqCst);
    instances.remote.full.store(false, Ordering::SeqCst);
    other.await.unwrap().unwrap();
    assert_eq!(instances.world.token_requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_new_login_under_the_same_name_does_not_wait_for_the_pause_of_the_old_one() {
    let instances = instances(1).await;
    let (world, client) = (&instances.world, &instances.clients[0]);
    advance(Duration::from_secs(3600)).await;
    world.busy.store(3600, Ordering::SeqCst);
    instances.sources[0].token().await.unwrap_err();
    world.busy.store(0, Ordering::SeqCst);
    world.log_in(client, &instances.store).await;
    let source = client.token_source(SourceGrant::stored(&instances.store, NAME));
    let source = source.margin(Duration::from_secs(3600)).build().unwrap();
    let before = world.token_requests();
    source.token().await.unwrap();
    assert_eq!(world.token_requests(), before + 1);
}

/// The clock of an instance is an hour ahead or behind. Its pause is neither lost nor longer.
#[tokio::test(start_paused = true)]
async fn clocks_that_differ_change_no_pause() {
    for ahead in [-3600, 3600] {
        let instances = instances(1).await;
        let (world, store) = (&instances.world, &instances.store);
        let other = world.instance_ahead_by(ahead).await;
        advance(Duration::from_secs(7200)).await;
        world.busy.store(20, Ordering::SeqCst);
        instances.sources[0].token().await.unwrap_err();
        assert_eq!(world.token_requests(), 2);
        // The sources of an instance may be kept, or made for each request.
        let kept = other.token_source(SourceGrant::stored(store, NAME));
        let kept = kept.build().unwrap();
        for _ in 0..10 {
            let made = other.token_source(SourceGrant::stored(store, NAME));
            for source in [made.build().unwrap(), kept.clone()] {
                let error = source.token().await.unwrap_err();
                assert_eq!(error.code(), Some("OAUTH_PAUSED_ELSEWHERE"), "{error}");
            }
            advance(Duration::from_secs(2)).await;
        }
        assert_eq!(world.token_requests(), 2, "{ahead}");
        world.busy.store(0, Ordering::SeqCst);
        advance(Duration::from_secs(11)).await;
        instances.sources[0].token().await.unwrap();
        assert_eq!(world.token_requests(), 3, "{ahead}");
    }
}

/// The server asks for an hour. In the meantime the person logs in again under the same name.
#[tokio::test(start_paused = true)]
async fn a_source_that_waits_gets_the_tokens_of_a_new_login() {
    let instances = instances(2).await;
    let (world, store) = (&instances.world, &instances.store);
    advance(Duration::from_secs(3600)).await;
    world.busy.store(3600, Ordering::SeqCst);
    for source in &instances.sources {
        source.token().await.unwrap_err();
    }
    assert_eq!(world.token_requests(), 2);
    world.busy.store(0, Ordering::SeqCst);
    world.log_in(&instances.clients[0], store).await;
    advance(Duration::from_secs(10)).await;
    for source in &instances.sources {
        source.token().await.unwrap();
    }
    assert_eq!(world.token_requests(), 3);
}

/// A login that has taken the place of the failed one has nothing to wait for.
#[tokio::test(start_paused = true)]
async fn the_failure_of_a_login_that_was_replaced_makes_no_one_wait() {
    let instances = instances(1).await;
    let (world, client, store) = (&instances.world, &instances.clients[0], &instances.store);
    advance(Duration::from_secs(3600)).await;
    let provider = Arc::clone(world);
    let relogin = (client.clone(), store.clone());
    *world.logs_in.lock().unwrap() = Some(relogin);
    world.meanwhile(move || {
        provider
            .provider
            .misbehave(Misbehaviour::IdTokenIssuedInFuture);
    });
    instances.sources[0].token().await.unwrap();
    world.provider.behave();
    let source = client.token_source(SourceGrant::stored(store, NAME));
    let source = source.margin(Duration::from_secs(3600)).build().unwrap();
    source.token().await.unwrap();
    assert_eq!(world.token_requests(), 4);
}
