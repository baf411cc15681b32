//! Where tokens go.

use openid_client::http::{Bytes, Method, Response};

use crate::world::{World, refused};

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
