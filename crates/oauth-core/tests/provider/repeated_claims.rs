//! Claims that occur twice. They are accepted if the issuer's signature is valid and the values are
//! equal, and refused otherwise (RFC 7519 section 4).

use jose::jwe::{ContentEncryption, KeyManagement};
use jose::{KeyFamily, Part, SignatureAlgorithm};
use oauth_core::Error;
use oauth_core::authorization::{ResponseMode, ResponseType};
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{ExpectedSubject, UserInfoEndpoint, UserInfoResponse};
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::FetchUserInfo;
use oauth_core::metadata::ClientMetadata;
use oauth_core::policy::Policy;
use serde_json::json;
use test_provider::Misbehaviour::*;
use test_provider::{ClientAuthentication, ClientRegistration};

use crate::refusal::{PARSE, assert_rejected};
use crate::world::{CLIENT_ID, World};
use crate::{authorization, encryption, token_management};

fn signed(member: &str) -> Reason {
    Reason::Jose(jose::Error::Json {
        part: Part::Payload,
        reason: duplicate(member),
    })
}

fn open(member: &str) -> Reason {
    Reason::Json(duplicate(member))
}

fn duplicate(member: &str) -> jose::json::Error {
    jose::json::Error::Duplicate {
        member: member.to_owned(),
    }
}

#[test]
fn an_id_token_may_say_the_same_twice() {
    for response_type in [ResponseType::Code, ResponseType::CodeIdToken] {
        let world = World::wrong(IdTokenClaimsTwice);
        let configuration = world.configuration();
        let request = World::request(&configuration).response_type(response_type);
        let tokens = authorization::log_in(&world, &configuration, request).unwrap();
        let id_token = tokens.id_token().unwrap();
        assert_eq!(id_token.sub(), "alice");
        assert_eq!(id_token.claims()["address"], json!({"country": "NL"}));
    }
    let (result, member) = (log_in_wrong(IdTokenDuplicateCountry), "country");
    assert_rejected(result, PARSE, Artefact::IdToken, &signed(member));
}

/// A signature with the client secret comes from the issuer too (OpenID Connect Core section 10.1).
#[test]
fn an_id_token_signed_with_the_secret_may_say_the_same_twice() {
    let (world, configuration) = confidential(|it| it, |_| {});
    world.provider.misbehave(IdTokenClaimsTwice);
    assert!(world.log_in(&configuration).is_ok());
    world.provider.behave();
    world.provider.misbehave(IdTokenDuplicateSubject);
    let result = world.log_in(&configuration);
    assert_rejected(result, PARSE, Artefact::IdToken, &signed("sub"));
}

#[test]
fn an_unverified_id_token_may_not() {
    let world = World::wrong(IdTokenClaimsTwice);
    let mut policy = Policy::default();
    policy.danger.skip_id_token_signature_check = true;
    let configuration = world.configuration().with_policy(policy);
    let result = world.log_in(&configuration);
    assert_rejected(result, PARSE, Artefact::IdToken, &open("country"));
    world.provider.behave();
    assert!(world.log_in(&configuration).is_ok());
}

/// Keycloak sends such claims in each JWT response mode.
#[test]
fn a_packed_response_may_say_the_same_twice() {
    for mode in [
        ResponseMode::Jwt,
        ResponseMode::FragmentJwt,
        ResponseMode::FormPostJwt,
    ] {
        let log_in = |misbehaviour| {
            let world = World::wrong(misbehaviour);
            let configuration = world.configuration();
            let request = World::request(&configuration).response_mode(mode);
            let (url, pending) = world.run(request.begin()).unwrap();
            let callback = world.follow(&url);
            // An application that stores logins by `state` must read it first.
            let state = callback.state().map(str::to_owned);
            let result = world.run(pending.resume(&configuration, &callback)?);
            result.map(|tokens| (tokens, state))
        };
        let (tokens, state) = log_in(PackedIssuerTwice).unwrap();
        assert_eq!(tokens.id_token().unwrap().sub(), "alice");
        assert!(state.is_some());
        let result = log_in(PackedDuplicateIssuer);
        let artefact = Artefact::AuthorizationResponse;
        assert_rejected(result, PARSE, artefact, &signed("iss"));
    }
}

#[test]
fn a_signed_user_info_response_may_say_the_same_twice() {
    for algorithm in [SignatureAlgorithm::ES256, SignatureAlgorithm::HS256] {
        let (world, configuration) = confidential(
            |it| it.userinfo_signed_response_alg(algorithm),
            |client| client.userinfo_signed_response_alg = Some(algorithm.into()),
        );
        let user = user_info(&world, &configuration, UserInfoClaimsTwice).unwrap();
        assert_eq!(user.sub(), "alice");
        assert_eq!(user.claims()["address"], json!({"country": "NL"}));
        let result = user_info(&world, &configuration, UserInfoDuplicateSubject);
        assert_rejected(result, PARSE, Artefact::UserInfoResponse, &signed("sub"));
    }
    let world = World::new();
    let result = user_info(&world, &world.configuration(), UserInfoClaimsTwice);
    assert_rejected(result, PARSE, Artefact::UserInfoResponse, &open("country"));
}

/// Anyone can encrypt, so encryption does not prove the issuer.
#[test]
fn a_user_info_response_that_is_only_encrypted_may_not() {
    for is_signed in [true, false] {
        let (world, configuration) = encryption::world(
            KeyFamily::P256,
            KeyManagement::EcdhEs,
            ContentEncryption::A128GCM,
            is_signed,
        );
        assert!(encryption::ask(&world, &configuration).is_ok());
        world.provider.misbehave(UserInfoClaimsTwice);
        let result = encryption::ask(&world, &configuration);
        if is_signed {
            assert_eq!(result.unwrap().sub(), "alice");
        } else {
            assert_rejected(result, PARSE, Artefact::UserInfoResponse, &open("country"));
        }
    }
}

#[test]
fn a_signed_introspection_response_may_say_the_same_twice() {
    let introspect = |is_signed, misbehaviour| {
        let (world, configuration) = token_management::service(is_signed);
        let tokens = token_management::tokens(&world, &configuration);
        world.provider.misbehave(misbehaviour);
        token_management::introspect(&world, &configuration, tokens.access_token())
    };
    assert!(introspect(true, IntrospectionClaimsTwice).unwrap().active());
    let artefact = Artefact::IntrospectionResponse;
    let result = introspect(true, IntrospectionDuplicateIssuer);
    assert_rejected(result, PARSE, artefact, &signed("iss"));
    let result = introspect(false, IntrospectionClaimsTwice);
    assert_rejected(result, PARSE, artefact, &open("active"));
}

fn log_in_wrong(
    misbehaviour: test_provider::Misbehaviour,
) -> Result<oauth_core::flow::TokenSet, Error> {
    let world = World::wrong(misbehaviour);
    world.log_in(&world.configuration())
}

fn user_info(
    world: &World,
    configuration: &Configuration,
    misbehaviour: test_provider::Misbehaviour,
) -> Result<UserInfoResponse, Error> {
    world.provider.behave();
    let tokens = world.log_in(configuration).unwrap();
    world.provider.misbehave(misbehaviour);
    let subject = ExpectedSubject::from(tokens.id_token().unwrap());
    let endpoint = UserInfoEndpoint::new(configuration.clone(), &tokens, subject);
    world.run(FetchUserInfo::new(endpoint))
}

/// Returns a client whose ID Tokens are signed with its secret.
fn confidential(
    register: impl Fn(ClientRegistration) -> ClientRegistration,
    change: impl Fn(&mut ClientMetadata),
) -> (World, Configuration) {
    let secret = "a secret of at least 32 characters, for HS256";
    let authentication = ClientAuthentication::ClientSecretPost(secret.to_owned());
    let registration = ClientRegistration::new(CLIENT_ID, authentication)
        .id_token_signed_response_alg(SignatureAlgorithm::HS256);
    let world = World::with_client(register(registration));
    let mut client = ClientMetadata::new(CLIENT_ID);
    client.client_secret = Some(secret.into());
    client.id_token_signed_response_alg = Some("HS256".into());
    change(&mut client);
    let configuration = world.configure(client, Policy::default());
    (world, configuration)
}
