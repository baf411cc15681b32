//! Where tokens go.

use openid_client::http::{Bytes, Method, Response};
use openid_client::{Client, Misuse, oauth_core};
use serde_json::json;
use test_provider::Endpoint;

use crate::world::{Loopback, World, document, json_page, refused};

#[tokio::test]
async fn tokens_go_nowhere_else() {
    let world = World::new().await;
    let access = world.log_in(&world.client().await.unwrap()).await;
    let other = World::new().await;
    for url in [
        other.url("/mcp"),
        world.url("/"),
        world.url("/mcpx"),
        world.url("/mcp/../admin"),
        world.url("/mcp").replace("127.0.0.1", "localhost"),
        world.url("/mcp").replace("https://", "https://user@"),
    ] {
        let error = refused(access.fetch(Method::GET, &url).await);
        let code = error.code();
        let expected = ["OAUTH_ANOTHER_RESOURCE", "OAUTH_INVALID_SERVER_METADATA"];
        assert!(
            code.is_some_and(|code| expected.contains(&code)),
            "{url}: {error}"
        );
    }
    let plain = world.url("/mcp").replace("https:", "http:");
    let error = refused(access.fetch(Method::GET, plain).await);
    assert_eq!(error.code(), Some("OAUTH_HTTP_REQUEST_FORBIDDEN"));
    assert_eq!(other.resource.connections(), 0);
    assert_eq!(world.with_token(), [""; 0]);
}

#[tokio::test]
async fn a_redirect_of_the_resource_gets_no_token() {
    let world = World::new().await;
    let access = world.log_in(&world.client().await.unwrap()).await;
    let response = Response::builder()
        .status(307)
        .header("location", "https://evil.example/");
    world
        .resource
        .resource()
        .host("/mcp/moved", response.body(Bytes::new()).unwrap());
    let response = access
        .fetch(Method::GET, world.url("/mcp/moved"))
        .await
        .unwrap();
    assert_eq!(response.status(), 307);
    assert_eq!(world.with_token(), ["/mcp/moved"]);
}

/// Both resources use one server, at which the client is the same.
#[tokio::test]
async fn a_login_for_another_resource_is_not_finished_here() {
    let world = World::new().await;
    let client = world.client().await.unwrap();
    let other = world.url("/other");
    let page = json_page(&json!({
        "resource": other,
        "authorization_servers": [world.provider.url()],
    }));
    let place = "/.well-known/oauth-protected-resource/other";
    world.resource.resource().host(place, page);
    let hostile = world
        .trusting(Client::for_protected_resource(other))
        .destination_policy(Loopback)
        .client_id_metadata_document(document())
        .await
        .unwrap();
    let (url, pending) = client.authorization_request().await.unwrap();
    let callback = world.provider.log_in(url);
    let error = refused(
        hostile
            .authorization_code_grant(pending.clone(), callback.as_str())
            .await,
    );
    let misuse = match error.core() {
        Some(oauth_core::Error::Misuse(misuse)) => misuse,
        _ => panic!("{error}"),
    };
    assert_eq!(*misuse, Misuse::AnotherConfiguration { member: "resource" });
    let provider = world.provider.provider();
    assert_eq!(provider.served(Endpoint::Token), 0);
    // Neither is one for no resource.
    let (_, plain) = client.client().authorization_request().await.unwrap();
    let error = refused(
        client
            .authorization_code_grant(plain, callback.as_str())
            .await,
    );
    assert!(error.to_string().contains("another resource"), "{error}");
    let access = client.authorization_code_grant(pending, callback).await;
    assert!(access.is_ok());
}

#[tokio::test]
async fn the_requested_scope_is_that_of_the_login() {
    let world = World::new().await;
    let client = world.client().await.unwrap();
    let request = client.authorization_request().scope("read write");
    let (url, pending) = request.await.unwrap();
    let callback = world.provider.log_in(url);
    let access = client.authorization_code_grant(pending, callback).await;
    assert_eq!(access.unwrap().requested_scope().to_string(), "read write");
}
