use std::time::Duration;

use http::HeaderValue;
use http::header::AUTHORIZATION;
use serde_json::Map;

use super::*;
use crate::secret::Secret;
use crate::time::UnixTime;

fn headers(values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        headers.append(AUTHORIZATION, value);
    }
    headers
}

fn pending(token: Option<&str>) -> BackchannelAuthenticationResponse {
    BackchannelAuthenticationResponse {
        auth_req_id: "id-1".into(),
        expires_in: Duration::from_secs(120),
        interval: None,
        received_at: UnixTime::from_seconds(0),
        client_notification_token: token.map(Secret::from),
        extra: Map::new(),
    }
}

const BODY: &[u8] = br#"{"auth_req_id":"id-1"}"#;

#[track_caller]
fn assert_refused<T: fmt::Debug>(result: Result<T, Error>, code: &str, reason: Reason) {
    let error = result.expect_err("accepted");
    assert_eq!(error.code(), Some(code));
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::Ping);
    assert_eq!(rejection.reason, reason);
}

#[test]
fn a_ping_with_the_token_that_was_sent_is_good() {
    for header in ["Bearer t-1", "bearer   t-1"] {
        let ping = Ping::parse(&headers(&[header]), BODY).unwrap();
        assert_eq!(ping.auth_req_id(), "id-1");
        ping.check(&pending(Some("t-1"))).unwrap();
        assert!(!format!("{ping:?}").contains("-1"));
    }
}

#[test]
fn a_ping_of_another_sender_is_refused() {
    let mismatch = |parameter| Reason::ParameterMismatch {
        parameter,
        expected: None,
        found: None,
    };
    let ping = |token: &str, body: &[u8]| {
        Ping::parse(&headers(&[&format!("Bearer {token}")]), body).unwrap()
    };
    for token in ["t-2", "t-11", "t-", "T-1"] {
        assert_refused(
            ping(token, BODY).check(&pending(Some("t-1"))),
            "OAUTH_INVALID_RESPONSE",
            mismatch("client_notification_token"),
        );
    }
    assert_refused(
        ping("t-1", br#"{"auth_req_id":"id-2"}"#).check(&pending(Some("t-1"))),
        "OAUTH_INVALID_RESPONSE",
        mismatch("auth_req_id"),
    );
    // If no token was sent, no ping is expected.
    assert_refused(
        ping("t-1", BODY).check(&pending(None)),
        "OAUTH_INVALID_RESPONSE",
        Reason::Unexpected {
            member: "authorization".into(),
        },
    );
}

#[test]
fn a_request_that_is_no_ping_is_refused() {
    let ill_typed = |found: &str| Reason::IllTyped {
        member: "authorization".into(),
        expected: "one Bearer token",
        found: found.to_owned(),
    };
    for (values, reason) in [
        (
            &[][..],
            Reason::Missing {
                member: "authorization".into(),
            },
        ),
        (&["Bearer"], ill_typed("another scheme")),
        (&["Bearer "], ill_typed("no token")),
        (&["Basic t-1"], ill_typed("another scheme")),
        (&["Bearer é"], ill_typed("not ASCII")),
        (&["Bearer t-1", "Bearer t-2"], ill_typed("several headers")),
    ] {
        let parsed = Ping::parse(&headers(values), BODY);
        assert_refused(parsed, "OAUTH_INVALID_RESPONSE", reason);
    }
    let good = headers(&["Bearer t-1"]);
    assert_refused(
        Ping::parse(&good, b"{}"),
        "OAUTH_INVALID_RESPONSE",
        Reason::Missing {
            member: "auth_req_id".into(),
        },
    );
    let twice = br#"{"auth_req_id":"id-1","auth_req_id":"id-2"}"#;
    assert_refused(
        Ping::parse(&good, twice),
        "OAUTH_PARSE_ERROR",
        Reason::Json(json::Error::Duplicate {
            member: "auth_req_id".to_owned(),
        }),
    );
}
