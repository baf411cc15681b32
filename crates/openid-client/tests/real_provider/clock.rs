//! A clock that is two hours off, and its correction.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openid_client::oauth_core::error::{Artefact, Reason, TimestampRule};
use openid_client::{Client, ClockSkew, UnixTime};

use crate::login::callback_of;
use crate::provider;
use crate::refusal::rejection;

const TWO_HOURS: i64 = 2 * 60 * 60;
const LIFETIME: i64 = 60 * 60;

#[tokio::test]
async fn two_hours_ahead_an_id_token_has_expired() {
    let now = local_time();
    let client = client_at(now + TWO_HOURS).await;
    let (claim, rule, found) = timestamp_fault(&client, now + TWO_HOURS).await;
    assert_eq!((claim, rule), ("exp", TimestampRule::Expired));
    assert!((now + LIFETIME..now + LIFETIME + 60).contains(&found));
}

#[tokio::test]
async fn two_hours_behind_an_id_token_comes_from_the_future() {
    let now = local_time();
    let client = client_at(now - TWO_HOURS).await;
    let (claim, rule, found) = timestamp_fault(&client, now - TWO_HOURS).await;
    assert_eq!((claim, rule), ("iat", TimestampRule::InTheFuture));
    assert!((now..now + 60).contains(&found));
}

#[tokio::test]
async fn clock_skew_puts_it_right() {
    for error in [TWO_HOURS, -TWO_HOURS] {
        let wrong = move || UnixTime::from_seconds(local_time() + error);
        let client = provider::client("client-none")
            .clock(wrong)
            .clock_skew(skew(-error));
        let client = client.await.unwrap();
        let (pending, callback) = callback_of(&client, "alice").await;
        let tokens = client.authorization_code_grant(pending, &callback).await;
        assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
    }
}

async fn client_at(seconds: i64) -> Client {
    let stopped = move || UnixTime::from_seconds(seconds);
    provider::client("client-none")
        .clock(stopped)
        .await
        .unwrap()
}

/// Logs in, and returns the claim, the rule and the value of the refusal.
async fn timestamp_fault(client: &Client, by_its_clock: i64) -> (&'static str, TimestampRule, i64) {
    let (pending, callback) = callback_of(client, "alice").await;
    let error = client
        .authorization_code_grant(pending, &callback)
        .await
        .unwrap_err();
    let rejection = rejection(&error, "OAUTH_JWT_TIMESTAMP_CHECK_FAILED");
    assert_eq!(rejection.artefact, Artefact::IdToken);
    let Reason::Timestamp {
        claim,
        found,
        rule,
        now,
        ..
    } = rejection.reason
    else {
        panic!("{rejection}");
    };
    assert_eq!(now, by_its_clock);
    (claim, rule, found)
}

fn local_time() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since.as_secs().try_into().unwrap()
}

/// What corrects a clock that is behind by so many seconds, or ahead where they are negative.
fn skew(seconds: i64) -> ClockSkew {
    let skew = Duration::from_secs(seconds.unsigned_abs());
    match seconds < 0 {
        true => ClockSkew::Ahead(skew),
        false => ClockSkew::Behind(skew),
    }
}
