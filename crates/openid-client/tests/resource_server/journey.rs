//! From a login to the API.

use std::time::Duration;

use openid_client::http::Method;
use openid_client::resource_server::DPoPNonces;
use openid_client::{Error, Secret, StepUp};

use crate::world::{API, World};

#[tokio::test]
async fn a_client_logs_in_with_dpop_and_the_api_accepts_its_token() {
    let world = World::protected().await;
    let (client, tokens) = world.dpop_client().await;
    assert!(tokens.dpop_thumbprint().is_some());
    for method in [Method::GET, Method::PUT] {
        let url = format!("{API}/items?page=2");
        let response = client.fetch_protected_resource(&tokens, method, url).await;
        let response = response.unwrap();
        assert_eq!(response.status(), 200);
        let body = response.into_body().collect(10_000).await.unwrap();
        assert_eq!(body, "alice by app");
    }
    // The keys were fetched for the client and for the API, which have separate caches.
    assert_eq!(world.key_set_requests(), 2);
}

#[tokio::test]
async fn a_client_gets_the_nonce_that_the_api_requires() {
    let world = World::new();
    let nonces = DPoPNonces::new(&[Secret::new(vec![7; 32])], Duration::from_secs(1)).unwrap();
    let server = world.resource_server().dpop_nonces(nonces);
    world.protect(server.await.unwrap().layer());
    let (client, tokens) = world.dpop_client().await;
    let url = format!("{API}/items");
    let fetch = || client.fetch_protected_resource(&tokens, Method::GET, &url);
    assert_eq!(fetch().await.unwrap().status(), 200);
    // The nonce of the window that follows comes with the response.
    let last = world.last_request();
    assert!(last.headers().contains_key("dpop"));
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    let response = fetch().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key("dpop-nonce"));
}

#[tokio::test]
async fn a_client_learns_what_it_lacks() {
    let world = World::protected().await;
    let (client, tokens) = world.dpop_client().await;
    for (path, status, expected) in [
        (
            "/admin",
            403,
            StepUp::InsufficientScope {
                scope: Some("admin".to_owned()),
            },
        ),
        (
            "/fresh",
            401,
            StepUp::InsufficientUserAuthentication {
                acr_values: vec!["mfa".to_owned()],
                max_age: None,
                scope: None,
            },
        ),
    ] {
        let url = format!("{API}{path}");
        let result = client
            .fetch_protected_resource(&tokens, Method::GET, url)
            .await;
        let error = result.err().unwrap();
        assert_eq!(error.status().unwrap(), status);
        let Error::Core(openid_client::CoreError::WwwAuthenticateChallenge(error)) = error else {
            panic!("{error}");
        };
        assert_eq!(error.step_up(), Some(expected));
    }
}

#[tokio::test]
async fn the_layer_requires_a_scope_and_names_the_metadata() {
    let world = World::new();
    let metadata = format!("{API}/.well-known/oauth-protected-resource");
    let server = world.resource_server().resource_metadata(&metadata);
    let server = server.await.unwrap();
    world.protect(
        server
            .layer()
            .require_scope(["openid"])
            .require_scope(["email"]),
    );
    let tokens = world.bearer_tokens().await;
    let token = tokens.access_token().expose();
    assert_eq!(world.bearer(token).await.text(), "alice by app");
    world.protect(
        server
            .layer()
            .require_scope(["openid"])
            .require_scope(["admin"]),
    );
    let answer = world.bearer(token).await;
    assert_eq!(answer.error(), (403, Some("insufficient_scope")));
    let challenges = answer.0.headers().get_all("www-authenticate");
    for challenge in challenges {
        let challenge = challenge.to_str().unwrap();
        let expected = format!("resource_metadata=\"{metadata}\"");
        assert!(challenge.contains(&expected), "{challenge}");
    }
    assert!(format!("{answer:?}").contains("scope=\\\"openid admin\\\""));
}

#[tokio::test]
async fn layers_of_one_resource_server_verify_a_request_once() {
    let world = World::new();
    let server = world.resource_server().await.unwrap();
    let (client, tokens) = world.dpop_client().await;
    let url = format!("{API}/items");
    let fetch = || client.fetch_protected_resource(&tokens, Method::GET, &url);
    for (scope, status) in [("openid", 200), ("admin", 403)] {
        world.protect_twice(server.layer(), server.layer().require_scope([scope]));
        let found = match fetch().await {
            Ok(response) => response.status(),
            Err(error) => error.status().unwrap(),
        };
        assert_eq!(found, status, "{scope}");
    }
    // Another resource server trusts itself alone: for it, the proof is one for another origin.
    let other = world.resource_server().origin("https://other.example.com");
    let other = other.await.unwrap();
    world.protect_twice(other.layer(), server.layer());
    assert!(fetch().await.is_err());
    world.protect_twice(server.layer(), other.layer());
    assert!(fetch().await.is_err());
}
