//! Logins by device authorization.

use std::time::Duration;

use oauth_core::Error;
use oauth_core::endpoint::{DeviceAuthorizationEndpoint, DeviceAuthorizationResponse};
use oauth_core::error::{Artefact, Expired, Reason};
use oauth_core::flow::{InitiateDeviceAuthorization, PollDeviceAuthorizationGrant, TokenSet};
use oauth_core::names::EndpointName;
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Misbehaviour};

use crate::refusal::{
    CONFORM, INVALID, assert_covered, assert_rejected, ill_typed, missing, status,
};
use crate::world::{START, World};

fn begin(world: &World) -> Result<DeviceAuthorizationResponse, Error> {
    let request = DeviceAuthorizationEndpoint::new(world.configuration()).scope("openid email");
    world.run(InitiateDeviceAuthorization::new(request))
}

fn finish(world: &World, device: &DeviceAuthorizationResponse) -> Result<TokenSet, Error> {
    let configuration = world.configuration();
    world.run(PollDeviceAuthorizationGrant::new(configuration, device))
}

fn log_in(world: &World) -> Result<TokenSet, Error> {
    finish(world, &begin(world)?)
}

#[test]
fn a_device_is_told_when_its_person_says_yes() {
    let world = World::new();
    world.provider.approve_after(3);
    let device = begin(&world).unwrap();
    assert_eq!(device.user_code.len(), 8);
    assert_eq!(
        device.verification_uri.as_str(),
        "https://id.example.com/tenant/device"
    );
    let tokens = finish(&world, &device).unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    assert_eq!(tokens.scope(), Some("openid email"));
    assert!(tokens.refresh_token().is_some());
    // No poll came too early. The provider would have slowed the client down.
    assert_eq!(world.served(Endpoint::Token), 4);
    assert_eq!(world.now.get(), START + 20);
}

#[test]
fn a_person_may_say_no() {
    let world = World::new();
    world.provider.deny_after(2);
    let Err(Error::ResponseBody(error)) = log_in(&world) else {
        panic!();
    };
    assert_eq!(error.error, "access_denied");
    assert_eq!(world.served(Endpoint::Token), 3);
}

#[test]
fn a_person_who_says_nothing_is_not_waited_for_longer_than_the_code_is_good() {
    let world = World::new();
    world.provider.approve_after(usize::MAX);
    match log_in(&world) {
        Err(Error::Expired(expired)) => assert_eq!(
            expired,
            Expired {
                credential: "device_code",
                lifetime: Duration::from_secs(600)
            }
        ),
        other => panic!("{other:?}"),
    }
    // The polls are sent from 5 to 595 seconds. At 600 seconds the code has expired.
    assert_eq!(world.served(Endpoint::Token), 119);
    assert_eq!(world.now.get(), START + 595);
}

#[test]
fn a_server_whose_clock_is_ahead_says_first_that_the_code_has_expired() {
    let world = World::new();
    let device = begin(&world).unwrap();
    world.provider_ahead.set(600);
    let Err(Error::ResponseBody(error)) = finish(&world, &device) else {
        panic!();
    };
    assert_eq!(error.error, "expired_token");
    assert_eq!(world.served(Endpoint::Token), 1);
}

#[test]
fn a_network_that_comes_and_goes_costs_time_and_nothing_else() {
    let world = World::new();
    let device = begin(&world).unwrap();
    // A first login fetches the keys. Then the token endpoint is unreachable.
    log_in(&world).unwrap();
    let polls = world.served(Endpoint::Token);
    world.unreachable.borrow_mut().push(EndpointName::Token);
    let configuration = world.configuration();
    let before = world.sent.borrow().len();
    let error = world
        .run(PollDeviceAuthorizationGrant::new(configuration, &device))
        .unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_TIMEOUT"));
    assert!(matches!(error, Error::Expired(_)), "{error}");
    let asked = world.sent.borrow().len() - before;
    // The waits are 5 seconds, and then at most 10, 20, 40, 80, 160 and 300 with jitter, until 600
    // seconds have passed.
    assert!((5..=7).contains(&asked), "{asked} requests");
    assert_eq!(world.served(Endpoint::Token), polls);
}

/// Returns the wrong device authorization responses, and the reasons for which they are refused.
fn refusals() -> Vec<(Misbehaviour, &'static str, Reason)> {
    let url = |member: &'static str, found: &str| Reason::Url {
        member: member.into(),
        expected: "an https URL of at most 2048 bytes, without user name, password, spaces and \
                   control characters",
        found: found.to_owned(),
    };
    let forbidden = "OAUTH_HTTP_REQUEST_FORBIDDEN";
    let lifetime = "a number of seconds from 0 and not absurdly long";
    let interval = "a number of seconds above 0 and not absurdly long";
    vec![
        (DeviceCodeMissing, INVALID, missing("device_code")),
        (DeviceUserCodeMissing, INVALID, missing("user_code")),
        (
            DeviceUserCodeControlCharacter,
            INVALID,
            ill_typed(
                "user_code",
                "at most 200 visible characters",
                "longer or other text",
            ),
        ),
        (
            DeviceVerificationUriMissing,
            INVALID,
            missing("verification_uri"),
        ),
        (
            DeviceVerificationUriHttp,
            forbidden,
            url("verification_uri", "http://id.example.com"),
        ),
        (
            DeviceVerificationUriScript,
            forbidden,
            url("verification_uri", "javascript://"),
        ),
        (
            DeviceCompleteVerificationUriHttp,
            forbidden,
            url("verification_uri_complete", "http://id.example.com"),
        ),
        (DeviceExpiresInMissing, INVALID, missing("expires_in")),
        (
            DeviceExpiresInNegative,
            INVALID,
            ill_typed("expires_in", lifetime, "-1"),
        ),
        (
            DeviceIntervalZero,
            INVALID,
            ill_typed("interval", interval, "0"),
        ),
        (
            DeviceIntervalHuge,
            INVALID,
            ill_typed("interval", interval, "1000000000000"),
        ),
        (DeviceServerError, CONFORM, status(500, None)),
    ]
}

#[test]
fn a_wrong_response_is_refused_for_its_reason() {
    for (misbehaviour, code, reason) in refusals() {
        let world = World::wrong(misbehaviour);
        let artefact = Artefact::DeviceAuthorizationResponse;
        assert_rejected(begin(&world), code, artefact, &reason);
        assert_eq!(world.served(Endpoint::DeviceAuthorization), 1);
    }
}

const ACCEPTED: [Misbehaviour; 2] = [DeviceCompleteVerificationUriMissing, DeviceIntervalMissing];

#[test]
fn a_merely_unusual_response_is_accepted() {
    for misbehaviour in ACCEPTED {
        log_in(&World::wrong(misbehaviour)).unwrap();
    }
}

#[test]
fn every_way_to_be_wrong_is_tested() {
    let refused = refusals();
    let refused = refused.iter().map(|(misbehaviour, ..)| *misbehaviour);
    assert_covered(refused.chain(ACCEPTED), |misbehaviour| {
        misbehaviour.endpoint() == Endpoint::DeviceAuthorization
    });
}
