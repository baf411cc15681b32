//! The server's keys outlive a process, for as long as they may be used and for their own server.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use openid_client::oauth_core::flow::PrefetchKeys;
use openid_client::store::{MemoryStore, SealedStore, TokenStore as _};
use openid_client::{Client, ExportedJwksCache, SealFault, SealingKey, ServerMetadata, UnixTime};
use serde_json::Value;

use self::support::in_process::{ISSUER, InProcess, discover, log_in, now};

#[tokio::test]
async fn keys_that_were_exported_save_the_next_process_a_request() {
    let transport = InProcess::new();
    let first = discover(&transport).await;
    assert!(first.export_jwks_cache().is_none());
    log_in(&first, &transport).await.unwrap();
    let exported = first.export_jwks_cache().unwrap();
    assert_eq!(
        exported.jwks_uri(),
        first.server_metadata().jwks_uri.as_ref().unwrap()
    );
    let fetched = now() - exported.fetched_at().seconds();
    assert!((0..=5).contains(&fetched), "{fetched} s ago");

    let second = importing(&transport, exported).await;
    log_in(&second, &transport).await.unwrap();
    assert_eq!(requests(&transport), 1);
}

#[tokio::test]
async fn keys_past_their_age_or_from_the_future_are_fetched_again() {
    for (seconds, requests_sent) in [(-299, 0), (-300, 1), (1, 1)] {
        let transport = InProcess::new();
        let time = now();
        let exported = exported(&transport).await;
        let exported = with(&exported, "uat", (time + seconds).into());
        let client = Client::discover(ISSUER, "app")
            .http_client(Arc::clone(&transport))
            .clock(move || UnixTime::from_seconds(time))
            .jwks_cache(exported)
            .await
            .unwrap();
        let before = requests(&transport);
        log_in(&client, &transport).await.unwrap();
        assert_eq!(requests(&transport) - before, requests_sent, "{seconds}");
    }
}

#[tokio::test]
async fn keys_of_another_url_are_not_used() {
    let transport = InProcess::new();
    let exported = exported(&transport).await;
    let exported = with(
        &exported,
        "jwks_uri",
        "https://other.example.com/jwks".into(),
    );
    let client = importing(&transport, exported).await;
    assert!(client.export_jwks_cache().is_none());
    let before = requests(&transport);
    log_in(&client, &transport).await.unwrap();
    assert_eq!(requests(&transport) - before, 1);
}

#[tokio::test]
async fn keys_that_the_server_has_changed_are_fetched_again() {
    let transport = InProcess::new();
    let exported = exported(&transport).await;
    transport.provider.rotate_keys();
    let client = importing(&transport, exported).await;
    let before = requests(&transport);
    let tokens = log_in(&client, &transport).await.unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    assert_eq!(requests(&transport) - before, 1);
}

#[tokio::test]
async fn a_server_without_keys_has_none_to_export() {
    let server = ServerMetadata::new(ISSUER);
    let client = Client::from_metadata(server, "app").build().unwrap();
    assert!(client.export_jwks_cache().is_none());
}

/// The keys as one process has left them behind.
async fn exported(transport: &Arc<InProcess>) -> ExportedJwksCache {
    let client = discover(transport).await;
    let keys = PrefetchKeys::new(client.configuration().clone());
    client.run(keys).await.unwrap();
    client.export_jwks_cache().unwrap()
}

/// A client of the next process.
async fn importing(transport: &Arc<InProcess>, exported: ExportedJwksCache) -> Client {
    let kept = Value::from(exported.to_json()).to_string();
    let exported = ExportedJwksCache::from_json(kept.as_bytes()).unwrap();
    Client::discover(ISSUER, "app")
        .http_client(Arc::clone(transport))
        .jwks_cache(exported)
        .await
        .unwrap()
}

fn with(exported: &ExportedJwksCache, member: &str, value: Value) -> ExportedJwksCache {
    let mut members = exported.to_json();
    members.insert(member.to_owned(), value);
    let json = Value::from(members).to_string();
    ExportedJwksCache::from_json(json.as_bytes()).unwrap()
}

fn requests(transport: &InProcess) -> usize {
    transport.key_set_requests.load(Ordering::SeqCst)
}

#[tokio::test]
async fn instances_share_the_keys_through_a_store() {
    let transport = InProcess::new();
    let remote = Arc::new(MemoryStore::new());
    let [old, new] = [7, 8].map(|byte| SealingKey::new([byte; 32]));
    let store = SealedStore::new(Arc::clone(&remote), old.clone());
    let first = discover(&transport).await;
    assert!(!store.save_jwks_cache(&first).await.unwrap());
    assert!(!store.load_jwks_cache(&first).await.unwrap());
    first.prefetch_keys().await.unwrap();
    assert!(store.save_jwks_cache(&first).await.unwrap());
    // The sealing key has been changed.
    let changed = SealedStore::new(Arc::clone(&remote), new.clone()).also_opened_by(old);
    let second = discover(&transport).await;
    assert!(changed.load_jwks_cache(&second).await.unwrap());
    let login = log_in(&second, &transport).await;
    assert_eq!(login.unwrap().id_token().unwrap().sub(), "alice");
    assert_eq!(requests(&transport), 1);

    // Keys are accepted only if this application has sealed them for this client and this URL.
    let name = |client_id: &str, jwks_uri: &str| {
        let (length, client_length) = (ISSUER.len(), client_id.len());
        format!("jwks:{length}:{ISSUER}:{client_length}:{client_id}:{jwks_uri}")
    };
    let jwks_uri = first.server_metadata().jwks_uri.clone().unwrap();
    let own = name("app", &jwks_uri);
    let sealed = remote.load(&own).await.unwrap().unwrap().value;
    let exported = first.export_jwks_cache().unwrap();
    let plain = serde_json::to_string(&exported.to_json()).unwrap();
    let long = Duration::from_secs(3600);
    let refused = async |store: &SealedStore, client: &Client, fault: SealFault| {
        let error = store.load_jwks_cache(client).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the sealed value cannot be opened: {fault}")
        );
        assert!(client.export_jwks_cache().is_none());
    };
    let unknown = SealedStore::new(Arc::clone(&remote), new);
    refused(&unknown, &discover(&transport).await, SealFault::NoKey).await;
    let server = first.server_metadata().clone();
    let other = Client::from_metadata(server.clone(), "other")
        .build()
        .unwrap();
    // Another client of the same server does not share the keys, and finds none yet.
    assert!(!store.load_jwks_cache(&other).await.unwrap());
    let at = name("other", &jwks_uri);
    remote.save(&at, sealed.clone(), None, long).await.unwrap();
    refused(&store, &other, SealFault::AnotherPlace).await;
    let mut moved = server;
    moved.jwks_uri = Some("https://id.example.com/moved".to_owned());
    let moved = Client::from_metadata(moved, "app").build().unwrap();
    let at = name("app", "https://id.example.com/moved");
    remote.save(&at, sealed, None, long).await.unwrap();
    refused(&store, &moved, SealFault::AnotherPlace).await;
    remote.save(&own, plain.into(), None, long).await.unwrap();
    refused(&store, &discover(&transport).await, SealFault::NoSeal).await;
}
