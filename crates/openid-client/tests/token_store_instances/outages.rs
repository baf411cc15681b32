//! A store that fails while an instance has new tokens to save.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use openid_client::store::SealedStore;
use openid_client::{Error, SealingKey, SourceError, SourceGrant};
use tokio::time::{Instant, advance, sleep};

use crate::world::{Instances, NAME, instances};

/// When the next refresh token arrives at the server, the store takes no values any more.
fn fails_meanwhile(instances: &Instances) {
    let remote = Arc::clone(&instances.remote);
    let fails = move || remote.full.store(true, Ordering::SeqCst);
    instances.world.meanwhile(fails);
}

/// Only this process has the new refresh token until the store can be reached again.
#[tokio::test(start_paused = true)]
async fn what_could_not_be_saved_is_saved_before_the_next_refresh() {
    let instances = instances(2).await;
    let [one, two] = &instances.sources[..] else {
        panic!("two instances");
    };
    advance(Duration::from_secs(3600)).await;
    fails_meanwhile(&instances);
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
    fails_meanwhile(&instances);
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

/// The tokens are there, and the saving of them takes no longer than two answers of the store may
/// take; that is less than what is left of the lease.
#[tokio::test(start_paused = true)]
async fn a_store_that_takes_no_tokens_holds_up_callers_for_two_of_its_answers() {
    for (deadline, longest) in [(None, 11), (Some(1), 3)] {
        let Instances {
            world,
            remote,
            clients,
            ..
        } = instances(2).await;
        let mut store = SealedStore::new(Arc::clone(&remote), SealingKey::new([7; 32]));
        if let Some(deadline) = deadline {
            store = store.deadline(Duration::from_secs(deadline));
        }
        let sources: Vec<_> = clients
            .iter()
            .map(|client| client.token_source(SourceGrant::stored(&store, NAME)))
            .map(|source| source.build().unwrap())
            .collect();
        advance(Duration::from_secs(3600)).await;
        let silent = Arc::clone(&remote);
        world.meanwhile(move || *silent.silent.lock().unwrap() = "save");
        let begun = Instant::now();
        sources[0].token().await.unwrap();
        let taken = begun.elapsed();
        assert!(taken <= Duration::from_secs(longest), "{taken:?}");
        // The other instance waits for the lease and sends nothing.
        let other = sources[1].clone();
        let other = tokio::spawn(async move { other.token().await });
        sleep(Duration::from_secs(30)).await;
        assert!(!other.is_finished());
        *remote.silent.lock().unwrap() = "";
        other.await.unwrap().unwrap();
        assert_eq!(world.token_requests(), 2);
    }
}

/// The machine sleeps while a refresh waits for its answer, and wakes up after the end of the
/// lease. The callers then do not wait for a store that does not answer either.
#[tokio::test(start_paused = true)]
async fn nothing_waits_for_the_store_after_the_end_of_the_lease() {
    for busy in [0, 1] {
        let instances = instances(1).await;
        let (world, source) = (&instances.world, &instances.sources[0]);
        advance(Duration::from_secs(3600)).await;
        world.busy.store(busy, Ordering::SeqCst);
        world.sleeps.store(200, Ordering::SeqCst);
        let silent = Arc::clone(&instances.remote);
        world.meanwhile(move || *silent.silent.lock().unwrap() = "save");
        let begun = Instant::now();
        let result = source.token().await;
        assert_eq!(result.is_ok(), busy == 0);
        let taken = begun.elapsed();
        assert_eq!(taken.as_secs(), 200, "busy {busy}");
    }
}

/// The lease ends while the store cannot be reached. When it can be reached again, an instance that
/// asks first does not send the spent token: it waits for the one that has the new tokens.
#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_for_longer_than_the_lease_loses_no_login() {
    // The other instance comes at any time of the saving in the background.
    for offset in 0..25 {
        let instances = instances(2).await;
        let [one, two] = &instances.sources[..] else {
            panic!("two instances");
        };
        let (world, remote) = (&instances.world, &instances.remote);
        advance(Duration::from_secs(3600)).await;
        let gone = Arc::clone(remote);
        world.meanwhile(move || gone.gone.store(true, Ordering::SeqCst));
        one.token().await.unwrap();
        sleep(Duration::from_millis(600_000 + 100 * offset)).await;
        let error = two.token().await.unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_STORE_FAILED"));
        sleep(Duration::from_secs(20)).await;
        remote.gone.store(false, Ordering::SeqCst);
        let taken = two.token().await.unwrap();
        let there = one.token().await.unwrap();
        assert_eq!(taken.access_token(), there.access_token());
        assert_eq!(world.token_requests(), 2, "{offset}");
        advance(Duration::from_secs(3600)).await;
        two.token().await.unwrap();
        assert_eq!(world.token_requests(), 3);
    }
}

/// Nothing is sent whose answer could not be saved.
#[tokio::test(start_paused = true)]
async fn a_store_that_takes_no_values_lets_nothing_be_refreshed() {
    let instances = instances(1).await;
    let (world, source) = (&instances.world, &instances.sources[0]);
    source.token().await.unwrap();
    advance(Duration::from_secs(3400)).await;
    instances.remote.full.store(true, Ordering::SeqCst);
    // Near its end, it serves.
    for _ in 0..3 {
        source.token().await.unwrap();
        sleep(Duration::from_secs(15)).await;
    }
    advance(Duration::from_secs(3600)).await;
    let error = source.token().await.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_STORE_FAILED"));
    assert_eq!(world.token_requests(), 1);
    // When the store works again, callers wait for ten seconds at most.
    instances.remote.full.store(false, Ordering::SeqCst);
    match error {
        Error::Source(SourceError::Failed { retry_in, .. }) => {
            assert!(retry_in <= Duration::from_secs(10), "{retry_in:?}");
            sleep(retry_in).await;
        }
        other => panic!("{other}"),
    }
    source.token().await.unwrap();
    assert_eq!(world.token_requests(), 2);
}
