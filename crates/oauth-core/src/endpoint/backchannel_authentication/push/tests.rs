use std::time::Duration;

use http::HeaderValue;
use http::header::AUTHORIZATION;
use serde_json::Map;

use super::*;

const BODY: &[u8] = br#"{"auth_req_id":"id-1","access_token":"at-1"}"#;

fn headers(value: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))])
}

fn pending() -> BackchannelAuthenticationResponse {
    BackchannelAuthenticationResponse {
        auth_req_id: "id-1".into(),
        expires_in: Duration::from_secs(120),
        interval: None,
        received_at: UnixTime::from_seconds(0),
        client_notification_token: Some("t-1".into()),
        extra: Map::new(),
    }
}

#[track_caller]
fn assert_refused<T: fmt::Debug>(result: Result<T, Error>, reason: &Reason) {
    let error = result.expect_err("accepted");
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::Push);
    assert_eq!(rejection.reason, *reason);
}

#[test]
fn a_push_with_the_token_that_was_sent_is_good() {
    let push = Push::parse(&headers("Bearer t-1"), BODY).unwrap();
    assert_eq!(push.auth_req_id(), "id-1");
    push.check(&pending()).unwrap();
    assert!(!format!("{push:?}").contains("-1"));
}

#[test]
fn a_push_of_another_sender_or_about_another_authentication_is_refused() {
    let mismatch = |parameter| Reason::ParameterMismatch {
        parameter,
        expected: None,
        found: None,
    };
    let of = |token: &'static str, body: &[u8]| {
        let push = Push::parse(&headers(token), body)?;
        push.check(&pending())
    };
    assert_refused(
        of("Bearer t-2", BODY),
        &mismatch("client_notification_token"),
    );
    let other = br#"{"auth_req_id":"id-2"}"#;
    assert_refused(of("Bearer t-1", other), &mismatch("auth_req_id"));
    let unasked = BackchannelAuthenticationResponse {
        client_notification_token: None,
        ..pending()
    };
    let push = Push::parse(&headers("Bearer t-1"), BODY).unwrap();
    let member = "authorization".into();
    assert_refused(push.check(&unasked), &Reason::Unexpected { member });
}

#[test]
fn what_is_no_push_is_refused() {
    let missing = |member: &'static str| Reason::Missing {
        member: member.into(),
    };
    let bearer = || headers("Bearer t-1");
    let parsed = |body: &[u8]| Push::parse(&bearer(), body);
    assert_refused(
        Push::parse(&HeaderMap::new(), BODY),
        &missing("authorization"),
    );
    assert_refused(parsed(b"{}"), &missing("auth_req_id"));
    let ill_typed = |member: &'static str, expected, found: &str| Reason::IllTyped {
        member: member.into(),
        expected,
        found: found.to_owned(),
    };
    assert_refused(
        parsed(br#"{"auth_req_id":7}"#),
        &ill_typed("auth_req_id", "a non-empty string", "number"),
    );
    assert_refused(
        Push::parse(&headers("Basic YTpi"), BODY),
        &ill_typed("authorization", "one Bearer token", "another scheme"),
    );
    for body in [
        &b"auth_req_id=id-1"[..],
        br#"["id-1"]"#,
        br#"{"auth_req_id":"id-1","auth_req_id":"id-2"}"#,
    ] {
        let error = json::parse_object(body, json::Limits::DOCUMENT).unwrap_err();
        assert_refused(parsed(body), &Reason::Json(error));
    }
}
