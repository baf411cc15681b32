//! Instances that share a pause, and a store that does not answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use openid_client::store::{SealedStore, TokenStore};
use openid_client::{
    Callback, Client, Error, SealingKey, ServerMetadata, SourceError, SourceGrant, TokenSource,
    UnixTime,
};
use tokio::task::JoinSet;
use tokio::time::{Instant, advance, sleep, timeout};

use crate::support::in_process::ISSUER;
use crate::world::{Instances, NAME, STORED, instances};

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
    let before = world.token_requests();
    assert!(source.token().await.unwrap().warning().is_none());
    assert_eq!(world.token_requests(), before + 1);
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

/// The store takes no pause, so the lease makes the others wait.
#[tokio::test(start_paused = true)]
async fn a_pause_that_cannot_be_saved_lasts_as_long_as_the_lease() {
    let instances = instances(2).await;
    let [one, two] = &instances.sources[..] else {
        panic!("two instances");
    };
    advance(Duration::from_secs(3600)).await;
    instances.world.busy.store(1, Ordering::SeqCst);
    instances.remote.full.store(true, Ordering::SeqCst);
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

/// A store that accepts connections and then says nothing.
#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_holds_up_no_caller() {
    for silent in ["load", "lease"] {
        let instances = instances(2).await;
        let source = &instances.sources[0];
        source.token().await.unwrap();
        *instances.remote.silent.lock().unwrap() = silent;
        // A token that is still good is handed out at once.
        advance(Duration::from_secs(3400)).await;
        for _ in 0..3 {
            let begun = Instant::now();
            source.token().await.unwrap();
            assert_eq!(begun.elapsed(), Duration::ZERO);
            sleep(Duration::from_secs(7)).await;
        }
        advance(Duration::from_secs(3600)).await;
        let error = timeout(Duration::from_secs(6), source.token()).await;
        let error = error.expect(silent).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_STORE_FAILED"), "{silent}");
        assert_eq!(instances.world.token_requests(), 1);
        *instances.remote.silent.lock().unwrap() = "";
        // A lease that was given and whose answer was lost runs out.
        advance(Duration::from_secs(300)).await;
        source.token().await.unwrap();
        assert_eq!(instances.world.token_requests(), 2);
    }
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
        *remote.silent.lock().unwrap() = "save";
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
        *instances.remote.silent.lock().unwrap() = "save";
        let begun = Instant::now();
        let result = source.token().await;
        assert_eq!(result.is_ok(), busy == 0);
        let taken = begun.elapsed();
        assert_eq!(taken.as_secs(), 200, "busy {busy}");
    }
}

/// It runs out.
#[tokio::test(start_paused = true)]
async fn a_lease_that_cannot_be_given_back_holds_up_no_caller() {
    let instances = instances(1).await;
    advance(Duration::from_secs(3600)).await;
    *instances.remote.silent.lock().unwrap() = "release";
    let token = timeout(Duration::from_secs(6), instances.sources[0].token()).await;
    token.unwrap().unwrap();
    advance(Duration::from_secs(3600)).await;
    instances.sources[0].token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_login_that_the_store_does_not_answer_for_is_an_error() {
    let instances = instances(1).await;
    let (client, store) = (&instances.clients[0], &instances.store);
    let (_, pending) = client.authorization_request().await.unwrap();
    let callback = format!("code=c&state={}", pending.state());
    let callback = Callback::from_query(&callback);
    *instances.remote.silent.lock().unwrap() = "take";
    let taken = timeout(
        Duration::from_secs(6),
        store.take_login(client, "s", &callback),
    );
    let error = taken.await.unwrap().unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_STORE_FAILED"));
    assert_eq!(
        format!("{error:#}"),
        "the token store failed to take: no answer within 5 s"
    );
}

/// A value under another key, or one that was never sealed: the error says what to do, and the
/// source goes on when it was done.
#[tokio::test(start_paused = true)]
async fn a_value_that_cannot_be_opened_names_the_remedy_and_ends_nothing() {
    let instances = instances(1).await;
    let (client, remote) = (&instances.clients[0], &instances.remote);
    advance(Duration::from_secs(3600)).await;
    let other = SealedStore::new(Arc::clone(remote), SealingKey::new([8; 32]));
    let source = client.token_source(SourceGrant::stored(&other, NAME));
    let source = source.build().unwrap();
    let good = remote.load(STORED).await.unwrap().unwrap().value;
    let plain = "{\"version\":1}".into();
    for (value, remedy) in [
        (good.clone(), "add the key that it was sealed with"),
        (plain, "remove it, and store the content again"),
    ] {
        let saved = remote.save(STORED, value, None, Duration::from_secs(9000));
        saved.await.unwrap();
        advance(Duration::from_secs(60)).await;
        let error = source.token().await.unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_SEALED_VALUE_REFUSED"));
        let message = error.to_string();
        assert!(message.contains(remedy), "{message}");
        assert!(matches!(error, Error::Source(SourceError::Failed { .. })));
    }
    assert_eq!(instances.world.token_requests(), 1);
    // The login is not lost: with the right key, it goes on.
    let saved = remote.save(STORED, good, None, Duration::from_secs(9000));
    saved.await.unwrap();
    let both = other.also_opened_by(SealingKey::new([7; 32]));
    let source = client.token_source(SourceGrant::stored(&both, NAME));
    source.build().unwrap().token().await.unwrap();
    assert_eq!(instances.world.token_requests(), 2);
}
