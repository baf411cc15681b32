//! Documents with private keys: how they are generated, kept, published and used.

use jose::{Error, Jwk, KeyFamily, KeyRejected, PrivateJwk, SignatureAlgorithm, VerifyingKey};
use serde_json::{Value, json};

use crate::{EC, EC_D, rsa_private, with};

fn families() -> Vec<KeyFamily> {
    let base = [KeyFamily::P256, KeyFamily::P384, KeyFamily::Ed25519];
    let more = [KeyFamily::P521, KeyFamily::X25519, KeyFamily::Rsa];
    let more = more.iter().filter(|_| cfg!(feature = "aws-lc-rs"));
    base.iter().chain(more).copied().collect()
}

#[test]
fn generated_keys_survive_their_export() {
    for family in families() {
        let key = PrivateJwk::generate(family).unwrap().with_kid("k");
        let other = PrivateJwk::generate(family).unwrap();
        assert_ne!(
            key.public_jwk().thumbprint(),
            other.public_jwk().thumbprint()
        );
        let read = PrivateJwk::parse(key.to_json().as_bytes()).unwrap();
        assert_eq!(*read.to_json(), *key.to_json());
        assert_eq!(read.public_jwk(), key.public_jwk());
        if family == KeyFamily::X25519 {
            assert_eq!(
                key.signing_key().unwrap_err(),
                Error::KeyRejected(KeyRejected::Curve {
                    crv: "X25519".to_owned()
                })
            );
            continue;
        }
        let signer = read.signing_key().unwrap();
        assert_eq!((signer.family(), signer.kid()), (family, Some("k")));
        let alg = signer.algorithm_default();
        let verifier = VerifyingKey::from_jwk(&key.public_jwk()).unwrap();
        let signature = signer.sign(alg, b"message").unwrap();
        assert_eq!(verifier.verify(alg, b"message", &signature), Ok(()));
    }
}

#[cfg(feature = "aws-lc-rs")]
#[test]
fn rsa_keys_of_every_length() {
    for bits in [2048, 3072, 4096] {
        let key = PrivateJwk::generate_rsa(bits).unwrap();
        assert_eq!(key.public_jwk().n().unwrap().len() * 8, bits);
        assert!(key.signing_key().is_ok());
        assert!(key.decryption_key().is_ok());
    }
}

#[test]
fn lengths_and_families_that_are_not_generated() {
    for found in [0, 1024, 2047, 2049, 8192] {
        assert_eq!(
            PrivateJwk::generate_rsa(found).unwrap_err(),
            Error::KeyRejected(KeyRejected::ModulusLength {
                minimum: 2048,
                maximum: 4096,
                found
            })
        );
    }
    for family in [KeyFamily::Hmac, KeyFamily::Symmetric] {
        assert_eq!(
            PrivateJwk::generate(family).unwrap_err(),
            Error::KeyRejected(KeyRejected::Symmetric)
        );
    }
}

#[test]
fn a_document_keeps_its_members_and_publishes_no_private_one() {
    let document = with(
        EC,
        json!({ "d": EC_D, "kid": "k", "alg": "ES256", "use": "sig", "key_ops": ["sign"], "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "vendor": 1 }),
    );
    let key = PrivateJwk::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&key.to_json()).unwrap(),
        document
    );
    let public = Value::Object(key.public_jwk().to_json());
    assert_eq!(
        public,
        with(
            EC,
            json!({ "kid": "k", "alg": "ES256", "use": "sig", "vendor": 1 })
        )
    );
    let document = rsa_private();
    let key = PrivateJwk::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&key.to_json()).unwrap(),
        document
    );
    assert!(
        Jwk::parse(
            Value::Object(key.public_jwk().to_json())
                .to_string()
                .as_bytes()
        )
        .is_ok()
    );
}

#[test]
fn what_the_document_says_binds_the_key() {
    let key = PrivateJwk::generate(KeyFamily::P256).unwrap();
    assert_eq!(
        key.with_alg("ES384").signing_key().unwrap_err(),
        Error::KeyFamilyMismatch {
            alg: SignatureAlgorithm::ES384,
            found: KeyFamily::P256
        }
    );
    let key = PrivateJwk::generate(KeyFamily::P256).unwrap();
    let bound = key.with_alg("ES256").signing_key().unwrap();
    assert_eq!(bound.algorithm_default(), SignatureAlgorithm::ES256);
}

#[test]
fn nothing_private_is_shown() {
    let document = with(EC, json!({ "d": EC_D, "kid": "k" }));
    let key = PrivateJwk::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(
        format!("{key:?}"),
        r#"PrivateJwk { kty: "EC", crv: Some("P-256"), kid: Some("k"), .. }"#
    );
}
