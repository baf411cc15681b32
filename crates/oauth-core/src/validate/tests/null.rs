//! A claim that is `null`: absent if it is optional, missing if it is required, present if it is
//! forbidden.

use std::time::Duration;

use jose::SignatureAlgorithm::ES256;
use jose::json::{Limits, parse_object};
use jose::jws::{ProtectedHeader, Unverified};
use serde_json::{Value, json};

use super::{judge, judge_by, login, previous, rejection, verify, with, without};
use crate::endpoint::{
    ExpectedSubject, IntrospectionResponse, UserInfoResponse, validate_introspection,
    validate_user_info,
};
use crate::error::{Error, Reason};
use crate::policy::{ClockSkew, Danger, Policy};
use crate::testing::{NOW, SERVER_KEY, claims, configuration, setup, sign, sign_with};
use crate::time::UnixTime;
use crate::validate::{
    IdToken, IdTokenExpectations, NonceExpectation, read_claims, validate_authorization_response,
};
use crate::wire::Parameters;

fn null(claim: &str) -> Value {
    with(&[(claim, Value::Null)])
}

fn missing(claim: &'static str) -> Reason {
    Reason::Missing {
        member: claim.into(),
    }
}

fn refused(result: Result<IdToken, Error>) -> Reason {
    rejection(result.unwrap_err())
}

fn mismatch(claim: &'static str, expected: Option<&str>) -> Reason {
    Reason::ClaimMismatch {
        claim,
        expected: expected.map(str::to_owned),
        found: None,
    }
}

fn max_age(seconds: u64) -> IdTokenExpectations {
    IdTokenExpectations::login(
        NonceExpectation::Equals("n-1".into()),
        Some(Duration::from_secs(seconds)),
    )
}

#[test]
fn what_an_id_token_must_have_is_missing() {
    for claim in ["iss", "sub", "aud", "exp", "iat", "nonce"] {
        assert_eq!(refused(judge(&null(claim))), missing(claim));
    }
    let old = judge_by(Policy::default(), &null("auth_time"), max_age(600));
    assert_eq!(refused(old), missing("auth_time"));
    let requires = setup().client(|it| it.require_auth_time = Some(true));
    let judged = verify(requires.build(), sign(&null("auth_time")), login());
    assert_eq!(refused(judged), missing("auth_time"));
    // With several audiences the client must be named.
    let several = with(&[("aud", json!(["app", "api"])), ("azp", Value::Null)]);
    assert_eq!(refused(judge(&several)), mismatch("azp", Some("app")));
    let without_audience = with(&[("aud", json!([null]))]);
    assert!(
        matches!(refused(judge(&without_audience)), Reason::IllTyped { member, .. } if member == "aud")
    );
}

#[test]
fn what_an_id_token_need_not_have_is_absent() {
    for claim in [
        "nbf",
        "auth_time",
        "azp",
        "acr",
        "amr",
        "jti",
        "sid",
        "s_hash",
        "c_hash",
    ] {
        let id_token = judge(&null(claim)).unwrap();
        assert_eq!(id_token.sub(), "alice", "{claim}");
        assert_eq!((id_token.azp(), id_token.auth_time()), (None, None));
    }
    let mut expectations = login();
    expectations.access_token = Some("token".into());
    judge_by(Policy::default(), &null("at_hash"), expectations).unwrap();
}

/// Some providers write an omitted `azp` as null.
#[test]
fn an_azp_that_is_null_is_absent() {
    let file = include_str!("../../../tests/cases/idtoken-claims-azp-null.json");
    let mut claims: Value = serde_json::from_str(file).unwrap();
    claims["nonce"] = "n-1".into();
    // The time at which the file was recorded.
    let mut policy = Policy::default();
    policy.danger_set_clock_skew(ClockSkew::Behind(Duration::from_secs(
        (1_795_882_000 - NOW).unsigned_abs(),
    )));
    let mut lenient = policy.clone();
    lenient.danger.skip_azp_check = true;
    for policy in [policy, lenient] {
        let it = setup().client_id("my-app").policy(policy);
        assert_eq!(
            verify(it.build(), sign(&claims), login()).unwrap().azp(),
            None
        );
    }
}

/// The switch covers an `azp` of any type.
#[test]
fn an_azp_is_not_looked_at_where_its_check_is_switched_off() {
    let policy = without(|danger| danger.skip_azp_check = true);
    for azp in [
        json!("api"),
        json!(null),
        json!(7),
        json!(["app"]),
        json!({}),
    ] {
        for aud in [json!("app"), json!(["app", "api"])] {
            let claims = with(&[("aud", aud), ("azp", azp.clone())]);
            judge_by(policy.clone(), &claims, login()).unwrap();
        }
    }
    let number = with(&[("azp", json!(7))]);
    assert!(matches!(refused(judge(&number)), Reason::IllTyped { member, .. } if member == "azp"));
}

#[test]
fn what_an_id_token_must_not_have_is_there() {
    let not_sent = IdTokenExpectations::login(NonceExpectation::Absent, None);
    let judged = judge_by(Policy::default(), &null("nonce"), not_sent);
    assert_eq!(refused(judged), mismatch("nonce", Some("none")));
    let unexpected = |claim: &'static str| Reason::Unexpected {
        member: claim.into(),
    };
    assert_eq!(refused(judge(&null("events"))), unexpected("events"));
    let front = |state: Option<&str>, code: Option<&str>| {
        let secret = |text: &str| text.into();
        let nonce = "n-1".into();
        IdTokenExpectations::front_channel(nonce, None, code.map(secret), state.map(secret))
    };
    let judged = judge_by(Policy::default(), &null("s_hash"), front(None, None));
    assert_eq!(refused(judged), unexpected("s_hash"));
    // With a state it may be present, and must be if it is the signature of the response.
    judge_by(Policy::default(), &null("s_hash"), front(Some("s"), None)).unwrap();
    let mut detached = Policy::default();
    detached.enable_detached_signature_response_checks();
    let judged = judge_by(detached, &null("s_hash"), front(Some("s"), None));
    assert_eq!(refused(judged), missing("s_hash"));
    let judged = judge_by(Policy::default(), &null("c_hash"), front(None, Some("c")));
    assert_eq!(refused(judged), missing("c_hash"));
}

#[test]
fn a_refresh_compares_what_is_there() {
    let refresh = |first: &Value, second: &Value| {
        let expectations = IdTokenExpectations::refresh(Some(previous(first)));
        judge_by(Policy::default(), second, expectations)
    };
    let mut no_nonce = claims();
    no_nonce.as_object_mut().unwrap().remove("nonce");
    for claim in ["azp", "auth_time", "nonce"] {
        refresh(&claims(), &null(claim)).unwrap();
    }
    for claim in ["azp", "auth_time"] {
        refresh(&null(claim), &claims()).unwrap();
        refresh(&null(claim), &null(claim)).unwrap();
    }
    // After a login without a nonce, it must be absent.
    for first in [&no_nonce, &null("nonce")] {
        for second in [&claims(), &null("nonce")] {
            assert_eq!(refused(refresh(first, second)), mismatch("nonce", None));
        }
        refresh(first, &no_nonce).unwrap();
    }
    let named = with(&[("azp", json!("app"))]);
    assert_eq!(
        refused(refresh(&named, &null("azp"))),
        mismatch("azp", Some("app"))
    );
}

/// The results of the other kinds of token for these claims.
fn response(claims: &Value) -> Result<Parameters, Reason> {
    read("JWT", claims, |header, claims| {
        let now = UnixTime::from_seconds(NOW);
        validate_authorization_response(&configuration(), now, header, claims)
    })
}

fn user_info(claims: &Value) -> Result<UserInfoResponse, Reason> {
    read("JWT", claims, |header, claims| {
        let now = UnixTime::from_seconds(NOW);
        let subject = ExpectedSubject::Equals("alice".to_owned());
        validate_user_info(&configuration(), &subject, now, header, claims)
    })
}

fn introspection(claims: &Value) -> Result<IntrospectionResponse, Reason> {
    read("token-introspection+jwt", claims, |header, claims| {
        let now = UnixTime::from_seconds(NOW);
        validate_introspection(&configuration(), now, header, claims)
    })
}

fn read<T>(
    typ: &str,
    claims: &Value,
    validate: impl FnOnce(&jose::jws::Header, &jose::jwt::Claims<'_>) -> Result<T, Reason>,
) -> Result<T, Reason> {
    let token = sign_with(
        &SERVER_KEY,
        &ProtectedHeader::new(ES256).typ(typ),
        &json!({}),
    );
    let token = Unverified::parse(&token).unwrap();
    let text = claims.to_string();
    let object = parse_object(text.as_bytes(), Limits::CLAIMS).unwrap();
    let claims = read_claims(&Danger::default(), text.as_bytes(), object)?;
    validate(token.header(), &claims)
}

#[test]
fn an_authorization_response_with_nulls() {
    let good = json!({"iss": "https://op.example", "aud": "app", "exp": NOW + 60, "code": "c"});
    let with_null = |name: &str| {
        let mut claims = good.clone();
        claims[name] = Value::Null;
        response(&claims)
    };
    for claim in ["iss", "aud", "exp"] {
        assert_eq!(with_null(claim).unwrap_err(), missing(claim));
    }
    for claim in [
        "nbf",
        "iat",
        "jti",
        "state",
        "error",
        "error_description",
        "session_state",
    ] {
        let parameters = with_null(claim).unwrap();
        assert_eq!(parameters.first("code"), Some("c"));
        assert!(!parameters.contains(claim), "{claim}");
    }
    // The rules of the response refuse these where they are forbidden or required.
    for claim in [
        "code",
        "id_token",
        "token",
        "access_token",
        "token_type",
        "expires_in",
    ] {
        assert_eq!(with_null(claim).unwrap().first(claim), Some(""), "{claim}");
    }
}

#[test]
fn user_info_with_nulls() {
    let good = json!({"iss": "https://op.example", "aud": "app", "sub": "alice", "exp": NOW + 60});
    for claim in ["iss", "aud", "exp", "nbf", "iat", "email"] {
        let mut claims = good.clone();
        claims[claim] = Value::Null;
        assert_eq!(user_info(&claims).unwrap().sub(), "alice", "{claim}");
    }
    let mut claims = good;
    claims["sub"] = Value::Null;
    assert_eq!(user_info(&claims).map(drop), Err(missing("sub")));
}

#[test]
fn introspection_with_nulls() {
    let good = json!({
        "iss": "https://op.example",
        "aud": "app",
        "iat": NOW,
        "token_introspection": {"active": true, "sub": null, "exp": null, "aud": null},
    });
    let response = introspection(&good).unwrap();
    assert!(response.active());
    assert_eq!((response.sub(), response.exp()), (None, None));
    for (claim, expected) in [
        ("exp", None),
        ("nbf", None),
        ("iss", Some(missing("iss"))),
        ("aud", Some(missing("aud"))),
        ("iat", Some(missing("iat"))),
        ("token_introspection", Some(missing("token_introspection"))),
    ] {
        let mut claims = good.clone();
        claims[claim] = Value::Null;
        assert_eq!(introspection(&claims).err(), expected, "{claim}");
    }
}
