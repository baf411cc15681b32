//! The permitted values of `typ` for each kind of token.

use jose::SignatureAlgorithm;
use oauth_core::Error;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{
    ExpectedSubject, IntrospectionEndpoint, UserInfoEndpoint, UserInfoResponse,
};
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::{FetchUserInfo, TokenIntrospection};
use oauth_core::metadata::ClientMetadata;
use oauth_core::policy::Policy;
use test_provider::Misbehaviour::*;
use test_provider::{ClientAuthentication, ClientRegistration, Misbehaviour};

use crate::refusal::{INVALID, assert_rejected};
use crate::world::{CLIENT_ID, World};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn refused(found: &str) -> Reason {
    Reason::TokenType {
        expected: "JWT",
        found: found.to_owned(),
    }
}

/// Returns a client with signed UserInfo and introspection responses.
fn world() -> (World, Configuration) {
    let authentication = ClientAuthentication::ClientSecretBasic(SECRET.to_owned());
    let registration = ClientRegistration::new(CLIENT_ID, authentication)
        .userinfo_signed_response_alg(SignatureAlgorithm::RS256)
        .signed_introspection_responses();
    let world = World::with_client(registration);
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.client_secret = Some(SECRET.into());
    client.token_endpoint_auth_method = Some("client_secret_basic".to_owned());
    client.userinfo_signed_response_alg = Some(SignatureAlgorithm::RS256.into());
    client.introspection_signed_response_alg = Some(SignatureAlgorithm::RS256.into());
    let configuration = world.configure(client, Policy::default());
    (world, configuration)
}

fn user_info(misbehaviour: Misbehaviour) -> Result<UserInfoResponse, Error> {
    let (world, configuration) = world();
    let tokens = world.log_in(&configuration).unwrap();
    world.provider.misbehave(misbehaviour);
    let subject = ExpectedSubject::from(tokens.id_token().unwrap());
    let endpoint = UserInfoEndpoint::new(configuration, &tokens, subject);
    world.run(FetchUserInfo::new(endpoint))
}

#[test]
fn user_info_has_no_registered_type() {
    for misbehaviour in [UserInfoTypeMissing, UserInfoTypeMediaType, UserInfoTypeOwn] {
        let user = user_info(misbehaviour);
        assert_eq!(user.unwrap().sub(), "alice", "{misbehaviour:?}");
    }
    assert_rejected(
        user_info(UserInfoTypeAccessToken),
        INVALID,
        Artefact::UserInfoResponse,
        &refused("at+jwt"),
    );
}

#[test]
fn introspection_has_its_type_with_or_without_the_prefix() {
    let (world, configuration) = world();
    let tokens = world.log_in(&configuration).unwrap();
    world.provider.misbehave(IntrospectionTypeMediaType);
    let endpoint = IntrospectionEndpoint::new(configuration, tokens.access_token());
    assert!(
        world
            .run(TokenIntrospection::new(endpoint))
            .unwrap()
            .active()
    );
}

#[test]
fn a_providers_own_type_of_id_tokens_is_accepted_where_it_is_listed() {
    let log_in = |types: &[&str], misbehaviour| {
        let mut policy = Policy::default();
        policy.danger.accepted_id_token_types = types.iter().map(ToString::to_string).collect();
        let world = World::wrong(misbehaviour);
        let configuration = world.configure(ClientMetadata::new(CLIENT_ID), policy);
        world.log_in(&configuration)
    };
    log_in(&["ID"], IdTokenTypeOwn).unwrap();
    for (types, misbehaviour, found) in [
        (&[][..], IdTokenTypeOwn, "ID"),
        (&["ID-1"], IdTokenTypeOwn, "ID"),
        (&["ID"], IdTokenTypeAccessToken, "at+jwt"),
        (&["ID"], IdTokenTypeLogoutToken, "logout+jwt"),
    ] {
        let result = log_in(types, misbehaviour);
        assert_rejected(result, INVALID, Artefact::IdToken, &refused(found));
    }
}
