//! Several instances of an application and one refresh token, on virtual time.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod failures;
#[path = "../support/mod.rs"]
mod support;
mod web_session;
mod world;

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use openid_client::store::{Entry, Lease, Revision, SealedStore, StoreFuture, TokenStore};
use openid_client::{
    Error, LoginNeeded, SealingKey, Secret, SourceError, SourceGrant, SourcedTokens, TokenSource,
};
use test_provider::Misbehaviour;
use tokio::task::JoinSet;
use tokio::time::advance;

use self::world::{NAME, Remote, STORED, instances};

fn login_needed(error: Error) -> LoginNeeded {
    match error {
        Error::Source(SourceError::LoginNeeded(needed)) => *needed,
        other => panic!("{other}"),
    }
}

/// What a caller gets that comes again when another instance has failed.
async fn after_the_pause(source: &TokenSource) -> Result<SourcedTokens, Error> {
    match source.token().await {
        Err(Error::Source(SourceError::PausedElsewhere { retry_in })) => {
            tokio::time::sleep(retry_in).await;
            source.token().await
        }
        other => other,
    }
}

#[tokio::test(start_paused = true)]
async fn eight_instances_refresh_each_token_once_over_two_hundred_expiries() {
    let instances = instances(8).await;
    for expiry in 0..=200 {
        let mut tasks = JoinSet::new();
        for source in &instances.sources {
            // Two requests at a time on each instance.
            for _ in 0..2 {
                let source = source.clone();
                tasks.spawn(async move {
                    let tokens = source.token().await.unwrap();
                    tokens.access_token().expose().clone()
                });
            }
        }
        let tokens = tasks.join_all().await;
        assert!(tokens.iter().all(|token| *token == tokens[0]), "{expiry}");
        assert_eq!(instances.world.token_requests(), 1 + expiry);
        advance(Duration::from_secs(3600)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_store_nothing_is_refreshed_and_a_good_token_serves() {
    let instances = instances(1).await;
    let (source, world) = (&instances.sources[0], &instances.world);
    source.token().await.unwrap();
    instances.remote.gone.store(true, Ordering::SeqCst);
    // Near its end.
    advance(Duration::from_secs(3400)).await;
    for _ in 0..3 {
        source.token().await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    advance(Duration::from_secs(3600)).await;
    let error = source.token().await.unwrap_err();
    assert!(
        matches!(error, Error::Source(SourceError::Failed { .. })),
        "{error}"
    );
    assert_eq!(error.code(), Some("OAUTH_STORE_FAILED"));
    assert_eq!(world.token_requests(), 1);
    instances.remote.gone.store(false, Ordering::SeqCst);
    advance(Duration::from_secs(60)).await;
    source.token().await.unwrap();
    assert_eq!(world.token_requests(), 2);
}

/// Only this process has the new refresh token until the store can be reached again.
#[tokio::test(start_paused = true)]
async fn what_could_not_be_saved_is_saved_before_the_next_refresh() {
    let instances = instances(2).await;
    let [one, two] = &instances.sources[..] else {
        panic!("two instances");
    };
    advance(Duration::from_secs(3600)).await;
    instances.remote.full.store(true, Ordering::SeqCst);
    one.token().await.unwrap();
    // Longer than the saving in the background goes on.
    tokio::time::sleep(Duration::from_secs(7200)).await;
    instances.remote.full.store(false, Ordering::SeqCst);
    one.token().await.unwrap();
    two.token().await.unwrap();
    assert_eq!(instances.world.token_requests(), 3);
    advance(Duration::from_secs(3600)).await;
    two.token().await.unwrap();
    assert_eq!(instances.world.token_requests(), 4);
}

/// Another instance does not send the spent token in the meantime.
#[tokio::test(start_paused = true)]
async fn what_could_not_be_saved_keeps_the_lease_until_it_is() {
    let instances = instances(2).await;
    let [one, two] = &instances.sources[..] else {
        panic!("two instances");
    };
    advance(Duration::from_secs(3600)).await;
    instances.remote.full.store(true, Ordering::SeqCst);
    one.token().await.unwrap();
    let other = two.clone();
    let other = tokio::spawn(async move { other.token().await });
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(!other.is_finished());
    instances.remote.full.store(false, Ordering::SeqCst);
    other.await.unwrap().unwrap();
    assert_eq!(instances.world.token_requests(), 2);
    advance(Duration::from_secs(3600)).await;
    two.token().await.unwrap();
    one.token().await.unwrap();
    assert_eq!(instances.world.token_requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_logout_ends_the_sources_of_every_instance() {
    let instances = instances(2).await;
    for source in &instances.sources {
        source.token().await.unwrap();
    }
    assert!(instances.store.remove(NAME).await.unwrap());
    assert!(!instances.store.remove(NAME).await.unwrap());
    advance(Duration::from_secs(3600)).await;
    for source in &instances.sources {
        let error = source.token().await.unwrap_err();
        assert!(matches!(login_needed(error), LoginNeeded::Removed));
    }
    assert_eq!(instances.world.token_requests(), 1);
}

/// The answer never arrives, or the holder dies before it sends anything and its lease runs out.
#[tokio::test(start_paused = true)]
async fn the_successor_of_a_holder_that_died_tries_the_old_token_once() {
    for sent in [false, true] {
        let instances = instances(3).await;
        let world = &instances.world;
        advance(Duration::from_secs(3600)).await;
        if sent {
            world.loses_answer.store(true, Ordering::SeqCst);
            // The first instance waits for its answer, under its lease, until its deadline is over.
            let source = instances.sources[0].clone();
            let lost = tokio::spawn(async move { source.token().await });
            tokio::time::sleep(Duration::from_secs(1)).await;
            lost.abort();
            assert_eq!(world.token_requests(), 2);
        } else {
            // It died before it sent anything.
            let lifetime = Duration::from_secs(95);
            let lease = instances.remote.lease(STORED, lifetime).await.unwrap();
            assert!(lease.is_some());
        }
        let result = after_the_pause(&instances.sources[1]).await;
        if sent {
            let needed = login_needed(result.unwrap_err());
            assert!(matches!(needed, LoginNeeded::GrantRefused(_)), "{needed}");
            assert_eq!(world.token_requests(), 3);
            // The others do not try what is dead.
            let error = instances.sources[2].token().await.unwrap_err();
            assert!(matches!(login_needed(error), LoginNeeded::Removed));
            assert_eq!(world.token_requests(), 3);
        } else {
            result.unwrap();
            instances.sources[2].token().await.unwrap();
            assert_eq!(world.token_requests(), 2);
        }
    }
}

/// What ends is the login that was refused, and not the one that has taken its place.
#[tokio::test(start_paused = true)]
async fn a_login_that_replaces_a_dead_one_is_kept() {
    let instances = instances(2).await;
    let world = &instances.world;
    advance(Duration::from_secs(3600)).await;
    world.loses_answer.store(true, Ordering::SeqCst);
    let source = instances.sources[0].clone();
    let lost = tokio::spawn(async move { source.token().await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    lost.abort();
    // The refresh token is spent, and while another instance sends it, the person logs in again.
    let relogin = (instances.clients[0].clone(), instances.store.clone());
    *world.logs_in.lock().unwrap() = Some(relogin);
    let before = world.token_requests();
    after_the_pause(&instances.sources[1]).await.unwrap();
    assert_eq!(world.token_requests(), before + 2);
    let kept = instances.store.load(&instances.clients[1], NAME).await;
    assert!(kept.unwrap().is_some());
}

/// RFC 6749 section 5.1 only recommends `expires_in`.
#[tokio::test(start_paused = true)]
async fn a_stored_token_without_a_lifetime_is_refreshed_after_the_usual_time() {
    let instances = instances(1).await;
    let world = &instances.world;
    world
        .provider
        .misbehave(Misbehaviour::TokenExpiresInMissing);
    world.log_in(&instances.clients[0], &instances.store).await;
    let before = world.token_requests();
    for requests in 1..=3 {
        advance(Duration::from_secs(3600)).await;
        let source = instances.clients[0].token_source(SourceGrant::stored(&instances.store, NAME));
        source.build().unwrap().token().await.unwrap();
        assert_eq!(world.token_requests(), before + requests);
    }
}

/// A holder that comes late to its send, when too little of the lease is left, does not send.
#[tokio::test(start_paused = true)]
async fn a_holder_without_enough_of_its_lease_sends_nothing() {
    struct Slow(Arc<Remote>);
    impl TokenStore for Slow {
        fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
            self.0.load(name)
        }
        fn save<'a>(
            &'a self,
            name: &'a str,
            value: Secret,
            after: Option<Revision>,
            lifetime: Duration,
        ) -> StoreFuture<'a, Option<Revision>> {
            self.0.save(name, value, after, lifetime)
        }
        fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
            self.0.take(name)
        }
        fn lease<'a>(
            &'a self,
            name: &'a str,
            lifetime: Duration,
        ) -> StoreFuture<'a, Option<Lease>> {
            Box::pin(async move {
                let lease = self.0.lease(name, lifetime).await;
                // The machine sleeps, and the deadline of the store is not noticed.
                let mut asleep = Box::pin(advance(Duration::from_secs(50)));
                poll_fn(|context| Poll::Ready(asleep.as_mut().poll(context).is_ready())).await;
                lease
            })
        }
        fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
            self.0.release(name, lease)
        }
    }
    let instances = instances(1).await;
    let slow = Slow(Arc::clone(&instances.remote));
    let store = SealedStore::new(slow, SealingKey::new([7; 32]));
    let source = instances.clients[0].token_source(SourceGrant::stored(&store, NAME));
    let source = source.build().unwrap();
    advance(Duration::from_secs(3600)).await;
    let error = source.token().await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_ABORT"), "{error}");
    assert_eq!(instances.world.token_requests(), 1);
    // The token was not spent.
    instances.sources[0].token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_key_is_changed_without_a_login_lost() {
    let instances = instances(1).await;
    let client = &instances.clients[0];
    let [old, new] = [7, 8].map(|byte| SealingKey::new([byte; 32]));
    let shared = || Arc::clone(&instances.remote) as Arc<dyn TokenStore>;
    let changed = SealedStore::new(shared(), new.clone()).also_opened_by(old);
    let source = client.token_source(SourceGrant::stored(&changed, NAME));
    advance(Duration::from_secs(3600)).await;
    source.build().unwrap().token().await.unwrap();
    // The refresh has sealed it with the new key.
    let new_alone = SealedStore::new(shared(), new);
    assert!(new_alone.load(client, NAME).await.unwrap().is_some());
    let error = instances.store.load(client, NAME).await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_SEALED_VALUE_REFUSED"));
    let message = error.to_string();
    assert!(message.contains("none of the keys opens it"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_a_resource_refused_is_not_taken_from_the_store_again() {
    let instances = instances(2).await;
    let [one, two] = &instances.sources[..] else {
        panic!("two instances");
    };
    let refused = one.token().await.unwrap().access_token().clone();
    two.token().await.unwrap();
    advance(Duration::from_secs(60)).await;
    one.invalidate(&refused);
    let next = one.token().await.unwrap().access_token().clone();
    assert_ne!(next, refused);
    // The other instance learns about the refusal later, and takes the stored tokens.
    two.invalidate(&refused);
    assert_eq!(two.token().await.unwrap().access_token(), &next);
    assert_eq!(instances.world.token_requests(), 2);
}

/// The ID Token of the refresh has an `iat` in the future; the refresh token in the same response
/// has replaced the old one.
#[tokio::test(start_paused = true)]
async fn the_successor_in_a_refused_response_is_saved_for_every_instance() {
    let instances = instances(2).await;
    let world = &instances.world;
    advance(Duration::from_secs(3600)).await;
    world
        .provider
        .misbehave(Misbehaviour::IdTokenIssuedInFuture);
    let error = instances.sources[0].token().await.unwrap_err();
    assert_eq!(
        error.code(),
        Some("OAUTH_JWT_TIMESTAMP_CHECK_FAILED"),
        "{error}"
    );
    world.provider.behave();
    after_the_pause(&instances.sources[1]).await.unwrap();
    assert_eq!(world.token_requests(), 3);
}

/// Another instance refreshes between this one's look into the store and its lease.
#[tokio::test(start_paused = true)]
async fn what_was_saved_before_the_lease_is_taken_and_not_refreshed_again() {
    struct Late(Arc<Remote>, TokenSource);
    impl TokenStore for Late {
        fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
            self.0.load(name)
        }
        fn save<'a>(
            &'a self,
            name: &'a str,
            value: Secret,
            after: Option<Revision>,
            lifetime: Duration,
        ) -> StoreFuture<'a, Option<Revision>> {
            self.0.save(name, value, after, lifetime)
        }
        fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
            self.0.take(name)
        }
        fn lease<'a>(
            &'a self,
            name: &'a str,
            lifetime: Duration,
        ) -> StoreFuture<'a, Option<Lease>> {
            Box::pin(async move {
                self.1.token().await.unwrap();
                self.0.lease(name, lifetime).await
            })
        }
        fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
            self.0.release(name, lease)
        }
    }
    let instances = instances(1).await;
    let other = instances.sources[0].clone();
    let late = Late(Arc::clone(&instances.remote), other.clone());
    let store = SealedStore::new(late, SealingKey::new([7; 32]));
    let source = instances.clients[0].token_source(SourceGrant::stored(&store, NAME));
    let source = source.build().unwrap();
    for expiry in 1..=3 {
        advance(Duration::from_secs(3600)).await;
        let taken = source.token().await.unwrap();
        let there = other.token().await.unwrap();
        assert_eq!(taken.access_token(), there.access_token());
        assert_eq!(instances.world.token_requests(), 1 + expiry);
    }
}
