//! The bounds of dynamic registration and its management.

use oauth_core::dpop::DPoPKey;
use oauth_core::endpoint::{
    ClientInformation, DeleteRegistrationRequest, FetchRegistrationRequest, RegistrationEndpoint,
    UpdateRegistrationRequest,
};
use oauth_core::flow::{DeleteRegistration, FetchRegistration, Register, UpdateRegistration};
use test_provider::{DPoPBehaviour, Provider};

use super::*;

const REGISTER: Bounds = at_most(1, 0);
/// Each attempt signs a proof of possession.
const REGISTER_WITH_PROOF: Bounds = at_most(2, 2);
const FETCH_REGISTRATION: Bounds = at_most(2, 0);
const UPDATE_REGISTRATION: Bounds = at_most(1, 0);
const DELETE_REGISTRATION: Bounds = at_most(1, 0);

const PERMIT: &str = "a-token-that-permits-registration";

fn registration(configuration: &Configuration) -> Register {
    let server = configuration.server().clone();
    let client = ClientMetadata::default();
    Register::new(RegistrationEndpoint::new(server, client, Policy::default()))
}

/// Returns a provider that requires a token which is bound to a key, and a nonce in the proof.
fn with_proof() -> (World, Register) {
    let provider = Provider::new(ISSUER).initial_access_token(PERMIT);
    provider.treat_dpop(DPoPBehaviour::NonceRequired);
    let mut world = World::with_provider(provider, ClientRegistration::public(CLIENT_ID));
    let algorithm = SignatureAlgorithm::ES256;
    let key = SigningKey::generate(algorithm).unwrap();
    let reference = KeyReference::new("dpop", algorithm);
    let dpop_key = DPoPKey::new(reference, &key.public_jwk().unwrap()).unwrap();
    world.add_key("dpop", key);
    let server = world.configuration().server().clone();
    let registration =
        RegistrationEndpoint::new(server, ClientMetadata::default(), Policy::default())
            .initial_access_token(PERMIT)
            .dpop_key(dpop_key);
    (world, Register::new(registration))
}

/// Returns a client that used dynamic registration.
fn registered() -> (World, ClientInformation) {
    let (world, configuration) = world();
    let information = world.run(registration(&configuration)).unwrap();
    (world, information)
}

fn reading(information: &ClientInformation) -> impl Operation {
    let endpoint = FetchRegistrationRequest::new(information.clone(), Policy::default()).unwrap();
    FetchRegistration::new(endpoint)
}

fn replacement(information: &ClientInformation) -> impl Operation {
    let metadata = information.metadata().clone();
    let policy = Policy::default();
    UpdateRegistration::new(
        UpdateRegistrationRequest::new(information.clone(), metadata, policy).unwrap(),
    )
}

fn deletion(information: &ClientInformation) -> impl Operation {
    let endpoint = DeleteRegistrationRequest::new(information.clone(), Policy::default()).unwrap();
    DeleteRegistration::new(endpoint)
}

#[test]
fn the_worst_case_of_each_operation() {
    let (world, configuration) = self::world();
    let asked = drive(&world, registration(&configuration), &[]);
    assert_eq!(asked, REGISTER);
    let (world, operation) = with_proof();
    assert_eq!(drive(&world, operation, &[]), REGISTER_WITH_PROOF);
    let (world, information) = registered();
    let asked = drive(&world, reading(&information), &CLOSED);
    assert_eq!(asked, FETCH_REGISTRATION);
    let asked = drive(&world, replacement(&information), &[]);
    assert_eq!(asked, UPDATE_REGISTRATION);
    let asked = drive(&world, deletion(&information), &[]);
    assert_eq!(asked, DELETE_REGISTRATION);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn register_client(answers in answers()) {
        let (world, configuration) = world();
        let operation = registration(&configuration);
        assert_within(drive(&world, operation, &answers), REGISTER);
    }

    #[test]
    fn register_client_with_proof(answers in answers()) {
        let (world, operation) = with_proof();
        assert_within(drive(&world, operation, &answers), REGISTER_WITH_PROOF);
    }

    #[test]
    fn manage_registration(answers in answers()) {
        let (world, information) = registered();
        assert_within(drive(&world, reading(&information), &answers), FETCH_REGISTRATION);
        let asked = drive(&world, replacement(&information), &answers);
        assert_within(asked, UPDATE_REGISTRATION);
        assert_within(drive(&world, deletion(&information), &answers), DELETE_REGISTRATION);
    }
}
