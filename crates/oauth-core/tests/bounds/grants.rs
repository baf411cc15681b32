//! The grants without a browser, introspection and revocation.

use std::time::Duration;

use oauth_core::Error;
use oauth_core::endpoint::{
    DeviceAuthorizationEndpoint, Hint, IntrospectionEndpoint, RevocationEndpoint,
};
use oauth_core::error::Expired;
use oauth_core::flow::{
    ClientCredentialsGrant, GenericGrant, InitiateBackchannelAuthentication,
    InitiateDeviceAuthorization, PollBackchannelAuthenticationGrant, PollDeviceAuthorizationGrant,
    TokenIntrospection, TokenRevocation,
};
use oauth_core::request_object::RequestObject;
use test_provider::Endpoint;

use super::*;

const CLIENT_CREDENTIALS_GRANT: Bounds = at_most(1, 1);
const GENERIC_GRANT: Bounds = at_most(5, 1);
const INITIATE_DEVICE_AUTHORIZATION: Bounds = at_most(1, 1);
const INITIATE_BACKCHANNEL_AUTHENTICATION: Bounds = at_most(1, 2);
const TOKEN_INTROSPECTION: Bounds = at_most(3, 1);
const TOKEN_REVOCATION: Bounds = at_most(1, 1);

/// The number of polls in the lifetime: one every 5 seconds, before 600 seconds have passed.
const POLLS: usize = 119;

/// Each poll sends one request and signs one assertion. The key set is fetched before the first
/// poll, again when it is old, and once more for an unknown key; each of these may meet a closed
/// connection.
const POLL_DEVICE_AUTHORIZATION_GRANT: Bounds = at_most(POLLS + 6, POLLS);
const POLL_BACKCHANNEL_AUTHENTICATION_GRANT: Bounds = at_most(POLLS + 6, POLLS);

fn client_key() -> KeyReference {
    KeyReference {
        name: KeyName::new("client key"),
        algorithm: SignatureAlgorithm::ES256,
        kid: None,
    }
}

fn backchannel(configuration: &Configuration) -> InitiateBackchannelAuthentication {
    let hint = Hint::LoginHint("bob".to_owned());
    let object = RequestObject::new(client_key()).unwrap();
    InitiateBackchannelAuthentication::new(configuration.clone(), hint).request_object(object)
}

fn device(configuration: &Configuration) -> InitiateDeviceAuthorization {
    let request = DeviceAuthorizationEndpoint::new(configuration.clone()).scope("openid");
    InitiateDeviceAuthorization::new(request)
}

fn polling(world: &World, configuration: &Configuration) -> impl Operation {
    let begun = world.run(device(configuration)).unwrap();
    PollDeviceAuthorizationGrant::new(configuration.clone(), &begun)
}

fn backchannel_polling(world: &World, configuration: &Configuration) -> impl Operation {
    let begun = world.run(backchannel(configuration)).unwrap();
    PollBackchannelAuthenticationGrant::new(configuration.clone(), &begun)
}

fn exchange(configuration: &Configuration, tokens: &TokenSet) -> impl Operation {
    let access_token = "urn:ietf:params:oauth:token-type:access_token";
    let subject = tokens.access_token().expose().as_str();
    GenericGrant::token_exchange(configuration.clone(), subject, access_token).scope("openid")
}

fn introspection(configuration: &Configuration, tokens: &TokenSet) -> impl Operation {
    let token = tokens.access_token().clone();
    TokenIntrospection::new(IntrospectionEndpoint::new(configuration.clone(), token))
}

fn revocation(configuration: &Configuration, tokens: &TokenSet) -> impl Operation {
    let token = tokens.access_token().clone();
    TokenRevocation::new(RevocationEndpoint::new(configuration.clone(), token))
}

#[test]
fn the_worst_case_of_each_operation() {
    let (world, configuration) = world();
    let operation = ClientCredentialsGrant::new(configuration.clone());
    assert_eq!(worst(&world, operation, &[]), CLIENT_CREDENTIALS_GRANT);
    let operation = device(&configuration);
    assert_eq!(worst(&world, operation, &[]), INITIATE_DEVICE_AUTHORIZATION);
    let asked = worst(&world, backchannel(&configuration), &[]);
    assert_eq!(asked, INITIATE_BACKCHANNEL_AUTHENTICATION);

    let (world, configuration, tokens) = after_a_login();
    let operation = introspection(&configuration, &tokens);
    assert_eq!(worst(&world, operation, &[]), TOKEN_INTROSPECTION);
    world.provider.misbehave(Misbehaviour::IdTokenKidUnknown);
    world.pass(300);
    let operation = exchange(&configuration, &tokens);
    assert_eq!(worst(&world, operation, &[]), GENERIC_GRANT);
    let operation = revocation(&configuration, &tokens);
    assert_eq!(worst(&world, operation, &[]), TOKEN_REVOCATION);
}

#[test]
fn a_person_who_never_answers_costs_as_many_requests_as_fit() {
    let (world, configuration) = world();
    world.provider.approve_after(usize::MAX);
    let operation = polling(&world, &configuration);
    let keys = world.served(Endpoint::KeySet);
    let Err(Error::Expired(expired)) = world.run(operation) else {
        panic!("it did not expire");
    };
    assert_eq!(
        expired,
        Expired {
            credential: "device_code",
            lifetime: Duration::from_secs(600),
        }
    );
    assert_eq!(world.served(Endpoint::Token), POLLS);
    // The key set is fetched at the first poll, and when it is 300 seconds old.
    assert_eq!(world.served(Endpoint::KeySet) - keys, 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn client_credentials_grant(answers in answers()) {
        let (world, configuration) = world();
        let operation = ClientCredentialsGrant::new(configuration);
        assert_within(drive(&world, operation, &answers), CLIENT_CREDENTIALS_GRANT);
    }

    #[test]
    fn generic_grant(answers in answers(), unknown_key: bool) {
        let (world, configuration, tokens) = after_a_login();
        if unknown_key {
            world.provider.misbehave(Misbehaviour::IdTokenKidUnknown);
        }
        let operation = exchange(&configuration, &tokens);
        assert_within(drive(&world, operation, &answers), GENERIC_GRANT);
    }

    #[test]
    fn initiate_device_authorization(answers in answers()) {
        let (world, configuration) = world();
        let operation = device(&configuration);
        assert_within(drive(&world, operation, &answers), INITIATE_DEVICE_AUTHORIZATION);
    }

    #[test]
    fn initiate_backchannel_authentication(answers in answers()) {
        let (world, configuration) = world();
        let asked = drive(&world, backchannel(&configuration), &answers);
        assert_within(asked, INITIATE_BACKCHANNEL_AUTHENTICATION);
    }

    #[test]
    fn device_authorization_grant(answers in answers(), unknown_key: bool) {
        let (world, configuration) = world();
        if unknown_key {
            world.provider.misbehave(Misbehaviour::IdTokenKidUnknown);
        }
        let operation = polling(&world, &configuration);
        assert_within(drive(&world, operation, &answers), POLL_DEVICE_AUTHORIZATION_GRANT);
    }

    #[test]
    fn backchannel_authentication_grant(answers in answers(), unknown_key: bool) {
        let (world, configuration) = world();
        if unknown_key {
            world.provider.misbehave(Misbehaviour::IdTokenKidUnknown);
        }
        let operation = backchannel_polling(&world, &configuration);
        assert_within(drive(&world, operation, &answers), POLL_BACKCHANNEL_AUTHENTICATION_GRANT);
    }

    #[test]
    fn token_introspection(answers in answers()) {
        let (world, configuration, tokens) = after_a_login();
        let operation = introspection(&configuration, &tokens);
        assert_within(drive(&world, operation, &answers), TOKEN_INTROSPECTION);
    }

    #[test]
    fn token_revocation(answers in answers()) {
        let (world, configuration, tokens) = after_a_login();
        let operation = revocation(&configuration, &tokens);
        assert_within(drive(&world, operation, &answers), TOKEN_REVOCATION);
    }
}
