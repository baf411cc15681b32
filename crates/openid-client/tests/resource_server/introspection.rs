//! Opaque tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use openid_client::http::Method;
use openid_client::{ClientBuilder, ClientMetadata, ProtectedResource, UnixTime};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, Misbehaviour};

use crate::support::in_process::now;
use crate::world::{API, World};

const SECRET: &str = "a-secret-of-at-least-32-characters";
const TOKEN: (u16, Option<&str>) = (401, Some("invalid_token"));

/// A provider with opaque tokens, at which the API is the client `api`.
fn world(change: impl FnOnce(ClientRegistration) -> ClientRegistration) -> Arc<World> {
    let world = World::new();
    let provider = &world.provider.provider;
    provider.issue_opaque_access_tokens(API);
    let method = ClientAuthentication::ClientSecretBasic(SECRET.to_owned());
    provider.register(change(ClientRegistration::new("api", method)));
    world
}

fn server(world: &Arc<World>) -> ClientBuilder<ProtectedResource> {
    let server = world.resource_server().introspect_as("api");
    server.client_secret_basic(SECRET)
}

#[tokio::test]
async fn an_opaque_token_with_dpop_is_asked_about_for_each_request() {
    let world = world(|client| client);
    world.protect(server(&world).await.unwrap().layer());
    let (client, tokens) = world.dpop_client().await;
    assert!(!tokens.access_token().expose().contains('.'));
    for requests in 1..=2 {
        let url = format!("{API}/items");
        let response = client.fetch_protected_resource(&tokens, Method::GET, url);
        assert_eq!(response.await.unwrap().status(), 200);
        assert_eq!(
            world.provider.provider.served(Endpoint::Introspection),
            requests
        );
    }
    let stolen = world.bearer(tokens.access_token().expose()).await;
    assert_eq!(stolen.error(), TOKEN);
}

#[tokio::test]
async fn what_is_no_access_token_for_this_api_is_refused() {
    let world = world(|client| client);
    world.protect(server(&world).await.unwrap().layer());
    let tokens = world.bearer_tokens().await;
    let refresh_token = tokens.refresh_token().unwrap().expose();
    for token in ["unknown", refresh_token] {
        assert_eq!(world.bearer(token).await.error(), TOKEN, "{token}");
    }
    let provider = &world.provider.provider;
    provider.issue_opaque_access_tokens("https://other.example.com");
    let answer = world.bearer(tokens.access_token().expose()).await;
    assert_eq!(answer.error(), TOKEN);
}

#[tokio::test]
async fn a_response_is_used_again_within_its_age() {
    let world = world(|client| client);
    let clock = Arc::new(AtomicI64::new(now()));
    let time = Arc::clone(&clock);
    let server = server(&world)
        .introspection_cache(Duration::from_secs(60), 10)
        .clock(move || UnixTime::from_seconds(time.load(Ordering::SeqCst)));
    world.protect(server.await.unwrap().layer());
    let tokens = world.bearer_tokens().await;
    let token = tokens.access_token().expose();
    let provider = &world.provider.provider;
    for _ in 0..3 {
        assert_eq!(world.bearer(token).await.status(), 200);
    }
    assert_eq!(provider.served(Endpoint::Introspection), 1);
    // A response about one token is not one about another.
    assert_eq!(world.bearer("unknown").await.error(), TOKEN);
    assert_eq!(provider.served(Endpoint::Introspection), 2);
    clock.fetch_add(60, Ordering::SeqCst);
    assert_eq!(world.bearer(token).await.status(), 200);
    assert_eq!(provider.served(Endpoint::Introspection), 3);
}

#[tokio::test]
async fn a_signed_response_must_be_for_this_api() {
    let world = world(ClientRegistration::signed_introspection_responses);
    let mut metadata = ClientMetadata::new("api");
    metadata.introspection_signed_response_alg = Some("RS256".into());
    let server = server(&world).client_metadata(metadata);
    world.protect(server.await.unwrap().layer());
    let tokens = world.bearer_tokens().await;
    let token = tokens.access_token().expose();
    assert_eq!(world.bearer(token).await.status(), 200);
    let provider = &world.provider.provider;
    for misbehaviour in [
        Misbehaviour::IntrospectionAudienceMismatch,
        Misbehaviour::IntrospectionTypeOfIdToken,
        Misbehaviour::IntrospectionUnsigned,
        Misbehaviour::IntrospectionSignatureBroken,
    ] {
        provider.behave();
        provider.misbehave(misbehaviour);
        // The provider is at fault, and not the client.
        let answer = world.bearer(token).await;
        assert_eq!(answer.error(), (503, None), "{misbehaviour:?}");
        assert_eq!(answer.0.headers()["retry-after"], "1");
    }
}

#[tokio::test]
async fn wrong_credentials_are_the_fault_of_the_api() {
    let world = world(|client| client);
    let server = world.resource_server().introspect_as("api");
    let server = server.client_secret_basic("another-secret-of-32-characters-x");
    let server = server.await.unwrap();
    let request = crate::world::bearer("/items", "opaque");
    let refused = server.verify(&request).await.unwrap_err();
    assert_eq!(refused.status(), 503);
    assert!(
        refused
            .response()
            .headers()
            .get("www-authenticate")
            .is_none()
    );
    assert!(
        format!("{refused:#}").contains("invalid_client"),
        "{refused:#}"
    );
}
