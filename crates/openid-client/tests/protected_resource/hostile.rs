//! What is refused, and at which step.

use openid_client::http::{Bytes, HeaderMap, HyperClient, Response, RootCertificates};
use openid_client::oauth_core::error::NoAnswer;
use openid_client::{
    Artefact, Client, EndpointName, Error, MetadataError, Misuse, Policy, Reason, Unsupported,
    oauth_core,
};
use serde_json::{Value, json};
use test_provider::{Endpoint, Misbehaviour};

use crate::world::{World, document, json_page, public, refused, server_metadata};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource/mcp";
const ROOT: &str = "/.well-known/oauth-protected-resource";
const SERVER: &str = "/.well-known/oauth-authorization-server";

/// A resource with this metadata.
async fn with_metadata(change: impl FnOnce(&mut Value, &World)) -> World {
    let world = World::new().await;
    let mut metadata = json!({
        "resource": world.url("/mcp"),
        "authorization_servers": [world.provider.url()],
    });
    change(&mut metadata, &world);
    world
        .resource
        .resource()
        .host(WELL_KNOWN, json_page(&metadata));
    world
}

/// A resource that is its own authorization server, with this metadata.
async fn with_server(change: impl FnOnce(&mut Value)) -> World {
    let own = |metadata: &mut Value, world: &World| {
        metadata["authorization_servers"] = json!([world.resource.url()]);
    };
    let world = with_metadata(own).await;
    let mut server = server_metadata(world.resource.url());
    change(&mut server);
    world.resource.resource().host(SERVER, json_page(&server));
    world
}

async fn refusal(world: &World) -> Error {
    let client = world.client().dynamic_registration(public(""));
    refused(client.await)
}

#[track_caller]
fn reason(error: &Error, artefact: Artefact) -> &Reason {
    let rejection = error.rejection().unwrap_or_else(|| panic!("{error}"));
    assert_eq!(rejection.artefact, artefact);
    &rejection.reason
}

/// The paths at the resource that were requested.
fn paths(world: &World) -> Vec<String> {
    let received = world.resource.resource().received();
    received.into_iter().map(|(path, _)| path).collect()
}

fn unanswered(error: &Error) -> (EndpointName, &NoAnswer) {
    match error.core() {
        Some(oauth_core::Error::Unanswered(unanswered)) => {
            (unanswered.endpoint, &unanswered.reason)
        }
        _ => panic!("{error}"),
    }
}

#[tokio::test]
async fn metadata_of_another_resource() {
    for other in ["https://bank.example/mcp", "https://127.0.0.1/mcp"] {
        let world = with_metadata(|metadata, _| metadata["resource"] = json!(other)).await;
        let error = refusal(&world).await;
        let found = reason(&error, Artefact::ProtectedResourceMetadata);
        assert!(matches!(
            found,
            Reason::AttributeMismatch {
                member: "resource",
                ..
            }
        ));
        assert_eq!(world.provider.provider().served(Endpoint::Discovery), 0);
    }
}

#[tokio::test]
async fn a_resource_above_needs_the_switch_and_gets_its_tokens() {
    let world = with_metadata(|metadata, world| metadata["resource"] = json!(world.resource.url()));
    let world = world.await;
    let error = refusal(&world).await;
    assert!(
        error
            .to_string()
            .contains("`danger.accept_parent_resource`")
    );
    let mut policy = Policy::default();
    policy.danger.accept_parent_resource = true;
    let client = world.client().policy(policy.clone()).await.unwrap();
    assert_eq!(client.resource().as_str(), world.resource.url());

    // Also at the root of the host, to which the resource leads by a status 404.
    let absent = Response::builder().status(404).body(Bytes::new()).unwrap();
    world.resource.resource().host(WELL_KNOWN, absent);
    let root = json!({
        "resource": world.resource.url(),
        "authorization_servers": [world.provider.url()],
    });
    world.resource.resource().host(ROOT, json_page(&root));
    let error = refusal(&world).await;
    assert!(matches!(
        reason(&error, Artefact::ProtectedResourceMetadata),
        Reason::AttributeMismatch {
            member: "resource",
            ..
        }
    ));
    assert!(
        error
            .to_string()
            .contains("`danger.accept_parent_resource`")
    );
    let client = world.client().policy(policy).await.unwrap();
    assert_eq!(client.resource().as_str(), world.resource.url());
}

#[tokio::test]
async fn metadata_of_another_issuer() {
    let world = World::new().await;
    world
        .provider
        .provider()
        .misbehave(Misbehaviour::DiscoveryIssuerMismatch);
    let error = refusal(&world).await;
    let found = reason(&error, Artefact::DiscoveryDocument);
    assert!(matches!(
        found,
        Reason::AttributeMismatch {
            member: "issuer",
            ..
        }
    ));
    assert_eq!(world.provider.provider().served(Endpoint::Discovery), 1);
    assert_eq!(world.provider.provider().served(Endpoint::Registration), 0);
}

#[tokio::test]
async fn addresses_that_are_not_public() {
    // By default, and so at the first request.
    let world = World::new().await;
    let client = Client::for_protected_resource(world.url("/mcp"));
    let client = world
        .trusting(client)
        .client_id_metadata_document(document());
    let error = refused(client.await);
    let (endpoint, no_answer) = unanswered(&error);
    assert_eq!(endpoint, EndpointName::ProtectedResourceMetadata);
    assert!(matches!(no_answer, NoAnswer::DestinationRefused { .. }));
    assert_eq!(error.code(), Some("OAUTH_DESTINATION_REFUSED"));
    assert_eq!(world.resource.connections(), 0);

    // Also if a transport of the application sends the requests that show a certificate.
    let own = HyperClient::new(RootCertificates::default()).unwrap();
    let client = Client::for_protected_resource(world.url("/mcp"));
    let client = world
        .trusting(client)
        .client_id_metadata_document(document())
        .http_client_with_certificate(own);
    let error = refused(client.await);
    let (endpoint, no_answer) = unanswered(&error);
    assert_eq!(endpoint, EndpointName::ProtectedResourceMetadata);
    assert!(matches!(no_answer, NoAnswer::DestinationRefused { .. }));
    assert_eq!(world.resource.connections(), 0);

    // The challenge leads to the metadata service of a cloud.
    let inside = "Bearer resource_metadata=\"https://169.254.169.254/latest/meta-data\"";
    let client = world.client().challenge(&challenge(inside));
    let error = refused(client.await);
    let (endpoint, no_answer) = unanswered(&error);
    assert_eq!(endpoint, EndpointName::ProtectedResourceMetadata);
    assert!(matches!(no_answer, NoAnswer::DestinationRefused { .. }));
    assert_eq!(world.resource.connections(), 0);

    // The authorization server is inside.
    let inside = |metadata: &mut Value, _: &World| {
        metadata["authorization_servers"] = json!(["https://10.0.0.1"]);
    };
    let world = with_metadata(inside).await;
    let error = refusal(&world).await;
    let (endpoint, no_answer) = unanswered(&error);
    assert_eq!(endpoint, EndpointName::Discovery);
    assert!(matches!(no_answer, NoAnswer::DestinationRefused { .. }));

    // Its token endpoint is inside.
    let world = with_server(|server| server["registration_endpoint"] = json!("https://[::1]/r"));
    let client = world.await;
    let dynamic = client.stranger().dynamic_registration(public(""));
    let error = refused(dynamic.await);
    assert_eq!(unanswered(&error).0, EndpointName::Registration);
    assert_eq!(error.code(), Some("OAUTH_DESTINATION_REFUSED"));
}

fn challenge(text: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("www-authenticate", text.parse().unwrap());
    headers
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let redirect = |to: String| {
        let response = Response::builder().status(302).header("location", to);
        response.body(Bytes::new()).unwrap()
    };
    let world = World::new().await;
    let to = world.url("/elsewhere");
    world.resource.resource().host(WELL_KNOWN, redirect(to));
    let error = refusal(&world).await;
    let found = reason(&error, Artefact::ProtectedResourceMetadata);
    assert!(matches!(found, Reason::Status { found: 302, .. }));
    assert_eq!(paths(&world), [WELL_KNOWN]);

    let world = with_server(|_| {}).await;
    let to = world.url("/elsewhere");
    world.resource.resource().host(SERVER, redirect(to));
    let error = refusal(&world).await;
    let found = reason(&error, Artefact::DiscoveryDocument);
    assert!(matches!(found, Reason::Status { found: 302, .. }));
    assert_eq!(paths(&world), [WELL_KNOWN, SERVER]);
}

#[tokio::test]
async fn plain_http() {
    let world = World::new().await;
    let plain = Client::for_protected_resource(world.url("/mcp").replace("https:", "http:"));
    let named = format!("Bearer resource_metadata=\"http://{}\"", "127.0.0.1:1/m");
    for (client, member) in [
        (world.trusting(plain), "resource"),
        (
            world.client().challenge(&challenge(&named)),
            "resource_metadata",
        ),
    ] {
        let error = refused(client.await);
        assert_eq!(error.code(), Some("OAUTH_HTTP_REQUEST_FORBIDDEN"));
        assert!(matches!(
            error.core(),
            Some(oauth_core::Error::Metadata(MetadataError::NotHttps { member: it, .. })) if *it == member
        ));
    }
    assert_eq!(paths(&world), [""; 0]);

    let http = |metadata: &mut Value, _: &World| {
        metadata["authorization_servers"] = json!(["http://op.example"]);
    };
    let error = refusal(&with_metadata(http).await).await;
    let found = reason(&error, Artefact::ProtectedResourceMetadata);
    assert!(matches!(found, Reason::Url { .. }));
}

#[tokio::test]
async fn a_browser_is_not_sent_to_http_or_another_scheme() {
    for (url, code) in [
        (
            "http://op.example/authorize",
            "OAUTH_HTTP_REQUEST_FORBIDDEN",
        ),
        ("javascript:alert(1)", "OAUTH_REQUEST_PROTOCOL_FORBIDDEN"),
        ("file:///etc/passwd", "OAUTH_REQUEST_PROTOCOL_FORBIDDEN"),
    ] {
        let world = with_server(|server| server["authorization_endpoint"] = json!(url)).await;
        let error = refusal(&world).await;
        assert_eq!(error.code(), Some(code), "{error}");
        // Nothing was registered.
        assert_eq!(paths(&world), [WELL_KNOWN, SERVER]);
    }
}

#[tokio::test]
async fn a_server_without_pkce() {
    let world = with_server(|server| server["code_challenge_methods_supported"] = json!(["plain"]));
    let world = world.await;
    let error = refusal(&world).await;
    assert!(matches!(
        error.core(),
        Some(oauth_core::Error::Unsupported(Unsupported::Feature { .. }))
    ));
    assert_eq!(paths(&world), [WELL_KNOWN, SERVER]);
    let mut policy = Policy::default();
    policy.danger.accept_unadvertised_pkce = true;
    let client = world.client().policy(policy).await.unwrap();
    let (url, _) = client.authorization_request().await.unwrap();
    assert!(url.as_str().contains("code_challenge_method=S256"));
}

#[tokio::test]
async fn long_lists_and_documents() {
    let many: Vec<_> = (0..17).map(|it| format!("https://{it}.example")).collect();
    let world = with_metadata(|metadata, _| metadata["authorization_servers"] = json!(many)).await;
    let error = refusal(&world).await;
    let found = reason(&error, Artefact::ProtectedResourceMetadata);
    assert!(matches!(found, Reason::IllTyped { member, .. } if member == "authorization_servers"));

    let long = "x".repeat(64 * 1024);
    let world = with_metadata(|metadata, _| metadata["resource_name"] = json!(long)).await;
    let error = refusal(&world).await;
    let (endpoint, no_answer) = unanswered(&error);
    assert_eq!(endpoint, EndpointName::ProtectedResourceMetadata);
    assert_eq!(*no_answer, NoAnswer::BodyTooLarge { cap: 64 * 1024 });
}

#[tokio::test]
async fn a_challenge_with_injected_parameters() {
    let world = World::new().await;
    let evil = "resource_metadata=\"https://evil.example/m\"";
    let own = format!("Bearer resource_metadata=\"{}\"", world.url(WELL_KNOWN));
    for text in [
        format!("{own}, {evil}"),
        format!("{own}, DPoP {evil}"),
        format!("Bearer {evil}, {own}"),
    ] {
        let error = refused(world.client().challenge(&challenge(&text)).await);
        let found = reason(&error, Artefact::ResourceChallenge);
        assert!(matches!(found, Reason::Duplicate { member } if member == "resource_metadata"));
    }
    assert_eq!(paths(&world), [""; 0]);
    let quoted = format!(
        "{own}, error_description=\"x, {}\"",
        evil.replace('"', "\\\"")
    );
    assert!(world.client().challenge(&challenge(&quoted)).await.is_ok());
}

#[tokio::test]
async fn a_resource_that_requires_a_key() {
    let bound = |metadata: &mut Value, _: &World| {
        metadata["dpop_bound_access_tokens_required"] = json!(true);
    };
    let world = with_metadata(bound).await;
    let error = refusal(&world).await;
    assert!(matches!(
        error.core(),
        Some(oauth_core::Error::Misuse(Misuse::MissingArgument {
            argument: "dpop_key",
            ..
        }))
    ));
    assert_eq!(world.provider.provider().served(Endpoint::Discovery), 0);
}
