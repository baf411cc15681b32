//! Tokens in a store that live for a short time, or that nothing can renew.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use openid_client::store::SealedStore;
use openid_client::{LoginNeeded, SealingKey, SourceGrant, Warning};
use test_provider::Misbehaviour;
use tokio::task::JoinSet;
use tokio::time::advance;

use crate::login_needed;
use crate::world::{NAME, Way, instances, nothing};

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

/// Each is handed out although its whole lifetime is under the margin. Ten instances cause one
/// request, and not one each.
#[tokio::test(start_paused = true)]
async fn tokens_that_live_under_the_margin_are_refreshed_once_for_the_instances_that_wait() {
    let instances = instances(10).await;
    let sources = instances.clients.iter().map(|client| {
        let source = client.token_source(SourceGrant::stored(&instances.store, NAME));
        source.margin(Duration::from_secs(7200)).build().unwrap()
    });
    let sources: Vec<_> = sources.collect();
    for round in 1..=3 {
        advance(Duration::from_secs(3600)).await;
        let mut tasks = JoinSet::new();
        for source in &sources {
            let source = source.clone();
            tasks.spawn(async move { source.token().await.unwrap() });
        }
        let all = tasks.join_all().await;
        for tokens in &all {
            assert_eq!(tokens.access_token(), all[0].access_token());
            let warning = tokens.warning();
            assert!(matches!(warning, Some(Warning::ShortLived { .. })));
        }
        assert_eq!(instances.world.token_requests(), 1 + round);
    }
}

/// The answers of the store come so late that a new token has expired by then.
#[tokio::test(start_paused = true)]
async fn a_slow_store_causes_no_loop_of_refreshes() {
    let instances = instances(1).await;
    let world = &instances.world;
    world
        .provider
        .misbehave(Misbehaviour::TokenExpiresInMissing);
    let saves = AtomicUsize::new(0);
    let store = Way {
        to: Arc::clone(&instances.remote),
        before: nothing(),
        // The tokens are saved, and the answer is lost.
        after: Box::new(move |operation| {
            let is_lost = operation == "save" && saves.fetch_add(1, Ordering::SeqCst) % 3 == 1;
            Box::pin(async move {
                if is_lost {
                    std::future::pending::<()>().await;
                }
            })
        }),
    };
    let store = SealedStore::new(store, SealingKey::new([7; 32]));
    let source = instances.clients[0].token_source(SourceGrant::stored(&store, NAME));
    let source = source.lifetime(Duration::from_secs(3)).build().unwrap();
    advance(Duration::from_secs(3600)).await;
    let error = source.token().await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_TOKEN_EXPIRED"), "{error}");
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stored_token_that_nothing_can_renew_is_used_until_it_expires() {
    let instances = instances(1).await;
    let (world, source) = (&instances.world, &instances.sources[0]);
    world
        .provider
        .misbehave(Misbehaviour::TokenRefreshTokenMissing);
    world.log_in(&instances.clients[0], &instances.store).await;
    let before = world.token_requests();
    // Ahead of its end, and then under the margin.
    for (seconds, warned) in [(0, false), (3400, false), (60, false), (130, true)] {
        advance(Duration::from_secs(seconds)).await;
        for _ in 0..2 {
            let tokens = source.token().await.unwrap();
            assert_eq!(tokens.warning().is_some(), warned, "{seconds}");
            // The source looks into the store in the background.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    advance(Duration::from_secs(10)).await;
    let needed = login_needed(source.token().await.unwrap_err());
    assert!(matches!(needed, LoginNeeded::NoRefreshToken), "{needed}");
    assert_eq!(world.token_requests(), before);
}

/// A source that is made for one request has nothing but what the store has.
#[tokio::test(start_paused = true)]
async fn a_stored_token_under_the_margin_serves_when_it_cannot_be_replaced() {
    let instances = instances(1).await;
    let (world, source) = (&instances.world, &instances.sources[0]);
    advance(Duration::from_secs(3580)).await;
    world.busy.store(1, Ordering::SeqCst);
    let tokens = source.token().await.unwrap();
    assert!(matches!(
        tokens.warning(),
        Some(Warning::NotReplaced { cause: Some(_), .. })
    ));
    assert_eq!(world.token_requests(), 2);
    // The instances share the pause, and another one hands it out as well.
    let other = instances.clients[0].token_source(SourceGrant::stored(&instances.store, NAME));
    let tokens = other.build().unwrap().token().await.unwrap();
    assert!(matches!(
        tokens.warning(),
        Some(Warning::NotReplaced { cause: None, .. })
    ));
    assert_eq!(world.token_requests(), 2);
}
