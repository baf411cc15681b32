//! When it stops, and with what.

use super::*;
use crate::error::TlsFault;

#[test]
fn an_answer_that_cannot_come_ends_it() {
    for (reason, code) in [
        (
            NoAnswer::NotTrusted {
                host: "op.example:443".to_owned(),
                cause: TlsFault::Expired,
            },
            "OAUTH_TLS_NOT_TRUSTED",
        ),
        (
            NoAnswer::BodyTooLarge { cap: 1 },
            "OAUTH_RESPONSE_BODY_TOO_LARGE",
        ),
        (
            NoAnswer::DestinationRefused {
                host: "op.example:443".to_owned(),
            },
            "OAUTH_DESTINATION_REFUSED",
        ),
        (NoAnswer::Failed, "OAUTH_TRANSPORT_FAILED"),
    ] {
        let mut script = device(None, 1800);
        script.waits(Event::Begin);
        script.sends(Event::Elapsed);
        assert_eq!(script.fails(unanswered(reason)).code(), Some(code));
        assert_finished(&mut script.operation);
    }
}

#[test]
fn every_other_refusal_is_final() {
    for code in [
        "access_denied",
        "expired_token",
        "invalid_grant",
        "invalid_request",
    ] {
        let mut script = device(None, 1800);
        script.waits(Event::Begin);
        for _ in 0..2 {
            script.sends(Event::Elapsed);
            script.waits(pending());
        }
        script.sends(Event::Elapsed);
        let Error::ResponseBody(error) = script.fails(refused(code)) else {
            panic!();
        };
        assert_eq!(error.error, code);
        assert_finished(&mut script.operation);
    }
}

#[test]
fn it_is_over_with_the_lifetime() {
    // At 5, 10 and 15 seconds; 20 would be too late.
    let mut script = device(None, 20);
    assert_eq!(script.waits(Event::Begin), seconds(5));
    let mut asked = 0;
    let error = loop {
        script.sends(Event::Elapsed);
        asked += 1;
        assert!(asked < 10, "no end");
        match script.step(pending()) {
            Ok(Action::Wait(wait)) => script.pass(wait),
            Err(error) => break error,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(asked, 3);
    assert_expired(&error, "device_code", 20);
    assert_finished(&mut script.operation);

    // A wait that the server asks for counts too.
    let mut script = device(None, 20);
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    let body = json!({"error": "authorization_pending"});
    let error = script.fails(with_retry_after(400, body, "18446744073709551615"));
    assert_expired(&error, "device_code", 20);

    // So does a driver that overslept.
    let mut script = device(None, 20);
    script.waits(Event::Begin);
    script.pass(seconds(15));
    assert_expired(&script.fails(Event::Elapsed), "device_code", 20);

    // If the lifetime is too short for one poll, none is sent.
    for lifetime in [0, 5] {
        let mut script = device(None, lifetime);
        assert_expired(&script.fails(Event::Begin), "device_code", lifetime);
    }
}

#[test]
fn what_passed_before_the_polling_counts() {
    for (received_at, asked) in [(NOW - 10, 1), (NOW - 1, 3), (NOW + 3600, 3)] {
        let authorization = DeviceAuthorizationResponse {
            received_at: UnixTime::from_seconds(received_at),
            ..authorization(None, 20)
        };
        let grant = PollDeviceAuthorizationGrant::new(configuration(), &authorization);
        let mut script = Script::new(grant);
        script.waits(Event::Begin);
        for _ in 1..asked {
            script.sends(Event::Elapsed);
            script.waits(pending());
        }
        script.sends(Event::Elapsed);
        assert_expired(&script.fails(pending()), "device_code", 20);
    }
}

#[test]
fn the_caller_may_give_up_at_any_time() {
    assert!(matches!(
        device(None, 60).fails(Event::Aborted),
        Error::Aborted
    ));

    let mut script = device(None, 60);
    script.waits(Event::Begin);
    let error = script.fails(Event::Aborted);
    assert_eq!(error.code(), Some("OAUTH_ABORT"));
    assert_finished(&mut script.operation);

    let mut script = device(None, 60);
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    assert_eq!(script.fails(Event::Aborted).code(), Some("OAUTH_ABORT"));
    assert_finished(&mut script.operation);
}

#[test]
fn an_event_that_does_not_belong_ends_it() {
    let mut script = device(None, 60);
    assert_unexpected(script.step(Event::Elapsed), "Begin", "Elapsed");
    let mut script = device(None, 60);
    script.waits(Event::Begin);
    assert_unexpected(script.step(pending()), "Elapsed or Aborted", "Received");
    assert_finished(&mut script.operation);
    let mut script = device(None, 60);
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    assert_unexpected(
        script.step(Event::Elapsed),
        "Received or Unanswered",
        "Elapsed",
    );
    assert_finished(&mut script.operation);
    let mut script = device(None, 60);
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    let fault = KeyFault {
        key: KeyName::new("k"),
        source: None,
    };
    let expected = "Received or Unanswered";
    let step = script.step(Event::KeyUnavailable(fault));
    assert_unexpected(step, expected, "KeyUnavailable");
}

#[test]
fn randomness_that_fails_ends_it() {
    struct Empty;
    impl Entropy for Empty {
        fn fill(&self, _: &mut [u8]) -> Result<(), EntropyFault> {
            Err(EntropyFault)
        }
    }
    let mut script = device(None, 60);
    script.entropy = &Empty;
    script.waits(Event::Begin);
    script.sends(Event::Elapsed);
    let error = script.fails(unanswered(TIMED_OUT));
    assert_eq!(error.code(), Some("OAUTH_ENTROPY_UNAVAILABLE"));
    assert_finished(&mut script.operation);
}
