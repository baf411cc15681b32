use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::error::{Artefact, Reason};
use crate::testing;
use crate::testing::NOW;

fn endpoint(hint: Hint) -> BackchannelAuthenticationEndpoint {
    BackchannelAuthenticationEndpoint::new(testing::configuration(), hint)
}

fn alice() -> BackchannelAuthenticationEndpoint {
    endpoint(Hint::LoginHint("alice".to_owned()))
}

fn encoded(endpoint: &BackchannelAuthenticationEndpoint) -> String {
    let mut draft = endpoint.request().unwrap();
    assert_eq!(draft.url.as_str(), "https://op.example/bc");
    draft.form_mut().unwrap().encode()
}

fn read(body: &Value) -> Result<BackchannelAuthenticationResponse, Error> {
    let response = testing::response(200, body.to_string());
    alice().response(UnixTime::from_seconds(NOW), &response)
}

#[track_caller]
fn assert_misused(endpoint: &BackchannelAuthenticationEndpoint, argument: &str) {
    match endpoint.request() {
        Err(Error::Misuse(Misuse::InvalidArgument {
            argument: found, ..
        })) => assert_eq!(found, argument),
        other => panic!("{other:?}"),
    }
}

#[test]
fn exactly_one_hint_is_sent() {
    assert_eq!(
        encoded(&alice()),
        "scope=openid&login_hint=alice&client_id=app"
    );
    assert_eq!(
        encoded(&endpoint(Hint::LoginHintToken("t".into()))),
        "scope=openid&login_hint_token=t&client_id=app"
    );
    assert_eq!(
        encoded(&endpoint(Hint::IdTokenHint("a.b.c".into()))),
        "scope=openid&id_token_hint=a.b.c&client_id=app"
    );
    for hint in ["login_hint", "login_hint_token", "id_token_hint"] {
        let mut second = alice();
        second.parameters.append(hint, "bob");
        assert_misused(&second, "parameter");
    }
    assert_misused(&endpoint(Hint::LoginHint(String::new())), "login_hint");
    let shown = format!("{:?}", endpoint(Hint::LoginHintToken("t0ken".into())));
    assert!(!shown.contains("t0ken"), "{shown}");
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let mut plain = alice();
    plain.scope = "profile".to_owned();
    assert_misused(&plain, "scope");
    for expiry in ["0", "-1", "1.5", "soon", ""] {
        let mut request = alice();
        request.parameters.set("requested_expiry", expiry);
        assert_misused(&request, "requested_expiry");
    }
    for name in [
        "scope",
        "login_hint",
        "login_hint_token",
        "id_token_hint",
        "client_notification_token",
        "request",
        "request_uri",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "iss",
        "aud",
        "exp",
        "iat",
        "nbf",
        "jti",
    ] {
        let mut request = alice();
        request.parameters.set(name, "x");
        assert_misused(&request, "parameter");
    }
    for token in ["", "=", "a b", "a\r\nb", "é", &"a".repeat(1025)] {
        let mut request = alice();
        request.client_notification_token = Some(token.into());
        assert_misused(&request, "client_notification_token");
    }
    for token in ["8d67dc78-7faa-4d41-aabd-67707b374255", &"a".repeat(1024)] {
        let mut request = alice();
        request.client_notification_token = Some(token.into());
        assert_eq!(
            encoded(&request),
            format!(
                "scope=openid&login_hint=alice&client_notification_token={token}&client_id=app"
            )
        );
    }
}

/// CIBA Core 1.0 section 7.3.
#[test]
fn the_example_of_the_specification() {
    let id = "1c266114-a1be-4252-8ad1-04986c5b9ac1";
    let response = read(&json!({"auth_req_id": id, "expires_in": 120, "interval": 2})).unwrap();
    assert_eq!(response.auth_req_id.expose(), id);
    assert_eq!(response.expires_in, Duration::from_secs(120));
    assert_eq!(response.interval, Some(Duration::from_secs(2)));
    assert_eq!(response.received_at.seconds(), NOW);
    assert!(response.client_notification_token.is_none());
    assert!(!format!("{response:?}").contains(id));
}

#[test]
fn the_answers_of_real_servers() {
    for (file, expires_in, interval) in [
        (
            include_str!("../../../tests/cases/providers/keycloak-ciba-response.json"),
            120,
            1,
        ),
        (
            include_str!("../../../tests/cases/providers/glewlwyd-ciba-response.json"),
            600,
            5,
        ),
    ] {
        let now = UnixTime::from_seconds(NOW);
        let response = alice().response(now, &testing::provided(file)).unwrap();
        assert_eq!(response.expires_in, Duration::from_secs(expires_in));
        assert_eq!(response.interval, Some(Duration::from_secs(interval)));
        assert!(response.extra.is_empty());
    }
    let response = read(&json!({"auth_req_id": "a", "expires_in": 120, "interval": null}));
    assert_eq!(response.unwrap().interval, None);
    let error = read(&json!({"error": "unknown_user_id"})).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
}

#[test]
fn a_response_without_its_members_is_refused() {
    let missing = |member: &str| Reason::Missing {
        member: member.to_owned().into(),
    };
    for (body, reason) in [
        (json!({"expires_in": 120}), missing("auth_req_id")),
        (json!({"auth_req_id": "a"}), missing("expires_in")),
        (
            json!({"auth_req_id": null, "expires_in": 120}),
            missing("auth_req_id"),
        ),
        (
            json!({"auth_req_id": "a", "expires_in": null}),
            missing("expires_in"),
        ),
        (
            json!({"auth_req_id": "", "expires_in": 120}),
            Reason::IllTyped {
                member: "auth_req_id".into(),
                expected: "a non-empty string",
                found: "an empty string".to_owned(),
            },
        ),
        (
            json!({"auth_req_id": "a", "expires_in": 120, "interval": 0}),
            Reason::IllTyped {
                member: "interval".into(),
                expected: "a number of seconds above 0 and not absurdly long",
                found: "0".to_owned(),
            },
        ),
    ] {
        let error = read(&body).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_INVALID_RESPONSE"));
        let rejection = error.rejection().unwrap();
        assert_eq!(
            rejection.artefact,
            Artefact::BackchannelAuthenticationResponse
        );
        assert_eq!(rejection.reason, reason);
    }
    let response = testing::response(400, r#"{"error":"unknown_user_id"}"#);
    let Err(Error::ResponseBody(error)) = alice().response(UnixTime::from_seconds(NOW), &response)
    else {
        panic!();
    };
    assert_eq!(error.error, "unknown_user_id");
}
