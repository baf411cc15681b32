//! Changes to everything that the client signs: client assertion, request object and DPoP proof.
//! The key is for `Ed25519` and names the algorithm `EdDSA`, as servers did before RFC 9864.

use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::client_auth::{ClientAuthentication, PrivateKeyJwt};
use oauth_core::configuration::Configuration;
use oauth_core::dpop::DPoPKey;
use oauth_core::key::{KeyReference, ModifyAssertion};
use oauth_core::policy::Policy;
use oauth_core::request_object::RequestObject;
use serde_json::json;
use test_provider::{ClientAuthentication as Registered, ClientRegistration, DPoPBehaviour};

use crate::world::{CLIENT_ID, World};

#[test]
fn an_algorithm_goes_by_its_older_name() {
    let algorithm = SignatureAlgorithm::Ed25519;
    let key = |name: &str| SigningKey::generate(algorithm).unwrap().with_kid(name);
    let (client_key, dpop_key) = (key("c1"), key("d1"));
    let mut public = client_key.public_jwk().unwrap().to_json();
    public.insert("alg".to_owned(), json!("EdDSA"));
    let keys = json!({ "keys": [public] }).to_string();
    let registered = Registered::PrivateKeyJwt(keys);
    let registration = ClientRegistration::new(CLIENT_ID, registered);
    let mut world = World::with_client(
        registration
            .require_signed_request_object()
            .require_pushed_authorization_requests(),
    );
    world.provider.treat_dpop(DPoPBehaviour::NonceRequired);

    let reference = |name: &str, key: &SigningKey| {
        let mut reference = KeyReference::new(name, algorithm);
        reference.kid = key.kid().map(str::to_owned);
        reference
    };
    let modify = || {
        ModifyAssertion::new(|header, _| {
            header.insert("alg".to_owned(), json!("EdDSA"));
        })
    };
    let method = PrivateKeyJwt::new(reference("client", &client_key)).unwrap();
    let request_object = RequestObject::new(reference("client", &client_key)).unwrap();
    let proof = DPoPKey::new(
        reference("dpop", &dpop_key),
        &dpop_key.public_jwk().unwrap(),
    );
    let discovered = world.configuration();
    let configuration = Configuration::with_authentication(
        discovered.server().clone(),
        discovered.client().clone(),
        ClientAuthentication::PrivateKeyJwt(method.modify_assertion(modify())),
        Policy::default(),
    )
    .unwrap()
    .with_dpop_key(proof.unwrap().modify_assertion(modify()));
    world.add_key("client", client_key);
    world.add_key("dpop", dpop_key);

    let request = World::request(&configuration)
        .request_object(request_object.modify_assertion(modify()))
        .pushed();
    let tokens = world.log_in_with(&configuration, request).unwrap();
    assert!(tokens.dpop_thumbprint().is_some());
    // The request is pushed twice with three signatures each. The token request needs two more.
    assert_eq!(world.keys_used.get(), 8);
}
