//! Every operation keeps the bounds that its documentation states, for every answer.
//!
//! Each operation has a test. It asserts the maximum number of requests and key uses, that the
//! operation ends, and that every later step returns `Misuse::Finished`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is a failed test"
)]

mod claim_sources;
mod dpop;
mod drive;
mod encryption;
mod flights;
mod grants;
mod logout;
mod protected_resource;
mod push;
mod registration;
mod resource_server;
mod session;
mod source;
mod web_finger;
mod without_kid;
#[path = "../provider/world.rs"]
mod world;

use jose::jwe::{ContentEncryption, KeyManagement};
use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::authorization::{AuthorizationRequest, Callback, PendingLogin, ResponseType};
use oauth_core::client_auth::{ClientAuthentication, PrivateKeyJwt};
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint, UserInfoEndpoint};
use oauth_core::flow::{
    BuildAuthorizationUrl, Discover, FetchUserInfo, PrefetchKeys, RefreshTokenGrant, TokenSet,
    VerifyIdToken,
};
use oauth_core::key::KeyReference;
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::KeyName;
use oauth_core::operation::Operation;
use oauth_core::policy::Policy;
use oauth_core::request_object::RequestObject;
use oauth_core::validate::{IdTokenExpectations, NonceExpectation};
use oauth_core::wire::Parameters;
use proptest::prelude::*;
use test_provider::{ClientAuthentication as Registered, ClientRegistration, Misbehaviour};

use crate::drive::{Answer, Bounds, Kind, answers, assert_within, at_most, drive, worst};
use crate::session::{
    Session, assert_login_within, assert_refresh_within, assert_user_info_within,
};
use crate::world::{CLIENT_ID, ISSUER, World};

const MAKE_AUTHORIZATION_REQUEST: Bounds = at_most(0, 0);
const BEGIN_SIGNED_AND_PUSHED_LOGIN: Bounds = at_most(1, 2);
const BUILD_AUTHORIZATION_URL: Bounds = at_most(0, 0);
/// The key set is fetched first. The keys sign and encrypt the request object.
const HOST_AUTHORIZATION_REQUEST: Bounds = at_most(2, 2);
/// The key set is fetched first. The keys sign and encrypt the request object, and sign an
/// assertion.
const BEGIN_ENCRYPTED_AND_PUSHED_LOGIN: Bounds = at_most(3, 3);
/// Once more after a closed connection, as every request by GET, here and below.
const DISCOVER: Bounds = at_most(2, 0);
const PREFETCH_KEYS: Bounds = at_most(2, 0);
const VERIFY_ID_TOKEN: Bounds = at_most(2, 0);
const FETCH_USER_INFO: Bounds = at_most(4, 0);
const AUTHORIZATION_CODE_GRANT: Bounds = at_most(5, 1);
const HYBRID_CODE_GRANT: Bounds = at_most(5, 1);
const IMPLICIT_AUTHENTICATION: Bounds = at_most(2, 0);
const REFRESH_TOKEN_GRANT: Bounds = at_most(5, 1);

/// Returns a client that signs assertions, and gets signed UserInfo and introspection responses.
fn world() -> (World, Configuration) {
    world_of(|client| client)
}

/// Returns the same client with a changed registration.
fn world_of(
    change: impl FnOnce(ClientRegistration) -> ClientRegistration,
) -> (World, Configuration) {
    let algorithm = SignatureAlgorithm::ES256;
    let key = SigningKey::generate(algorithm).unwrap();
    let set = serde_json::json!({ "keys": [key.public_jwk().unwrap().to_json()] });
    let registered = Registered::PrivateKeyJwt(set.to_string());
    let client = ClientRegistration::new(CLIENT_ID, registered);
    let client = client.userinfo_signed_response_alg(algorithm);
    let mut world = World::with_client(change(client.signed_introspection_responses()));
    world.add_key("client key", key);
    let reference = KeyReference {
        name: KeyName::new("client key"),
        algorithm,
        kid: None,
    };
    let server = world.configuration().server().clone();
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.userinfo_signed_response_alg = Some(algorithm.into());
    let configuration = Configuration::with_authentication(
        server,
        client,
        ClientAuthentication::PrivateKeyJwt(PrivateKeyJwt::new(reference).unwrap()),
        Policy::default(),
    )
    .unwrap();
    (world, configuration)
}

/// Returns a session whose keys are old.
fn after_a_login() -> Session {
    after_a_login_of(world())
}

/// Logs in, and returns the session when its keys are old.
fn after_a_login_of((world, configuration): (World, Configuration)) -> Session {
    let tokens = world.log_in(&configuration).unwrap();
    world.pass(300);
    (world, configuration, tokens)
}

fn login(world: &World, configuration: &Configuration) -> impl Operation {
    let (pending, callback) = world.visit(World::request(configuration));
    let callback = Callback::from_url(&callback).unwrap();
    pending.resume(configuration, &callback).unwrap()
}

/// Returns a login whose request is signed and pushed, which needs a key for each.
fn signed_and_pushed(configuration: &Configuration) -> impl Operation {
    signed(configuration).pushed().begin()
}

fn signed(configuration: &Configuration) -> AuthorizationRequest {
    let reference = KeyReference {
        name: KeyName::new("client key"),
        algorithm: SignatureAlgorithm::ES256,
        kid: None,
    };
    World::request(configuration).request_object(RequestObject::new(reference).unwrap())
}

/// Returns a client that also encrypts its request objects.
fn encrypting() -> (World, Configuration) {
    let (world, configuration) = world();
    let mut client = configuration.client().clone();
    client.token_endpoint_auth_method = Some("private_key_jwt".to_owned());
    client.request_object_encryption_alg = Some("ECDH-ES".to_owned());
    // The provider publishes a key for encryption if a client has registered it.
    world.provider.register(
        ClientRegistration::public("another")
            .request_object_encryption(KeyManagement::EcdhEs, ContentEncryption::A256GCM),
    );
    let configuration = configuration.with_client(client).unwrap();
    (world, configuration)
}

/// Begins a login whose response contains an ID Token, and returns the callback.
fn front_channel(
    world: &World,
    configuration: &Configuration,
    response_type: ResponseType,
) -> (PendingLogin, Callback) {
    let request = World::request(configuration).response_type(response_type);
    let (pending, callback) = world.visit(request);
    (pending, Callback::from_url(&callback).unwrap())
}

fn hybrid_login(world: &World, configuration: &Configuration) -> impl Operation {
    let (pending, callback) = front_channel(world, configuration, ResponseType::CodeIdToken);
    pending.resume(configuration, &callback).unwrap()
}

fn implicit_login(world: &World, configuration: &Configuration) -> impl Operation {
    let (pending, callback) = front_channel(world, configuration, ResponseType::IdToken);
    pending.resume_implicit(configuration, &callback).unwrap()
}

fn refresh(configuration: &Configuration, tokens: &TokenSet) -> impl Operation {
    let refresh_token = tokens.refresh_token().unwrap().clone();
    RefreshTokenGrant::new(configuration.clone(), refresh_token)
        .previous(tokens.id_token().unwrap())
}

fn verification(configuration: &Configuration, tokens: &TokenSet) -> impl Operation {
    let id_token = tokens.id_token().unwrap();
    let nonce = NonceExpectation::Equals(id_token.nonce().unwrap().into());
    let expectations = IdTokenExpectations::login(nonce, None);
    VerifyIdToken::new(configuration.clone(), id_token.jwt().clone(), expectations)
}

fn user_info(configuration: &Configuration, tokens: &TokenSet) -> impl Operation {
    let access_token = tokens.access_token().clone();
    let id_token = tokens.id_token().unwrap();
    FetchUserInfo::new(UserInfoEndpoint::new(
        configuration.clone(),
        access_token,
        id_token,
    ))
}

/// The first request meets a closed connection.
const CLOSED: [Answer; 1] = [Answer::Event(Kind::Closed)];

/// Every operation has a constant here with its name, for example `AUTHORIZATION_CODE_GRANT` for
/// `AuthorizationCodeGrant`.
#[test]
fn every_operation_has_a_line() {
    let text = include_str!("../../src/flow.rs");
    let aliases = text.split("\npub type ").skip(1);
    let aliases = aliases.filter_map(|rest| rest.split(" = ").next());
    let exports = text.split("\npub use self::").skip(1);
    let exports = exports.filter_map(|rest| rest.split_once("::")?.1.split(';').next());
    let exported = exports.flat_map(|names| names.split(['{', '}', ',']));
    // These names are parts and results of operations.
    let no_operations = [
        "",
        "Call",
        "ClaimsProvider",
        "ImplicitAuthenticationResponse",
        "Polling",
        "TokenGrant",
        "TokenSet",
    ];
    let names: Vec<&str> = aliases
        .chain(exported)
        .map(str::trim)
        .filter(|name| !no_operations.contains(name))
        .collect();
    assert!(names.len() > 20, "{names:?}");
    let lines = [
        include_str!("main.rs"),
        include_str!("claim_sources.rs"),
        include_str!("dpop.rs"),
        include_str!("grants.rs"),
        include_str!("logout.rs"),
        include_str!("protected_resource.rs"),
        include_str!("push.rs"),
        include_str!("registration.rs"),
        include_str!("web_finger.rs"),
    ];
    for name in names {
        let mut constant = String::new();
        for letter in name.chars() {
            if letter.is_uppercase() && !constant.is_empty() {
                constant.push('_');
            }
            constant.push(letter.to_ascii_uppercase());
        }
        let line = format!("const {constant}: Bounds = ");
        assert!(lines.iter().any(|text| text.contains(&line)), "{line}");
    }
}

/// Every operation reaches its bounds, so that no bound is too high. The key set is absent or old,
/// and the ID Token names a key that it never contains.
#[test]
fn the_worst_case_of_each_operation() {
    let (world, configuration) = world();
    let begin = World::request(&configuration).begin();
    assert_eq!(worst(&world, begin, &[]), MAKE_AUTHORIZATION_REQUEST);
    let begin = signed_and_pushed(&configuration);
    assert_eq!(worst(&world, begin, &[]), BEGIN_SIGNED_AND_PUSHED_LOGIN);
    let build = BuildAuthorizationUrl::new(configuration.clone(), Parameters::new());
    assert_eq!(worst(&world, build, &[]), BUILD_AUTHORIZATION_URL);
    let (encrypting, encrypted) = encrypting();
    let begin = signed_and_pushed(&encrypted);
    let asked = worst(&encrypting, begin, &[]);
    assert_eq!(asked, BEGIN_ENCRYPTED_AND_PUSHED_LOGIN);
    encrypting.pass(300);
    let host = signed(&encrypted).host_at("https://app.example.com/request");
    assert_eq!(worst(&encrypting, host, &[]), HOST_AUTHORIZATION_REQUEST);
    let discovery =
        DiscoveryEndpoint::new(ISSUER, DiscoveryAlgorithm::Oidc, Policy::default()).unwrap();
    assert_eq!(worst(&world, Discover::new(discovery), &CLOSED), DISCOVER);
    let prefetch = PrefetchKeys::new(configuration.clone());
    assert_eq!(worst(&world, prefetch, &[]), PREFETCH_KEYS);

    let (world, configuration, _) = after_a_login();
    let hybrid = hybrid_login(&world, &configuration);
    world.provider.misbehave(Misbehaviour::IdTokenKidUnknown);
    assert_eq!(worst(&world, hybrid, &[]), HYBRID_CODE_GRANT);
    let (world, configuration, _) = after_a_login();
    let implicit = implicit_login(&world, &configuration);
    assert_eq!(worst(&world, implicit, &[]), IMPLICIT_AUTHENTICATION);

    let (world, configuration, tokens) = after_a_login();
    let verification = verification(&configuration, &tokens);
    assert_eq!(worst(&world, verification, &[]), VERIFY_ID_TOKEN);
    world.pass(300);
    let user_info = user_info(&configuration, &tokens);
    assert_eq!(worst(&world, user_info, &CLOSED), FETCH_USER_INFO);

    let (world, configuration, tokens) = after_a_login();
    world.provider.misbehave(Misbehaviour::IdTokenKidUnknown);
    let login = login(&world, &configuration);
    assert_eq!(worst(&world, login, &[]), AUTHORIZATION_CODE_GRANT);
    world.pass(300);
    let refresh = refresh(&configuration, &tokens);
    assert_eq!(worst(&world, refresh, &[]), REFRESH_TOKEN_GRANT);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn begin_login(answers in answers()) {
        let (world, configuration) = world();
        let operation = World::request(&configuration).begin();
        assert_within(drive(&world, operation, &answers), MAKE_AUTHORIZATION_REQUEST);
    }

    #[test]
    fn build_authorization_url(answers in answers()) {
        let (world, configuration) = world();
        let operation = BuildAuthorizationUrl::new(configuration, Parameters::new());
        assert_within(drive(&world, operation, &answers), BUILD_AUTHORIZATION_URL);
    }

    #[test]
    fn begin_signed_and_pushed_login(answers in answers()) {
        let (world, configuration) = world();
        let operation = signed_and_pushed(&configuration);
        assert_within(drive(&world, operation, &answers), BEGIN_SIGNED_AND_PUSHED_LOGIN);
    }

    #[test]
    fn begin_encrypted_and_pushed_login(answers in answers()) {
        let (world, configuration) = encrypting();
        let operation = signed_and_pushed(&configuration);
        assert_within(drive(&world, operation, &answers), BEGIN_ENCRYPTED_AND_PUSHED_LOGIN);
    }

    #[test]
    fn host_authorization_request(answers in answers()) {
        let (world, configuration) = encrypting();
        let operation = signed(&configuration).host_at("https://app.example.com/request");
        assert_within(drive(&world, operation, &answers), HOST_AUTHORIZATION_REQUEST);
    }

    #[test]
    fn hybrid_code_grant(answers in answers(), old_keys: bool) {
        let (world, configuration, _) = after_a_login();
        if !old_keys {
            world.log_in(&configuration).unwrap();
        }
        let operation = hybrid_login(&world, &configuration);
        assert_within(drive(&world, operation, &answers), HYBRID_CODE_GRANT);
    }

    #[test]
    fn implicit_authentication(answers in answers()) {
        let (world, configuration) = world();
        let operation = implicit_login(&world, &configuration);
        assert_within(drive(&world, operation, &answers), IMPLICIT_AUTHENTICATION);
    }

    #[test]
    fn discover(answers in answers()) {
        let (world, _) = world();
        let endpoint = DiscoveryEndpoint::new(ISSUER, DiscoveryAlgorithm::Oidc, Policy::default()).unwrap();
        assert_within(drive(&world, Discover::new(endpoint), &answers), DISCOVER);
    }

    #[test]
    fn prefetch_keys(answers in answers()) {
        let (world, configuration) = world();
        assert_within(drive(&world, PrefetchKeys::new(configuration), &answers), PREFETCH_KEYS);
    }

    #[test]
    fn verify_id_token(answers in answers()) {
        let (world, configuration, tokens) = after_a_login();
        let operation = verification(&configuration, &tokens);
        assert_within(drive(&world, operation, &answers), VERIFY_ID_TOKEN);
    }

    #[test]
    fn fetch_user_info(answers in answers()) {
        assert_user_info_within(FETCH_USER_INFO, after_a_login(), &answers);
    }

    #[test]
    fn code_grant(answers in answers(), unknown_key: bool) {
        assert_login_within(AUTHORIZATION_CODE_GRANT, world(), &answers, unknown_key);
    }

    #[test]
    fn refresh_token_grant(answers in answers(), unknown_key: bool) {
        let session = after_a_login();
        if unknown_key {
            session.0.provider.misbehave(Misbehaviour::IdTokenKidUnknown);
        }
        assert_refresh_within(REFRESH_TOKEN_GRANT, session, &answers);
    }
}
