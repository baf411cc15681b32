//! A caller that gives up, at every point where it waits.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod connections;
mod stored;
#[path = "../support/mod.rs"]
mod support;
mod world;

use std::sync::Arc;

use openid_client::{Client, ClientMetadata, Hint, SourceGrant, TokenSet};

use self::support::drop_after;
use self::support::in_process::{ISSUER, REDIRECT_URI};
use self::world::{RESOURCE, World, settle};

/// Each operation is dropped at each of its waits. Then it runs whole on the same client.
///
/// The provider receives no request of the dropped operation twice. It receives each request of the
/// whole operation, except for the keys that the dropped one has fetched.
#[tokio::test(start_paused = true)]
async fn a_dropped_operation_leaves_a_client_that_works() {
    for operation in OPERATIONS {
        let whole = {
            let world = World::new();
            let (client, tokens) = (world.client().await, world.log_in().await);
            world.sent();
            operation.run(&world, &client, &tokens).await;
            world.sent()
        };
        let mut waits = 0;
        loop {
            let world = World::new();
            let (client, tokens) = (world.client().await, world.log_in().await);
            world.sent();
            let attempt = operation.run(&world, &client, &tokens);
            let is_complete = drop_after(waits, attempt).await;
            // The tasks of flights go on to their end.
            settle().await;
            let at = format!("{operation:?} at {waits}");
            let dropped = world.sent();
            assert!(whole.starts_with(&dropped), "{at}: {dropped:?}");
            let tokens = world.log_in().await;
            world.sent();
            operation.run(&world, &client, &tokens).await;
            let mut expected = whole.clone();
            if operation.shares_keys() && dropped.iter().any(|line| is_key_set(line)) {
                expected.retain(|line| !is_key_set(line));
            }
            assert_eq!(world.sent(), expected, "{at}");
            if is_complete {
                break;
            }
            waits += 1;
        }
        // A request waits before it is sent and before its answer comes.
        assert!(waits >= 2 * whole.len(), "{operation:?}: {waits}");
    }
}

fn is_key_set(line: &str) -> bool {
    line.contains("jwks")
}

#[derive(Debug, Clone, Copy)]
enum Operation {
    Discovery,
    Registration,
    Management,
    WebFinger,
    Keys,
    Pushed,
    Login,
    Refresh,
    UserInfo,
    Resource,
    ClientCredentials,
    TokenExchange,
    Device,
    Backchannel,
    Introspection,
    Revocation,
    Source,
}

const OPERATIONS: [Operation; 17] = [
    Operation::Discovery,
    Operation::Registration,
    Operation::Management,
    Operation::WebFinger,
    Operation::Keys,
    Operation::Pushed,
    Operation::Login,
    Operation::Refresh,
    Operation::UserInfo,
    Operation::Resource,
    Operation::ClientCredentials,
    Operation::TokenExchange,
    Operation::Device,
    Operation::Backchannel,
    Operation::Introspection,
    Operation::Revocation,
    Operation::Source,
];

impl Operation {
    async fn run(self, world: &Arc<World>, client: &Client, tokens: &TokenSet) {
        match self {
            Self::Discovery => drop(world.client().await),
            Self::Registration => drop(register(world).await),
            Self::Management => {
                let registered = register(world).await;
                registered.fetch_registration().await.unwrap();
                let metadata = registered.client_metadata().clone();
                let updated = registered.update_registration(metadata).await.unwrap();
                updated.delete_registration().await.unwrap();
            }
            Self::WebFinger => {
                let found = client.find_issuer(&format!("{ISSUER}/alice")).await;
                assert_eq!(found.unwrap(), ISSUER);
            }
            Self::Keys => client.prefetch_keys().await.unwrap(),
            Self::Pushed => {
                let (url, pending) = client.authorization_request().pushed().await.unwrap();
                assert!(world.browse(&url).contains(pending.state()));
            }
            Self::Login => drop(world.log_in_with(client).await),
            Self::Refresh => drop(client.refresh_token_grant(tokens).await.unwrap()),
            Self::UserInfo => drop(client.fetch_user_info(tokens).await.unwrap()),
            Self::Resource => {
                let (method, url) = RESOURCE;
                let request = client.fetch_protected_resource(tokens, method, url);
                let response = request.await.unwrap();
                assert_eq!(response.status(), 200);
                response.into_body().collect(10_000).await.unwrap();
            }
            Self::ClientCredentials => {
                client.client_credentials_grant().await.unwrap();
            }
            Self::TokenExchange => {
                let grant = "urn:ietf:params:oauth:grant-type:token-exchange";
                let service = client.client_credentials_grant().await.unwrap();
                let subject = service.access_token().expose().as_str();
                let kind = "urn:ietf:params:oauth:token-type:access_token";
                client
                    .generic_grant(grant)
                    .parameter("subject_token", subject)
                    .parameter("subject_token_type", kind)
                    .await
                    .unwrap();
            }
            Self::Device => {
                let begin = client.initiate_device_authorization().scope("openid");
                let device = begin.await.unwrap();
                let poll = client.poll_device_authorization_grant(&device);
                assert!(poll.await.unwrap().id_token().is_some());
            }
            Self::Backchannel => {
                let hint = Hint::LoginHint("bob".to_owned());
                let begun = client.initiate_backchannel_authentication(hint).await;
                let poll = client.poll_backchannel_authentication_grant(&begun.unwrap());
                assert!(poll.await.unwrap().id_token().is_some());
            }
            Self::Introspection => {
                let introspection = client.token_introspection(tokens.access_token());
                assert!(introspection.await.unwrap().active());
            }
            Self::Revocation => client
                .token_revocation(tokens.access_token())
                .await
                .unwrap(),
            Self::Source => {
                let grant = SourceGrant::client_credentials().scope("read");
                let source = client.token_source(grant).build().unwrap();
                source.token().await.unwrap();
            }
        }
    }

    /// Whether the keys that a dropped operation has fetched are in the cache of the next one.
    const fn shares_keys(self) -> bool {
        !matches!(
            self,
            Self::Discovery | Self::Registration | Self::Management
        )
    }
}

async fn register(world: &Arc<World>) -> Client {
    let metadata = ClientMetadata::default();
    let builder = Client::register(ISSUER, metadata).redirect_uri(REDIRECT_URI);
    builder.http_client(Arc::clone(world)).await.unwrap()
}
