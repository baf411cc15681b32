//! Every method of client authentication, at a server that verifies it.

use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::Error;
use oauth_core::authorization::ResponseType;
use oauth_core::client_auth::{
    ClientAuthentication, ClientSecretBasic, ClientSecretJwt, PrivateKeyJwt,
};
use oauth_core::configuration::Configuration;
use oauth_core::key::{KeyReference, ModifyAssertion};
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::KeyName;
use oauth_core::policy::Policy;
use test_provider::{ClientAuthentication as Registered, ClientRegistration};

use crate::world::{CLIENT_ID, World};

/// The characters that form encoding changes.
const SECRET: &str = "s3cret %&+-_.!~*'():=/?é";

fn world(registered: Registered) -> World {
    World::with_client(ClientRegistration::new(CLIENT_ID, registered))
}

fn with(world: &World, method: ClientAuthentication) -> Configuration {
    let configuration = world.configuration();
    Configuration::with_authentication(
        configuration.server().clone(),
        configuration.client().clone(),
        method,
        Policy::default(),
    )
    .unwrap()
}

fn assert_logs_in(world: &World, configuration: &Configuration) {
    let tokens = world.log_in(configuration).unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
}

fn assert_refused(world: &World, configuration: &Configuration) {
    match world.log_in(configuration) {
        Err(Error::ResponseBody(answered)) => assert_eq!(answered.error, "invalid_client"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_public_client() {
    let world = world(Registered::None);
    assert_logs_in(&world, &with(&world, ClientAuthentication::None));
}

#[test]
fn a_secret_in_the_header() {
    let world = world(Registered::ClientSecretBasic(SECRET.to_owned()));
    let method = |method| with(&world, ClientAuthentication::ClientSecretBasic(method));
    assert_logs_in(&world, &method(ClientSecretBasic::new(SECRET)));
    let unescaped = ClientSecretBasic::new(SECRET).with_unreserved_unescaped();
    assert_logs_in(&world, &method(unescaped));
    assert_refused(&world, &method(ClientSecretBasic::new("another")));
    let configuration = method(ClientSecretBasic::new(SECRET));
    let request = World::request(&configuration).response_type(ResponseType::CodeIdToken);
    let (url, pending) = world.run(request.begin()).unwrap();
    let grant = pending.resume(&configuration, world.follow(&url)).unwrap();
    assert!(world.run(grant).is_ok());
}

#[test]
fn a_secret_in_the_body() {
    let world = world(Registered::ClientSecretPost(SECRET.to_owned()));
    let method = |secret: &str| {
        with(
            &world,
            ClientAuthentication::ClientSecretPost(secret.into()),
        )
    };
    assert_logs_in(&world, &method(SECRET));
    assert_refused(&world, &method("another"));
}

#[test]
fn an_assertion_under_the_secret() {
    let secret = "0123456789abcdef".repeat(4);
    let world = world(Registered::ClientSecretJwt(secret.clone()));
    for algorithm in ["HS256", "HS384", "HS512"] {
        let mut client = ClientMetadata::new(CLIENT_ID);
        client.client_secret = Some(secret.as_str().into());
        client.token_endpoint_auth_method = Some("client_secret_jwt".to_owned());
        client.token_endpoint_auth_signing_alg = Some(algorithm.into());
        let configuration = world.configure(client, Policy::default());
        // The second login needs a new assertion, because the server refuses a used one.
        assert_logs_in(&world, &configuration);
        assert_logs_in(&world, &configuration);
    }
    // The secret signs, so the driver uses no key.
    assert_eq!(world.keys_used.get(), 0);
    let method = |method| with(&world, ClientAuthentication::ClientSecretJwt(method));
    let modify = ModifyAssertion::new(|_, claims| {
        claims.insert("aud".to_owned(), "https://another.example".into());
    });
    let changed = ClientSecretJwt::new(secret.as_str()).modify_assertion(modify);
    assert_refused(&world, &method(changed));
    assert_refused(&world, &method(ClientSecretJwt::new("f".repeat(64))));
}

/// The server accepts the method that is chosen by default for a client with a secret.
#[test]
fn the_default_method_works() {
    for registered in [
        Registered::ClientSecretPost(SECRET.to_owned()),
        Registered::ClientSecretBasic(SECRET.to_owned()),
    ] {
        let mut client = ClientMetadata::new(CLIENT_ID);
        client.client_secret = Some(SECRET.into());
        client.token_endpoint_auth_method = Some(registered.as_str().to_owned());
        let world = world(registered);
        let configuration = world.configure(client, Policy::default());
        assert_logs_in(&world, &configuration);
    }
}

#[test]
fn an_assertion_under_the_clients_own_key() {
    for algorithm in [
        SignatureAlgorithm::ES256,
        SignatureAlgorithm::ES384,
        SignatureAlgorithm::Ed25519,
    ] {
        let key = SigningKey::generate(algorithm).unwrap().with_kid("c1");
        let set = serde_json::json!({ "keys": [key.public_jwk().unwrap().to_json()] });
        let mut world = world(Registered::PrivateKeyJwt(set.to_string()));
        world.add_key("client key", key);
        let another = SigningKey::generate(algorithm).unwrap().with_kid("c1");
        world.add_key("another key", another);

        let reference = |name| KeyReference {
            name: KeyName::new(name),
            algorithm,
            kid: Some("c1".to_owned()),
        };
        let method = |name| {
            let method = PrivateKeyJwt::new(reference(name)).unwrap();
            with(&world, ClientAuthentication::PrivateKeyJwt(method))
        };
        let configuration = method("client key");
        // The second login needs a new assertion, because the server refuses a used one.
        assert_logs_in(&world, &configuration);
        assert_logs_in(&world, &configuration);
        assert_eq!(world.keys_used.get(), 2);
        assert_refused(&world, &method("another key"));

        let error = world.log_in(&method("no such key")).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_KEY_UNAVAILABLE"));
        assert_eq!(error.to_string(), "key `no such key` could not be used");
    }
}
