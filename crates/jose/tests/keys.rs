//! Keys and sets of keys: what is read, what is refused and why, and which key a token gets.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use jose::jws::{ProtectedHeader, SigningInput, Unverified};
use jose::{
    Error, Jwk, JwkSet, KeyFamily, KeyRejected, KeySelectionError, SetKey, SignatureAlgorithm,
    SigningKey, VerifyingKey, json,
};
use serde_json::{Value, json};

const EC: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
const EC_D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const ED25519: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn rsa() -> Value {
    serde_json::from_str(include_str!("vectors/rfc7520/jwk/3_3.rsa_public_key.json")).unwrap()
}

fn rsa_private() -> Value {
    serde_json::from_str(include_str!("vectors/rfc7520/jwk/3_4.rsa_private_key.json")).unwrap()
}

fn refused_by_openssl(name: &str) -> Value {
    let vectors: Value =
        serde_json::from_str(include_str!("vectors/openssl/refused.json")).unwrap();
    vectors[name].clone()
}

/// The document with members replaced; `null` removes one.
fn with(document: &str, changes: Value) -> Value {
    let mut document: Value = serde_json::from_str(document).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => document.as_object_mut().unwrap().remove(name),
            other => document
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), other.clone()),
        };
    }
    document
}

fn jwk_refusal(document: &Value) -> KeyRejected {
    match Jwk::parse(document.to_string().as_bytes()).unwrap_err() {
        Error::KeyRejected(reason) => reason,
        other => panic!("{other}"),
    }
}

fn verifying_refusal(document: &Value) -> Error {
    VerifyingKey::from_jwk(&Jwk::parse(document.to_string().as_bytes()).unwrap()).unwrap_err()
}

fn signing_refusal(document: &Value) -> Error {
    SigningKey::from_jwk(document.to_string().as_bytes()).unwrap_err()
}

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
    // A leading zero more, and the last byte less.
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
        jwk_refusal(&json!({ "kty": "AKP" })),
        KeyRejected::KeyType {
            kty: "AKP".to_owned()
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
    // The point of one curve under the name of another of the same length does not exist; swapped
    // coordinates do.
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
fn rsa_moduli_and_exponents_out_of_bounds() {
    let modulus = |maximum, found| KeyRejected::ModulusLength {
        minimum: 2048,
        maximum,
        found,
    };
    assert_eq!(
        jwk_refusal(&refused_by_openssl("rsa1024_public")),
        modulus(8192, 1024)
    );
    assert_eq!(
        signing_refusal(&refused_by_openssl("rsa1024_private")),
        Error::KeyRejected(modulus(8192, 1024))
    );
    let long = jose::base64url::encode(&[0xff; 1025]);
    assert_eq!(
        jwk_refusal(&json!({ "kty": "RSA", "e": "AQAB", "n": long })),
        modulus(8192, 8200)
    );
    // 2047 bits in 256 bytes.
    let mut just_short = vec![0xff; 256];
    just_short[0] = 0x7f;
    let just_short = jose::base64url::encode(&just_short);
    assert_eq!(
        jwk_refusal(&json!({ "kty": "RSA", "e": "AQAB", "n": just_short })),
        modulus(8192, 2047)
    );
    for e in ["", "AA", "AQ", "AA", "BA", "AQAA", "AgAAAAE"] {
        assert_eq!(
            jwk_refusal(&with(&rsa().to_string(), json!({ "e": e }))),
            KeyRejected::PublicExponent,
            "{e:?}"
        );
    }
    let even = jose::base64url::encode(&[&[0xff; 255][..], &[0xfe]].concat());
    assert_eq!(
        jwk_refusal(&json!({ "kty": "RSA", "e": "AQAB", "n": even })),
        KeyRejected::Inconsistent
    );
}

#[test]
fn an_exponent_of_3_verifies_but_does_not_sign() {
    let document = refused_by_openssl("rsa2048_e3_private");
    assert_eq!(
        signing_refusal(&document),
        Error::KeyRejected(KeyRejected::PublicExponent)
    );
    let public = json!({ "kty": "RSA", "n": document["n"], "e": document["e"] });
    assert!(VerifyingKey::from_jwk(&Jwk::parse(public.to_string().as_bytes()).unwrap()).is_ok());
}

#[test]
fn a_sign_byte_before_the_modulus_is_dropped() {
    let n = jose::base64url::decode(rsa()["n"].as_str().unwrap()).unwrap();
    let padded = jose::base64url::encode(&[&[0][..], &n].concat());
    let jwk = Jwk::parse(
        with(&rsa().to_string(), json!({ "n": padded }))
            .to_string()
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(jwk.n().unwrap(), n);
    let plain = Jwk::parse(rsa().to_string().as_bytes()).unwrap();
    assert_eq!(jwk.thumbprint(), plain.thumbprint());
}

#[test]
fn use_and_key_operations_are_honoured() {
    let refused = |public_key_use: &str| {
        Error::KeyRejected(KeyRejected::PublicKeyUse {
            found: public_key_use.to_owned(),
        })
    };
    for value in ["enc", "", "SIG"] {
        assert_eq!(
            verifying_refusal(&with(EC, json!({ "use": value }))),
            refused(value)
        );
        assert_eq!(
            signing_refusal(&with(EC, json!({ "use": value, "d": EC_D }))),
            refused(value)
        );
    }
    let operations = |expected| Error::KeyRejected(KeyRejected::KeyOperations { expected });
    assert_eq!(
        verifying_refusal(&with(EC, json!({ "key_ops": ["sign"] }))),
        operations("verify")
    );
    assert_eq!(
        verifying_refusal(&with(EC, json!({ "key_ops": [] }))),
        operations("verify")
    );
    assert_eq!(
        signing_refusal(&with(EC, json!({ "key_ops": ["verify"], "d": EC_D }))),
        operations("sign")
    );
    let key = SigningKey::from_jwk(
        with(EC, json!({ "key_ops": ["sign"], "d": EC_D }))
            .to_string()
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(key.public_jwk().unwrap().key_ops().unwrap(), ["verify"]);
    assert!(VerifyingKey::from_jwk(&key.public_jwk().unwrap()).is_ok());
}

#[test]
fn a_keys_own_algorithm_binds_it() {
    assert_eq!(
        verifying_refusal(&with(&rsa().to_string(), json!({ "alg": "HS256" }))),
        Error::KeyFamilyMismatch {
            alg: SignatureAlgorithm::HS256,
            found: KeyFamily::Rsa
        }
    );
    assert_eq!(
        verifying_refusal(&with(EC, json!({ "alg": "ES384" }))),
        Error::KeyFamilyMismatch {
            alg: SignatureAlgorithm::ES384,
            found: KeyFamily::P256
        }
    );
    assert_eq!(
        verifying_refusal(&with(EC, json!({ "alg": "none" }))),
        Error::Unsecured
    );
    assert_eq!(
        verifying_refusal(&with(EC, json!({ "alg": "ECDH-ES" }))),
        Error::UnknownAlgorithm {
            alg: "ECDH-ES".to_owned()
        }
    );

    let bound = with(&rsa().to_string(), json!({ "alg": "PS256" }));
    let key = VerifyingKey::from_jwk(&Jwk::parse(bound.to_string().as_bytes()).unwrap()).unwrap();
    assert_eq!(
        key.verify(SignatureAlgorithm::RS256, b"", b"").unwrap_err(),
        Error::AlgorithmMismatch {
            expected: SignatureAlgorithm::PS256,
            found: SignatureAlgorithm::RS256
        }
    );
    let key = SigningKey::generate(SignatureAlgorithm::Ed25519).unwrap();
    assert_eq!(
        key.sign(SignatureAlgorithm::EdDSA, b"").unwrap_err(),
        Error::AlgorithmMismatch {
            expected: SignatureAlgorithm::Ed25519,
            found: SignatureAlgorithm::EdDSA
        }
    );
    assert_eq!(
        key.with_algorithm(SignatureAlgorithm::EdDSA).unwrap_err(),
        Error::AlgorithmMismatch {
            expected: SignatureAlgorithm::Ed25519,
            found: SignatureAlgorithm::EdDSA
        }
    );
}

#[test]
fn private_parts_must_belong_to_the_public_ones() {
    let inconsistent = Error::KeyRejected(KeyRejected::Inconsistent);
    assert_eq!(
        signing_refusal(&with(
            EC,
            json!({ "d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE" })
        )),
        inconsistent
    );
    assert_eq!(
        signing_refusal(&with(
            ED25519,
            json!({ "d": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" })
        )),
        inconsistent
    );
    // A scalar of zero.
    assert_eq!(
        signing_refusal(&with(
            EC,
            json!({ "d": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" })
        )),
        inconsistent
    );
    assert_eq!(
        signing_refusal(&with(EC, json!({ "d": "AAAA" }))),
        Error::KeyRejected(KeyRejected::Length {
            member: "d",
            expected: 32,
            found: 3
        })
    );
    let p = rsa_private()["q"].clone();
    assert_eq!(
        signing_refusal(&with(&rsa_private().to_string(), json!({ "p": p }))),
        inconsistent
    );
}

#[test]
fn a_private_rsa_key_needs_all_its_numbers() {
    for member in ["d", "p", "q", "dp", "dq", "qi"] {
        assert_eq!(
            signing_refusal(&with(&rsa_private().to_string(), json!({ member: null }))),
            Error::KeyRejected(KeyRejected::MissingMember { member })
        );
    }
    assert_eq!(
        signing_refusal(&with(&rsa_private().to_string(), json!({ "oth": [] }))),
        Error::KeyRejected(KeyRejected::Member {
            member: "oth",
            expected: "absent",
            found: "array"
        })
    );
    assert_eq!(
        signing_refusal(&serde_json::from_str(EC).unwrap()),
        Error::KeyRejected(KeyRejected::MissingMember { member: "d" })
    );
}

#[test]
fn what_a_private_document_says_about_itself_is_kept() {
    let document = with(
        EC,
        json!({ "d": EC_D, "kid": "k", "use": "sig", "alg": "ES256" }),
    );
    let key = SigningKey::from_jwk(document.to_string().as_bytes()).unwrap();
    assert_eq!(
        (key.kid(), key.algorithm_default()),
        (Some("k"), SignatureAlgorithm::ES256)
    );
    let public = Value::Object(key.public_jwk().unwrap().to_json());
    assert_eq!(
        public,
        with(EC, json!({ "kid": "k", "use": "sig", "alg": "ES256" }))
    );

    let secret = jose::base64url::encode(&[7; 48]);
    let document = json!({ "kty": "oct", "k": secret, "kid": "s", "alg": "HS384" });
    let key = SigningKey::from_jwk(document.to_string().as_bytes()).unwrap();
    assert_eq!(
        (key.kid(), key.algorithm_default()),
        (Some("s"), SignatureAlgorithm::HS384)
    );
    assert!(key.public_jwk().is_none());
    assert_eq!(
        signing_refusal(
            &json!({ "kty": "oct", "k": jose::base64url::encode(&[7; 32]), "alg": "HS384" })
        ),
        Error::KeyRejected(KeyRejected::SecretLength {
            minimum: 48,
            found: 32
        })
    );
}

#[test]
fn pkcs8_documents_that_are_refused() {
    let refusal = |pem: &str| match SigningKey::from_pkcs8_pem(pem).unwrap_err() {
        Error::KeyRejected(reason) => reason,
        other => panic!("{other}"),
    };
    assert_eq!(
        refusal(include_str!("vectors/openssl/rsa1024.pem")),
        KeyRejected::ModulusLength {
            minimum: 2048,
            maximum: 8192,
            found: 1024
        }
    );
    assert_eq!(
        refusal(include_str!("vectors/openssl/rsa2048_pkcs1.pem")),
        KeyRejected::Pkcs8
    );
    assert_eq!(
        refusal(include_str!("vectors/openssl/secp256k1.pem")),
        KeyRejected::AlgorithmIdentifier {
            oid: "1.3.132.0.10".to_owned()
        }
    );
    assert_eq!(
        refusal(include_str!("vectors/openssl/x25519.pem")),
        KeyRejected::AlgorithmIdentifier {
            oid: "1.3.101.110".to_owned()
        }
    );
    assert_eq!(
        refusal(include_str!("vectors/openssl/p256_without_public.pem")),
        KeyRejected::MissingPublicKey
    );
    let relabelled = include_str!("vectors/openssl/p256.pem").replace("PRIVATE", "EC PRIVATE");
    for text in [
        "",
        &relabelled,
        "PRIVATE KEY",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
    ] {
        assert_eq!(refusal(text), KeyRejected::Pkcs8, "{text:?}");
    }
    assert_eq!(
        SigningKey::from_pkcs8_der(b"\x30\x00").unwrap_err(),
        Error::KeyRejected(KeyRejected::Pkcs8)
    );
}

#[test]
fn keys_that_cannot_be_generated() {
    assert_eq!(
        SigningKey::generate(SignatureAlgorithm::HS256).unwrap_err(),
        Error::KeyRejected(KeyRejected::Symmetric)
    );
    let missing = |alg| Error::UnsupportedAlgorithm {
        alg,
        feature: "aws-lc-rs",
    };
    if !cfg!(feature = "aws-lc-rs") {
        assert_eq!(
            SigningKey::generate(SignatureAlgorithm::ES512).unwrap_err(),
            missing("ES512")
        );
        assert_eq!(
            SigningKey::generate(SignatureAlgorithm::RS256).unwrap_err(),
            missing("RSA key generation")
        );
    }
}

/// The header of a token signed by nobody in particular.
fn select<'s>(set: &'s JwkSet, alg: &str, kid: Option<&str>) -> Result<&'s SetKey, Error> {
    let mut header = ProtectedHeader::new(alg.parse().unwrap());
    if let Some(kid) = kid {
        header = header.kid(kid);
    }
    let length = match alg {
        "ES384" => 96,
        "ES256" | "Ed25519" | "EdDSA" => 64,
        _ => 256,
    };
    let token = SigningInput::new(&header, b"{}")
        .finish(&vec![1; length])
        .unwrap();
    set.select(Unverified::parse(&token).unwrap().header())
}

fn set(keys: Value) -> JwkSet {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

#[test]
fn a_set_gives_the_one_key_that_fits() {
    let set = set(json!([
        with(&rsa().to_string(), json!({ "kid": "r", "alg": null })),
        with(EC, json!({ "kid": "e" })),
        with(ED25519, json!({ "kid": "o" })),
    ]));
    for (alg, kid) in [
        ("RS256", "r"),
        ("PS512", "r"),
        ("ES256", "e"),
        ("Ed25519", "o"),
        ("EdDSA", "o"),
    ] {
        assert_eq!(select(&set, alg, Some(kid)).unwrap().jwk().kid(), Some(kid));
        assert_eq!(select(&set, alg, None).unwrap().jwk().kid(), Some(kid));
    }
    let none = |alg| Error::KeySelection(KeySelectionError::None { alg, keys: 3 });
    // The curve does not fit; the name does not; the name fits a key of another type.
    assert_eq!(
        select(&set, "ES384", None).unwrap_err(),
        none(SignatureAlgorithm::ES384)
    );
    assert_eq!(
        select(&set, "RS256", Some("x")).unwrap_err(),
        none(SignatureAlgorithm::RS256)
    );
    assert_eq!(
        select(&set, "RS256", Some("e")).unwrap_err(),
        none(SignatureAlgorithm::RS256)
    );
}

#[test]
fn several_keys_that_fit_are_never_tried_in_turn() {
    let first = with(EC, json!({ "kid": "a" }));
    let second = SigningKey::generate(SignatureAlgorithm::ES256)
        .unwrap()
        .with_kid("a")
        .public_jwk()
        .unwrap();
    let set = set(json!([
        first,
        second.to_json(),
        with(EC, json!({ "kid": "b" })),
        EC.parse::<Value>().unwrap()
    ]));
    let several = |candidates| {
        Error::KeySelection(KeySelectionError::Several {
            alg: SignatureAlgorithm::ES256,
            candidates,
        })
    };
    assert_eq!(select(&set, "ES256", None).unwrap_err(), several(4));
    assert_eq!(select(&set, "ES256", Some("a")).unwrap_err(), several(2));
    assert_eq!(
        select(&set, "ES256", Some("b")).unwrap().jwk().kid(),
        Some("b")
    );
}

#[test]
fn the_keys_own_members_decide_between_keys_of_one_type() {
    let rsa = rsa().to_string();
    let set = set(json!([
        with(&rsa, json!({ "kid": "rs", "alg": "RS256" })),
        with(&rsa, json!({ "kid": "ps", "alg": "PS256" })),
        with(&rsa, json!({ "kid": "enc", "use": "enc" })),
        with(&rsa, json!({ "kid": "ops", "key_ops": ["encrypt"] })),
    ]));
    assert_eq!(select(&set, "RS256", None).unwrap().jwk().kid(), Some("rs"));
    assert_eq!(select(&set, "PS256", None).unwrap().jwk().kid(), Some("ps"));
    for (alg, kid) in [
        ("RS256", "ps"),
        ("RS256", "enc"),
        ("RS256", "ops"),
        ("RS512", "rs"),
    ] {
        assert_eq!(
            select(&set, alg, Some(kid)).unwrap_err(),
            Error::KeySelection(KeySelectionError::None {
                alg: alg.parse().unwrap(),
                keys: 2
            })
        );
    }
}

#[test]
fn one_bad_key_is_skipped_and_said_to_be() {
    let set = set(json!([
        with(EC, json!({ "kid": "good" })),
        { "kty": "AKP", "kid": "later" },
        with(EC, json!({ "kid": "leaked", "d": EC_D })),
        7,
        with(EC, json!({ "kid": "off", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4" })),
        refused_by_openssl("rsa1024_public"),
    ]));
    assert_eq!(set.keys().len(), 1);
    let skipped: Vec<_> = set
        .skipped()
        .iter()
        .map(|key| (key.index(), key.kid(), key.reason().clone()))
        .collect();
    let rejected = Error::KeyRejected;
    assert_eq!(
        skipped,
        [
            (
                1,
                Some("later"),
                rejected(KeyRejected::KeyType {
                    kty: "AKP".to_owned()
                })
            ),
            (
                2,
                Some("leaked"),
                rejected(KeyRejected::PrivateMember { member: "d" })
            ),
            (
                3,
                None,
                Error::Json {
                    part: jose::Part::Key,
                    reason: json::Error::NotAnObject { found: "number" }
                }
            ),
            (4, Some("off"), rejected(KeyRejected::Inconsistent)),
            (
                5,
                None,
                rejected(KeyRejected::ModulusLength {
                    minimum: 2048,
                    maximum: 8192,
                    found: 1024
                })
            ),
        ]
    );
    assert_eq!(
        select(&set, "ES256", None).unwrap().jwk().kid(),
        Some("good")
    );
}

#[test]
fn documents_that_are_no_set() {
    let refusal = |text: &str| JwkSet::parse(text.as_bytes()).unwrap_err();
    assert_eq!(
        refusal("{}"),
        Error::KeyRejected(KeyRejected::MissingMember { member: "keys" })
    );
    assert_eq!(
        refusal(r#"{"keys":{}}"#),
        Error::KeyRejected(KeyRejected::Member {
            member: "keys",
            expected: "an array",
            found: "object"
        })
    );
    let json = |reason| Error::Json {
        part: jose::Part::KeySet,
        reason,
    };
    assert_eq!(
        refusal("[]"),
        json(json::Error::NotAnObject { found: "array" })
    );
    assert_eq!(
        refusal(r#"{"keys":[],"keys":[]}"#),
        json(json::Error::Duplicate {
            member: "keys".to_owned()
        })
    );
    assert_eq!(
        refusal("<html>"),
        json(json::Error::Syntax { line: 1, column: 1 })
    );
    let many = format!(r#"{{"keys":[{}]}}"#, vec!["{}"; 257].join(","));
    assert_eq!(
        refusal(&many),
        Error::TooManyKeys {
            limit: 256,
            found: 257
        }
    );
    let most = format!(r#"{{"keys":[{}]}}"#, vec!["{}"; 256].join(","));
    assert_eq!(JwkSet::parse(most.as_bytes()).unwrap().skipped().len(), 256);
}

#[test]
fn keys_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<SigningKey>();
    shared::<VerifyingKey>();
    shared::<JwkSet>();
}
