//! Backchannel authentication, with the cases of the FAPI-CIBA conformance suite.

use std::time::Duration;

use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::Error;
use oauth_core::client_auth::{ClientAuthentication, PrivateKeyJwt};
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{BackchannelAuthenticationResponse, Hint, Ping};
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::{
    InitiateBackchannelAuthentication, PollBackchannelAuthenticationGrant, TokenSet,
};
use oauth_core::key::KeyReference;
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::KeyName;
use oauth_core::policy::Policy;
use oauth_core::request_object::RequestObject;
use serde_json::json;
use test_provider::Misbehaviour::*;
use test_provider::{
    ClientAuthentication as Registered, ClientRegistration, Endpoint, Misbehaviour,
};

use crate::push::is_of_a_push;
use crate::refusal::{
    CONFORM, INVALID, assert_covered, assert_rejected, ill_typed, missing, status,
};
use crate::world::{CLIENT_ID, START, World};

fn request(configuration: Configuration) -> InitiateBackchannelAuthentication {
    InitiateBackchannelAuthentication::new(configuration, Hint::LoginHint("bob".to_owned()))
}

fn begin(world: &World) -> Result<BackchannelAuthenticationResponse, Error> {
    world.run(request(world.configuration()).binding_message("W4SCT"))
}

fn finish(world: &World, begun: &BackchannelAuthenticationResponse) -> Result<TokenSet, Error> {
    let configuration = world.configuration();
    world.run(PollBackchannelAuthenticationGrant::new(
        configuration,
        begun,
    ))
}

fn log_in(world: &World) -> Result<TokenSet, Error> {
    finish(world, &begin(world)?)
}

fn log_in_wrongly(misbehaviour: Misbehaviour) -> (World, Result<TokenSet, Error>) {
    let world = World::wrong(misbehaviour);
    world.provider.approve_after(1);
    let result = log_in(&world);
    (world, result)
}

#[test]
fn a_person_says_yes_or_no() {
    let world = World::new();
    world.provider.approve_after(2);
    let tokens = log_in(&world).unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "bob");
    assert_eq!(world.served(Endpoint::Token), 3);
    assert_eq!(world.now.get(), START + 15);

    let world = World::new();
    world.provider.deny_after(1);
    let Err(Error::ResponseBody(error)) = log_in(&world) else {
        panic!();
    };
    assert_eq!(error.error, "access_denied");
    assert_eq!(world.served(Endpoint::Token), 2);
}

#[test]
fn the_hint_may_be_an_id_token() {
    let world = World::new();
    let configuration = world.configuration();
    let tokens = world.log_in(&configuration).unwrap();
    let hint = Hint::IdTokenHint(tokens.id_token().unwrap().jwt().clone());
    let request = InitiateBackchannelAuthentication::new(configuration, hint);
    let begun = world.run(request).unwrap();
    let tokens = finish(&world, &begun).unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
}

#[test]
fn the_requested_expiry_is_kept_to() {
    let world = World::new();
    world.provider.approve_after(usize::MAX);
    let request = request(world.configuration()).requested_expiry(Duration::from_secs(30));
    let begun = world.run(request).unwrap();
    assert_eq!(begun.expires_in, Duration::from_secs(30));
    let error = finish(&world, &begun).unwrap_err();
    assert!(matches!(error, Error::Expired(_)), "{error}");
    assert_eq!(world.served(Endpoint::Token), 5);
}

#[test]
fn a_request_may_be_signed() {
    let algorithm = SignatureAlgorithm::ES256;
    let key = SigningKey::generate(algorithm).unwrap();
    let keys = json!({ "keys": [key.public_jwk().unwrap().to_json()] });
    let registered = Registered::PrivateKeyJwt(keys.to_string());
    let mut world = World::with_client(ClientRegistration::new(CLIENT_ID, registered));
    world.add_key("client key", key);
    let key = KeyReference {
        name: KeyName::new("client key"),
        algorithm,
        kid: None,
    };
    let configuration = Configuration::with_authentication(
        world.configuration().server().clone(),
        ClientMetadata::new(CLIENT_ID),
        ClientAuthentication::PrivateKeyJwt(PrivateKeyJwt::new(key.clone()).unwrap()),
        Policy::default(),
    )
    .unwrap();
    let request = request(configuration.clone()).requested_expiry(Duration::from_secs(60));
    let begun = world
        .run(request.request_object(RequestObject::new(key).unwrap()))
        .unwrap();
    assert_eq!(begun.expires_in, Duration::from_secs(60));
    assert_eq!(world.keys_used.get(), 2);
    let grant = PollBackchannelAuthenticationGrant::new(configuration, &begun);
    assert_eq!(world.run(grant).unwrap().id_token().unwrap().sub(), "bob");
}

#[test]
fn a_ping_is_answered_without_a_wait() {
    let world = World::new();
    world.provider.approve_after(0);
    let configuration = world.configuration();
    let begun = world.run(request(configuration.clone()).ping()).unwrap();
    let other = world.run(request(configuration.clone()).ping()).unwrap();
    let sent = world.provider.ping(begun.auth_req_id.expose()).unwrap();
    let ping = Ping::parse(sent.headers(), sent.body()).unwrap();
    assert_eq!(ping.auth_req_id(), begun.auth_req_id.expose());
    ping.check(&begun).unwrap();
    let grant = PollBackchannelAuthenticationGrant::new(configuration, &begun).after_ping();
    assert_eq!(world.run(grant).unwrap().id_token().unwrap().sub(), "bob");
    assert_eq!(world.now.get(), START);

    // The notification token of another authentication is refused.
    let parameter = "client_notification_token";
    let reason = Reason::ParameterMismatch {
        parameter,
        expected: None,
        found: None,
    };
    assert_rejected(ping.check(&other), INVALID, Artefact::Ping, &reason);
}

#[test]
fn the_interval_is_kept_to() {
    let (world, result) = log_in_wrongly(BackchannelLongInterval);
    result.unwrap();
    assert_eq!(world.served(Endpoint::Token), 2);
    assert_eq!(world.now.get(), START + 62);

    let (world, result) = log_in_wrongly(BackchannelIntervalMissing);
    result.unwrap();
    assert_eq!(world.now.get(), START + 10);
}

#[test]
fn a_poll_is_answered_late_or_slower() {
    // The polls are sent after 5 and 10 seconds, and then every 10 seconds.
    let world = World::wrong(PollSlowDown);
    world.provider.approve_after(3);
    log_in(&world).unwrap();
    assert_eq!(world.served(Endpoint::Token), 4);
    assert_eq!(world.now.get(), START + 30);

    let (world, result) = log_in_wrongly(PollUnavailable);
    result.unwrap();
    assert_eq!(world.served(Endpoint::Token), 2);
    assert_eq!(world.now.get(), START + 17);
}

const FINAL: [(Misbehaviour, &str); 3] = [
    (PollInvalidRequest, "invalid_request"),
    (PollAccessDenied, "access_denied"),
    (PollExpiredToken, "expired_token"),
];

#[test]
fn no_poll_follows_a_final_refusal() {
    for (misbehaviour, expected) in FINAL {
        let (world, result) = log_in_wrongly(misbehaviour);
        let Err(Error::ResponseBody(error)) = result else {
            panic!("{misbehaviour:?}");
        };
        assert_eq!(error.error, expected);
        assert_eq!(world.served(Endpoint::Token), 3);
    }
}

fn refusals() -> Vec<(Misbehaviour, &'static str, Reason)> {
    let interval = "a number of seconds above 0 and not absurdly long";
    vec![
        (BackchannelRequestIdMissing, INVALID, missing("auth_req_id")),
        (BackchannelExpiresInMissing, INVALID, missing("expires_in")),
        (
            BackchannelIntervalNegative,
            INVALID,
            ill_typed("interval", interval, "-5"),
        ),
        (BackchannelServerError, CONFORM, status(500, None)),
    ]
}

#[test]
fn a_wrong_response_is_refused_for_its_reason() {
    for (misbehaviour, code, reason) in refusals() {
        let (world, result) = log_in_wrongly(misbehaviour);
        let artefact = Artefact::BackchannelAuthenticationResponse;
        assert_rejected(result, code, artefact, &reason);
        assert_eq!(world.served(Endpoint::Token), 0);
    }
    let (world, result) = log_in_wrongly(BackchannelUnknownUserId);
    let Err(Error::ResponseBody(error)) = result else {
        panic!();
    };
    assert_eq!(error.error, "unknown_user_id");
    assert_eq!(world.served(Endpoint::Token), 0);
}

/// `id_token/occasions.rs` tests ID Tokens that are wrong.
#[test]
fn an_id_token_must_come() {
    let (_, result) = log_in_wrongly(TokenIdTokenMissing);
    let missing = missing("id_token");
    assert_rejected(result, INVALID, Artefact::TokenResponse, &missing);
}

#[test]
fn scope_and_lifetime_need_not_come() {
    let world = World::wrong(TokenScopeMissing);
    world.provider.misbehave(TokenExpiresInMissing);
    let tokens = log_in(&world).unwrap();
    assert_eq!(tokens.scope(), None);
    assert_eq!(tokens.expires_in(tokens.received_at()), None);
}

#[test]
fn a_ping_with_another_token_leads_nowhere() {
    let world = World::wrong(PingTokenMismatch);
    world.provider.approve_after(0);
    let begun = world.run(request(world.configuration()).ping()).unwrap();
    let sent = world.provider.ping(begun.auth_req_id.expose()).unwrap();
    let ping = Ping::parse(sent.headers(), sent.body()).unwrap();
    assert_eq!(ping.auth_req_id(), begun.auth_req_id.expose());
    let reason = Reason::ParameterMismatch {
        parameter: "client_notification_token",
        expected: None,
        found: None,
    };
    assert_rejected(ping.check(&begun), INVALID, Artefact::Ping, &reason);
    assert_eq!(world.served(Endpoint::Token), 0);
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let refused = refusals();
    let tested = refused
        .iter()
        .map(|(misbehaviour, ..)| *misbehaviour)
        .chain(FINAL.map(|(misbehaviour, _)| misbehaviour))
        .chain([BackchannelUnknownUserId, PollSlowDown, PollUnavailable])
        .chain([PingTokenMismatch])
        .chain([BackchannelLongInterval, BackchannelIntervalMissing]);
    assert_covered(tested, |misbehaviour| {
        misbehaviour.endpoint() == Endpoint::BackchannelAuthentication
            && !is_of_a_push(misbehaviour)
            || format!("{misbehaviour:?}").starts_with("Poll")
    });
}
