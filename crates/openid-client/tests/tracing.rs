//! Spans for operations and events for requests, without a secret at the finest level.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::time::Duration;

use openid_client::http::{Method, Request};
use openid_client::{Client, LazyClient, ResourceServer};
use test_provider::server::{Scheme, Server};
use test_provider::{ClientRegistration, Endpoint, Misbehaviour, Provider};

use self::support::captured::Captured;
use self::support::in_process::REDIRECT_URI;
use self::support::{RawServer, response};

const SECRET: &str = "a-secret-that-must-never-be-shown";

/// One test, because a process has one subscriber.
#[tokio::test]
async fn operations_and_requests_are_seen_and_secrets_are_not() {
    let captured = Captured::everywhere();
    let secrets = log_in(&captured).await;
    assert_eq!(secrets.len(), 7);
    for line in captured.lines() {
        for secret in &secrets {
            assert!(!line.contains(secret.as_str()), "{secret} in {line}");
        }
    }
    failures(&captured).await;
    given_up(&captured).await;
    renewals(&captured).await;
    unjudged(&captured).await;
}

/// Over TLS, with HTTP/2 where the feature is on: what the crates below write is captured, too.
async fn log_in(captured: &Captured) -> Vec<String> {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let method = test_provider::ClientAuthentication::ClientSecretPost(SECRET.to_owned());
    let app = ClientRegistration::new("secretive", method);
    server.provider().register(app.redirect_uri(REDIRECT_URI));
    let issuer = server.url();
    let client = Client::discover(issuer, "secretive")
        .root_certificate_pem(server.ca_certificate_pem())
        .client_secret_post(SECRET)
        .redirect_uri(REDIRECT_URI)
        .await
        .unwrap();
    let span = captured.only(&["span INFO openid_client operation#", "operation=discover"]);
    assert!(span.contains(&format!("issuer={issuer}")), "{span}");
    let request = captured.only(&["event DEBUG", "message=request", "endpoint=discovery"]);
    for part in [
        "method=GET",
        "status=200",
        "duration_ms=",
        "attempt=1",
        "bytes=",
    ] {
        assert!(request.contains(part), "{part} in {request}");
    }
    let host = issuer.strip_prefix("https://").unwrap();
    assert!(request.contains(&format!("host={host} ")), "{request}");
    assert!(!request.contains("error="), "{request}");
    assert!(!request.contains(".well-known"), "{request}");

    let (url, pending) = client
        .authorization_request()
        .scope("openid email")
        .await
        .unwrap();
    let state = pending.state().to_owned();
    let callback = server.log_in(url);
    let code = openid_client::Url::parse(&callback).unwrap();
    let code = code.query_pairs().find(|(name, _)| name == "code").unwrap();
    let code = code.1.into_owned();
    let tokens = client
        .authorization_code_grant(pending, &callback)
        .await
        .unwrap();
    captured.only(&["message=request", "endpoint=token", "method=POST"]);
    client.fetch_user_info(&tokens).await.unwrap();
    let resource = format!("{}?key={SECRET}", server.provider().url(Endpoint::Resource));
    let resource = client.fetch_protected_resource(&tokens, Method::GET, resource);
    resource
        .await
        .unwrap()
        .into_body()
        .collect(1024)
        .await
        .unwrap();
    // It streams, so its size is not known.
    let resource = captured.only(&["message=request", "endpoint=protected resource"]);
    assert!(!resource.contains("bytes="), "{resource}");
    for operation in [
        "discover",
        "authorization_request",
        "authorization_code_grant",
        "fetch_user_info",
        "fetch_protected_resource",
    ] {
        let name = format!("operation={operation}");
        let ended = captured.only(&["message=operation ended", &format!("{name} ")]);
        assert!(!ended.contains("error="), "{ended}");
    }
    let refreshed = client.refresh_token_grant(&tokens).await.unwrap();
    vec![
        SECRET.to_owned(),
        state,
        code,
        tokens.access_token().expose().to_owned(),
        tokens.refresh_token().unwrap().expose().to_owned(),
        tokens.id_token().unwrap().jwt().expose().to_owned(),
        refreshed.access_token().expose().to_owned(),
    ]
}

/// The code of the error is in the event of the request, in that of the operation, and in the span.
async fn failures(captured: &Captured) {
    let server = RawServer::answering(response("503 Service Unavailable", "", "")).await;
    let refused = discover(&server.url()).await.unwrap_err();
    let code = refused.code().unwrap();
    let host = format!("host={}", server.host());
    let request = captured.only(&["message=request", &host, "status=503"]);
    // A response is an answer, whatever it says.
    assert!(!request.contains("error="), "{request}");
    let error = format!("error={code}");
    captured.only(&["operation=discover", "operation ended", &error]);
    captured.only(&["record", &error]);

    let silent = RawServer::answering("").await;
    discover(&silent.url()).await.unwrap_err();
    let host = format!("host={}", silent.host());
    let request = captured.only(&["message=request", &host, "error=OAUTH_"]);
    assert!(!request.contains("status="), "{request}");
}

async fn discover(issuer: &str) -> Result<Client, openid_client::Error> {
    let client = Client::discover(issuer, "app");
    client.danger_allow_insecure_requests().await
}

async fn given_up(captured: &Captured) {
    let silent = RawServer::start(|mut connection| async move {
        connection.request().await;
        std::future::pending::<()>().await;
    })
    .await;
    let url = silent.url();
    let discovery = tokio::time::timeout(Duration::from_millis(300), discover(&url));
    assert!(discovery.await.is_err());
    let host = format!("host={}", silent.host());
    captured.only(&["message=request", &host, "error=OAUTH_ABORT"]);
}

/// No caller is told that the metadata could not be renewed, so a warning is written.
async fn renewals(captured: &Captured) {
    tokio::time::pause();
    let transport = self::support::in_process::InProcess::new();
    let lazy = Client::discover(self::support::in_process::ISSUER, "app");
    let lazy: LazyClient = lazy.http_client(transport.clone()).lazy().build().unwrap();
    lazy.client().await.unwrap();
    assert!(captured.ours(&["event WARN"]).is_empty());
    transport
        .provider
        .misbehave(Misbehaviour::DiscoveryIssuerMismatch);
    tokio::time::advance(Duration::from_secs(3600)).await;
    lazy.client().await.unwrap();
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    captured.only(&["event WARN", "error=OAUTH_"]);
}

/// The answer 503 of a resource server says nothing; the log says why.
async fn unjudged(captured: &Captured) {
    tokio::time::resume();
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    server.stop_listening().await;
    let api = ResourceServer::discover(server.url(), "https://api.example.com");
    let api = api.root_certificate_pem(server.ca_certificate_pem());
    let api = api.introspect_as("api").client_secret_post(SECRET);
    let api = api.lazy().build().unwrap();
    // The second one finds that the first one has failed, and sends nothing.
    for _ in 0..2 {
        let request = Request::get("/").header("authorization", "Bearer opaque");
        let refused = api.verify(&request.body(()).unwrap()).await.unwrap_err();
        assert_eq!(refused.status(), 503);
    }
    let ended = [
        "message=operation ended",
        "operation=verify",
        "error=OAUTH_",
    ];
    assert_eq!(captured.ours(&ended).len(), 2);
}
