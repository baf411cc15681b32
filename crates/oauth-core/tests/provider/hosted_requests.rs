//! Request objects that the application hosts, at providers that fetch them.

use bytes::Bytes;
use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::Error;
use oauth_core::authorization::{AuthorizationRequest, PendingLogin};
use oauth_core::configuration::Configuration;
use oauth_core::error::Misuse;
use oauth_core::key::KeyReference;
use oauth_core::metadata::ClientMetadata;
use oauth_core::policy::Policy;
use oauth_core::request_object::{HostedRequest, RequestObject, request_object_response};
use test_provider::{ClientRegistration, Endpoint};

use crate::world::{CLIENT_ID, START, World};

const URI: &str = "https://app.example.com/requests/7Fjfp0ZBr1KtDRbnfVdmIw";

fn world(
    algorithm: SignatureAlgorithm,
    change: fn(ClientRegistration) -> ClientRegistration,
) -> (World, RequestObject) {
    let key = SigningKey::generate(algorithm).unwrap();
    let mut world = World::with_client(change(ClientRegistration::public(CLIENT_ID).key(&key)));
    world.add_key("request key", key);
    let reference = KeyReference::new("request key", algorithm);
    (world, RequestObject::new(reference).unwrap())
}

fn host(
    world: &World,
    request: AuthorizationRequest,
) -> Result<(HostedRequest, PendingLogin), Error> {
    world.run(request.host_at(URI))
}

fn signed(configuration: &Configuration, request_object: &RequestObject) -> AuthorizationRequest {
    World::request(configuration).request_object(request_object.clone())
}

/// Returns the error page of the provider.
fn page(world: &World, url: &url::Url) -> String {
    let request = http::Request::get(url.as_str()).body(Bytes::new()).unwrap();
    let response = world.provider.handle(&request, START);
    assert_eq!(response.status(), 400);
    String::from_utf8(response.into_body().into()).unwrap()
}

/// The module `oidcc-client-test-request-uri-signed-rs256`, and other algorithms.
#[test]
fn the_provider_fetches_the_request_object() {
    for algorithm in [SignatureAlgorithm::RS256, SignatureAlgorithm::ES256] {
        let (world, request_object) = world(algorithm, |client| client);
        let configuration = world.configuration();
        let (hosted, pending) = host(&world, signed(&configuration, &request_object)).unwrap();
        let pairs: Vec<(String, String)> = hosted.url.query_pairs().into_owned().collect();
        let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["client_id", "response_type", "scope", "request_uri"]
        );
        assert!(pairs[3].1.starts_with(&format!("{URI}#")));
        let response = request_object_response(&hosted.request_object);
        world.provider.host(URI, response);
        let callback = world.follow(&hosted.url);
        let tokens = world.run(pending.resume(&configuration, &callback).unwrap());
        assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
        assert_eq!(world.keys_used.get(), 1);
        assert_eq!(world.served(Endpoint::PushedAuthorization), 0);
    }
}

#[test]
fn the_hash_binds_the_url_to_one_object() {
    let (world, request_object) = world(SignatureAlgorithm::ES256, |client| client);
    let configuration = world.configuration();
    let request = signed(&configuration, &request_object);
    let (first, _) = host(&world, request.clone()).unwrap();
    let (second, _) = host(&world, request).unwrap();
    world
        .provider
        .host(URI, request_object_response(&second.request_object));
    let refused = page(&world, &first.url);
    assert!(
        refused.contains("another hash than the request_uri"),
        "{refused}"
    );
}

#[test]
fn a_registered_url_is_used_where_the_server_requires_it() {
    let (world, request_object) = world(SignatureAlgorithm::ES256, |client| {
        client.request_uris([URI])
    });
    let refused = host(&world, signed(&world.configuration(), &request_object)).unwrap_err();
    let Error::Misuse(Misuse::InvalidArgument { argument, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(argument, "request_uri");
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.request_uris = Some(vec![URI.to_owned()]);
    let configuration = world.configure(client, Policy::default());
    let (hosted, pending) = host(&world, signed(&configuration, &request_object)).unwrap();
    world
        .provider
        .host(URI, request_object_response(&hosted.request_object));
    let callback = world.follow(&hosted.url);
    assert!(
        world
            .run(pending.resume(&configuration, &callback).unwrap())
            .is_ok()
    );
}

#[test]
fn what_cannot_be_hosted_is_refused() {
    let (world, request_object) = world(SignatureAlgorithm::ES256, |client| client);
    let configuration = world.configuration();
    let misuse = |request| match host(&world, request).unwrap_err() {
        Error::Misuse(misuse) => misuse,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        misuse(World::request(&configuration)),
        Misuse::MissingArgument {
            argument: "request_object",
            purpose: "a request object that the application hosts",
        }
    );
    assert_eq!(
        misuse(signed(&configuration, &request_object).pushed()),
        Misuse::InvalidArgument {
            argument: "pushed",
            expected: "absent for a request object that the application hosts",
            found: "a pushed request".to_owned(),
        }
    );
    // A server that accepts pushed requests only.
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.require_pushed_authorization_requests = Some(true);
    let configuration = world.configure(client, Policy::default());
    let Misuse::MissingArgument { argument, .. } = misuse(signed(&configuration, &request_object))
    else {
        panic!("another misuse");
    };
    assert_eq!(argument, "pushed");
    assert_eq!(world.keys_used.get(), 0);
}
