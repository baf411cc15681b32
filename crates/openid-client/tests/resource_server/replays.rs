//! Used proofs, in memory and in a store that instances share.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use openid_client::Secret;
use openid_client::http::Method;
use openid_client::store::{
    Entry, Lease, MemoryStore, Revision, StoreError, StoreFuture, TokenStore,
};

use crate::world::{API, World};

const PROOF: (u16, Option<&str>) = (401, Some("invalid_dpop_proof"));

/// The one store of two instances.
#[derive(Clone)]
struct Common(Arc<MemoryStore>);

/// A store that fails.
struct Broken;

macro_rules! delegate {
    ($store:ty, |$this:ident, $name:ident, $lifetime:ident| $lease:expr) => {
        impl TokenStore for $store {
            fn load<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Entry>> {
                unreachable!()
            }

            fn save<'a>(
                &'a self,
                _: &'a str,
                _: Secret,
                _: Option<Revision>,
                _: Duration,
            ) -> StoreFuture<'a, Option<Revision>> {
                unreachable!()
            }

            fn take<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Secret>> {
                unreachable!()
            }

            fn lease<'a>(
                &'a self,
                $name: &'a str,
                $lifetime: Duration,
            ) -> StoreFuture<'a, Option<Lease>> {
                let $this = self;
                $lease
            }

            fn release<'a>(&'a self, _: &'a str, _: Lease) -> StoreFuture<'a, ()> {
                unreachable!()
            }
        }
    };
}

delegate!(Common, |this, name, lifetime| {
    assert!(name.starts_with("dpop-proof:"), "{name}");
    // The age of a proof with the clock tolerance, twice the tolerance for the clock of another
    // instance, the time that the store may take, and a few seconds.
    let longest = Duration::from_secs(90 + 60 + 30);
    assert!(lifetime > longest - Duration::from_secs(2), "{lifetime:?}");
    assert!(lifetime <= longest + Duration::from_secs(2), "{lifetime:?}");
    this.0.lease(name, lifetime)
});
delegate!(Broken, |_this, _name, _lifetime| {
    Box::pin(async { Err(StoreError::new("lease", "the store is on fire")) })
});

#[tokio::test]
async fn instances_that_share_a_store_accept_a_proof_once() {
    let world = World::new();
    let store = Common(Arc::new(MemoryStore::new()));
    let one = world.resource_server().replay_store(store.clone());
    let two = world.resource_server().replay_store(store);
    let (one, two) = (one.await.unwrap(), two.await.unwrap());
    world.protect(one.layer());
    let (client, tokens) = world.dpop_client().await;
    let url = format!("{API}/items");
    let fetch = client.fetch_protected_resource(&tokens, Method::GET, url);
    assert_eq!(fetch.await.unwrap().status(), 200);
    let request = world.last_request();
    for layer in [one.layer(), two.layer()] {
        world.protect(layer);
        assert_eq!(world.call(request.clone()).await.error(), PROOF);
    }
}

/// A store that answers nothing.
struct Silent;

delegate!(Silent, |_this, _name, _lifetime| {
    Box::pin(std::future::pending())
});

#[tokio::test]
async fn a_store_in_memory_that_is_full_refuses() {
    let world = World::new();
    let full = world.resource_server();
    let full = full.replay_store(MemoryStore::with_capacity(1));
    world.protect(full.await.unwrap().layer());
    let (client, tokens) = world.dpop_client().await;
    let url = format!("{API}/items");
    for status in [200, 503] {
        let fetch = client.fetch_protected_resource(&tokens, Method::GET, &url);
        let response = fetch.await.unwrap();
        assert_eq!(response.status(), status);
        let retry_after = response.headers().get("retry-after");
        let expected = (status == 503).then_some("1");
        assert_eq!(retry_after.map(|it| it.to_str().unwrap()), expected);
    }
    // The proof that has found a place is not forgotten.
    let first = world.last_request();
    assert_eq!(world.call(first).await.status(), 503);
}

#[tokio::test]
async fn a_store_that_does_not_answer_refuses_after_the_deadline() {
    let world = World::protected().await;
    let (client, tokens) = world.dpop_client().await;
    let url = format!("{API}/items");
    let fetch = client.fetch_protected_resource(&tokens, Method::GET, url);
    assert_eq!(fetch.await.unwrap().status(), 200);
    let request = world.last_request();
    let silent = world.resource_server().replay_store(Silent);
    let silent = silent.timeout(Duration::from_millis(10)).await.unwrap();
    let refused = silent.verify(&request).await.unwrap_err();
    assert_eq!(refused.status(), 503);
    assert!(
        format!("{refused:#}").contains("no answer within 0.01 s"),
        "{refused:#}"
    );
}

#[tokio::test]
async fn a_store_that_is_full_or_fails_refuses() {
    let world = World::new();
    let full = world.resource_server().replay_capacity(1).await.unwrap();
    world.protect(full.layer());
    let (client, tokens) = world.dpop_client().await;
    let url = format!("{API}/items");
    let fetch = || client.fetch_protected_resource(&tokens, Method::GET, &url);
    assert_eq!(fetch().await.unwrap().status(), 200);
    assert_eq!(fetch().await.unwrap().status(), 503);
    let request = world.last_request();
    let refused = full.verify(&request).await.unwrap_err();
    assert_eq!(refused.status(), 503);
    assert!(refused.to_string().contains("full"), "{refused}");

    let broken = world.resource_server().replay_store(Broken).await.unwrap();
    let refused = broken.verify(&request).await.unwrap_err();
    assert_eq!(refused.status(), 503);
    let store = refused.source().unwrap().downcast_ref::<StoreError>();
    assert!(store.is_some(), "{refused:#}");
    assert!(format!("{refused:#}").contains("on fire"), "{refused:#}");
}
