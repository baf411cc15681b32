//! What is shared through a store, when a caller gives up.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use openid_client::http::Bytes;
use openid_client::store::{FileStore, MemoryStore, SealedStore, TokenStore};
use openid_client::{Callback, Client, SealingKey, SourceGrant, TokenSet};
use tokio::task::yield_now;

use crate::support::drop_after;
use crate::support::stores::{self, LONG};
use crate::world::{Remote, World, settle};

const NAME: &str = "session-1";
/// The name of the tokens, and of the lease to refresh them, in the store.
const STORED: &str = "tokens:session-1";

/// Empty stores of each kind, which wait before and after each operation.
fn every_store() -> [(&'static str, Arc<dyn TokenStore>); 2] {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("cancelled-{}-{number}.json", std::process::id());
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&path);
    [
        ("memory", Arc::new(Remote(MemoryStore::new()))),
        ("file", Arc::new(Remote(FileStore::new(path)))),
    ]
}

fn sealed(store: &Arc<dyn TokenStore>) -> SealedStore {
    SealedStore::new(Arc::clone(store), SealingKey::new([7; 32]))
}

#[tokio::test]
async fn a_dropped_store_operation_happens_as_a_whole_or_not_at_all() {
    for (kind, store) in every_store() {
        stores::a_dropped_operation_happens_as_a_whole_or_not_at_all(kind, store).await;
    }
}

/// A caller of a source gives up. The refresh goes on, the next caller gets its tokens, the store
/// has them, and the lease is free.
#[tokio::test(start_paused = true)]
async fn a_source_in_a_store_refreshes_once() {
    for index in 0..2 {
        for turns in 0.. {
            let (kind, store) = every_store()[index].clone();
            let at = format!("{kind} at {turns}");
            let world = World::new();
            let (client, other) = (world.client().await, world.client().await);
            let tokens = world.log_in().await;
            let sealed = sealed(&store);
            sealed.save(&client, NAME, tokens.clone()).await.unwrap();
            world.advance(4000);
            world.sent();
            let source = client.token_source(SourceGrant::stored(&sealed, NAME));
            let source = source.build().unwrap();
            // The refresh is a task, whose waits are not those of the caller.
            let is_complete = tokio::select! {
                biased;
                tokens = source.token() => tokens.is_ok(),
                () = give_up_after(turns * turns) => false,
            };
            settle().await;
            let got = source.token().await.unwrap();
            settle().await;
            assert_eq!(world.sent(), ["GET /jwks", "POST /token"], "{at}");
            let stored = sealed.load(&other, NAME).await.unwrap().unwrap();
            let stored = stored.restore(other.configuration()).unwrap();
            assert_eq!(stored.refresh_token(), got.refresh_token(), "{at}");
            assert_ne!(got.refresh_token(), tokens.refresh_token(), "{at}");
            let lease = store.lease(STORED, LONG).await.unwrap();
            assert!(lease.is_some(), "{at}: the lease is still held");
            let elsewhere = other.token_source(SourceGrant::stored(&sealed, NAME));
            let elsewhere = elsewhere.build().unwrap().token().await.unwrap();
            assert_eq!(elsewhere.access_token(), got.access_token(), "{at}");
            assert_eq!(world.sent(), [""; 0], "{at}");
            if is_complete {
                assert!(turns > 3, "{kind}: {turns}");
                break;
            }
        }
    }
}

/// The server repeats a logout request that was not answered. The token is accepted then.
#[tokio::test(start_paused = true)]
async fn a_logout_token_that_ended_nothing_is_accepted_again() {
    for index in 0..2 {
        for turns in 0.. {
            let (kind, store) = every_store()[index].clone();
            let world = World::new();
            let client = world.client_with(Some(Arc::clone(&store))).await;
            world.log_in_with(&client).await;
            let body = logout_token(&world);
            // The store is asked in a task, whose waits are not those of the caller.
            let is_complete = tokio::select! {
                biased;
                accepted = client.verify_logout_token(&body) => accepted.is_ok(),
                () = give_up_after(turns * turns) => false,
            };
            settle().await;
            let again = client.verify_logout_token(&body).await;
            assert_eq!(again.is_err(), is_complete, "{kind} at {turns}: {again:?}");
            // Whichever was accepted, it was the last.
            let error = client.verify_logout_token(&body).await.unwrap_err();
            assert_eq!(error.code(), Some("OAUTH_TOKEN_REPLAYED"), "{kind}");
            if is_complete {
                assert!(turns > 1, "{kind}: {turns}");
                break;
            }
        }
    }
}

async fn give_up_after(turns: usize) {
    for _ in 0..turns {
        yield_now().await;
    }
}

fn logout_token(world: &World) -> Bytes {
    let request = world.provider.logout_request("app", world.now());
    request.unwrap().into_body()
}

/// A login that was saved is there or not, and one that was taken out is there or gone. Its code is
/// used at most once.
#[tokio::test(start_paused = true)]
async fn a_login_in_a_store_is_there_or_not() {
    for index in 0..2 {
        for waits in 0.. {
            let (kind, store) = every_store()[index].clone();
            let (world, sealed) = (World::new(), sealed(&store));
            let client = world.client().await;
            let is_complete = drop_after(waits, log_in(&world, &client, &sealed)).await;
            settle().await;
            log_in(&world, &client, &sealed).await;
            if is_complete {
                assert!(waits > 8, "{kind}: {waits}");
                break;
            }
        }
    }
}

/// A whole login whose tokens, keys and pending login are in the store, and its callback a second
/// time.
async fn log_in(world: &Arc<World>, client: &Client, store: &SealedStore) -> TokenSet {
    let (url, pending) = client.authorization_request().await.unwrap();
    store.save_login("browser", &pending, LONG).await.unwrap();
    let callback = Callback::from_url(&world.browse(&url)).unwrap();
    let taken = store.take_login(client, "browser", &callback).await;
    let pending = taken.unwrap().unwrap();
    let again = store.take_login(client, "browser", &callback).await;
    assert!(again.unwrap().is_none());
    let tokens = client.authorization_code_grant(pending, callback).await;
    let tokens = tokens.unwrap();
    store.save(client, NAME, tokens.clone()).await.unwrap();
    store.save_jwks_cache(client).await.unwrap();
    let starting = world.client().await;
    assert!(store.load_jwks_cache(&starting).await.unwrap());
    let stored = store.load(client, NAME).await.unwrap().unwrap();
    let stored = stored.restore(client.configuration()).unwrap();
    assert_eq!(stored.access_token(), tokens.access_token());
    assert!(store.remove(NAME).await.unwrap());
    assert!(!store.remove(NAME).await.unwrap());
    tokens
}
