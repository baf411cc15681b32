//! `jwt::Validation` refuses a token for each rule, and names the rule.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use std::time::Duration;

use jose::jwt::{NumericDate, TimeRule, Validated, Validation, ValidationError};
use jose::{
    Error, JwkSet, KeySelectionError, Malformed, SignatureAlgorithm, SigningKey, VerifyingKey,
    base64url,
};

const SECRET: &[u8] = b"a secret that both sides share, of sufficient length for SHA-512";
const NOW: i64 = 1_700_000_000;
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn token(header: &str, payload: &str) -> String {
    let [header, payload] = [header, payload].map(|part| base64url::encode(part.as_bytes()));
    let input = format!("{header}.{payload}");
    let key = SigningKey::hmac(SECRET).unwrap();
    let signature = key.sign(SignatureAlgorithm::HS256, input.as_bytes());
    format!("{input}.{}", base64url::encode(&signature.unwrap()))
}

fn validation() -> Validation {
    Validation::new(
        "https://id.example.com",
        "client",
        &[SignatureAlgorithm::HS256],
    )
    .unwrap()
}

fn verify(validation: &Validation, token: &str) -> Result<Validated, ValidationError> {
    let key = VerifyingKey::hmac(SECRET).unwrap();
    validation.verify(token, &key, NumericDate::from_seconds(NOW))
}

fn refusal(validation: &Validation, header: &str, payload: &str) -> ValidationError {
    verify(validation, &token(header, payload)).unwrap_err()
}

/// Returns claims that are accepted, with one of them changed. `None` omits the claim.
fn claims(changed: &str, value: Option<&str>) -> String {
    let mut members = vec![
        ("iss", r#""https://id.example.com""#.to_owned()),
        ("aud", r#"["other","client"]"#.to_owned()),
        ("exp", (NOW + 300).to_string()),
        ("nbf", (NOW - 60).to_string()),
        ("iat", (NOW - 60).to_string()),
        ("sub", r#""248289761001""#.to_owned()),
    ];
    members.retain(|(name, _)| *name != changed);
    if let Some(value) = value {
        members.push((changed, value.to_owned()));
    }
    let members: Vec<_> = members
        .iter()
        .map(|(name, value)| format!(r#""{name}":{value}"#))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn good() -> String {
    claims("x", None)
}

#[test]
fn a_token_that_fits_is_accepted() {
    let validated = verify(&validation(), &token(HEADER, &good())).unwrap();
    assert_eq!(validated.claims().sub(), Some("248289761001"));
    assert_eq!(validated.header().alg(), SignatureAlgorithm::HS256);
    assert!(!format!("{validated:?}").contains("248289761001"));
    let optional = r#"{"iss":"https://id.example.com","aud":"client","exp":1700000001}"#;
    assert!(verify(&validation(), &token(HEADER, optional)).is_ok());
}

#[test]
fn settings_that_accept_everything_or_nothing() {
    let hs256 = &[SignatureAlgorithm::HS256][..];
    for (issuer, audience, algorithms, setting) in [
        ("", "client", hs256, "issuer"),
        ("https://id.example.com", "", hs256, "audience"),
        ("https://id.example.com", "client", &[], "algorithms"),
    ] {
        let error = Validation::new(issuer, audience, algorithms).unwrap_err();
        assert_eq!(error, ValidationError::Empty { setting });
        assert_eq!(error.code(), "JWT_INVALID_SETTING");
    }
    let found = Duration::from_secs(601);
    assert_eq!(
        validation().leeway(found).unwrap_err(),
        ValidationError::Leeway { found }
    );
    assert!(validation().leeway(Duration::from_secs(600)).is_ok());
}

#[test]
fn algorithms() {
    let es256 = Validation::new(
        "https://id.example.com",
        "client",
        &[SignatureAlgorithm::ES256, SignatureAlgorithm::HS512],
    );
    let error = refusal(&es256.unwrap(), HEADER, &good());
    let found = SignatureAlgorithm::HS256;
    assert_eq!(error, ValidationError::Algorithm { found });
    assert_eq!(error.code(), "JWT_ALGORITHM_NOT_ACCEPTED");
    for none in ["none", "None", "NONE"] {
        let error = refusal(&validation(), &format!(r#"{{"alg":"{none}"}}"#), &good());
        assert_eq!(error, ValidationError::Token(Error::Unsecured));
        assert_eq!(error.code(), "JWT_UNSECURED");
    }
    let error = refusal(&validation(), r#"{"alg":"HS1"}"#, &good());
    let alg = "HS1".to_owned();
    assert_eq!(
        error,
        ValidationError::Token(Error::UnknownAlgorithm { alg })
    );
    assert_eq!(error.code(), "JWT_ALGORITHM_UNSUPPORTED");
}

#[test]
fn critical_extensions() {
    let header = r#"{"alg":"HS256","crit":["exp"],"exp":1}"#;
    let error = refusal(&validation(), header, &good());
    assert_eq!(error, ValidationError::Token(Error::Critical));
    assert_eq!(error.code(), "JWT_CRITICAL_EXTENSION");
}

#[test]
fn types() {
    let header = |typ: &str| format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
    let access_token = validation().typ("at+jwt");
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        assert!(verify(&access_token, &token(&header(typ), &good())).is_ok());
        let error = refusal(&validation(), &header(typ), &good());
        let expected = ValidationError::Typ {
            expected: "JWT".to_owned(),
            found: Some(typ.to_owned()),
        };
        assert_eq!(error, expected);
        assert_eq!(error.code(), "JWT_TYPE_MISMATCH");
    }
    assert!(verify(&validation(), &token(&header("application/jwt"), &good())).is_ok());
    let missing = |found: Option<&str>| ValidationError::Typ {
        expected: "at+jwt".to_owned(),
        found: found.map(str::to_owned),
    };
    assert!(verify(&validation(), &token(r#"{"alg":"HS256"}"#, &good())).is_ok());
    let error = refusal(&access_token, r#"{"alg":"HS256"}"#, &good());
    assert_eq!(error, missing(None));
    assert_eq!(
        error.to_string(),
        "the token's `typ` must be `at+jwt`, found nothing"
    );
    let error = refusal(&access_token, HEADER, &good());
    assert_eq!(error, missing(Some("JWT")));
}

#[test]
fn signatures_and_keys() {
    let key = VerifyingKey::hmac(&[7; 32]).unwrap();
    let now = NumericDate::from_seconds(NOW);
    let error = validation().verify(&token(HEADER, &good()), &key, now);
    let error = error.unwrap_err();
    assert_eq!(error, ValidationError::Token(Error::Signature));
    assert_eq!(error.code(), "JWT_SIGNATURE_INVALID");

    let keys = JwkSet::parse(br#"{"keys":[]}"#).unwrap();
    let error = validation().verify_with_set(&token(HEADER, &good()), &keys, now);
    let error = error.unwrap_err();
    let alg = SignatureAlgorithm::HS256;
    let expected = Error::KeySelection(KeySelectionError::Symmetric { alg });
    assert_eq!(error, ValidationError::Token(expected));
    assert_eq!(error.code(), "JWT_KEY_NOT_FOUND");

    let error = verify(&validation(), "a.b").unwrap_err();
    let expected = Error::Malformed(Malformed::Segments {
        expected: 3,
        found: 2,
    });
    assert_eq!(error, ValidationError::Token(expected));
    assert_eq!(error.code(), "JWT_MALFORMED");
}

/// The algorithm is checked before a key is searched, and the type before the signature.
#[test]
fn a_set_verifies_with_the_key_of_the_token() {
    let alg = SignatureAlgorithm::ES256;
    let key = SigningKey::generate(alg).unwrap().with_kid("a");
    let header = jose::jws::ProtectedHeader::new(alg).kid("a");
    let signed = jose::jws::SigningInput::new(&header, good().as_bytes());
    let signed = signed.sign(&key).unwrap();
    let public = key.public_jwk().unwrap().to_json();
    let keys = serde_json::json!({ "keys": [public] }).to_string();
    let keys = JwkSet::parse(keys.as_bytes()).unwrap();
    let now = NumericDate::from_seconds(NOW);
    let es256 = Validation::new("https://id.example.com", "client", &[alg]).unwrap();
    assert!(es256.verify_with_set(&signed, &keys, now).is_ok());
    let error = validation().verify_with_set(&signed, &keys, now);
    assert_eq!(
        error.unwrap_err(),
        ValidationError::Algorithm { found: alg }
    );
}

#[test]
fn issuer_and_audience() {
    let refused = |claim, value| refusal(&validation(), HEADER, &claims(claim, value));
    for value in [r#""https://id.example.com/""#, r#""""#] {
        let error = refused("iss", Some(value));
        assert_eq!(error, ValidationError::Issuer, "{value}");
        assert_eq!(error.code(), "JWT_ISSUER_MISMATCH");
    }
    for value in [r#""client2""#, "[]", r#"["other","CLIENT"]"#] {
        let error = refused("aud", Some(value));
        assert_eq!(error, ValidationError::Audience, "{value}");
        assert_eq!(error.code(), "JWT_AUDIENCE_MISMATCH");
    }
}

#[test]
fn claims_that_are_missing() {
    let strict = validation().require("sub");
    for claim in ["iss", "aud", "exp", "sub"] {
        let error = refusal(&strict, HEADER, &claims(claim, None));
        let missing = ValidationError::Missing {
            claim: claim.to_owned(),
        };
        assert_eq!(error, missing);
        assert_eq!(error.code(), "JWT_CLAIM_MISSING");
    }
    assert!(verify(&validation(), &token(HEADER, &claims("sub", None))).is_ok());
    let roles = validation().require("roles");
    for value in [None, Some("null")] {
        let error = refusal(&roles, HEADER, &claims("roles", value));
        assert_eq!(error.to_string(), "the claim `roles` is missing");
    }
    assert!(verify(&roles, &token(HEADER, &claims("roles", Some("false")))).is_ok());
}

#[test]
fn claims_of_the_wrong_type() {
    let error = refusal(
        &validation(),
        HEADER,
        &claims("exp", Some(r#""1700000300""#)),
    );
    let expected = Error::Claim {
        claim: "exp".to_owned(),
        expected: "a number",
        found: "string",
    };
    assert_eq!(error, ValidationError::Token(expected));
    assert_eq!(error.code(), "JWT_CLAIM_ILL_TYPED");
}

#[test]
fn times() {
    let ten = validation().leeway(Duration::from_millis(10_900)).unwrap();
    for (claim, rule, code, accepted, refused) in [
        ("exp", TimeRule::Expired, "JWT_EXPIRED", 1, 0),
        ("nbf", TimeRule::NotYetValid, "JWT_NOT_YET_VALID", 0, 1),
        (
            "iat",
            TimeRule::InTheFuture,
            "JWT_ISSUED_IN_THE_FUTURE",
            0,
            1,
        ),
    ] {
        let away = if claim == "exp" { -10 } else { 10 };
        for (validation, accepted, refused) in [
            (validation(), accepted, refused),
            (ten.clone(), accepted + away, refused + away),
        ] {
            let with = |offset: i64| claims(claim, Some(&(NOW + offset).to_string()));
            assert!(verify(&validation, &token(HEADER, &with(accepted))).is_ok());
            let error = refusal(&validation, HEADER, &with(refused));
            let found = NOW + refused;
            let expected = ValidationError::Time {
                claim,
                rule,
                found,
                now: NOW,
            };
            assert_eq!(error, expected);
            assert_eq!(error.code(), code);
        }
    }
}
