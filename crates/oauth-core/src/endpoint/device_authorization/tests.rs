use serde_json::json;

use super::*;
use crate::error::Misuse;
use crate::policy::Policy;
use crate::testing;
use crate::testing::NOW;

const NOT_OPENABLE: &str = "an https URL of at most 2048 bytes, without user name, password, \
                            spaces and control characters";

fn endpoint(policy: Policy) -> DeviceAuthorizationEndpoint {
    DeviceAuthorizationEndpoint::new(testing::configuration().with_policy(policy))
}

fn read(body: &Value) -> Result<DeviceAuthorizationResponse, Error> {
    let response = testing::response(200, body.to_string());
    let endpoint = endpoint(Policy::default()).scope("openid profile");
    endpoint.response(UnixTime::from_seconds(NOW), &response)
}

/// The example of RFC 8628 section 3.2, with one member replaced.
fn with(member: &str, value: Value) -> Value {
    let mut body = json!({
        "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://example.com/device",
        "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
        "expires_in": 1800,
        "interval": 5,
    });
    body[member] = value;
    body
}

fn without(member: &str) -> Value {
    let mut body = with("x", json!(1));
    body.as_object_mut().unwrap().remove(member);
    body
}

#[track_caller]
fn assert_refused(body: &Value, code: &str, reason: Reason) {
    let error = read(body).expect_err("accepted");
    assert_eq!(error.code(), Some(code));
    let rejection = error.rejection().unwrap();
    assert_eq!(rejection.artefact, Artefact::DeviceAuthorizationResponse);
    assert_eq!(rejection.reason, reason);
}

#[test]
fn the_request_carries_what_was_asked_for() {
    let endpoint = endpoint(Policy::default())
        .scope("openid")
        .parameter("resource", "https://a.example")
        .parameter("resource", "https://b.example");
    let mut draft = endpoint.request().unwrap();
    assert_eq!(draft.url.as_str(), "https://op.example/device");
    assert_eq!(
        draft.form_mut().unwrap().encode(),
        "scope=openid&resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example\
         &client_id=app"
    );
    for name in [
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
    ] {
        let Err(Error::Misuse(misuse)) = endpoint.clone().parameter(name, "x").request() else {
            panic!("{name} was sent");
        };
        assert_eq!(
            misuse,
            Misuse::InvalidArgument {
                argument: "parameter",
                expected: "one that this library does not set itself",
                found: name.to_owned(),
            }
        );
    }
}

#[test]
fn the_example_of_the_specification() {
    let response = read(&with("x_more", json!([1]))).unwrap();
    assert_eq!(response.user_code, "WDJB-MJHT");
    assert_eq!(
        response.verification_uri.as_str(),
        "https://example.com/device"
    );
    let complete = response.verification_uri_complete.as_ref().unwrap();
    assert_eq!(complete.query(), Some("user_code=WDJB-MJHT"));
    assert_eq!(response.expires_in, Duration::from_secs(1800));
    assert_eq!(response.interval, Some(Duration::from_secs(5)));
    assert_eq!(response.received_at.seconds(), NOW);
    assert_eq!(response.scope.as_deref(), Some("openid profile"));
    assert_eq!(response.extra.len(), 1);
    let shown = format!("{response:?}");
    assert!(
        !shown.contains("WDJB") && !shown.contains("GmRh"),
        "{shown}"
    );
}

#[test]
fn members_that_must_be_there() {
    for member in ["device_code", "user_code", "verification_uri", "expires_in"] {
        let reason = Reason::Missing {
            member: member.into(),
        };
        assert_refused(&without(member), "OAUTH_INVALID_RESPONSE", reason);
    }
    let minimal = read(&without("interval")).unwrap();
    assert_eq!(minimal.interval, None);
    let minimal = read(&without("verification_uri_complete")).unwrap();
    assert_eq!(minimal.verification_uri_complete, None);
}

#[test]
fn the_person_is_told_the_page_and_the_code() {
    let short = "Open https://example.com/device and enter the code WDJB-MJHT";
    let minimal = read(&without("verification_uri_complete")).unwrap();
    assert_eq!(minimal.prompt(), short);
    let complete = "or open https://example.com/device?user_code=WDJB-MJHT and compare the code";
    let response = read(&without("x")).unwrap();
    assert_eq!(response.prompt(), format!("{short}\n{complete}"));
}

/// `null` counts as absent, for optional and for required members.
#[test]
fn members_that_are_null() {
    for member in ["device_code", "user_code", "verification_uri", "expires_in"] {
        let reason = Reason::Missing {
            member: member.into(),
        };
        assert_refused(&with(member, json!(null)), "OAUTH_INVALID_RESPONSE", reason);
    }
    let response = read(&with("interval", json!(null))).unwrap();
    assert_eq!(response.interval, None);
    let response = read(&with("verification_uri_complete", json!(null))).unwrap();
    assert_eq!(response.verification_uri_complete, None);
    let mut early = with("verification_uri", json!(null));
    early["verification_url"] = json!("https://example.com/early");
    let response = read(&early).unwrap();
    assert_eq!(
        response.verification_uri.as_str(),
        "https://example.com/early"
    );
}

#[test]
fn the_answer_of_keycloak() {
    let file = include_str!("../../../tests/cases/providers/keycloak-device-response.json");
    let endpoint = DeviceAuthorizationEndpoint {
        configuration: testing::configuration(),
        parameters: Parameters::new(),
    };
    let now = UnixTime::from_seconds(NOW);
    let response = endpoint.response(now, &testing::provided(file)).unwrap();
    assert_eq!(response.expires_in, Duration::from_secs(600));
    assert_eq!(response.interval, Some(Duration::from_secs(1)));
    let uri = "https://localhost:8543/realms/lab/device";
    assert_eq!(response.verification_uri.as_str(), uri);
    assert!(response.extra.is_empty());
}

/// Some servers refuse with status 200.
#[test]
fn an_error_without_the_codes_is_a_refusal() {
    let error = read(&json!({"error": "device_flow_disabled"})).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
}

#[test]
fn members_of_the_wrong_type() {
    for member in [
        "device_code",
        "user_code",
        "verification_uri",
        "verification_uri_complete",
    ] {
        for (value, found) in [(json!(""), "an empty string"), (json!(7), "number")] {
            let reason = Reason::IllTyped {
                member: member.into(),
                expected: "a non-empty string",
                found: found.to_owned(),
            };
            assert_refused(&with(member, value), "OAUTH_INVALID_RESPONSE", reason);
        }
    }
}

#[test]
fn times_are_bounded() {
    let lifetime = |value, found: &str| {
        let reason = Reason::IllTyped {
            member: "expires_in".into(),
            expected: "a number of seconds from 0 and not absurdly long",
            found: found.to_owned(),
        };
        assert_refused(&with("expires_in", value), "OAUTH_INVALID_RESPONSE", reason);
    };
    lifetime(json!(-1), "-1");
    lifetime(json!("soon"), "the string soon");
    lifetime(json!("1800s"), "the string 1800s");
    lifetime(json!(1e300), "1e+300");
    lifetime(json!(31 * 24 * 3600 + 1), "2678401");
    let interval = |value, found: &str| {
        let reason = Reason::IllTyped {
            member: "interval".into(),
            expected: "a number of seconds above 0 and not absurdly long",
            found: found.to_owned(),
        };
        assert_refused(&with("interval", value), "OAUTH_INVALID_RESPONSE", reason);
    };
    interval(json!(0), "0");
    interval(json!(-5), "-5");
    interval(json!(3601), "3601");
    interval(json!([5]), "array");
    for (value, milliseconds) in [
        (json!(3600), 3_600_000),
        (json!("7"), 7_000),
        (json!(0.5), 500),
    ] {
        let interval = read(&with("interval", value)).unwrap().interval;
        assert_eq!(interval, Some(Duration::from_millis(milliseconds)));
    }
    let longest = read(&with("expires_in", json!(31 * 24 * 3600))).unwrap();
    assert_eq!(longest.expires_in, Duration::from_secs(2_678_400));
    let text = read(&with("expires_in", json!("1800.5"))).unwrap();
    assert_eq!(text.expires_in, Duration::from_secs(1800));
}

#[test]
fn nothing_is_put_before_a_person_but_an_https_url() {
    for member in ["verification_uri", "verification_uri_complete"] {
        for (url, found) in [
            ("http://example.com/device?WDJB", "http://example.com"),
            ("javascript:alert(1)", "javascript://"),
            ("https://example.com@evil.example/", "https://evil.example"),
            ("example.com/device", "text that is not a URL"),
            ("https://example.com/de\nvice", "https://example.com"),
            (" https://example.com/device", "https://example.com"),
            (
                &format!("https://example.com/{}", "d".repeat(2029)),
                "https://example.com",
            ),
        ] {
            let reason = Reason::Url {
                member: member.into(),
                expected: NOT_OPENABLE,
                found: found.to_owned(),
            };
            let body = with(member, json!(url));
            assert_refused(&body, "OAUTH_HTTP_REQUEST_FORBIDDEN", reason);
        }
    }
    let reason = Reason::IllTyped {
        member: "user_code".into(),
        expected: "at most 200 visible characters",
        found: "longer or other text".to_owned(),
    };
    for user_code in [
        "WD\u{1b}[2J",
        "WDJB\n",
        "WD\u{202e}JB",
        "WD\u{2066}JB",
        "WD\u{200b}JB",
        &"W".repeat(201),
    ] {
        let body = with("user_code", json!(user_code));
        assert_refused(&body, "OAUTH_INVALID_RESPONSE", reason.clone());
    }
    for user_code in ["WDJB MJHT", "вход-12", "'\"\\", &"W".repeat(200)] {
        let response = read(&with("user_code", json!(user_code))).unwrap();
        assert_eq!(response.user_code, user_code);
    }

    let longest = format!("https://example.com/{}", "d".repeat(2028));
    let response = read(&with("verification_uri", json!(longest))).unwrap();
    assert_eq!(response.verification_uri.as_str(), longest);

    let body = with("verification_uri", json!("http://127.0.0.1/device"));
    let response = testing::response(200, body.to_string());
    let mut policy = Policy::default();
    policy.danger_allow_insecure_requests();
    let accepted = endpoint(policy).response(UnixTime::from_seconds(NOW), &response);
    assert_eq!(accepted.unwrap().verification_uri.scheme(), "http");
}

#[test]
fn the_name_of_an_early_draft_is_understood() {
    let mut body = without("verification_uri");
    body["verification_url"] = json!("https://example.com/early");
    let response = read(&body).unwrap();
    assert_eq!(response.verification_uri.path(), "/early");
    body["verification_url"] = json!("http://example.com/early");
    let reason = Reason::Url {
        member: "verification_url".into(),
        expected: NOT_OPENABLE,
        found: "http://example.com".to_owned(),
    };
    assert_refused(&body, "OAUTH_HTTP_REQUEST_FORBIDDEN", reason);
}

#[test]
fn refusals_and_other_statuses() {
    let endpoint = endpoint(Policy::default());
    let now = UnixTime::from_seconds(NOW);
    let refused = testing::response(400, r#"{"error":"invalid_scope"}"#);
    let Err(Error::ResponseBody(error)) = endpoint.response(now, &refused) else {
        panic!();
    };
    assert_eq!(error.error, "invalid_scope");
    let created = testing::response(201, with("x", json!(1)).to_string());
    let error = endpoint.response(now, &created).unwrap_err();
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::Status {
            expected: 200,
            found: 201,
            location: None
        }
    );
}
