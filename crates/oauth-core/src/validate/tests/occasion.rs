use serde_json::{Value, json};

use super::{judge, judge_by, login, previous, rejection, verify, with, without};
use crate::error::{Misuse, Reason};
use crate::policy::Policy;
use crate::testing;
use crate::testing::{NOW, claims, sign};
use crate::validate::{IdTokenExpectations, NonceExpectation, PreviousIdToken};

#[test]
fn the_nonce_is_the_one_sent_and_absent_when_none_was() {
    let expect = |nonce, claims: &Value| {
        judge_by(
            Policy::default(),
            claims,
            IdTokenExpectations::login(nonce, None),
        )
    };
    let mut without = claims();
    without.as_object_mut().unwrap().remove("nonce");
    expect(NonceExpectation::Absent, &without).unwrap();
    for (nonce, claims) in [
        (NonceExpectation::Equals("n-2".into()), claims()),
        (
            NonceExpectation::Equals("n-1".into()),
            with(&[("nonce", json!("n-11"))]),
        ),
        (
            NonceExpectation::Equals("n-1".into()),
            with(&[("nonce", json!(""))]),
        ),
        (NonceExpectation::Absent, claims()),
        (NonceExpectation::Absent, with(&[("nonce", json!(""))])),
        (NonceExpectation::Absent, with(&[("nonce", json!(null))])),
    ] {
        let error = expect(nonce, &claims).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_JWT_CLAIM_COMPARISON_FAILED"));
        assert!(!error.to_string().contains("n-1") && !error.to_string().contains("n-2"));
        assert!(matches!(
            rejection(error),
            Reason::ClaimMismatch {
                claim: "nonce",
                found: None,
                ..
            }
        ));
    }
}

#[test]
fn a_refreshed_token_continues_the_login() {
    let first = with(&[("auth_time", json!(NOW - 100)), ("azp", json!("app"))]);
    let refreshed = |changes: &[(&str, Option<Value>)], policy| {
        let mut claims = first.clone();
        for (claim, value) in changes {
            match value {
                Some(value) => claims[claim] = value.clone(),
                None => drop(claims.as_object_mut().unwrap().remove(*claim)),
            }
        }
        let expectations = IdTokenExpectations::refresh(Some(previous(&first)));
        judge_by(policy, &claims, expectations)
    };
    for good in [
        &[][..],
        &[("nonce", None)],
        &[("auth_time", None)],
        &[("auth_time", Some(json!((NOW - 100) as f64)))],
        &[
            ("iat", Some(json!(NOW + 20))),
            ("exp", Some(json!(NOW + 900))),
        ],
        &[("aud", Some(json!(["app"])))],
        &[("aud", Some(json!(["app", "api"])))],
    ] {
        refreshed(good, Policy::default()).unwrap();
    }
    for (claim, value) in [
        ("sub", Some(json!("mallory"))),
        ("azp", None),
        ("auth_time", Some(json!(NOW))),
        ("auth_time", Some(json!((NOW - 100) as f64 + 0.5))),
        ("nonce", Some(json!("n-2"))),
    ] {
        let changes = [(claim, value)];
        let error = refreshed(&changes, Policy::default()).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_JWT_CLAIM_COMPARISON_FAILED"));
        match rejection(error) {
            Reason::ClaimMismatch { claim: found, .. } => assert_eq!(found, claim),
            reason => panic!("{reason}"),
        }
        let lenient = without(|danger| danger.skip_continuity_check = true);
        refreshed(&changes, lenient).unwrap();
    }
}

#[test]
fn another_azp_in_a_refresh_has_the_switch_of_azp() {
    let first = with(&[("azp", json!("app"))]);
    let refreshed = |claims: &Value, policy| {
        let expectations = IdTokenExpectations::refresh(Some(previous(&first)));
        judge_by(policy, claims, expectations)
    };
    let lenient = || without(|danger| danger.skip_azp_check = true);
    for azp in [json!("other"), json!(null), json!(7)] {
        let mut claims = first.clone();
        claims["azp"] = azp;
        let error = refreshed(&claims, Policy::default()).unwrap_err();
        assert!(matches!(
            rejection(error),
            Reason::ClaimMismatch { claim: "azp", .. } | Reason::IllTyped { .. }
        ));
        refreshed(&claims, lenient()).unwrap();
        // The other claims are still compared.
        for claim in ["sub", "nonce"] {
            let mut claims = claims.clone();
            claims[claim] = json!("mallory");
            match rejection(refreshed(&claims, lenient()).unwrap_err()) {
                Reason::ClaimMismatch { claim: found, .. } => assert_eq!(found, claim),
                reason => panic!("{reason}"),
            }
        }
    }
}

/// The same `sub` at another issuer is another user.
#[test]
fn a_login_at_another_issuer_is_not_continued() {
    let first = with(&[("iss", json!("https://other.example"))]);
    let expectations = IdTokenExpectations::refresh(Some(previous(&first)));
    let error = judge_by(Policy::default(), &claims(), expectations).unwrap_err();
    assert_eq!(
        rejection(error),
        Reason::ClaimMismatch {
            claim: "iss",
            expected: Some("https://other.example".to_owned()),
            found: Some("https://op.example".to_owned()),
        }
    );
}

#[test]
fn what_was_absent_at_login_does_not_appear_in_a_refresh() {
    let mut first = claims();
    first.as_object_mut().unwrap().remove("nonce");
    for (claim, value) in [("azp", json!("app")), ("nonce", json!("n-1"))] {
        let mut claims = first.clone();
        claims[claim] = value;
        let expectations = IdTokenExpectations::refresh(Some(previous(&first)));
        let error = judge_by(Policy::default(), &claims, expectations).unwrap_err();
        match rejection(error) {
            Reason::ClaimMismatch { claim: found, .. } => assert_eq!(found, claim),
            reason => panic!("{reason}"),
        }
    }
}

#[test]
fn every_audience_of_the_login_is_still_one() {
    let first = with(&[("aud", json!(["app", "api"])), ("azp", json!("app"))]);
    let later = with(&[("azp", json!("app"))]);
    let expectations = IdTokenExpectations::refresh(Some(previous(&first)));
    let error = judge_by(Policy::default(), &later, expectations).unwrap_err();
    assert_eq!(
        rejection(error),
        Reason::ClaimMismatch {
            claim: "aud",
            expected: Some("api".to_owned()),
            found: Some("app".to_owned()),
        }
    );
}

#[test]
fn a_refreshed_token_with_nothing_to_compare_is_refused() {
    let refresh = || IdTokenExpectations::refresh(None);
    let error = judge_by(Policy::default(), &claims(), refresh()).unwrap_err();
    let member = "id_token".into();
    assert_eq!(rejection(error), Reason::Unexpected { member });
    let lenient = without(|danger| danger.skip_continuity_check = true);
    judge_by(lenient, &claims(), refresh()).unwrap();
}

#[test]
fn claims_that_were_kept_are_compared_like_the_token() {
    let id_token = judge(&claims()).unwrap();
    let kept = id_token.claims().clone();
    assert_eq!(
        PreviousIdToken::from_claims(kept.clone()).unwrap(),
        PreviousIdToken::from(&id_token)
    );
    for claim in ["iss", "sub", "aud"] {
        let mut lacking = kept.clone();
        lacking.remove(claim);
        assert_eq!(
            PreviousIdToken::from_claims(lacking),
            Err(Misuse::MissingArgument {
                argument: claim,
                purpose: "the comparison with the ID Token of the login",
            })
        );
    }
    let mut malformed = kept.clone();
    malformed.insert("sub".to_owned(), json!(7));
    assert_eq!(
        PreviousIdToken::from_claims(malformed),
        Err(Misuse::InvalidArgument {
            argument: "sub",
            expected: "a string",
            found: "another type".to_owned(),
        })
    );
    for aud in [
        json!(null),
        json!(7),
        json!({"app": 1}),
        json!([]),
        json!([7]),
    ] {
        let mut malformed = kept.clone();
        malformed.insert("aud".to_owned(), aud);
        assert_eq!(
            PreviousIdToken::from_claims(malformed),
            Err(Misuse::InvalidArgument {
                argument: "aud",
                expected: "a string or an array of strings, at least one",
                found: "none".to_owned(),
            })
        );
    }
}

/// OpenID Connect Core 1.0 section 3.3.3.6. The same `sub` at two issuers is two users, which
/// matters if one server serves many issuers.
#[test]
fn the_id_tokens_of_one_login_are_about_one_person() {
    let first = judge(&claims()).unwrap();
    let same = || login().same_person_as(&first);
    judge_by(Policy::default(), &claims(), same()).unwrap();
    let result = judge_by(
        Policy::default(),
        &with(&[("sub", json!("mallory"))]),
        same(),
    );
    let mismatch = |claim, expected: &str, found: &str| Reason::ClaimMismatch {
        claim,
        expected: Some(expected.to_owned()),
        found: Some(found.to_owned()),
    };
    assert_eq!(
        rejection(result.unwrap_err()),
        mismatch("sub", "alice", "mallory")
    );

    let elsewhere = testing::setup().issuer("https://other.example").build();
    let token = sign(&with(&[("iss", json!("https://other.example"))]));
    verify(elsewhere.clone(), token.clone(), login()).unwrap();
    assert_eq!(
        rejection(verify(elsewhere, token, same()).unwrap_err()),
        mismatch("iss", "https://op.example", "https://other.example")
    );
}
