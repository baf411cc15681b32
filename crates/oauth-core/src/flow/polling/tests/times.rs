//! When it asks.

use super::*;

use crate::policy::ClockSkew;

#[test]
fn it_waits_first_and_asks_until_there_are_tokens() {
    let mut script = device(None, 1800);
    assert_eq!(script.waits(Event::Begin), seconds(5));
    for _ in 0..3 {
        let outbound = script.sends(Event::Elapsed);
        assert_eq!(outbound.endpoint, EndpointName::Token);
        assert_eq!(
            form(&outbound).encode(),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code\
             &device_code=dc&client_id=app"
        );
        assert_eq!(script.waits(pending()), seconds(5));
    }
    script.sends(Event::Elapsed);
    let tokens = script.done(received(200, tokens()));
    assert_eq!(tokens.access_token().expose(), "at");
    assert_finished(&mut script.operation);
}

#[test]
fn the_interval_is_the_servers_within_reason() {
    for (interval, expected) in [
        (Some(seconds(31)), seconds(31)),
        (Some(Duration::from_millis(250)), Duration::from_millis(250)),
        (Some(Duration::from_nanos(1)), Duration::from_millis(100)),
        (None, seconds(5)),
    ] {
        let authorization = DeviceAuthorizationResponse {
            interval,
            ..authorization(None, 1800)
        };
        let grant = PollDeviceAuthorizationGrant::new(configuration(), &authorization);
        let mut script = Script::new(grant);
        assert_eq!(script.waits(Event::Begin), expected);
        script.sends(Event::Elapsed);
        assert_eq!(script.waits(pending()), expected);
    }
}

#[test]
fn slow_down_adds_five_seconds_for_good() {
    let mut script = device(None, 1800);
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    assert_eq!(script.waits(refused("slow_down")), seconds(10));
    script.sends(Event::Elapsed);
    assert_eq!(script.waits(pending()), seconds(10));
    script.sends(Event::Elapsed);
    assert_eq!(script.waits(refused("slow_down")), seconds(15));
    script.sends(Event::Elapsed);
    assert_eq!(script.waits(pending()), seconds(15));
}

#[test]
fn retry_after_makes_one_wait_longer() {
    for (retry_after, wait) in [
        ("20", 20),
        ("1", 5),
        // The clock stands at NOW + 5.
        ("Tue, 14 Nov 2023 22:13:55 GMT", 30),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 5),
        ("soon", 5),
    ] {
        let mut script = device(None, 1800);
        script.waits(Event::Begin);
        script.sends(Event::Elapsed);
        let body = json!({"error": "authorization_pending"});
        let answer = with_retry_after(400, body, retry_after);
        assert_eq!(script.waits(answer), seconds(wait), "{retry_after}");
        script.sends(Event::Elapsed);
        assert_eq!(script.waits(pending()), seconds(5));
    }
    let mut script = device(None, 1800);
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    let answer = with_retry_after(400, json!({"error": "slow_down"}), "60");
    assert_eq!(script.waits(answer), seconds(60));
    script.sends(Event::Elapsed);
    assert_eq!(script.waits(pending()), seconds(10));
}

/// The date is told by the server's clock, which is an hour ahead of this one.
#[test]
fn the_date_in_retry_after_is_compared_with_the_skewed_clock() {
    let mut policy = Policy::default();
    policy
        .set_clock_skew(ClockSkew::Behind(Duration::from_secs(3600)))
        .unwrap();
    let configuration = configuration().with_policy(policy);
    let authorization = authorization(None, 1800);
    let mut script = Script::new(PollDeviceAuthorizationGrant::new(
        configuration,
        &authorization,
    ));
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    let body = json!({"error": "authorization_pending"});
    let answer = with_retry_after(400, body, "Tue, 14 Nov 2023 23:13:55 GMT");
    assert_eq!(script.waits(answer), seconds(30));
}

#[test]
fn a_server_that_is_busy_is_asked_again_when_it_says_when() {
    let mut script = device(None, 1800);
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    let busy = with_retry_after(503, json!({}), "12");
    assert_eq!(script.waits(busy), seconds(12));
    script.sends(Event::Elapsed);
    script.done(received(200, tokens()));

    for (answer, status) in [
        (received(503, ""), 503),
        (with_retry_after(503, json!({}), "later"), 503),
        (with_retry_after(500, json!({}), "12"), 500),
        (with_retry_after(429, json!({}), "12"), 429),
    ] {
        let mut script = device(None, 1800);
        script.waits(Event::Begin);
        script.sends(Event::Elapsed);
        let error = script.fails(answer);
        assert_eq!(error.code(), Some("OAUTH_RESPONSE_IS_NOT_CONFORM"));
        assert_eq!(
            error.rejection().unwrap().reason,
            Reason::Status {
                expected: 200,
                found: status,
                location: None
            }
        );
        assert_finished(&mut script.operation);
    }
}

#[test]
fn without_an_answer_the_wait_doubles_and_an_answer_ends_that() {
    let mut script = device(None, 86_400);
    script.entropy = &FixedEntropy(0);
    script.waits(Event::Begin);
    for (reason, wait) in [
        (TIMED_OUT, 10),
        (NoAnswer::Interrupted, 20),
        (
            NoAnswer::StillUnderWay {
                deadline: Duration::from_secs(30),
            },
            40,
        ),
        (TIMED_OUT, 80),
        (TIMED_OUT, 160),
        (TIMED_OUT, 300),
        (TIMED_OUT, 300),
    ] {
        script.sends(Event::Elapsed);
        assert_eq!(script.waits(unanswered(reason)), seconds(wait));
    }
    script.sends(Event::Elapsed);
    assert_eq!(script.waits(pending()), seconds(5));
    script.sends(Event::Elapsed);
    let host = "op.example:443".to_owned();
    let refused = unanswered(NoAnswer::NotConnected { host });
    assert_eq!(script.waits(refused), seconds(10));
}

#[test]
fn back_off_has_jitter_and_bounds() {
    // Up to, and never quite, half as much again.
    for (byte, least, most) in [(0, 10, 10), (0x80, 12, 13), (0xff, 14, 15)] {
        let mut script = device(None, 1800);
        script.entropy = Box::leak(Box::new(FixedEntropy(byte)));
        script.waits(Event::Begin);
        script.sends(Event::Elapsed);
        let wait = script.waits(unanswered(TIMED_OUT));
        assert!(wait >= seconds(least) && wait <= seconds(most), "{wait:?}");
        assert!(wait < seconds(15));
    }
    let mut script = device(Some(3600), 86_400);
    script.entropy = &FixedEntropy(0);
    script.waits(Event::Begin);
    for _ in 0..2 {
        script.sends(Event::Elapsed);
        assert_eq!(script.waits(unanswered(TIMED_OUT)), seconds(7200));
    }
}

#[test]
fn a_ping_saves_the_first_wait_and_no_other() {
    let mut script = Script::new(backchannel_grant(31).after_ping());
    script.sends(Event::Begin);
    script.sends(received(200, key_set(&[&SERVER_KEY])));
    assert_eq!(script.waits(pending()), seconds(31));
}

/// RFC 8628 section 3.5 says when to go on, and not what else a server may send along.
#[test]
fn polling_continues_after_a_challenge() {
    let file = include_str!("../../../../tests/cases/token-400-pending-with-challenge.http");
    let mut script = device(None, 1800);
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    let waited = script.waits(Event::Received(recorded(file)));
    assert_eq!(waited, seconds(5));
    script.sends(Event::Elapsed);
    let slower = file.replace("authorization_pending", "slow_down");
    assert_eq!(
        script.waits(Event::Received(recorded(&slower))),
        seconds(10)
    );
    script.sends(Event::Elapsed);
    script.done(received(200, tokens()));
}

/// A busy server has not answered yet; the form of its refusal does not matter.
#[test]
fn it_comes_back_to_a_server_that_is_busy() {
    let error = json!({"error": "temporarily_unavailable"});
    for (body, challenge) in [(json!({}), false), (error, false), (json!({}), true)] {
        let mut script = device(None, 1800);
        script.waits(Event::Begin);
        script.sends(Event::Elapsed);
        let Event::Received(mut response) = with_retry_after(503, body, "7") else {
            panic!();
        };
        if challenge {
            let basic = HeaderValue::from_static("Basic");
            response.headers_mut().insert("www-authenticate", basic);
        }
        assert_eq!(script.waits(Event::Received(response.clone())), seconds(7));
        script.sends(Event::Elapsed);
        response.headers_mut().remove(RETRY_AFTER);
        assert_eq!(
            script.fails(Event::Received(response)).status().unwrap(),
            503
        );
    }
}
