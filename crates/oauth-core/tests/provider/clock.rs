//! A client and a provider whose clocks differ.

use std::time::Duration;

use oauth_core::error::{Artefact, Reason, TimestampRule};
use oauth_core::metadata::ClientMetadata;
use oauth_core::policy::{ClockSkew, Policy};

use crate::refusal::assert_rejected;
use crate::world::{CLIENT_ID, START, World};

#[test]
fn a_provider_two_hours_off_is_refused_by_name_of_the_claim() {
    for (ahead, claim, rule) in [
        (7200, "iat", TimestampRule::InTheFuture),
        (-7200, "exp", TimestampRule::Expired),
    ] {
        let world = World::new();
        let configuration = world.configuration();
        world.provider_ahead.set(ahead);
        let Err(error) = world.log_in(&configuration) else {
            panic!("accepted");
        };
        let found = match error.rejection().map(|rejection| &rejection.reason) {
            Some(Reason::Timestamp { found, .. }) => *found,
            other => panic!("{other:?}"),
        };
        assert_rejected::<()>(
            Err(error),
            "OAUTH_JWT_TIMESTAMP_CHECK_FAILED",
            Artefact::IdToken,
            &Reason::Timestamp {
                claim,
                found,
                rule,
                now: START,
                tolerance: Duration::from_secs(30),
            },
        );
    }
}

#[test]
fn a_skew_makes_up_for_a_clock_that_is_known_to_be_wrong() {
    for ahead in [7200, -7200] {
        let world = World::new();
        let mut policy = Policy::default();
        policy.set_clock_skew(skew(ahead)).unwrap();
        let configuration = world.configure(ClientMetadata::new(CLIENT_ID), policy);
        world.provider_ahead.set(ahead);
        assert!(world.log_in(&configuration).is_ok());
    }
}

#[test]
fn half_a_minute_is_tolerated() {
    let world = World::new();
    let configuration = world.configuration();
    world.provider_ahead.set(30);
    assert!(world.log_in(&configuration).is_ok());
    world.provider_ahead.set(31);
    let error = world.log_in(&configuration).unwrap_err();
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::Timestamp {
            claim: "iat",
            found: START + 31,
            rule: TimestampRule::InTheFuture,
            now: START,
            tolerance: Duration::from_secs(30),
        }
    );
}

/// The age of an authentication is not increased by the time that the user spends at the provider.
#[test]
fn the_age_of_an_authentication_counts_from_the_beginning_of_the_login() {
    let mut by_default = ClientMetadata::new(CLIENT_ID);
    by_default.default_max_age = Some(0);
    for (client, asked) in [
        (ClientMetadata::new(CLIENT_ID), Some(0)),
        (by_default, None),
    ] {
        let world = World::new();
        let configuration = world.configure(client, Policy::default());
        let mut request = World::request(&configuration);
        if let Some(max_age) = asked {
            request = request.max_age(Duration::from_secs(max_age));
        }
        let (pending, callback) = world.visit(request);
        world.pass(50);
        let callback = oauth_core::authorization::Callback::from_url(&callback).unwrap();
        let grant = pending.resume(&configuration, &callback).unwrap();
        let tokens = world.run(grant).unwrap();
        assert!(tokens.id_token().unwrap().auth_time().is_some());
    }
}

/// What corrects a clock that is behind by so many seconds, or ahead where they are negative.
fn skew(seconds: i64) -> ClockSkew {
    let skew = Duration::from_secs(seconds.unsigned_abs());
    match seconds < 0 {
        true => ClockSkew::Ahead(skew),
        false => ClockSkew::Behind(skew),
    }
}
