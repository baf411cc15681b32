//! A store that does not answer, or whose values cannot be opened.

use std::sync::Arc;
use std::time::Duration;

use openid_client::store::{SealedStore, TokenStore};
use openid_client::{Callback, Error, SealingKey, SourceError, SourceGrant};
use tokio::time::{Instant, advance, sleep, timeout};

use crate::world::{NAME, STORED, instances};

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
