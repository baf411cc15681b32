//! The bounds with a DPoP key. Every request with a proof may be sent a second time.

use http::Method;
use oauth_core::dpop::DPoPKey;
use oauth_core::endpoint::ProtectedResourceEndpoint;
use oauth_core::flow::{ClientCredentialsGrant, FetchProtectedResource};
use test_provider::{DPoPBehaviour, Endpoint};

use super::*;

/// Each attempt signs a request object, an assertion and a proof.
const BEGIN_SIGNED_AND_PUSHED_LOGIN: Bounds = at_most(2, 6);
const CLIENT_CREDENTIALS_GRANT: Bounds = at_most(2, 4);
const AUTHORIZATION_CODE_GRANT: Bounds = at_most(6, 4);
const REFRESH_TOKEN_GRANT: Bounds = at_most(6, 4);
const FETCH_USER_INFO: Bounds = at_most(5, 3);
const FETCH_PROTECTED_RESOURCE: Bounds = at_most(3, 3);

/// Returns a client that signs assertions and proofs.
fn world() -> (World, Configuration) {
    let (mut world, configuration) = super::world();
    let algorithm = SignatureAlgorithm::ES256;
    let key = SigningKey::generate(algorithm).unwrap();
    let reference = KeyReference {
        name: KeyName::new("dpop"),
        algorithm,
        kid: None,
    };
    let dpop_key = DPoPKey::new(reference, &key.public_jwk().unwrap()).unwrap();
    world.add_key("dpop", key);
    (world, configuration.with_dpop_key(dpop_key))
}

/// Returns a session whose keys are old, at a provider that requires nonces in proofs.
fn after_a_login() -> Session {
    let (world, configuration) = world();
    let tokens = world.log_in(&configuration).unwrap();
    world.pass(300);
    world.provider.treat_dpop(DPoPBehaviour::NonceRequired);
    (world, configuration, tokens)
}

fn user_info(configuration: &Configuration, tokens: &TokenSet) -> impl Operation {
    let id_token = tokens.id_token().unwrap();
    FetchUserInfo::new(UserInfoEndpoint::new(
        configuration.clone(),
        tokens,
        id_token,
    ))
}

fn resource(world: &World, configuration: &Configuration, tokens: &TokenSet) -> impl Operation {
    let url = world.provider.url(Endpoint::Resource);
    let configuration = configuration.clone();
    let resource = ProtectedResourceEndpoint::new(configuration, tokens, Method::GET, &url);
    FetchProtectedResource::new(resource.unwrap())
}

/// The first request meets a closed connection, after its proof was signed.
const CLOSED: [Answer; 2] = [Answer::Right, Answer::Event(Kind::Closed)];

#[test]
fn the_worst_case_of_each_operation() {
    let (world, configuration, tokens) = after_a_login();
    let operation = user_info(&configuration, &tokens);
    assert_eq!(worst(&world, operation, &CLOSED), FETCH_USER_INFO);

    let (world, configuration, tokens) = after_a_login();
    let operation = resource(&world, &configuration, &tokens);
    assert_eq!(worst(&world, operation, &CLOSED), FETCH_PROTECTED_RESOURCE);

    let (world, configuration) = self::world();
    world.provider.treat_dpop(DPoPBehaviour::NonceRequired);
    let operation = signed_and_pushed(&configuration);
    assert_eq!(worst(&world, operation, &[]), BEGIN_SIGNED_AND_PUSHED_LOGIN);

    let (world, configuration) = self::world();
    world.provider.treat_dpop(DPoPBehaviour::NonceRequired);
    let operation = ClientCredentialsGrant::new(configuration.clone());
    assert_eq!(worst(&world, operation, &[]), CLIENT_CREDENTIALS_GRANT);

    let (world, configuration) = self::world();
    world.provider.treat_dpop(DPoPBehaviour::NonceNeverRight);
    let operation = login(&world, &configuration);
    assert_eq!(worst(&world, operation, &[]), at_most(4, 4));

    let (world, configuration) = self::world();
    world.provider.treat_dpop(DPoPBehaviour::NonceRequired);
    world.provider.misbehave(Misbehaviour::IdTokenKidUnknown);
    let operation = login(&world, &configuration);
    assert_eq!(worst(&world, operation, &[]), AUTHORIZATION_CODE_GRANT);

    let (world, configuration, tokens) = after_a_login();
    world.provider.misbehave(Misbehaviour::IdTokenKidUnknown);
    let operation = refresh(&configuration, &tokens);
    assert_eq!(worst(&world, operation, &[]), REFRESH_TOKEN_GRANT);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn begin_signed_and_pushed_login(answers in answers()) {
        let (world, configuration) = world();
        world.provider.treat_dpop(DPoPBehaviour::NonceOnce);
        let operation = signed_and_pushed(&configuration);
        assert_within(drive(&world, operation, &answers), BEGIN_SIGNED_AND_PUSHED_LOGIN);
    }

    #[test]
    fn client_credentials_grant(answers in answers()) {
        let (world, configuration) = world();
        world.provider.treat_dpop(DPoPBehaviour::NonceOnce);
        let operation = ClientCredentialsGrant::new(configuration);
        assert_within(drive(&world, operation, &answers), CLIENT_CREDENTIALS_GRANT);
    }

    #[test]
    fn fetch_user_info(answers in answers()) {
        let (world, configuration, tokens) = after_a_login();
        let operation = user_info(&configuration, &tokens);
        assert_within(drive(&world, operation, &answers), FETCH_USER_INFO);
    }

    #[test]
    fn fetch_protected_resource(answers in answers()) {
        let (world, configuration, tokens) = after_a_login();
        let operation = resource(&world, &configuration, &tokens);
        assert_within(drive(&world, operation, &answers), FETCH_PROTECTED_RESOURCE);
    }

    #[test]
    fn code_grant(answers in answers(), unknown_key: bool) {
        let (world, configuration) = world();
        world.provider.treat_dpop(DPoPBehaviour::NonceOnce);
        assert_login_within(AUTHORIZATION_CODE_GRANT, (world, configuration), &answers, unknown_key);
    }

    #[test]
    fn refresh_token_grant(answers in answers()) {
        assert_refresh_within(REFRESH_TOKEN_GRANT, after_a_login(), &answers);
    }
}
