//! Instances that hold the lease and die, sleep, or lose it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use openid_client::LoginNeeded;
use openid_client::store::{Lease, TokenStore as _};
use tokio::time::{Instant, advance};

use crate::world::{NAME, STORED, Way, asleep, instances, nothing};
use crate::{after_the_pause, login_needed};

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

/// A holder that comes late to its send, when too little of the lease is left, does not send.
#[tokio::test(start_paused = true)]
async fn a_holder_without_enough_of_its_lease_sends_nothing() {
    // The lease lasts for 142 s, and 75 s are needed for the answer and for saving it.
    for (seconds, sends) in [(66, true), (68, false)] {
        let instances = instances(1).await;
        let source = instances.source_by(Way {
            to: Arc::clone(&instances.remote),
            before: nothing(),
            // The machine sleeps, and the deadline of the store is not noticed.
            after: Box::new(move |operation| {
                let seconds = if operation == "lease" { seconds } else { 0 };
                Box::pin(asleep(seconds))
            }),
        });
        advance(Duration::from_secs(3600)).await;
        let result = source.token().await;
        assert_eq!(result.is_ok(), sends, "{seconds}");
        let requests = if sends { 2 } else { 1 };
        assert_eq!(instances.world.token_requests(), requests);
        if let Err(error) = result {
            assert_eq!(error.code(), Some("OAUTH_ABORT"), "{error}");
            // The token was not spent, and no other instance has to wait.
            let begun = Instant::now();
            instances.sources[0].token().await.unwrap();
            assert!(begun.elapsed() < Duration::from_secs(1));
        }
    }
}

/// The monotonic clock stands still while the machine sleeps, and the wall clock goes on.
#[tokio::test(start_paused = true)]
async fn a_holder_whose_machine_slept_sends_nothing() {
    let instances = instances(1).await;
    let world = Arc::clone(&instances.world);
    let source = instances.source_by(Way {
        to: Arc::clone(&instances.remote),
        before: nothing(),
        after: Box::new(move |operation| {
            let seconds = if operation == "lease" { 100 } else { 0 };
            world.wall.fetch_add(seconds, Ordering::SeqCst);
            Box::pin(async {})
        }),
    });
    advance(Duration::from_secs(3600)).await;
    let error = source.token().await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_ABORT"), "{error}");
    assert_eq!(instances.world.token_requests(), 1);
}

/// The holder has loaded the refresh token, and is slow. The store loses its lease, as a replica of
/// Redis may that takes over, and another instance refreshes.
#[tokio::test(start_paused = true)]
async fn a_holder_whose_lease_was_lost_sends_no_token_that_was_replaced() {
    let instances = instances(1).await;
    let other = instances.sources[0].clone();
    let is_slow = AtomicBool::new(true);
    let (other_refreshes, remote) = (other.clone(), Arc::clone(&instances.remote));
    let source = instances.source_by(Way {
        to: Arc::clone(&instances.remote),
        before: Box::new(move |operation| {
            if operation != "save" || !is_slow.swap(false, Ordering::SeqCst) {
                return Box::pin(async {});
            }
            let (other, remote) = (other_refreshes.clone(), Arc::clone(&remote));
            Box::pin(async move {
                for number in 0..100 {
                    remote.release(STORED, Lease::new(number)).await.unwrap();
                }
                other.token().await.unwrap();
            })
        }),
        after: nothing(),
    });
    advance(Duration::from_secs(3600)).await;
    let taken = source.token().await.unwrap();
    let there = other.token().await.unwrap();
    assert_eq!(taken.access_token(), there.access_token());
    assert_eq!(instances.world.token_requests(), 2);
}

/// Another instance refreshes between this one's look into the store and its lease.
#[tokio::test(start_paused = true)]
async fn what_was_saved_before_the_lease_is_taken_and_not_refreshed_again() {
    let instances = instances(1).await;
    let other = instances.sources[0].clone();
    let refreshes = other.clone();
    let source = instances.source_by(Way {
        to: Arc::clone(&instances.remote),
        before: Box::new(move |operation| {
            let other = refreshes.clone();
            Box::pin(async move {
                if operation == "lease" {
                    other.token().await.unwrap();
                }
            })
        }),
        after: nothing(),
    });
    for expiry in 1..=3 {
        advance(Duration::from_secs(3600)).await;
        let taken = source.token().await.unwrap();
        let there = other.token().await.unwrap();
        assert_eq!(taken.access_token(), there.access_token());
        assert_eq!(instances.world.token_requests(), 1 + expiry);
    }
}

/// The tokens of the refresh do not bring a login back that has ended.
#[tokio::test(start_paused = true)]
async fn a_logout_during_a_refresh_is_final() {
    let instances = instances(2).await;
    let (world, store) = (&instances.world, &instances.store);
    advance(Duration::from_secs(3600)).await;
    let logs_out = store.clone();
    world.meanwhile(move || {
        tokio::spawn(async move { logs_out.remove(NAME).await });
    });
    for source in &instances.sources {
        let needed = login_needed(source.token().await.unwrap_err());
        assert!(matches!(needed, LoginNeeded::Removed), "{needed}");
    }
    assert_eq!(world.token_requests(), 2);
    let left = store.load(&instances.clients[0], NAME).await.unwrap();
    assert!(left.is_none());
}

/// Callers get the tokens of the person who has logged in last, and not those of the one before.
#[tokio::test(start_paused = true)]
async fn a_new_login_during_a_refresh_is_kept() {
    let instances = instances(2).await;
    let (world, store, client) = (&instances.world, &instances.store, &instances.clients[0]);
    advance(Duration::from_secs(3600)).await;
    let first = store.load(client, NAME).await.unwrap().unwrap();
    *world.logs_in.lock().unwrap() = Some((client.clone(), store.clone()));
    let tokens = instances.sources[0].token().await.unwrap();
    // Each login has another nonce.
    assert_ne!(tokens.login(), first.login());
    let stored = store.load(client, NAME).await.unwrap().unwrap();
    let stored = stored.restore(client.configuration()).unwrap();
    assert_eq!(tokens.refresh_token(), stored.refresh_token());
    // The first login, the refresh, and the second login.
    assert_eq!(world.token_requests(), 3);
    let there = instances.sources[1].token().await.unwrap();
    assert_eq!(there.access_token(), tokens.access_token());
    assert_eq!(world.token_requests(), 3);
    // Its refresh token is the one of the new login.
    advance(Duration::from_secs(3600)).await;
    instances.sources[1].token().await.unwrap();
}
