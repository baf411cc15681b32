use jose::SignatureAlgorithm::ES256;
use jose::jws::ProtectedHeader;
use serde_json::{Value, json};

use crate::cache::Cache;
use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Reason, TimestampRule};
use crate::flow::{VerifyIdToken, VerifyLogoutToken};
use crate::operation::{Action, Event, Operation};
use crate::policy::{ClockSkew, Policy};
use crate::testing::{
    ML_DSA_KEY, NOW, SERVER_KEY, claims, configuration, env, key_set, response, setup, sign,
    sign_with,
};
use crate::time::UnixTime;
use crate::validate::{IdToken, IdTokenExpectations, LogoutToken, NonceExpectation};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The claims of the example in section 2.4, at this server and now.
fn good() -> Value {
    json!({
        "iss": "https://op.example",
        "sub": "alice",
        "aud": "app",
        "iat": NOW,
        "exp": NOW + 120,
        "jti": "bWJq",
        "sid": "08a5019c-17e1-4977-8f42-65a12843ea02",
        "events": { EVENT: {} },
    })
}

/// The good claims with this change; a claim that is null is left out.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut claims = good();
    for (claim, value) in changes {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(*claim)),
            value => claims[claim] = value.clone(),
        }
    }
    claims
}

fn typed(typ: Option<&str>, claims: &Value) -> String {
    let header = ProtectedHeader::new(ES256).kid("k1");
    let header = match typ {
        Some(typ) => header.typ(typ),
        None => header,
    };
    sign_with(&SERVER_KEY, &header, claims)
}

fn run<O: Operation>(mut operation: O) -> Result<O::Output, Error> {
    let cache = Cache::new();
    let mut event = Event::Begin;
    loop {
        match operation.step(&mut env(NOW, 0, &cache), event)? {
            Action::Send(_) => {
                event = Event::Received(response(200, key_set(&[&SERVER_KEY, &ML_DSA_KEY])));
            }
            Action::Done(output) => return Ok(output),
            _ => panic!("another action"),
        }
    }
}

fn judge_by(configuration: Configuration, token: String) -> Result<LogoutToken, Error> {
    run(VerifyLogoutToken::new(configuration, token))
}

fn judge(claims: &Value) -> Result<LogoutToken, Error> {
    judge_by(configuration(), typed(Some("logout+jwt"), claims))
}

fn by_policy(policy: Policy, token: String) -> Result<LogoutToken, Error> {
    judge_by(configuration().with_policy(policy), token)
}

#[track_caller]
fn refused(result: Result<LogoutToken, Error>) -> Reason {
    match result {
        Err(Error::Rejected(rejection)) => {
            assert_eq!(rejection.artefact, Artefact::LogoutToken);
            rejection.reason.clone()
        }
        other => panic!("{other:?}"),
    }
}

fn missing(member: &'static str) -> Reason {
    Reason::Missing {
        member: member.into(),
    }
}

fn ill_typed(member: &'static str, expected: &'static str, found: &str) -> Reason {
    Reason::IllTyped {
        member: member.into(),
        expected,
        found: found.to_owned(),
    }
}

fn mismatch(claim: &'static str, expected: &str, found: Option<&str>) -> Reason {
    Reason::ClaimMismatch {
        claim,
        expected: Some(expected.to_owned()),
        found: found.map(str::to_owned),
    }
}

fn timestamp(claim: &'static str, found: i64, rule: TimestampRule) -> Reason {
    Reason::Timestamp {
        claim,
        found,
        rule,
        now: NOW,
        tolerance: Policy::default().clock_tolerance(),
    }
}

#[test]
fn the_claims_of_a_good_one() {
    let token = judge(&good()).unwrap();
    assert_eq!(token.iss(), "https://op.example");
    assert_eq!(token.sub(), Some("alice"));
    assert_eq!(token.sid(), Some("08a5019c-17e1-4977-8f42-65a12843ea02"));
    assert_eq!(token.jti(), "bWJq");
    assert_eq!(token.iat(), UnixTime::from_seconds(NOW));
    assert_eq!(token.exp(), UnixTime::from_seconds(NOW + 120));
    assert_eq!(token.claims().len(), 8);
    let shown = format!("{token:?}");
    assert!(
        !shown.contains("08a5019c") && !shown.contains("bWJq"),
        "{shown}"
    );
    // Three times the tolerance, and one second, by a clock that is 10 seconds behind.
    let mut policy = Policy::default();
    policy.danger_set_clock_skew(ClockSkew::Behind(std::time::Duration::from_secs(10)));
    assert_eq!(
        token.remembered_until(&policy),
        UnixTime::from_seconds(NOW + 120 + 81)
    );
}

#[test]
fn each_claim_is_checked() {
    let past = NOW - 31;
    let future = NOW + 31;
    let object = "an object";
    let some = "a string that is not empty";
    for (changes, reason) in [
        (&[("iss", Value::Null)][..], missing("iss")),
        (
            &[("iss", json!("https://op.example/"))],
            mismatch("iss", "https://op.example", Some("https://op.example/")),
        ),
        (&[("aud", Value::Null)], missing("aud")),
        (
            &[("aud", json!("other"))],
            mismatch("aud", "app", Some("other")),
        ),
        (&[("aud", json!([]))], mismatch("aud", "app", Some(""))),
        (
            &[("aud", json!(["app", "other"]))],
            mismatch("azp", "app", None),
        ),
        (
            &[("azp", json!("other"))],
            mismatch("azp", "app", Some("other")),
        ),
        (&[("iat", Value::Null)], missing("iat")),
        (
            &[("iat", json!(future))],
            timestamp("iat", future, TimestampRule::InTheFuture),
        ),
        (&[("exp", Value::Null)], missing("exp")),
        (
            &[("exp", json!(past))],
            timestamp("exp", past, TimestampRule::Expired),
        ),
        (
            &[("nbf", json!(future))],
            timestamp("nbf", future, TimestampRule::NotYetValid),
        ),
        (&[("jti", Value::Null)], missing("jti")),
        (
            &[("jti", json!(""))],
            ill_typed("jti", some, "an empty string"),
        ),
        (
            &[("sub", json!(""))],
            ill_typed("sub", some, "an empty string"),
        ),
        (
            &[("sid", json!(""))],
            ill_typed("sid", some, "an empty string"),
        ),
        (
            &[("sub", Value::Null), ("sid", Value::Null)],
            missing("sid"),
        ),
        (&[("events", Value::Null)], missing("events")),
        (
            &[("events", json!([EVENT]))],
            ill_typed("events", object, "array"),
        ),
        (&[("events", json!({}))], missing(EVENT)),
        (
            &[(
                "events",
                json!({"http://schemas.openid.net/event/other": {}}),
            )],
            missing(EVENT),
        ),
        (
            &[("events", json!({ EVENT: [] }))],
            ill_typed(EVENT, object, "array"),
        ),
        (
            &[("events", json!({ EVENT: null }))],
            ill_typed(EVENT, object, "null"),
        ),
    ] {
        assert_eq!(refused(judge(&with(changes))), reason, "{changes:?}");
    }
    for ill_typed in [("sid", json!(1)), ("jti", json!(1)), ("exp", json!("1"))] {
        let reason = refused(judge(&with(std::slice::from_ref(&ill_typed))));
        assert!(
            matches!(&reason, Reason::IllTyped { member, .. } if *member == ill_typed.0),
            "{reason}"
        );
    }
}

/// Null is a nonce too, since it must be absent.
#[test]
fn a_nonce_is_forbidden() {
    for nonce in [json!("n-1"), json!(""), json!(null)] {
        let mut claims = good();
        claims["nonce"] = nonce;
        let unexpected = Reason::Unexpected {
            member: "nonce".into(),
        };
        assert_eq!(refused(judge(&claims)), unexpected);
    }
}

#[test]
fn what_is_optional_may_be_absent() {
    for changes in [
        &[("sub", Value::Null)][..],
        &[("sid", Value::Null)],
        &[("aud", json!(["app"]))],
        &[("aud", json!(["app", "other"])), ("azp", json!("app"))],
        &[("exp", json!(NOW - 29)), ("iat", json!(NOW - 90_000))],
        &[(
            "events",
            json!({ EVENT: {"x": 1}, "https://other.example/event": 1 }),
        )],
        &[("x", json!(1))],
    ] {
        judge(&with(changes)).unwrap();
    }
}

#[test]
fn a_session_is_named_where_the_client_registered_that() {
    let setup = setup().client(|it| it.backchannel_logout_session_required = Some(true));
    let configuration = setup.build();
    let token = |claims: &Value| typed(None, claims);
    judge_by(configuration.clone(), token(&good())).unwrap();
    let of_a_person = token(&with(&[("sid", Value::Null)]));
    assert_eq!(
        refused(judge_by(configuration, of_a_person)),
        missing("sid")
    );
}

#[test]
fn the_type_is_that_of_a_logout_token_or_of_any() {
    let mut strict = Policy::default();
    strict.require_logout_token_type();
    let policies = [Policy::default(), strict];
    let refusal = |found: &str| Reason::TokenType {
        expected: "logout+jwt",
        found: found.to_owned(),
    };
    for typ in ["logout+jwt", "application/logout+jwt", "Logout+JWT"] {
        for policy in &policies {
            by_policy(policy.clone(), typed(Some(typ), &good())).unwrap();
        }
    }
    let [usual, strict] = policies;
    for typ in [None, Some("JWT"), Some("application/jwt")] {
        by_policy(usual.clone(), typed(typ, &good())).unwrap();
        let refused = refused(by_policy(strict.clone(), typed(typ, &good())));
        assert_eq!(refused, refusal(typ.unwrap_or("nothing")));
    }
    for typ in ["at+jwt", "dpop+jwt", "secevent+jwt", "ID", "logout", ""] {
        for policy in [&usual, &strict] {
            let refused = refused(by_policy(policy.clone(), typed(Some(typ), &good())));
            assert_eq!(refused, refusal(typ));
        }
    }
}

/// A switch for ID Tokens from the token endpoint does not apply to a token that anyone can send.
#[test]
fn no_switch_skips_the_signature() {
    let mut policy = Policy::default();
    policy.danger.skip_id_token_signature_check = true;
    let header = ProtectedHeader::new(ES256).kid("k1");
    let stranger = jose::SigningKey::generate(ES256).unwrap();
    let forged = sign_with(&stranger, &header, &good());
    for policy in [policy, Policy::default()] {
        let reason = refused(by_policy(policy, forged.clone()));
        assert_eq!(reason, Reason::Jose(jose::Error::Signature));
    }
}

#[test]
fn the_algorithm_is_that_of_id_tokens() {
    let header = ProtectedHeader::new(jose::SignatureAlgorithm::MlDsa65).kid("k2");
    let token = sign_with(&ML_DSA_KEY, &header, &good());
    let expected = vec!["ES256".to_owned()];
    let found = "ML-DSA-65".to_owned();
    let reason = Reason::Algorithm { expected, found };
    assert_eq!(refused(judge_by(configuration(), token)), reason);

    let mut parts = typed(None, &good());
    let payload = parts.split('.').nth(1).unwrap().to_owned();
    parts = format!(
        "{}.{payload}.",
        jose::base64url::encode(br#"{"alg":"none"}"#)
    );
    let reason = refused(judge_by(configuration(), parts));
    assert_eq!(reason, Reason::Jose(jose::Error::Unsecured));
}

/// Each of the two tokens is refused where the other is expected.
#[test]
fn no_id_token() {
    let unexpected = Reason::Unexpected {
        member: "nonce".into(),
    };
    assert_eq!(refused(judge(&claims())), unexpected);
    let mut id_token = claims();
    id_token.as_object_mut().unwrap().remove("nonce");
    assert_eq!(refused(judge(&id_token)), missing("events"));
}

fn id_token(changes: &[(&str, Value)]) -> IdToken {
    let mut claims = claims();
    for (claim, value) in changes {
        claims[claim] = value.clone();
    }
    let nonce = NonceExpectation::Equals("n-1".into());
    let expectations = IdTokenExpectations::login(nonce, None);
    let token = sign(&claims);
    run(VerifyIdToken::new(configuration(), token, expectations)).unwrap()
}

#[test]
fn the_sessions_that_it_ends() {
    let sid = "08a5019c-17e1-4977-8f42-65a12843ea02";
    let session =
        |sub: &str, sid: Option<&str>| id_token(&[("sub", json!(sub)), ("sid", json!(sid))]);
    let (this, other) = (session("alice", Some(sid)), session("alice", Some("s-2")));
    let (bob, nameless) = (session("bob", Some(sid)), session("alice", None));
    let ends = |token: LogoutToken| [&this, &other, &bob, &nameless].map(|it| token.ends(it));
    let both = judge(&good()).unwrap();
    assert_eq!(ends(both), [true, false, false, false]);
    let session_alone = judge(&with(&[("sub", Value::Null)])).unwrap();
    assert_eq!(ends(session_alone), [true, false, true, false]);
    let person_alone = judge(&with(&[("sid", Value::Null)])).unwrap();
    assert_eq!(ends(person_alone.clone()), [true, true, false, true]);

    let elsewhere = setup().issuer("https://other.example").build();
    let foreign = with(&[("iss", json!("https://other.example"))]);
    let foreign = judge_by(elsewhere, typed(None, &foreign)).unwrap();
    assert_eq!(ends(foreign), [false; 4]);
}

#[test]
fn its_name_in_a_store_is_that_of_no_other() {
    let named = |jti: &str| judge(&with(&[("jti", json!(jti))])).unwrap().replay_name();
    assert_eq!(named("bWJq"), named("bWJq"));
    assert_ne!(named("bWJq"), named("bWJr"));
    let long = named(&"x".repeat(10_000));
    assert_eq!(long.len(), 56);
    assert!(long.starts_with("logout-token:"), "{long}");
    // Of another client.
    let configuration = setup().client_id("app2").build();
    let claims = with(&[("aud", json!("app2"))]);
    let other = judge_by(configuration, typed(None, &claims)).unwrap();
    assert_ne!(other.replay_name(), named("bWJq"));
}
