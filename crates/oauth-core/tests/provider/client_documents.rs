//! Clients whose identifier is the URL of their metadata document.

use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::client_auth::{ClientAuthentication, PrivateKeyJwt};
use oauth_core::configuration::Configuration;
use oauth_core::key::KeyReference;
use oauth_core::metadata::{ClientIdMetadataDocument, ClientMetadata};
use oauth_core::policy::Policy;
use serde_json::json;

use crate::world::{REDIRECT_URI, World};

const ID: &str = "https://app.example.com/client.json";

fn metadata(method: &str) -> ClientMetadata {
    let mut client = ClientMetadata::new(ID);
    client.redirect_uris = Some(vec![REDIRECT_URI.to_owned()]);
    client.token_endpoint_auth_method = Some(method.to_owned());
    client
}

#[test]
fn a_public_client_logs_in_without_a_registration() {
    let world = World::new();
    let client = metadata("none");
    let configuration = world.configure(client.clone(), Policy::default());
    let document = ClientIdMetadataDocument::new(&client).unwrap();
    world.provider.host(ID, document.response());
    let tokens = world.log_in(&configuration).unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
}

#[test]
fn a_client_proves_itself_with_the_key_in_its_document() {
    let mut world = World::new();
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let jwks = json!({ "keys": [key.public_jwk().unwrap().to_json()] });
    world.add_key("client key", key);
    let mut client = metadata("private_key_jwt");
    client.jwks = jwks.as_object().cloned();
    let document = ClientIdMetadataDocument::new(&client).unwrap();
    world.provider.host(ID, document.response());
    let server = world.configuration().server().clone();
    let key = KeyReference::new("client key", SignatureAlgorithm::ES256);
    let method = ClientAuthentication::PrivateKeyJwt(PrivateKeyJwt::new(key).unwrap());
    let configuration =
        Configuration::with_authentication(server, client, method, Policy::default()).unwrap();
    let tokens = world.log_in(&configuration).unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    assert_eq!(world.keys_used.get(), 1);
}
