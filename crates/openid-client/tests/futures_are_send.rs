//! A client can be shared between threads, and its futures can be sent to another thread. The guard
//! of a standard lock cannot be sent, so no future holds one across an await.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;

use openid_client::http::Method;
use openid_client::store::{MemoryStore, SealedStore};
use openid_client::{Client, SealingKey, SourceGrant, TokenSet};

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI};

#[tokio::test]
async fn a_client_and_its_futures_can_be_sent() {
    fn client_type<T: Clone + Send + Sync + 'static>(value: T) -> T {
        value
    }
    fn sent<T: Send>(value: T) -> T {
        value
    }
    let transport = InProcess::new();
    let building = Client::discover(ISSUER, "app").http_client(Arc::clone(&transport));
    let client = client_type(sent(building.into_future()).await.unwrap());
    let request = client.authorization_request().redirect_uri(REDIRECT_URI);
    let (url, pending) = sent(request.into_future()).await.unwrap();
    let callback = transport.browse(url);
    let grant = client
        .authorization_code_grant(pending, callback)
        .into_future();
    let tokens = sent(sent(grant).await.unwrap());
    drop(sent(client.authorization_code_grant_with_checks("/")));
    drop(sent(client.initiate_device_authorization().into_future()));
    drop(sent(client.token_revocation("token").into_future()));
    sent(client.fetch_user_info(&tokens).into_future())
        .await
        .unwrap();
    let resource = Client::for_protected_resource("https://mcp.example");
    drop(sent(resource.into_future()));
    drop(sent(client.verify_logout_token("logout_token=a.b.c")));
    let refreshing = client.refresh_token_grant(&tokens).into_future();
    let refreshed = sent(refreshing).await.unwrap();
    let source = client_type(client.token_source(&refreshed).build().unwrap());
    sent(source.token()).await.unwrap();
    let request = client.fetch_protected_resource(&source, Method::GET, format!("{ISSUER}/x"));
    sent(request.into_future()).await.unwrap();
    sent(client.prefetch_keys()).await.unwrap();
    let store = SealedStore::new(MemoryStore::new(), SealingKey::new([7; 32]));
    let store = client_type(store);
    let saving = store.save(&client, "s", TokenSet::clone(&refreshed));
    sent(saving).await.unwrap();
    let stored = client.token_source(SourceGrant::stored(&store, "s"));
    let stored = client_type(stored.build().unwrap());
    sent(stored.token()).await.unwrap();
    sent(store.save_jwks_cache(&client)).await.unwrap();
    sent(store.load_jwks_cache(&client)).await.unwrap();
    // And on another thread, as a web server would.
    tokio::spawn(async move { client.refresh_token_grant(&refreshed).await.map(drop) })
        .await
        .unwrap()
        .unwrap();
}
