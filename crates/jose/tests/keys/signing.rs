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
    // The scalar is zero.
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

/// ring signs with at most 4096 bits. The limit is the same with every feature.
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
        KeyRejected::Pem.to_string(),
        "not a PEM document: expected a line `-----BEGIN …-----`, base64, and a line `-----END …-----` \
         with the same label"
    );
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

/// A clone signs with the same key. A new `kid` of the clone does not change the original.
#[test]
fn a_clone_shares_the_key_and_not_its_name() {
    let alg = SignatureAlgorithm::ES256;
    let key = SigningKey::generate(alg).unwrap().with_kid("a");
    let clone = key.clone().with_kid("b");
    assert_eq!((key.kid(), clone.kid()), (Some("a"), Some("b")));
    let [first, second] = [&key, &clone].map(|key| key.public_jwk().unwrap());
    assert_eq!((first.kid(), second.kid()), (Some("a"), Some("b")));
    assert_eq!(first.minimal(), second.minimal());
    let signature = clone.sign(alg, b"message").unwrap();
    let verifier = jose::VerifyingKey::from_jwk(&first).unwrap();
    verifier.verify(alg, b"message", &signature).unwrap();
}

#[test]
fn the_purpose_of_a_shared_secret_is_checked() {
    let oct = |more: &str| {
        let secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        SigningKey::from_jwk(format!(r#"{{"kty":"oct","k":"{secret}"{more}}}"#))
    };
    assert!(oct("").is_ok());
    assert!(oct(r#","use":"sig","key_ops":["sign","verify"],"alg":"HS256""#).is_ok());
    let found = "enc".to_owned();
    assert_eq!(
        oct(r#","use":"enc""#).unwrap_err(),
        KeyRejected::PublicKeyUse { found }.into()
    );
    assert_eq!(
        oct(r#","key_ops":["verify"]"#).unwrap_err(),
        KeyRejected::KeyOperations { expected: "sign" }.into()
    );
}

#[test]
fn a_key_is_read_from_each_structure_in_der() {
    use jose::{KeyFamily, PrivateJwk, PrivateKeyFormat, PublicKeyFormat, VerifyingKey};
    let document = PrivateJwk::generate(KeyFamily::P256).unwrap();
    let spki = document.public_jwk().to_der(PublicKeyFormat::Spki).unwrap();
    let verifier = VerifyingKey::from_der(PublicKeyFormat::Spki, &spki).unwrap();
    for format in [PrivateKeyFormat::Pkcs8, PrivateKeyFormat::Sec1] {
        let der = document.to_der(format).unwrap();
        let key = SigningKey::from_der(format, &der).unwrap();
        let signature = key.sign(SignatureAlgorithm::ES256, b"message").unwrap();
        verifier
            .verify(SignatureAlgorithm::ES256, b"message", &signature)
            .unwrap();
        #[cfg(feature = "aws-lc-rs")]
        assert!(jose::jwe::DecryptionKey::from_der(format, &der).is_ok());
        let wrong = SigningKey::from_der(PrivateKeyFormat::Pkcs1, &der).unwrap_err();
        let expected = "RSAPrivateKey";
        assert_eq!(wrong, KeyRejected::Der { expected }.into());
    }
}
