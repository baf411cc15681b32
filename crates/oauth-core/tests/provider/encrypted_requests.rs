//! Request objects that are encrypted to the provider.

use std::time::Duration;

use jose::jwe::{ContentEncryption, KeyManagement};
use jose::{KeySelectionError, SignatureAlgorithm, SigningKey};
use oauth_core::authorization::AuthorizationRequest;
use oauth_core::configuration::Configuration;
use oauth_core::dpop::DPoPKey;
use oauth_core::error::{Artefact, Reason};
use oauth_core::key::KeyReference;
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::{EndpointName, KeyName};
use oauth_core::policy::Policy;
use oauth_core::request_object::RequestObject;
use serde_json::json;
use test_provider::{ClientRegistration, DPoPBehaviour, Endpoint};

use crate::refusal::assert_rejected;
use crate::world::{CLIENT_ID, World};

const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::ES256;

fn reference(name: &str) -> KeyReference {
    KeyReference {
        name: KeyName::new(name),
        algorithm: ALGORITHM,
        kid: None,
    }
}

/// Returns a client that has registered `alg` and `enc`. The provider publishes a key for them only
/// if it `knows` the registration.
fn world(alg: KeyManagement, enc: ContentEncryption, knows: bool) -> (World, Configuration) {
    let key = SigningKey::generate(ALGORITHM).unwrap();
    let keys = json!({ "keys": [key.public_jwk().unwrap().to_json()] });
    let registration = ClientRegistration::public(CLIENT_ID)
        .keys(keys.to_string())
        .require_signed_request_object();
    let mut world = World::with_client(match knows {
        true => registration.request_object_encryption(alg, enc),
        false => registration,
    });
    world.add_key("request", key);
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.request_object_encryption_alg = Some(alg.to_string());
    client.request_object_encryption_enc = Some(enc.to_string());
    let configuration = world.configure(client, Policy::default());
    world.sent.borrow_mut().clear();
    (world, configuration)
}

fn request(configuration: &Configuration) -> AuthorizationRequest {
    let object = RequestObject::new(reference("request")).unwrap();
    World::request(configuration)
        .max_age(Duration::from_secs(600))
        .resource("https://a.example")
        .resource("https://b.example")
        .request_object(object)
}

#[test]
fn the_provider_reads_what_was_encrypted_to_it() {
    for (alg, enc) in [
        (KeyManagement::RsaOaep, ContentEncryption::A128CbcHs256),
        (KeyManagement::RsaOaep256, ContentEncryption::A256GCM),
        (KeyManagement::EcdhEs, ContentEncryption::A128GCM),
        (KeyManagement::EcdhEsA256KW, ContentEncryption::A256CbcHs512),
    ] {
        let (world, configuration) = world(alg, enc, true);
        for request in [request(&configuration), request(&configuration).pushed()] {
            let tokens = world.log_in_with(&configuration, request).unwrap();
            assert_eq!(tokens.id_token().unwrap().sub(), "alice", "{alg} {enc}");
        }
        // The key set that encrypts also verifies the ID Token.
        assert_eq!(world.served(Endpoint::KeySet), 1);
        // Each of the two requests is signed and encrypted.
        assert_eq!(world.keys_used.get(), 4);
    }
}

/// The provider checks the `jti` of the request object before it asks for a nonce, and refuses a
/// used one.
#[test]
fn a_repeated_pushed_request_is_built_again() {
    let (mut world, configuration) = world(KeyManagement::EcdhEs, ContentEncryption::A256GCM, true);
    let key = SigningKey::generate(ALGORITHM).unwrap();
    let dpop_key = DPoPKey::new(reference("dpop"), &key.public_jwk().unwrap()).unwrap();
    world.add_key("dpop", key);
    world.provider.treat_dpop(DPoPBehaviour::NonceRequired);
    let configuration = configuration.with_dpop_key(dpop_key);
    let request = request(&configuration).pushed();
    let tokens = world.log_in_with(&configuration, request).unwrap();
    assert!(tokens.dpop_thumbprint().is_some());
    let sent = world.sent.borrow();
    let pushed = sent
        .iter()
        .filter(|sent| **sent == EndpointName::PushedAuthorization);
    assert_eq!(pushed.count(), 2);
}

#[test]
fn a_provider_without_a_key_to_encrypt_to_is_refused() {
    let alg = KeyManagement::EcdhEs;
    let (world, configuration) = world(alg, ContentEncryption::A256GCM, false);
    for request in [request(&configuration), request(&configuration).pushed()] {
        assert_rejected(
            world.run(request.begin()),
            "OAUTH_KEY_SELECTION_FAILED",
            Artefact::KeySet,
            &Reason::KeySelection(KeySelectionError::NoneToEncrypt { alg }),
        );
    }
    assert_eq!(world.keys_used.get(), 0);
    assert_eq!(world.served(Endpoint::PushedAuthorization), 0);
}
