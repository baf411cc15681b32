//! Settings that fit and settings that do not.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use openid_client::http::Bytes;
use openid_client::resource_server::{DangerAccessTokenProfile, VerifiedToken};
use openid_client::store::MemoryStore;
use openid_client::{Error, Misuse, Profile, ResourceServer, ServerMetadata, oauth_core};

use crate::world::{API, World};

fn metadata(issuer: &str) -> ServerMetadata {
    let mut server = ServerMetadata::new(issuer);
    server.jwks_uri = Some(format!("{issuer}/jwks"));
    server
}

#[tokio::test]
async fn settings_that_do_not_fit_are_refused() {
    let of =
        |resource: &str| ResourceServer::from_metadata(metadata("https://a.example"), resource);
    let profile = DangerAccessTokenProfile {
        typ: Some("JWT"),
        audience_claim: "aud",
        client_claim: "azp",
        scope_claim: "scope",
    };
    for (building, argument) in [
        (of("urn:api"), "origin"),
        (of("urn:api").origin("api.example.com"), "origin"),
        (
            of(API).issuer_metadata(metadata("https://a.example")),
            "server",
        ),
        (
            of(API).max_proof_age(Duration::from_secs(601)),
            "max_proof_age",
        ),
        (of(API).access_token_algorithms([]), "algorithms"),
        (of(API).replay_capacity(0), "replay_capacity"),
        (of(API).resource_metadata("x"), "resource_metadata"),
        (
            of(API).danger_access_token_profile("https://b.example", profile),
            "danger_access_token_profile",
        ),
        (
            of(API).introspection_cache(Duration::from_secs(60), 1),
            "introspect_as",
        ),
        (of(API).danger_accept_missing_audience(), "introspect_as"),
    ] {
        match building.await {
            Err(Error::Core(oauth_core::Error::Misuse(
                Misuse::InvalidArgument {
                    argument: found, ..
                }
                | Misuse::MissingArgument {
                    argument: found, ..
                },
            ))) => assert_eq!(found, argument),
            other => panic!("{argument}: {other:?}"),
        }
    }
    let error = of(API)
        .profile(Profile::Fapi2SecurityProfile)
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        Error::Conflict {
            setting: "profile",
            ..
        }
    ));
    let both = of(API).replay_capacity(1).replay_store(MemoryStore::new());
    let setting = "replay_capacity";
    assert!(matches!(both.await, Err(Error::Conflict { setting: found, .. }) if found == setting));
    // Nothing to ask.
    let error = of(API)
        .introspect_as("api")
        .client_secret("secret")
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Core(oauth_core::Error::Metadata(_))),
        "{error}"
    );
    of("urn:api")
        .origin("https://api.example.com/v1")
        .await
        .unwrap();
    let several = of(API).issuer_metadata(metadata("https://b.example"));
    several
        .danger_access_token_profile("https://b.example", profile)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_handler_without_the_layer_is_not_reached() {
    async fn handler(_: VerifiedToken) -> &'static str {
        "reached"
    }
    let mut app: Router = Router::new().route("/", get(handler));
    let request = axum::http::Request::get("/").body(axum::body::Body::empty());
    let response = tower_service::Service::call(&mut app, request.unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), 500);
}

#[tokio::test]
async fn hyper_serves_the_layer() {
    let world = World::new();
    let server = world.resource_server().await.unwrap();
    let tokens = world.bearer_tokens().await;
    let app: Router = Router::new().route("/", get(|| async { "reached" }));
    let service = TowerToHyperService::new(app.layer(server.layer()));
    let (ours, theirs) = tokio::io::duplex(10_000);
    let connection = hyper::server::conn::http1::Builder::new();
    tokio::spawn(connection.serve_connection(TokioIo::new(theirs), service));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(ours))
        .await
        .unwrap();
    tokio::spawn(connection);
    let good = format!("Bearer {}", tokens.access_token().expose());
    for (authorization, status, body) in [(good.as_str(), 200, "reached"), ("Bearer a", 401, "")] {
        let request = hyper::Request::get("/")
            .header("host", "api.example.com")
            .header("authorization", authorization)
            .body(Empty::<Bytes>::new())
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(
            response.into_body().collect().await.unwrap().to_bytes(),
            body
        );
    }
}
