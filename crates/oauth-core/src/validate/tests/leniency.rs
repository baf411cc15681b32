//! Conversions between numbers and text, which only `danger` permits.

use bytes::Bytes;
use jose::base64url;
use jose::json::{Limits, parse_object};
use serde_json::{Value, json};

use super::{judge, judge_by, login, previous, rejection, verify, with, without};
use crate::endpoint::{ExpectedSubject, read_user_info};
use crate::error::Reason;
use crate::policy::{Danger, Policy};
use crate::testing::{NOW, SERVER_KEY, claims, configuration};
use crate::validate::{IdTokenExpectations, read_claims};

fn numeric() -> Policy {
    without(|danger| danger.accept_numeric_sub = true)
}

fn textual() -> Policy {
    without(|danger| danger.accept_times_as_text = true)
}

/// Returns a signed token whose `sub` has this notation.
fn with_sub(sub: &str) -> String {
    let claims = with(&[("sub", json!("SUB"))]).to_string();
    let claims = claims.replace(r#""SUB""#, sub);
    let header = base64url::encode(br#"{"alg":"ES256","kid":"k1"}"#);
    let input = format!("{header}.{}", base64url::encode(claims.as_bytes()));
    let signature = SERVER_KEY.sign(jose::SignatureAlgorithm::ES256, input.as_bytes());
    format!("{input}.{}", base64url::encode(&signature.unwrap()))
}

fn ill_typed(member: &'static str, expected: &'static str, found: &str) -> Reason {
    Reason::IllTyped {
        member: member.into(),
        expected,
        found: found.to_owned(),
    }
}

#[test]
fn an_integer_names_a_user_where_that_is_accepted() {
    let file = include_str!("../../../tests/cases/idtoken-claims-sub-number.json");
    let file: Value = serde_json::from_str(file).unwrap();
    let error = judge(&with(&[("sub", file["sub"].clone())])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ID Token refused: `sub` must be a string, found number; \
         `danger.accept_numeric_sub` reads an integer as text"
    );
    assert_eq!(rejection(error), ill_typed("sub", "a string", "number"));
    // Numbers beyond 53 and 64 bits too, whether or not the parser keeps numbers as text.
    for sub in [
        "1234",
        "0",
        "-7",
        "9007199254740993",
        "18446744073709551616",
        "123456789012345678901234567890123456789",
    ] {
        let configuration = configuration().with_policy(numeric());
        let id_token = verify(configuration.clone(), with_sub(sub), login()).unwrap();
        assert_eq!(id_token.sub(), sub);
        assert_eq!(id_token.claims()["sub"], json!(sub));
        // A refresh compares the same text.
        let mut first = claims();
        first["sub"] = json!(sub);
        let refresh = IdTokenExpectations::refresh(Some(previous(&first)));
        verify(configuration, with_sub(sub), refresh).unwrap();
    }
    judge_by(numeric(), &claims(), login()).unwrap();
}

#[test]
fn a_sub_must_not_be_a_fraction() {
    for (sub, found) in [
        ("1.5", "number"),
        ("1.0", "number"),
        ("1e3", "number"),
        ("-0", "number"),
        ("true", "boolean"),
        ("[1]", "array"),
        ("{}", "object"),
    ] {
        let configuration = configuration().with_policy(numeric());
        let error = verify(configuration, with_sub(sub), login()).unwrap_err();
        assert_eq!(
            rejection(error),
            ill_typed("sub", "a string", found),
            "{sub}"
        );
    }
}

#[test]
fn user_info_and_introspection_have_the_same_user() {
    let danger = numeric().danger;
    let text = r#"{"exp":1,"sub":18446744073709551616,"name":"Alice"}"#.as_bytes();
    let object = || parse_object(text, Limits::DOCUMENT).unwrap();
    let subject = ExpectedSubject::Equals("18446744073709551616".to_owned());
    let user = read_user_info(&danger, &subject, Bytes::from_static(text), object()).unwrap();
    assert_eq!(user.sub(), "18446744073709551616");
    let strict = read_user_info(
        &Danger::default(),
        &subject,
        Bytes::from_static(text),
        object(),
    );
    assert_eq!(
        strict.map(drop),
        Err(ill_typed("sub", "a string", "number"))
    );

    let text = r#"{"iat":5,"token_introspection":{"a":[1],"sub":18446744073709551616}}"#;
    let object = parse_object(text.as_bytes(), Limits::CLAIMS).unwrap();
    let claims = read_claims(&danger, text.as_bytes(), object).unwrap();
    let inner = claims.get("token_introspection").unwrap().as_object();
    let sub = inner.unwrap().get("sub").unwrap();
    assert_eq!(sub.as_str(), Some("18446744073709551616"));
}

#[test]
fn digits_are_a_time_where_that_is_accepted() {
    for (claim, value) in [
        ("exp", NOW + 300),
        ("iat", NOW),
        ("nbf", NOW),
        ("auth_time", NOW - 10),
    ] {
        let claims = with(&[(claim, json!(value.to_string()))]);
        let error = judge(&claims).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "ID Token refused: `{claim}` must be a number, found string; \
                 `danger.accept_times_as_text` reads digits as a number"
            )
        );
        assert_eq!(rejection(error), ill_typed(claim, "a number", "string"));
        let id_token = judge_by(textual(), &claims, login()).unwrap();
        assert_eq!(id_token.claims()[claim], json!(value));
    }
    // They are checked like any other time.
    let over = with(&[("exp", json!((NOW - 30).to_string()))]);
    let error = judge_by(textual(), &over, login()).unwrap_err();
    assert!(matches!(
        rejection(error),
        Reason::Timestamp { claim: "exp", found, .. } if found == NOW - 30
    ));
    for text in [
        "",
        "-1",
        "+1",
        "1.5",
        "1e3",
        " 1",
        "0x1",
        "99999999999999999999",
        "never",
    ] {
        let claims = with(&[("exp", json!(text))]);
        let error = judge_by(textual(), &claims, login()).unwrap_err();
        let reason = ill_typed("exp", "a number", "string");
        assert_eq!(rejection(error), reason, "{text}");
    }
}

#[test]
fn neither_switch_does_the_work_of_the_other() {
    let number = with(&[("sub", json!(7))]);
    judge_by(textual(), &number, login()).unwrap_err();
    let text = with(&[("exp", json!((NOW + 300).to_string()))]);
    judge_by(numeric(), &text, login()).unwrap_err();
}
