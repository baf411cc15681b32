use std::time::Duration;

use serde_json::json;

use super::{judge, judge_by, login, previous, rejection, verify, with, without};
use crate::error::{Reason, TimestampRule};
use crate::metadata::ClientMetadata;
use crate::policy::{ClockSkew, Policy};
use crate::testing::{NOW, claims, setup, sign};
use crate::time::UnixTime;
use crate::validate::{IdTokenExpectations, NonceExpectation};

#[test]
fn times_may_be_off_by_the_tolerance_and_not_by_a_second_more() {
    for (claim, last_good, first_bad, rule) in [
        ("exp", NOW - 29, NOW - 30, TimestampRule::Expired),
        ("nbf", NOW + 30, NOW + 31, TimestampRule::NotYetValid),
        ("iat", NOW + 30, NOW + 31, TimestampRule::InTheFuture),
        ("auth_time", NOW + 30, NOW + 31, TimestampRule::InTheFuture),
    ] {
        judge(&with(&[(claim, json!(last_good))])).unwrap();
        let error = judge(&with(&[(claim, json!(first_bad))])).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_JWT_TIMESTAMP_CHECK_FAILED"));
        assert_eq!(
            rejection(error),
            Reason::Timestamp {
                claim,
                found: first_bad,
                rule,
                now: NOW,
                tolerance: Duration::from_secs(30),
            }
        );
    }
    // An old `iat` has no meaning, and a fraction is permitted.
    judge(&with(&[
        ("iat", json!(0)),
        ("exp", json!(NOW as f64 + 0.5)),
    ]))
    .unwrap();
    // Extreme values neither overflow nor pass.
    judge(&with(&[("exp", json!(f64::MAX)), ("nbf", json!(f64::MIN))])).unwrap();
    for (claim, extreme, found, rule) in [
        ("exp", f64::MIN, -(1 << 53), TimestampRule::Expired),
        ("nbf", f64::MAX, 1 << 53, TimestampRule::NotYetValid),
    ] {
        let error = judge(&with(&[(claim, json!(extreme))])).unwrap_err();
        assert_eq!(
            rejection(error),
            Reason::Timestamp {
                claim,
                found,
                rule,
                now: NOW,
                tolerance: Duration::from_secs(30),
            }
        );
    }
}

#[test]
fn skew_and_tolerance_move_the_boundaries() {
    let mut policy = Policy::default();
    policy.set_clock_skew(skew(-7200)).unwrap();
    policy.set_clock_tolerance(Duration::from_secs(0)).unwrap();
    let expires = |exp: i64| {
        let claims = with(&[("exp", json!(exp)), ("iat", json!(NOW - 7200))]);
        judge_by(policy.clone(), &claims, login())
    };
    expires(NOW - 7199).unwrap();
    let Reason::Timestamp {
        claim: "exp",
        now,
        tolerance: Duration::ZERO,
        ..
    } = rejection(expires(NOW - 7200).unwrap_err())
    else {
        panic!();
    };
    assert_eq!(now, NOW - 7200);
}

#[test]
fn the_login_may_be_as_old_as_max_age() {
    let aged = |max_age: Option<u64>, auth_time| {
        let nonce = NonceExpectation::Equals("n-1".into());
        let expectations = IdTokenExpectations::login(nonce, max_age.map(Duration::from_secs));
        let claims = with(&[("auth_time", json!(auth_time))]);
        judge_by(Policy::default(), &claims, expectations)
    };
    aged(Some(600), NOW - 630).unwrap();
    aged(Some(0), NOW - 30).unwrap();
    aged(Some(u64::MAX), 0).unwrap();
    aged(None, 0).unwrap();
    for (max_age, auth_time) in [(600, NOW - 631), (0, NOW - 31)] {
        let error = aged(Some(max_age), auth_time).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_JWT_TIMESTAMP_CHECK_FAILED"));
        assert_eq!(
            rejection(error),
            Reason::Timestamp {
                claim: "auth_time",
                found: auth_time,
                rule: TimestampRule::TooOld,
                now: NOW,
                tolerance: Duration::from_secs(30),
            }
        );
    }
}

#[test]
fn auth_time_is_mandatory_where_an_age_applies_or_the_client_registered_it() {
    let nonce = || NonceExpectation::Equals("n-1".into());
    let missing = |client: ClientMetadata, expectations: IdTokenExpectations| {
        let configuration = setup().client_metadata(client).build();
        let error = verify(configuration, sign(&claims()), expectations).unwrap_err();
        let member = "auth_time".into();
        assert_eq!(rejection(error), Reason::Missing { member });
    };
    let client = ClientMetadata::new("app");
    missing(
        client.clone(),
        IdTokenExpectations::login(nonce(), Some(Duration::from_secs(600))),
    );
    let mut aged = client.clone();
    aged.default_max_age = Some(600);
    missing(aged, login());
    let mut requires = client;
    requires.require_auth_time = Some(true);
    missing(requires.clone(), login());
    missing(
        requires,
        IdTokenExpectations::refresh(Some(previous(&claims()))),
    );
}

#[test]
fn the_default_max_age_applies_to_logins_and_not_to_refreshes() {
    let setup = setup().client(|it| it.default_max_age = Some(600));
    let configuration = setup.build();
    let old = with(&[("auth_time", json!(NOW - 5000))]);
    let error = verify(configuration.clone(), sign(&old), login()).unwrap_err();
    assert!(matches!(
        rejection(error),
        Reason::Timestamp {
            claim: "auth_time",
            rule: TimestampRule::TooOld,
            ..
        }
    ));
    let refresh = IdTokenExpectations::refresh(Some(previous(&old)));
    verify(configuration.clone(), sign(&old), refresh).unwrap();
    // The `max_age` of the request takes precedence.
    let nonce = NonceExpectation::Equals("n-1".into());
    let asked = IdTokenExpectations::login(nonce, Some(Duration::from_secs(6000)));
    verify(configuration, sign(&old), asked).unwrap();
}

/// A token must not be older than its request, by the local clock with skew.
#[test]
fn a_token_may_not_be_older_than_what_it_answers() {
    let issued = |ahead: i64, iat: i64| {
        let mut policy = Policy::default();
        policy.danger_set_clock_skew(skew(ahead));
        let since = UnixTime::from_seconds(NOW - 100);
        let claims = with(&[("iat", json!(iat)), ("exp", json!(NOW + 7200))]);
        judge_by(policy, &claims, login().issued_since(since))
    };
    for ahead in [0, 3600, -3600] {
        issued(ahead, NOW - 130 + ahead).unwrap();
        assert_eq!(
            rejection(issued(ahead, NOW - 131 + ahead).unwrap_err()),
            Reason::Timestamp {
                claim: "iat",
                found: NOW - 131 + ahead,
                rule: TimestampRule::TooOld,
                now: NOW + ahead,
                tolerance: Duration::from_secs(30),
            }
        );
    }
    let lenient = without(|danger| danger.skip_iat_check = true);
    let since = UnixTime::from_seconds(NOW);
    let old = with(&[("iat", json!(NOW - 1000))]);
    judge_by(lenient, &old, login().issued_since(since)).unwrap();
}

/// What corrects a clock that is behind by so many seconds, or ahead where they are negative.
fn skew(seconds: i64) -> ClockSkew {
    let skew = Duration::from_secs(seconds.unsigned_abs());
    match seconds < 0 {
        true => ClockSkew::Ahead(skew),
        false => ClockSkew::Behind(skew),
    }
}
