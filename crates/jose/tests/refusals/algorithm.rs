//! Algorithms that are not what they appear to be.

use jose::jws::Unverified;
use jose::{
    Error, JwkSet, KeyFamily, KeyRejected, KeySelectionError, SignatureAlgorithm, SigningKey,
    VerifyingKey, base64url,
};
use serde_json::json;

use crate::{SECRET, header_refusal, published, published_key, refusal, token};

#[test]
fn no_signature_in_any_spelling() {
    for name in ["none", "None", "NONE", "nOnE"] {
        assert_eq!(
            header_refusal(&format!(r#"{{"alg":"{name}"}}"#)),
            Error::Unsecured
        );
    }
    let unsigned = token(r#"{"alg":"none"}"#, "{}");
    assert_eq!(
        refusal(&unsigned[..=unsigned.rfind('.').unwrap()]),
        Error::Unsecured
    );
}

#[test]
fn an_empty_signature_under_a_real_algorithm() {
    for alg in ["HS256", "RS256", "ES256", "Ed25519"] {
        let good = token(&format!(r#"{{"alg":"{alg}"}}"#), "{}");
        let stripped = &good[..=good.rfind('.').unwrap()];
        let key = if alg == "HS256" {
            VerifyingKey::hmac(SECRET).unwrap()
        } else {
            published_key(alg)
        };
        assert_eq!(
            Unverified::parse(stripped)
                .unwrap()
                .verify(&key, alg.parse().unwrap())
                .unwrap_err(),
            Error::Signature
        );
    }
}

#[test]
fn algorithms_that_are_unknown_or_not_text() {
    assert_eq!(
        header_refusal(r#"{"alg":"RSA1_5"}"#),
        Error::UnknownAlgorithm {
            alg: "RSA1_5".to_owned()
        }
    );
    assert_eq!(
        header_refusal(r#"{"alg":"hs256"}"#),
        Error::UnknownAlgorithm {
            alg: "hs256".to_owned()
        }
    );
    let alg = |found| Error::Header {
        member: "alg",
        expected: "a string",
        found,
    };
    assert_eq!(header_refusal("{}"), alg("nothing"));
    assert_eq!(header_refusal(r#"{"alg":null}"#), alg("null"));
    assert_eq!(header_refusal(r#"{"alg":["HS256"]}"#), alg("array"));
    assert_eq!(header_refusal(r#"{"alg":256}"#), alg("number"));
}

/// CVE-2016-10555: the attacker uses the verifier's RSA public key as an HMAC secret.
#[test]
fn an_rsa_public_key_never_becomes_an_hmac_secret() {
    let key = published_key("RS256");
    let forged = token(r#"{"alg":"HS256"}"#, "{}");
    assert_eq!(
        Unverified::parse(&forged)
            .unwrap()
            .verify(&key, SignatureAlgorithm::HS256)
            .unwrap_err(),
        Error::KeyFamilyMismatch {
            alg: SignatureAlgorithm::HS256,
            found: KeyFamily::Rsa
        }
    );
    assert_eq!(
        Unverified::parse(&forged)
            .unwrap()
            .verify(&key, SignatureAlgorithm::RS256)
            .unwrap_err(),
        Error::AlgorithmMismatch {
            expected: SignatureAlgorithm::RS256,
            found: SignatureAlgorithm::HS256
        }
    );
    let pem = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----\n";
    for text in [pem.to_owned(), format!("\n {pem}")] {
        let rejected = Error::KeyRejected(KeyRejected::PemAsSecret);
        assert_eq!(VerifyingKey::hmac(text.as_bytes()).unwrap_err(), rejected);
        assert_eq!(SigningKey::hmac(text.as_bytes()).unwrap_err(), rejected);
    }
}

#[test]
fn a_key_set_never_verifies_hmac() {
    let document = json!({ "keys": [
        published("RS256")["jwk"],
        { "kty": "oct", "k": base64url::encode(SECRET), "alg": "HS256" },
    ]});
    let set = JwkSet::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(set.keys().len(), 1);
    assert_eq!(
        set.skipped()[0].reason(),
        &Error::KeyRejected(KeyRejected::Symmetric)
    );
    let forged = token(r#"{"alg":"HS256"}"#, "{}");
    assert_eq!(
        set.select(Unverified::parse(&forged).unwrap().header())
            .unwrap_err(),
        Error::KeySelection(KeySelectionError::Symmetric {
            alg: SignatureAlgorithm::HS256
        })
    );
}
