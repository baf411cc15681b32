//! Keys that sign: private documents, PKCS#8 and generated keys.

use jose::{Error, KeyRejected, SignatureAlgorithm, SigningKey};
use serde_json::{Value, json};

use crate::{EC, EC_D, ED25519, rsa_private, signing_refusal, with};

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

/// ring signs with no more than 4096 bits, and a feature changes no result.
#[test]
fn a_private_rsa_key_that_is_too_long() {
    let n = jose::base64url::encode(&[0xff; 520]);
    assert_eq!(
        signing_refusal(&with(&rsa_private().to_string(), json!({ "n": n }))),
        Error::KeyRejected(KeyRejected::ModulusLength {
            minimum: 2048,
            maximum: 4096,
            found: 4160
        })
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
        refusal(include_str!("../vectors/openssl/rsa1024.pem")),
        KeyRejected::ModulusLength {
            minimum: 2048,
            maximum: 8192,
            found: 1024
        }
    );
    assert_eq!(
        refusal(include_str!("../vectors/openssl/rsa2048_pkcs1.pem")),
        KeyRejected::PemLabel {
            found: "RSA PRIVATE KEY".to_owned()
        }
    );
    assert_eq!(
        refusal(include_str!("../vectors/openssl/secp256k1.pem")),
        KeyRejected::AlgorithmIdentifier {
            oid: "1.3.132.0.10".to_owned()
        }
    );
    let x25519 = SigningKey::from_pkcs8_pem(include_str!("../vectors/openssl/x25519.pem"));
    let expected = if cfg!(feature = "aws-lc-rs") {
        Error::KeyRejected(KeyRejected::Curve {
            crv: "X25519".to_owned(),
        })
    } else {
        Error::UnsupportedAlgorithm {
            alg: "ECDH-ES",
            feature: "aws-lc-rs",
        }
    };
    assert_eq!(x25519.unwrap_err(), expected);
    if !cfg!(feature = "aws-lc-rs") {
        assert_eq!(
            refusal(include_str!("../vectors/openssl/p256_without_public.pem")),
            KeyRejected::MissingPublicKey
        );
    }
    let relabelled = include_str!("../vectors/openssl/p256.pem").replace("PRIVATE", "EC PRIVATE");
    assert_eq!(
        refusal(&relabelled),
        KeyRejected::PemLabel {
            found: "EC PRIVATE KEY".to_owned()
        }
    );
    for text in [
        "",
        "PRIVATE KEY",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
    ] {
        assert_eq!(refusal(text), KeyRejected::Pem, "{text:?}");
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
