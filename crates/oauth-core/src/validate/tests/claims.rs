use jose::jws::ProtectedHeader;
use jose::{SignatureAlgorithm, base64url};
use serde_json::{Value, json};

use super::{
    all_switches, audience, judge, judge_by, login, previous, rejection, verify, with, without,
};
use crate::error::Reason;
use crate::policy::{Danger, Policy};
use crate::secret::Secret;
use crate::testing::{
    NOW, SERVER_KEY, claims, configuration, ml_dsa_configuration, sign_text, sign_with,
    sign_with_ml_dsa,
};
use crate::validate::{IdTokenExpectations, NonceExpectation, PreviousIdToken};

/// The claims are read from the JWT a second time, when they are asked for.
#[test]
fn the_claims_are_those_that_were_checked() {
    let mut expected = claims();
    expected["groups"] = json!(["staff", null, {"n": 1.5}]);
    expected["acr"] = Value::Null;
    let text = expected.to_string();
    let text = text.trim_end_matches('}');
    // `nbf` counts as absent, and `sub` occurs twice with the same value.
    let text = format!(r#"{text},"nbf":null,"sub":"alice"}}"#);
    let id_token = verify(configuration(), sign_text(&text), login()).unwrap();
    assert_eq!(json!(id_token.claims()), expected);
    assert_eq!(json!(id_token.clone().into_claims()), expected);
    assert_eq!(PreviousIdToken::from(&id_token), previous(&expected));
}

/// OpenID Connect Core 1.0 section 2.
#[test]
fn a_subject_has_at_most_255_characters() {
    let longest = "é".repeat(255);
    let id_token = judge(&with(&[("sub", json!(longest))])).unwrap();
    assert_eq!(id_token.sub(), longest);
    let error = judge(&with(&[("sub", json!("a".repeat(256)))])).unwrap_err();
    assert_eq!(
        rejection(error),
        Reason::IllTyped {
            member: "sub".into(),
            expected: "a string of at most 255 characters",
            found: "a longer string".to_owned(),
        }
    );
}

#[test]
fn an_empty_nonce_is_never_the_right_one() {
    let expectations = IdTokenExpectations::login(NonceExpectation::Equals("".into()), None);
    let claims = with(&[("nonce", json!(""))]);
    let error = judge_by(Policy::default(), &claims, expectations).unwrap_err();
    assert_eq!(
        rejection(error),
        Reason::ClaimMismatch {
            claim: "nonce",
            expected: None,
            found: None,
        }
    );
}

#[test]
fn a_good_token_gives_out_its_claims() {
    let claims = with(&[
        ("auth_time", json!(NOW - 10)),
        ("acr", json!("urn:mace:incommon:iap:silver")),
        ("amr", json!(["pwd", "otp"])),
        ("azp", json!("app")),
        ("sid", json!("s-1")),
        ("email", json!("alice@example.com")),
    ]);
    let id_token = judge(&claims).unwrap();
    assert_eq!(id_token.iss(), "https://op.example");
    assert_eq!(id_token.sub(), "alice");
    assert_eq!(id_token.aud(), ["app"]);
    assert_eq!(id_token.iat().seconds(), NOW);
    assert_eq!(id_token.auth_time().unwrap().seconds(), NOW - 10);
    assert_eq!(id_token.acr(), Some("urn:mace:incommon:iap:silver"));
    assert_eq!(id_token.amr().collect::<Vec<_>>(), ["pwd", "otp"]);
    assert_eq!(id_token.azp(), Some("app"));
    assert_eq!(id_token.sid(), Some("s-1"));
    assert_eq!(Value::Object(id_token.claims().clone()), claims);
    assert!(id_token.jwt().expose().starts_with("ey"));
    let shown = format!("{id_token:?}");
    assert!(!shown.contains("n-1") && !shown.contains("ey") && !shown.contains("email"));
}

#[test]
fn a_good_token_gives_out_the_standard_claims() {
    let claims = with(&[
        ("name", json!("Alice Adams")),
        ("given_name", json!("Alice")),
        ("family_name", json!("Adams")),
        ("preferred_username", json!("al")),
        ("email", json!("alice@example.com")),
        ("email_verified", json!(true)),
        ("updated_at", json!(NOW - 60)),
    ]);
    let id_token = judge(&claims).unwrap();
    assert_eq!(id_token.name(), Some("Alice Adams"));
    assert_eq!(id_token.given_name(), Some("Alice"));
    assert_eq!(id_token.family_name(), Some("Adams"));
    assert_eq!(id_token.preferred_username(), Some("al"));
    assert_eq!(id_token.email(), Some("alice@example.com"));
    assert_eq!(id_token.email_verified(), Some(true));
    assert_eq!(id_token.updated_at().unwrap().seconds(), NOW - 60);
    assert_eq!(&Secret::from(&id_token), id_token.jwt());

    let odd = with(&[
        ("email", json!(7)),
        ("email_verified", json!("perhaps")),
        ("name", json!(null)),
    ]);
    let id_token = judge(&odd).unwrap();
    assert_eq!(id_token.email(), None);
    assert_eq!(id_token.email_verified(), None);
    assert_eq!(id_token.name(), None);
}

#[test]
fn each_mandatory_claim_is_missed() {
    for claim in ["iss", "sub", "aud", "exp", "iat", "nonce"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(claim);
        let error = judge(&claims).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_INVALID_RESPONSE"));
        let member = claim.into();
        assert_eq!(rejection(error), Reason::Missing { member });
    }
}

#[test]
fn a_claim_of_the_wrong_type_is_refused_and_never_taken_for_absent() {
    for (claim, value) in [
        ("iss", json!(["https://op.example"])),
        ("sub", json!(7)),
        ("sub", json!("")),
        ("aud", json!({"app": true})),
        ("aud", json!(["app", 7])),
        ("aud", json!(["app", null])),
        ("exp", json!((NOW + 300).to_string())),
        ("nbf", json!("0")),
        ("iat", json!(true)),
        ("auth_time", json!("0")),
        ("auth_time", json!(-1)),
        ("nonce", json!(["n-1"])),
        ("azp", json!(["app"])),
        ("at_hash", json!(7)),
    ] {
        let error = judge(&with(&[(claim, value.clone())])).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_INVALID_RESPONSE"), "{claim}");
        match rejection(error) {
            Reason::IllTyped { member, .. } => assert_eq!(member, claim, "{value}"),
            reason => panic!("{claim} {value}: {reason}"),
        }
    }
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for iss in [
        "https://op.example1",
        "https://op.example/",
        "https://OP.example",
        "https://op.example:443",
        "",
    ] {
        let error = judge(&with(&[("iss", json!(iss))])).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_JWT_CLAIM_COMPARISON_FAILED"));
        assert_eq!(
            rejection(error),
            Reason::ClaimMismatch {
                claim: "iss",
                expected: Some("https://op.example".to_owned()),
                found: Some(iss.to_owned()),
            }
        );
    }
}

#[test]
fn the_audience_is_only_this_client() {
    for (aud, azp) in [
        (json!("app"), None),
        (json!(["app"]), None),
        (json!(["app", "app"]), None),
        (json!(["app"]), Some("app")),
        (json!(["api", "app"]), Some("app")),
    ] {
        judge(&audience(&aud, azp)).unwrap();
    }
    for (aud, azp, claim, found) in [
        (json!("app1"), None, "aud", Some("app1")),
        (json!("APP"), None, "aud", Some("APP")),
        (json!([]), None, "aud", Some("")),
        (json!(["api", "web"]), None, "aud", Some("api, web")),
        (json!("api"), Some("app"), "aud", Some("api")),
        (json!(["app", "api"]), None, "azp", None),
        (json!(["app", "api"]), Some("api"), "azp", Some("api")),
        (json!("app"), Some("api"), "azp", Some("api")),
        (json!("app"), Some(""), "azp", Some("")),
    ] {
        let error = judge(&audience(&aud, azp)).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_JWT_CLAIM_COMPARISON_FAILED"));
        assert_eq!(
            rejection(error),
            Reason::ClaimMismatch {
                claim,
                expected: Some("app".to_owned()),
                found: found.map(str::to_owned),
            },
            "{aud} {azp:?}"
        );
    }
}

#[test]
fn another_kind_of_jwt_is_no_id_token() {
    let typed = |typ: &str| {
        let header = ProtectedHeader::new(SignatureAlgorithm::ES256).typ(typ);
        let token = sign_with(&SERVER_KEY, &header, &claims());
        verify(configuration(), token, login())
    };
    for typ in ["JWT", "jwt", "Jwt"] {
        typed(typ).unwrap();
    }
    for typ in [
        "at+jwt",
        "application/at+jwt",
        "logout+jwt",
        "dpop+jwt",
        "token-introspection+jwt",
        "JOSE",
        "",
    ] {
        let error = typed(typ).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_INVALID_RESPONSE"));
        assert_eq!(
            rejection(error),
            Reason::TokenType {
                expected: "JWT",
                found: typ.to_owned(),
            }
        );
    }
    let events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let error = judge(&with(&[("events", events)])).unwrap_err();
    let member = "events".into();
    assert_eq!(rejection(error), Reason::Unexpected { member });
}

#[test]
fn a_header_that_must_be_understood_is_refused() {
    for crit in [json!(["exp"]), json!([]), json!(["b64"])] {
        let header = json!({"alg": "ES256", "crit": crit, "b64": false, "exp": 0});
        let token = format!(
            "{}.{}.{}",
            base64url::encode(header.to_string().as_bytes()),
            base64url::encode(claims().to_string().as_bytes()),
            "A".repeat(86)
        );
        let error = verify(configuration(), token, login()).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_UNSUPPORTED_OPERATION"));
        assert_eq!(rejection(error), Reason::Jose(jose::Error::Critical));
    }
}

#[test]
fn at_hash_binds_the_access_token() {
    let hash = jose::HashAlgorithm::Sha256.digest(b"token");
    let at_hash = base64url::encode(&hash[..16]);
    let mut expectations = login();
    expectations.access_token = Some("token".into());
    let bound = |at_hash: &str, policy| {
        let claims = with(&[("at_hash", json!(at_hash))]);
        judge_by(policy, &claims, expectations.clone())
    };
    bound(&at_hash, Policy::default()).unwrap();
    let whole = base64url::encode(&hash);
    for wrong in ["", "AAAAAAAAAAAAAAAAAAAAAA", whole.as_str()] {
        let error = bound(wrong, Policy::default()).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_JWT_CLAIM_COMPARISON_FAILED"));
        assert_eq!(
            rejection(error),
            Reason::ClaimMismatch {
                claim: "at_hash",
                expected: None,
                found: None,
            }
        );
        bound(wrong, without(|danger| danger.skip_at_hash_check = true)).unwrap();
    }
    // It is optional in the code flow (OpenID Connect Core 1.0 section 3.1.3.6).
    judge_by(Policy::default(), &claims(), expectations.clone()).unwrap();
}

/// It counts neither as a match nor as absent.
#[test]
fn at_hash_under_ml_dsa_is_unsupported() {
    let mut expectations = login();
    expectations.access_token = Some("token".into());
    let judge = |claims: &Value, policy| {
        let token = sign_with_ml_dsa(claims);
        verify(ml_dsa_configuration(policy), token, expectations.clone())
    };
    let sha_512 = jose::HashAlgorithm::Sha512.digest(b"token");
    for at_hash in ["", &base64url::encode(&sha_512[..32])] {
        let claims = with(&[("at_hash", json!(at_hash))]);
        let error = judge(&claims, Policy::default()).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_UNSUPPORTED_OPERATION"));
        assert_eq!(
            rejection(error),
            Reason::UnsupportedHash {
                claim: "at_hash",
                algorithm: SignatureAlgorithm::MlDsa65,
                hash: "SHAKE256",
            }
        );
        let relaxed = without(|danger| danger.skip_at_hash_check = true);
        judge(&claims, relaxed).unwrap();
    }
    judge(&claims(), Policy::default()).unwrap();
}

#[test]
fn each_switch_relaxes_its_own_check_alone() {
    let future = with(&[("iat", json!(NOW + 3600))]);
    let strangers = with(&[("aud", json!(["app", "api"]))]);
    let other_party = with(&[("azp", json!("api"))]);
    for (claims, switch) in [
        (
            &future,
            (|danger| danger.skip_iat_check = true) as fn(&mut Danger),
        ),
        (&strangers, |danger| danger.skip_azp_check = true),
        (&other_party, |danger| danger.skip_azp_check = true),
    ] {
        judge(claims).unwrap_err();
        judge_by(without(switch), claims, login()).unwrap();
        let others = without(|danger| {
            *danger = all_switches();
            let mut switched = Danger::default();
            switch(&mut switched);
            danger.skip_iat_check &= !switched.skip_iat_check;
            danger.skip_azp_check &= !switched.skip_azp_check;
        });
        judge_by(others, claims, login()).unwrap_err();
    }
    // With all switches on, the other checks still apply.
    for claims in [
        with(&[("iss", json!("https://evil.example"))]),
        with(&[("aud", json!("api"))]),
        with(&[("exp", json!(NOW - 30))]),
        with(&[("sub", json!(""))]),
        with(&[("nonce", json!("n-2"))]),
        with(&[("events", json!({}))]),
    ] {
        let policy = without(|danger| *danger = all_switches());
        judge_by(policy, &claims, login()).unwrap_err();
    }
}
