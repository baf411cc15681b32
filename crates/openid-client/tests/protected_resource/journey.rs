//! The way without obstacles.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use openid_client::http::Method;
use openid_client::{
    ClientMetadata, Misuse, SignatureAlgorithm, SigningKey, StoredResourceAccess, Url, oauth_core,
};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint};

use crate::world::{CLIENT_ID, World, body, public, refused};

fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs
        .find(|(it, _)| it == name)
        .map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_challenge_leads_to_a_token() {
    let world = World::new().await;
    let challenge = world.challenge("/mcp/write");
    let client = world.client().challenge(&challenge).await.unwrap();
    assert_eq!(client.client().client_metadata().client_id, CLIENT_ID);
    assert_eq!(
        client.client().server_metadata().issuer,
        world.provider.url()
    );
    assert_eq!(client.resource().as_str(), world.url("/mcp"));
    // The scope of the challenge is what this request needs.
    assert_eq!(client.scope().to_string(), "write");

    let (url, pending) = client.authorization_request().await.unwrap();
    assert_eq!(url.scheme(), "https");
    assert_eq!(parameter(&url, "resource"), Some(world.url("/mcp")));
    assert_eq!(parameter(&url, "scope").as_deref(), Some("write"));
    assert_eq!(
        parameter(&url, "code_challenge_method").as_deref(),
        Some("S256")
    );
    let callback = world.provider.log_in(url);
    assert!(callback.contains("iss="));
    let access = client
        .authorization_code_grant(pending, callback)
        .await
        .unwrap();

    let request = access.fetch(Method::POST, world.url("/mcp/write"));
    let answer = body(
        request
            .header("accept", "application/json")
            .body("hello")
            .await
            .unwrap(),
    );
    let answer = answer.await;
    assert_eq!(answer["body"], "hello");
    assert_eq!(answer["client_id"], CLIENT_ID);
    assert_eq!(world.provider.provider().served(Endpoint::Registration), 0);
}

#[tokio::test]
async fn the_url_alone_leads_to_a_token() {
    let world = World::new().await;
    let client = world.client().offline_access().await.unwrap();
    // All that the resource supports, and what the server offers for a refresh token.
    assert_eq!(client.scope().to_string(), "read offline_access");
    let asked: Vec<_> = world.resource.resource().received();
    assert_eq!(
        asked,
        [("/.well-known/oauth-protected-resource/mcp".to_owned(), None)]
    );
    let access = world.log_in(&client).await;
    let answer = access.fetch(Method::GET, world.url("/mcp")).await.unwrap();
    assert_eq!(body(answer).await["scope"], "read offline_access");
}

#[tokio::test]
async fn a_client_registers_itself_where_nothing_else_is_possible() {
    let world = World::new().await;
    let metadata = public("");
    let client = world
        .stranger()
        .dynamic_registration(metadata)
        .await
        .unwrap();
    let information = client.client().client_information().unwrap().clone();
    let registered = information.metadata().clone();
    assert_eq!(registered.application_type.as_deref(), Some("native"));
    let access = world.log_in(&client).await;
    let answer = access.fetch(Method::GET, world.url("/mcp")).await.unwrap();
    assert_eq!(body(answer).await["client_id"], registered.client_id);

    // After a restart.
    let issuer = world.provider.url();
    let client = world
        .stranger()
        .registered_at(issuer, registered.clone())
        .await
        .unwrap();
    assert_eq!(
        client.client().client_metadata().client_id,
        registered.client_id
    );
    assert_eq!(world.provider.provider().served(Endpoint::Registration), 1);
}

#[tokio::test]
async fn a_registered_client_comes_first() {
    let world = World::new().await;
    let secret = "a-secret-of-at-least-32-characters";
    let method = ClientAuthentication::ClientSecretBasic(secret.to_owned());
    let registration = ClientRegistration::new("known", method);
    let redirect_uri = crate::world::REDIRECT_URI;
    world
        .provider
        .provider()
        .register(registration.redirect_uri(redirect_uri));
    let mut known = ClientMetadata::new("known");
    known.client_secret = Some(secret.into());
    known.token_endpoint_auth_method = Some("client_secret_basic".to_owned());
    let client = world.client().registered_at(world.provider.url(), known);
    // The metadata of the registered client decide how it authenticates itself.
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let client = client.dynamic_registration(public("")).private_key(key);
    let client = client.await.unwrap();
    let access = world.log_in(&client).await;
    let answer = access.fetch(Method::GET, world.url("/mcp")).await.unwrap();
    assert_eq!(body(answer).await["client_id"], "known");
}

#[tokio::test]
async fn a_refresh_is_for_the_resource() {
    let world = World::new().await;
    let ahead = Arc::new(AtomicI64::new(0));
    let offset = Arc::clone(&ahead);
    let clock = move || {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let now = i64::try_from(now).unwrap() + offset.load(Ordering::SeqCst);
        openid_client::UnixTime::from_seconds(now)
    };
    let client = world.client().clock(clock).await.unwrap();
    let access = world.log_in(&client).await;
    let get = || access.fetch(Method::GET, world.url("/mcp"));
    assert_eq!(get().await.unwrap().status(), 200);
    ahead.store(3600, Ordering::SeqCst);
    assert_eq!(get().await.unwrap().status(), 200);
    assert_eq!(world.provider.provider().served(Endpoint::Token), 2);
}

#[tokio::test]
async fn stored_tokens_are_continued_for_their_resource() {
    let world = World::new().await;
    let client = world.client().await.unwrap();
    let access = world.log_in(&client).await;
    let text = serde_json::to_string(&access.stored().unwrap()).unwrap();

    let stored: StoredResourceAccess = serde_json::from_str(&text).unwrap();
    assert_eq!(stored.resource(), world.url("/mcp"));
    assert!(!format!("{stored:?}").contains("access_token"));
    let access = client.restore(stored).unwrap();
    assert_eq!(access.requested_scope().to_string(), "read");
    let answer = access.fetch(Method::GET, world.url("/mcp")).await.unwrap();
    assert_eq!(answer.status(), 200);

    let other = text.replace("/mcp\"", "/other\"");
    let error = refused(client.restore(serde_json::from_str(&other).unwrap()));
    assert_eq!(error.code(), Some("OAUTH_ANOTHER_RESOURCE"));
    let newer = text.replacen("\"version\":1", "\"version\":2", 1);
    let error = refused(client.restore(serde_json::from_str(&newer).unwrap()));
    assert!(matches!(
        error.core(),
        Some(oauth_core::Error::Misuse(Misuse::InvalidArgument {
            argument: "stored",
            ..
        }))
    ));
}

#[tokio::test]
async fn the_application_chooses_the_issuer() {
    let world = World::with(|resource, issuer| {
        let first = resource.authorization_server("https://first.example");
        first.authorization_server(issuer).scope_supported("read")
    })
    .await;
    let issuer = world.provider.url().to_owned();
    let chosen = issuer.clone();
    let client = world.client().choose_issuer(move |metadata| {
        let servers = metadata.authorization_servers.as_ref().unwrap();
        assert_eq!(
            *servers,
            ["https://first.example".to_owned(), chosen.clone()]
        );
        Some(chosen.clone())
    });
    assert_eq!(
        client.await.unwrap().client().server_metadata().issuer,
        issuer
    );
    // One at which there is a client is preferred.
    let client = world.client().registered_at(&issuer, public("known"));
    assert_eq!(
        client.await.unwrap().client().server_metadata().issuer,
        issuer
    );

    for choice in [None, Some("https://other.example".to_owned())] {
        let client = world.client().choose_issuer(move |_| choice.clone());
        let error = refused(client.await);
        assert!(matches!(
            error.core(),
            Some(oauth_core::Error::Misuse(Misuse::InvalidArgument {
                argument: "choose_issuer",
                ..
            }))
        ));
    }
}
