//! Several instances of an application and one refresh token, on virtual time.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod failures;
mod holders;
mod lifetimes;
mod outages;
mod pauses;
#[path = "../support/mod.rs"]
mod support;
mod web_session;
mod world;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use openid_client::store::{SealedStore, TokenStore};
use openid_client::{
    Error, LoginNeeded, SealingKey, SourceError, SourceGrant, SourcedTokens, TokenSource,
};
use test_provider::Misbehaviour;
use tokio::task::JoinSet;
use tokio::time::advance;

use self::world::{NAME, instances};

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

/// Any instance may show the frame that watches the session at the server.
#[tokio::test(start_paused = true)]
async fn the_session_state_of_a_login_stays_in_the_store_over_refreshes() {
    let instances = instances(2).await;
    let client = &instances.clients[0];
    let stored = async || {
        let stored = instances.store.load(client, NAME).await.unwrap();
        stored.unwrap().restore(client.configuration()).unwrap()
    };
    let login = stored().await;
    let session_state = login.session_state();
    assert!(session_state.is_some());
    for source in &instances.sources {
        advance(Duration::from_secs(3600)).await;
        let tokens = source.token().await.unwrap();
        assert_eq!(tokens.session_state(), session_state);
        let stored = stored().await;
        assert_ne!(stored.access_token(), login.access_token());
        assert_eq!(stored.session_state(), session_state);
    }
    assert_eq!(instances.world.token_requests(), 3);
    let refreshed = client.refresh_token_grant(&stored().await).await.unwrap();
    assert_eq!(refreshed.session_state(), session_state);
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
