//! Request objects at providers that differ in the parameters that they expect outside.

use bytes::Bytes;
use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::authorization::AuthorizationRequest;
use oauth_core::configuration::Configuration;
use oauth_core::key::KeyReference;
use oauth_core::request_object::RequestObject;
use test_provider::{ClientRegistration, Endpoint};
use url::Url;

use crate::world::{CLIENT_ID, START, World};

fn world(change: fn(ClientRegistration) -> ClientRegistration) -> (World, RequestObject) {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let client = ClientRegistration::public(CLIENT_ID).key(&key);
    let mut world = World::with_client(change(client));
    world.add_key("request key", key);
    let reference = KeyReference::new("request key", SignatureAlgorithm::ES256);
    (world, RequestObject::new(reference).unwrap())
}

fn request(configuration: &Configuration, request_object: &RequestObject) -> AuthorizationRequest {
    World::request(configuration)
        .scope("openid email")
        .request_object(request_object.clone())
}

/// Returns the error page of the provider.
fn page(world: &World, url: &Url) -> String {
    let request = http::Request::get(url.as_str()).body(Bytes::new()).unwrap();
    let response = world.provider.handle(&request, START);
    assert_eq!(response.status(), 400);
    String::from_utf8(response.into_body().into()).unwrap()
}

/// OpenID Connect Core 1.0 section 6.1 requires the repetition.
#[test]
fn a_provider_of_openid_connect_wants_the_repetition() {
    let (world, request_object) = world(|client| client);
    let configuration = world.configuration();
    let tokens = world.log_in_with(&configuration, request(&configuration, &request_object));
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
    let alone = request(&configuration, &request_object.without_repetition());
    let (url, _) = world.run(alone.begin()).unwrap();
    let refused = page(&world, &url);
    assert!(
        refused.contains("response_type is missing outside of the request object"),
        "{refused}"
    );
    assert_eq!(world.served(Endpoint::Authorization), 2);
}

/// RFC 9101 section 5 requires only `client_id` outside.
#[test]
fn a_provider_may_refuse_parameters_outside_the_request_object() {
    let (world, request_object) = world(ClientRegistration::request_object_alone);
    let configuration = world.configuration();
    let (url, _) = world
        .run(request(&configuration, &request_object).begin())
        .unwrap();
    let refused = page(&world, &url);
    assert!(
        refused.contains("a parameter is outside of the request object"),
        "{refused}"
    );
    let alone = request(&configuration, &request_object.without_repetition());
    let tokens = world.log_in_with(&configuration, alone);
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
}
