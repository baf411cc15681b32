//! Documents with public keys: the members that are kept, and the refusals.

use jose::{Error, Jwk, KeyRejected, json};
use serde_json::{Value, json};

use crate::{EC, ED25519, jwk_refusal, verifying_refusal, with};

#[test]
fn members_are_kept_and_written_back() {
    let document = with(
        EC,
        json!({
            "kid": "k", "use": "sig", "key_ops": ["verify"], "alg": "ES256", "x5t": "abc", "vendor": { "a": [1] }
        }),
    );
    let jwk = Jwk::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(
        (jwk.kty(), jwk.crv(), jwk.kid()),
        ("EC", Some("P-256"), Some("k"))
    );
    assert_eq!(
        (jwk.public_key_use(), jwk.alg()),
        (Some("sig"), Some("ES256"))
    );
    assert_eq!(jwk.key_ops().unwrap(), ["verify"]);
    assert_eq!((jwk.x().unwrap().len(), jwk.y().unwrap().len()), (32, 32));
    assert_eq!(jwk.extra().keys().collect::<Vec<_>>(), ["vendor", "x5t"]);
    assert_eq!(Value::Object(jwk.minimal().to_json()), with(EC, json!({})));
    assert_eq!(Value::Object(jwk.to_json()), document);
}

#[test]
fn a_member_is_missing_or_of_the_wrong_type() {
    for member in ["x", "y"] {
        assert_eq!(
            jwk_refusal(&with(EC, json!({ member: null }))),
            KeyRejected::MissingMember { member }
        );
        assert_eq!(
            jwk_refusal(&with(EC, json!({ member: 7 }))),
            KeyRejected::Member {
                member,
                expected: "a string",
                found: "number"
            }
        );
        assert_eq!(
            jwk_refusal(&with(EC, json!({ member: "AA==" }))),
            KeyRejected::Padding { member }
        );
        assert_eq!(
            jwk_refusal(&with(EC, json!({ member: "A+/A" }))),
            KeyRejected::Base64Url { member }
        );
        assert_eq!(
            jwk_refusal(&with(EC, json!({ member: "AAAA" }))),
            KeyRejected::Length {
                member,
                expected: 32,
                found: 3
            }
        );
    }
    assert_eq!(
        jwk_refusal(&json!({})),
        KeyRejected::MissingMember { member: "kty" }
    );
    for member in ["kid", "use", "alg"] {
        assert_eq!(
            jwk_refusal(&with(EC, json!({ member: ["a"] }))),
            KeyRejected::Member {
                member,
                expected: "a string",
                found: "array"
            }
        );
    }
    for (value, found) in [
        (json!("verify"), "string"),
        (json!(["verify", 1]), "number"),
    ] {
        assert_eq!(
            jwk_refusal(&with(EC, json!({ "key_ops": value }))),
            KeyRejected::Member {
                member: "key_ops",
                expected: "an array of strings",
                found
            }
        );
    }
}

#[test]
fn a_coordinate_must_be_as_long_as_its_field() {
    // The coordinate with a leading zero, and without its last byte.
    let x = jose::base64url::decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU").unwrap();
    for (bytes, found) in [([&[0], x.as_slice()].concat(), 33), (x[..31].to_vec(), 31)] {
        assert_eq!(
            jwk_refusal(&with(EC, json!({ "x": jose::base64url::encode(&bytes) }))),
            KeyRejected::Length {
                member: "x",
                expected: 32,
                found
            }
        );
        assert_eq!(
            jwk_refusal(&with(
                ED25519,
                json!({ "x": jose::base64url::encode(&bytes) })
            )),
            KeyRejected::Length {
                member: "x",
                expected: 32,
                found
            }
        );
    }
}

#[test]
fn types_and_curves_that_are_not_known() {
    assert_eq!(
        jwk_refusal(&json!({ "kty": "AXP" })),
        KeyRejected::KeyType {
            kty: "AXP".to_owned()
        }
    );
    assert_eq!(
        jwk_refusal(&json!({ "kty": "rsa" })),
        KeyRejected::KeyType {
            kty: "rsa".to_owned()
        }
    );
    assert_eq!(
        jwk_refusal(&json!({ "kty": "oct", "k": "AAAA" })),
        KeyRejected::Symmetric
    );
    for (document, crv) in [
        (EC, "secp256k1"),
        (EC, "P-224"),
        (EC, "Ed25519"),
        (ED25519, "Ed448"),
        (ED25519, "P-256"),
    ] {
        assert_eq!(
            jwk_refusal(&with(document, json!({ "crv": crv }))),
            KeyRejected::Curve {
                crv: crv.to_owned()
            }
        );
    }
    assert_eq!(
        verifying_refusal(&with(ED25519, json!({ "crv": "X25519" }))),
        Error::KeyRejected(KeyRejected::Curve {
            crv: "X25519".to_owned()
        })
    );
}

/// The member `pub` is the public key of an `AKP` key, and has no meaning for other keys.
#[test]
fn a_member_of_another_type_is_kept_like_any_other() {
    let document = with(EC, json!({ "pub": "AAAA" }));
    let jwk = Jwk::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(jwk.extra()["pub"], "AAAA");
    assert_eq!(Value::Object(jwk.to_json()), document);
}

#[test]
fn a_point_off_its_curve() {
    let off = with(
        EC,
        json!({ "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4" }),
    );
    assert_eq!(
        verifying_refusal(&off),
        Error::KeyRejected(KeyRejected::Inconsistent)
    );
    // Swapped coordinates are not on the curve. No other curve has coordinates of the same length.
    let swapped = with(
        EC,
        json!({
            "x": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "y": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
        }),
    );
    assert_eq!(
        verifying_refusal(&swapped),
        Error::KeyRejected(KeyRejected::Inconsistent)
    );
}

#[test]
fn a_public_document_with_a_private_member() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        assert_eq!(
            jwk_refusal(&with(EC, json!({ member: "AAAA" }))),
            KeyRejected::PrivateMember { member }
        );
    }
}

#[test]
fn duplicate_members_in_a_key() {
    assert_eq!(
        Jwk::parse(br#"{"kty":"EC","kty":"RSA"}"#).unwrap_err(),
        Error::Json {
            part: jose::Part::Key,
            reason: json::Error::Duplicate {
                member: "kty".to_owned()
            }
        }
    );
}

#[test]
fn the_number_of_key_operations_is_limited() {
    let with_operations = |count: usize| with(EC, json!({ "key_ops": vec!["verify"; count] }));
    assert!(Jwk::parse(with_operations(32).to_string().as_bytes()).is_ok());
    assert_eq!(
        jwk_refusal(&with_operations(33)),
        KeyRejected::TooManyElements {
            member: "key_ops",
            limit: 32,
            found: 33
        }
    );
}

/// Unknown members are kept, and each of them can be read.
#[test]
fn one_member_that_is_not_read_here() {
    let key = with(EC, json!({ "vendor": { "a": [1, null] }, "x5t": "AAAA" }));
    let jwk = Jwk::parse(key.to_string().as_bytes()).unwrap();
    assert_eq!(jwk.extra_member("vendor"), Some(json!({ "a": [1, null] })));
    assert_eq!(jwk.extra_member("kty"), None);
    assert_eq!(Value::Object(jwk.to_json()), key);
}
