use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::testing;
use crate::testing::NOW;

fn read_raw(response: &Response<Bytes>) -> Result<TokenResponse, Error> {
    TokenResponse::read(
        &testing::configuration(),
        UnixTime::from_seconds(NOW),
        response,
    )
}

fn read(body: &Value) -> Result<TokenResponse, Error> {
    read_raw(&testing::response(200, body.to_string()))
}

/// Returns a valid response with one member set to `value`.
fn with(member: &str, value: Value) -> Value {
    let mut body = json!({"access_token": "at", "token_type": "Bearer"});
    body[member] = value;
    body
}

fn without(member: &str) -> Value {
    let mut body = with("scope", json!("a"));
    body.as_object_mut().unwrap().remove(member);
    body
}

#[track_caller]
fn assert_refused(result: Result<TokenResponse, Error>, code: &str, reason: Reason) {
    let error = result.expect_err("accepted");
    assert_eq!(error.code(), Some(code), "{error}");
    let rejection = error.rejection().expect("a rejection");
    assert_eq!(rejection.artefact, Artefact::TokenResponse);
    assert_eq!(rejection.reason, reason);
}

const INVALID: &str = "OAUTH_INVALID_RESPONSE";

/// OpenID Connect Core 1.0 section 3.1.3.3.
#[test]
fn the_example_of_the_specification() {
    let tokens = read(&json!({
        "access_token": "SlAV32hkKG",
        "token_type": "Bearer",
        "refresh_token": "8xLOxBtZp8",
        "expires_in": 3600,
        "id_token": "a.b.c",
        "scope": "openid email",
        "example_parameter": [1],
    }))
    .unwrap();
    assert_eq!(tokens.access_token(), &Secret::from("SlAV32hkKG"));
    assert_eq!(tokens.refresh_token(), Some(&Secret::from("8xLOxBtZp8")));
    assert_eq!(tokens.expires_in().map(|it| it.as_secs()), Some(3600));
    assert_eq!(tokens.received_at().seconds(), NOW);
    assert_eq!(tokens.unverified_id_token(), Some(&Secret::from("a.b.c")));
    assert_eq!(tokens.scope(), Some("openid email"));
    assert_eq!(
        Value::Object(tokens.extra().clone()),
        json!({"example_parameter": [1]})
    );
    let shown = format!("{tokens:?}");
    for secret in ["SlAV32hkKG", "8xLOxBtZp8", "a.b.c", "example"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn what_only_oauth_needs_is_enough() {
    let tokens = read(&without("scope")).unwrap();
    assert_eq!(tokens.refresh_token(), None);
    assert_eq!(tokens.expires_in().map(|it| it.as_secs()), None);
    assert_eq!(tokens.unverified_id_token(), None);
    assert_eq!(tokens.scope(), None);
    assert!(tokens.extra().is_empty());
    assert_eq!(read(&with("scope", json!(""))).unwrap().scope(), Some(""));
}

#[test]
fn members_that_must_be_there() {
    for member in ["access_token", "token_type"] {
        assert_refused(
            read(&without(member)),
            INVALID,
            Reason::Missing {
                member: member.into(),
            },
        );
    }
}

/// `null` counts as absent, for optional and for required members.
#[test]
fn members_that_are_null() {
    for file in [
        include_str!("../../../../tests/cases/token-null-members.json"),
        include_str!("../../../../tests/cases/token-null-expires-in.json"),
    ] {
        let tokens = read_raw(&testing::response(200, file)).unwrap();
        assert_eq!(tokens.access_token(), &Secret::from("at"));
        assert_eq!(tokens.scope(), None);
        assert_eq!(tokens.refresh_token(), None);
        assert_eq!(tokens.unverified_id_token(), None);
        let expires_in = file.contains("3600").then_some(3600);
        assert_eq!(tokens.expires_in().map(|it| it.as_secs()), expires_in);
    }
    for member in ["access_token", "token_type"] {
        assert_refused(
            read(&with(member, Value::Null)),
            INVALID,
            Reason::Missing {
                member: member.into(),
            },
        );
    }
    let mut refused = with("access_token", Value::Null);
    refused["error"] = json!("invalid_grant");
    let error = read(&refused).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
}

#[test]
fn the_answers_of_real_servers() {
    for (file, scope, expires_in, extra) in [
        (
            include_str!("../../../../tests/cases/providers/dex-token-response.json"),
            None,
            86_399,
            &[][..],
        ),
        (
            include_str!("../../../../tests/cases/providers/glewlwyd-token-response.json"),
            Some("openid profile email"),
            3600,
            &["iat"],
        ),
        (
            include_str!(
                "../../../../tests/cases/providers/django-oauth-toolkit-token-response.json"
            ),
            Some("openid profile email"),
            3600,
            &[],
        ),
        (
            include_str!("../../../../tests/cases/providers/keycloak-token-response.json"),
            Some("openid profile email"),
            300,
            &["not-before-policy", "refresh_expires_in", "session_state"],
        ),
    ] {
        let tokens = read_raw(&testing::provided(file)).unwrap();
        assert_eq!(tokens.token_type(), TokenType::Bearer);
        assert_eq!(tokens.scope(), scope);
        assert_eq!(tokens.expires_in().map(|it| it.as_secs()), Some(expires_in));
        assert!(tokens.refresh_token().is_some() && tokens.unverified_id_token().is_some());
        let found: Vec<_> = tokens.extra().keys().map(String::as_str).collect();
        assert_eq!(found, extra);
    }
}

/// RFC 8259 section 8.1 permits a reader to ignore it.
#[test]
fn a_byte_order_mark_before_the_body_is_ignored() {
    let body = with("scope", json!("a")).to_string();
    let marked = testing::response(200, format!("\u{feff}{body}"));
    assert_eq!(read_raw(&marked).unwrap().scope(), Some("a"));
    let twice = testing::response(200, format!("\u{feff}\u{feff}{body}"));
    assert_eq!(
        read_raw(&twice).unwrap_err().code(),
        Some("OAUTH_PARSE_ERROR")
    );
    let refused = testing::response(400, "\u{feff}{\"error\":\"invalid_grant\"}");
    let error = read_raw(&refused).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
}

#[test]
fn members_of_the_wrong_type() {
    for member in ["access_token", "token_type", "refresh_token", "id_token"] {
        for (value, found) in [
            (json!(""), "an empty string"),
            (json!(1), "number"),
            (json!(["at"]), "array"),
        ] {
            assert_refused(
                read(&with(member, value)),
                INVALID,
                Reason::IllTyped {
                    member: member.into(),
                    expected: "a non-empty string",
                    found: found.to_owned(),
                },
            );
        }
    }
    assert_refused(
        read(&with("scope", json!(["a"]))),
        INVALID,
        Reason::IllTyped {
            member: "scope".into(),
            expected: "a string",
            found: "array".to_owned(),
        },
    );
}

/// A number too large for its type is refused, and does not give an endless lifetime.
#[test]
fn a_lifetime_has_an_end() {
    let digits = "9".repeat(400);
    let error = read(&with("expires_in", json!(digits))).unwrap_err();
    let Some(Reason::IllTyped { member, found, .. }) = error.rejection().map(|it| &it.reason)
    else {
        panic!("{error}");
    };
    assert_eq!(member, "expires_in");
    assert!(found.starts_with("the string 999"), "{found}");
}

#[test]
fn a_lifetime_is_a_number_or_its_text() {
    for (value, seconds) in [
        (json!(0), 0),
        (json!(3600), 3600),
        (json!(3599.9), 3599),
        (json!(1e30), u64::MAX),
        (json!("3600"), 3600),
        (json!("3600.5"), 3600),
    ] {
        let tokens = read(&with("expires_in", value)).unwrap();
        assert_eq!(tokens.expires_in().map(|it| it.as_secs()), Some(seconds));
    }
    for (value, found) in [
        (json!(-1), "-1"),
        (json!(-0.5), "-0.5"),
        (json!(true), "boolean"),
        (json!(""), "the string "),
        (json!("3600abc"), "the string 3600abc"),
        (json!("-1"), "the string -1"),
        (json!("1e3"), "the string 1e3"),
        (json!("inf"), "the string inf"),
        (json!(" 1"), "the string  1"),
        (json!("."), "the string ."),
    ] {
        assert_refused(
            read(&with("expires_in", value)),
            INVALID,
            Reason::IllTyped {
                member: "expires_in".into(),
                expected: "a number of seconds from 0",
                found: found.to_owned(),
            },
        );
    }
}

#[test]
fn a_bearer_token_is_the_only_one_known() {
    for token_type in ["bearer", "BEARER"] {
        assert!(read(&with("token_type", json!(token_type))).is_ok());
    }
    for token_type in ["DPoP", "mac", "Bearer ", "N_A"] {
        assert_refused(
            read(&with("token_type", json!(token_type))),
            "OAUTH_UNSUPPORTED_OPERATION",
            Reason::UnsupportedTokenType {
                expected: "Bearer",
                found: token_type.to_owned(),
            },
        );
    }
}

#[test]
fn a_refusal_is_reported_as_the_servers() {
    let refusal = r#"{"error":"invalid_grant","error_description":"used\u001b","error_uri":"u"}"#;
    // Some servers refuse with status 200.
    for status in [400, 401, 200] {
        let error = read_raw(&testing::response(status, refusal)).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
        let Error::ResponseBody(answered) = &error else {
            panic!("{error}");
        };
        assert_eq!(answered.error, "invalid_grant");
        assert_eq!(answered.error_description.as_deref(), Some("used\u{1b}"));
        assert_eq!(answered.status, status);
        assert_eq!(answered.body["error_uri"], "u");
        assert_eq!(
            error.to_string(),
            format!("the server answered {status}: invalid_grant (used\\u{{1b}})")
        );
    }
    // A response with tokens is not a refusal.
    assert!(read(&with("error", json!("invalid_grant"))).is_ok());
    assert_refused(
        read(&json!({"error": 1, "token_type": "Bearer"})),
        INVALID,
        Reason::Missing {
            member: "access_token".into(),
        },
    );
}

#[test]
fn another_status_is_not_a_token_response() {
    for status in [201, 204, 302, 400, 500, 503] {
        let response = testing::response(status, without("scope").to_string());
        assert_refused(
            read_raw(&response),
            "OAUTH_RESPONSE_IS_NOT_CONFORM",
            Reason::Status {
                expected: 200,
                found: status,
                location: None,
            },
        );
    }
    let mut challenged = testing::response(401, r#"{"error":"invalid_client"}"#);
    let challenge = http::HeaderValue::from_static("Basic realm=\"op\"");
    challenged
        .headers_mut()
        .insert(http::header::WWW_AUTHENTICATE, challenge);
    let error = read_raw(&challenged).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
}

#[test]
fn a_body_that_is_not_strict_json_is_refused() {
    let mut page = testing::response(200, "<html>");
    let media_type = http::HeaderValue::from_static("text/html");
    page.headers_mut()
        .insert(http::header::CONTENT_TYPE, media_type);
    assert_refused(
        read_raw(&page),
        "OAUTH_RESPONSE_IS_NOT_JSON",
        Reason::MediaType {
            expected: "application/json",
            found: Some("text/html".to_owned()),
        },
    );
    assert_refused(
        read_raw(&testing::response(
            200,
            r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#,
        )),
        "OAUTH_PARSE_ERROR",
        Reason::Json(json::Error::Duplicate {
            member: "access_token".to_owned(),
        }),
    );
    assert_refused(
        read_raw(&testing::response(200, "[]")),
        INVALID,
        Reason::Json(json::Error::NotAnObject { found: "array" }),
    );
    let mut packed = testing::response(200, without("scope").to_string());
    let encoding = http::HeaderValue::from_static("gzip");
    packed
        .headers_mut()
        .insert(http::header::CONTENT_ENCODING, encoding);
    assert_refused(
        read_raw(&packed),
        "OAUTH_RESPONSE_IS_NOT_CONFORM",
        Reason::ContentEncoding {
            found: "gzip".to_owned(),
        },
    );
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(status in 200_u16..600, body in "\\PC{0,200}") {
        prop_assert!(read_raw(&testing::response(status, body)).is_err());
    }

    #[test]
    fn any_member_is_read_or_refused(member in "access_token|token_type|expires_in|scope", text in "\\PC{0,20}") {
        let _ = read(&with(&member, json!(text)));
    }
}
