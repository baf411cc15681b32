//! Logins that have begun, in a store.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use openid_client::oauth_core;
use openid_client::oauth_core::error::{Misuse, SealFault};
use openid_client::store::{MemoryStore, SealedStore, TokenStore as _};
use openid_client::{Callback, SealingKey};

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI, begin, discover, log_in};

#[tokio::test]
async fn a_login_is_taken_out_once_by_its_session_and_state() {
    let remote = Arc::new(MemoryStore::new());
    let store = SealedStore::new(Arc::clone(&remote), SealingKey::new([7; 32]));
    let client = &discover(&InProcess::new()).await;
    let lifetime = Duration::from_secs(600);
    let (_, pending) = begin(client).await;
    store.save_login("s1", &pending, lifetime).await.unwrap();
    let callback = |state: &str| Callback::from_query(&format!("code=c&state={state}"));
    let right = callback(pending.state());
    // Another session, another state, and none at all.
    for (session, callback) in [
        ("s2", &right),
        ("s1", &callback("forged")),
        ("s1", &Callback::from_query("code=c")),
    ] {
        let taken = store.take_login(client, session, callback).await.unwrap();
        assert!(taken.is_none(), "{session}");
    }
    let taken = store.take_login(client, "s1", &right).await.unwrap();
    assert_eq!(taken.unwrap().state(), pending.state());
    let again = store.take_login(client, "s1", &right).await.unwrap();
    assert!(again.is_none());
}

/// Who can write to the store cannot give the login of one browser to another.
#[tokio::test]
async fn a_login_that_was_moved_to_another_session_or_state_is_refused() {
    let remote = Arc::new(MemoryStore::new());
    let store = SealedStore::new(Arc::clone(&remote), SealingKey::new([7; 32]));
    let client = &discover(&InProcess::new()).await;
    let lifetime = Duration::from_secs(600);
    let (_, pending) = begin(client).await;
    let state = pending.state();
    for (session, state, to) in [
        ("s2", state, format!("login:2:s2:{state}")),
        ("s1", "x", "login:2:s1:x".to_owned()),
    ] {
        store.save_login("s1", &pending, lifetime).await.unwrap();
        let name = format!("login:2:s1:{}", pending.state());
        let moved = remote.take(&name).await.unwrap().unwrap();
        remote.save(&to, moved, None, lifetime).await.unwrap();
        let callback = Callback::from_query(&format!("code=c&state={state}"));
        let error = store.take_login(client, session, &callback).await;
        match error.unwrap_err().core() {
            Some(oauth_core::Error::Misuse(misuse)) => {
                let fault = SealFault::AnotherPlace;
                assert_eq!(*misuse, Misuse::NotSealedHere(fault), "{session}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_login_that_took_too_long_says_so_whichever_key_sealed_it() {
    let remote = Arc::new(MemoryStore::new());
    let [old, new] = [7, 8].map(|byte| SealingKey::new([byte; 32]));
    let sealed = SealedStore::new(Arc::clone(&remote), old.clone());
    let store = SealedStore::new(remote, new).also_opened_by(old.clone());
    let newest_last = SealedStore::new(Arc::new(MemoryStore::new()), old)
        .also_opened_by(SealingKey::new([8; 32]));
    let client = &discover(&InProcess::new()).await;
    let request = client.authorization_request().redirect_uri(REDIRECT_URI);
    let (_, pending) = request.lifetime(Duration::from_secs(1)).await.unwrap();
    let lifetime = Duration::from_secs(600);
    sealed.save_login("s1", &pending, lifetime).await.unwrap();
    newest_last
        .save_login("s1", &pending, lifetime)
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let callback = Callback::from_query(&format!("code=c&state={}", pending.state()));
    for store in [store, newest_last] {
        let error = store.take_login(client, "s1", &callback).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "this login was begun more than 1 s ago; begin a new one"
        );
    }
}

/// The name of tokens may be any text, even one that the store uses for something else.
#[tokio::test]
async fn tokens_never_take_the_place_of_another_value() {
    let store = SealedStore::new(MemoryStore::new(), SealingKey::new([7; 32]));
    let transport = InProcess::new();
    let client = &discover(&transport).await;
    let tokens = log_in(client, &transport).await.unwrap();
    assert!(store.save_jwks_cache(client).await.unwrap());
    let (_, pending) = begin(client).await;
    let lifetime = Duration::from_secs(600);
    store.save_login("s1", &pending, lifetime).await.unwrap();
    store.save(client, "s1", tokens.clone()).await.unwrap();
    let state = pending.state();
    let (length, jwks_uri) = (ISSUER.len(), client.server_metadata().jwks_uri.clone());
    for name in [
        format!("login:2:s1:{state}"),
        format!("jwks:{length}:{ISSUER}:3:app:{}", jwks_uri.unwrap()),
        "tokens:s1".to_owned(),
        "back-off:s1".to_owned(),
    ] {
        store.save(client, &name, tokens.clone()).await.unwrap();
        assert!(store.remove(&name).await.unwrap(), "{name}");
    }
    assert!(store.load(client, "s1").await.unwrap().is_some());
    assert!(store.load_jwks_cache(client).await.unwrap());
    let callback = Callback::from_query(&format!("code=c&state={state}"));
    let taken = store.take_login(client, "s1", &callback).await.unwrap();
    assert_eq!(taken.unwrap().state(), state);
}
