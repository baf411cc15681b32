//! Claims sets that are refused although their signature is valid.

use jose::{Error, Part, json};

use crate::claims_refusal;

#[test]
fn claims_of_the_wrong_type() {
    let claim = |claim: &str, expected, found| Error::Claim {
        claim: claim.to_owned(),
        expected,
        found,
    };
    for name in ["exp", "nbf", "iat", "auth_time"] {
        for (value, found) in [
            ("\"1300819380\"", "string"),
            ("null", "null"),
            ("[1]", "array"),
            ("true", "boolean"),
        ] {
            assert_eq!(
                claims_refusal(&format!(r#"{{"{name}":{value}}}"#)),
                claim(name, "a number", found)
            );
        }
    }
    for name in ["iss", "sub", "jti"] {
        for (value, found) in [
            ("7", "number"),
            ("null", "null"),
            ("[\"a\"]", "array"),
            ("{}", "object"),
        ] {
            assert_eq!(
                claims_refusal(&format!(r#"{{"{name}":{value}}}"#)),
                claim(name, "a string", found)
            );
        }
    }
    for (value, found) in [
        ("7", "number"),
        ("null", "null"),
        ("{}", "object"),
        (r#"["a",7]"#, "array"),
        (r#"[["a"]]"#, "array"),
    ] {
        assert_eq!(
            claims_refusal(&format!(r#"{{"aud":{value}}}"#)),
            claim("aud", "a string or an array of strings", found)
        );
    }
}

#[test]
fn claims_sets_that_are_not_strict_json() {
    let json = |reason| Error::Json {
        part: Part::Payload,
        reason,
    };
    assert_eq!(
        claims_refusal("[]"),
        json(json::Error::NotAnObject { found: "array" })
    );
    assert_eq!(
        claims_refusal(r#"{"sub":"a","sub":"b"}"#),
        json(json::Error::Duplicate {
            member: "sub".to_owned()
        })
    );
    assert_eq!(
        claims_refusal(r#"{"exp":1e999}"#),
        json(json::Error::Syntax {
            line: 1,
            column: 12
        })
    );
    assert_eq!(
        claims_refusal(&"[".repeat(1000)),
        json(json::Error::Depth { limit: 32 })
    );
}

#[test]
fn an_audience_of_too_many_members() {
    let audience = |members| format!(r#"{{"aud":[{}]}}"#, vec![r#""a""#; members].join(","));
    assert_eq!(
        claims_refusal(&audience(1025)),
        Error::TooManyAudiences {
            limit: 1024,
            found: 1025
        }
    );
    // With the maximum number of audiences, the next claim causes the error.
    let allowed = audience(1024).replace('}', r#","exp":"soon"}"#);
    assert!(matches!(claims_refusal(&allowed), Error::Claim { claim, .. } if claim == "exp"));
}
