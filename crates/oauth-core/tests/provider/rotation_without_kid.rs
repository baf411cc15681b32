//! Keys without `kid` that change while the old ones are cached. Every signature is verified with
//! the new keys, and the key set is fetched at most once a minute.

use jose::SignatureAlgorithm;
use oauth_core::Error;
use oauth_core::authorization::ResponseMode;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{IntrospectionEndpoint, UserInfoEndpoint};
use oauth_core::error::Reason;
use oauth_core::flow::{FetchUserInfo, TokenIntrospection, TokenSet};
use oauth_core::metadata::ClientMetadata;
use oauth_core::policy::Policy;
use test_provider::Misbehaviour::KeySetKidAbsent;
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint};

use crate::world::{CLIENT_ID, World};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Returns a session with keys that have no `kid`, and with signed UserInfo and introspection
/// responses.
fn logged_in() -> (World, Configuration, TokenSet) {
    let authentication = ClientAuthentication::ClientSecretBasic(SECRET.to_owned());
    let registration = ClientRegistration::new(CLIENT_ID, authentication)
        .userinfo_signed_response_alg(SignatureAlgorithm::RS256)
        .signed_introspection_responses();
    let world = World::with_client(registration);
    world.provider.misbehave(KeySetKidAbsent);
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.client_secret = Some(SECRET.into());
    client.token_endpoint_auth_method = Some("client_secret_basic".to_owned());
    client.userinfo_signed_response_alg = Some(SignatureAlgorithm::RS256.into());
    client.introspection_signed_response_alg = Some(SignatureAlgorithm::RS256.into());
    let configuration = world.configure(client, Policy::default());
    let tokens = world.log_in(&configuration).unwrap();
    (world, configuration, tokens)
}

type Use = fn(&World, &Configuration, &TokenSet) -> Result<(), Error>;

fn log_in(world: &World, configuration: &Configuration, _: &TokenSet) -> Result<(), Error> {
    world.log_in(configuration).map(drop)
}

fn log_in_by_jwt(world: &World, configuration: &Configuration, _: &TokenSet) -> Result<(), Error> {
    let request = World::request(configuration).response_mode(ResponseMode::Jwt);
    world.log_in_with(configuration, request).map(drop)
}

fn user_info(world: &World, configuration: &Configuration, tokens: &TokenSet) -> Result<(), Error> {
    let subject = tokens.id_token().unwrap();
    let endpoint = UserInfoEndpoint::new(configuration.clone(), tokens, subject);
    world.run(FetchUserInfo::new(endpoint)).map(drop)
}

fn introspection(
    world: &World,
    configuration: &Configuration,
    tokens: &TokenSet,
) -> Result<(), Error> {
    let endpoint = IntrospectionEndpoint::new(configuration.clone(), tokens.access_token());
    world.run(TokenIntrospection::new(endpoint)).map(drop)
}

const USES: [Use; 4] = [log_in, log_in_by_jwt, user_info, introspection];

#[test]
fn the_new_key_is_found_by_one_fetch() {
    for it in USES {
        let (world, configuration, tokens) = logged_in();
        it(&world, &configuration, &tokens).unwrap();
        assert_eq!(world.served(Endpoint::KeySet), 1);
        world.provider.rotate_keys();
        it(&world, &configuration, &tokens).unwrap();
        it(&world, &configuration, &tokens).unwrap();
        assert_eq!(world.served(Endpoint::KeySet), 2);
    }
}

#[test]
fn keys_that_change_again_within_a_minute_are_not_fetched() {
    for it in USES {
        let (world, configuration, tokens) = logged_in();
        world.provider.rotate_keys();
        it(&world, &configuration, &tokens).unwrap();
        world.provider.rotate_keys();
        world.pass(59);
        for _ in 0..3 {
            let error = it(&world, &configuration, &tokens).unwrap_err();
            let reason = &error.rejection().unwrap().reason;
            assert_eq!(reason, &Reason::Jose(jose::Error::Signature));
            assert_eq!(world.served(Endpoint::KeySet), 2);
        }
        world.pass(1);
        it(&world, &configuration, &tokens).unwrap();
        assert_eq!(world.served(Endpoint::KeySet), 3);
    }
}
