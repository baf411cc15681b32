//! Clients that authenticate with an attestation, at a provider that verifies it.

use jose::jws::{ProtectedHeader, SigningInput};
use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::Error;
use oauth_core::client_auth::{ClientAttestation, ClientAuthentication};
use oauth_core::configuration::Configuration;
use oauth_core::flow::TokenSet;
use oauth_core::key::KeyReference;
use oauth_core::metadata::ClientMetadata;
use oauth_core::policy::Policy;
use serde_json::json;
use test_provider::{ClientRegistration, Endpoint};

use crate::world::{CLIENT_ID, START, World};

/// Logs in with an attestation for `attested`, at a client that holds `held`.
fn log_in(attested: &SigningKey, held: SigningKey) -> Result<TokenSet, Error> {
    let (world, configuration) = attested_client(attested, held);
    world.log_in(&configuration)
}

/// A client that holds `held`, with an attestation for `attested`.
fn attested_client(attested: &SigningKey, held: SigningKey) -> (World, Configuration) {
    let algorithm = SignatureAlgorithm::ES256;
    let attester = SigningKey::generate(algorithm).unwrap();
    let keys = json!({ "keys": [attester.public_jwk().unwrap().to_json()] });
    let method = test_provider::ClientAuthentication::ClientAttestation(keys.to_string());
    let mut world = World::with_client(ClientRegistration::new(CLIENT_ID, method));
    let jwk = attested.public_jwk().unwrap().to_json();
    let claims = json!({"sub": CLIENT_ID, "exp": START + 300, "cnf": {"jwk": jwk}});
    let header = ProtectedHeader::new(algorithm).typ("oauth-client-attestation+jwt");
    let attestation = SigningInput::new(&header, claims.to_string().as_bytes());
    let attestation = attestation.sign(&attester).unwrap();
    world.add_key("instance", held);
    let key = KeyReference::new("instance", algorithm);
    let method = ClientAttestation::new(attestation, key).unwrap();
    let method = ClientAuthentication::ClientAttestation(method);
    let server = world.configuration().server().clone();
    let client = ClientMetadata::new(CLIENT_ID);
    let configuration =
        Configuration::with_authentication(server, client, method, Policy::default()).unwrap();
    (world, configuration)
}

#[test]
fn the_challenge_of_the_server_is_in_the_proof() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let (world, configuration) = attested_client(&key, key.clone());
    // The first request learns the challenge from its refusal; a login knows the last one.
    for (challenge, requests) in [("first", 2), ("first", 3), ("second", 5)] {
        world.provider.challenge_attestations(challenge);
        world.log_in(&configuration).unwrap();
        assert_eq!(world.served(Endpoint::Token), requests, "{challenge}");
    }
}

#[test]
fn a_server_accepts_the_attestation_and_its_proof() {
    let instance = || SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let key = instance();
    assert!(log_in(&key, key.clone()).is_ok());
    let error = log_in(&key, instance()).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    assert!(error.to_string().contains("attested key"), "{error}");
}
