//! Algorithms, keys and documents that are refused by name.

use jose::jwe::{
    Accepted, ContentEncryption, DecryptionKey, Encrypted, EncryptionKey, KeyAnswer, KeyManagement,
};
use jose::{Error, KeyFamily, KeyRejected, base64url};
use serde_json::{Value, json};

use crate::every_kind::*;

macro_rules! vector {
    ($path:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../vectors/", $path))).unwrap()
    };
}

#[test]
fn a_list_narrows_what_is_opened() {
    every_token(|token, _, alg, enc| {
        let others: Vec<_> = KeyManagement::ALL
            .iter()
            .copied()
            .filter(|other| *other != alg)
            .collect();
        let accepted = Accepted {
            alg: &others,
            enc: ContentEncryption::ALL,
        };
        assert_eq!(
            Encrypted::parse(token, accepted).unwrap_err(),
            Error::EncryptionNotAccepted {
                member: "alg",
                found: alg.to_string()
            }
        );
        let others: Vec<_> = ContentEncryption::ALL
            .iter()
            .copied()
            .filter(|other| *other != enc)
            .collect();
        let accepted = Accepted {
            alg: KeyManagement::ALL,
            enc: &others,
        };
        assert_eq!(
            Encrypted::parse(token, accepted).unwrap_err(),
            Error::EncryptionNotAccepted {
                member: "enc",
                found: enc.to_string()
            }
        );
    });
}

#[test]
fn keys_of_another_family_are_told_apart_before_they_are_used() {
    every_token(|token, key, alg, _| {
        let strangers = curves()
            .into_iter()
            .chain([rsa(), DecryptionKey::symmetric(&[1; 48]).unwrap()])
            .filter(|other| other.family() != key.family());
        for stranger in strangers {
            let found = stranger.family();
            assert!(!stranger.fits(Encrypted::parse(token, EVERYTHING).unwrap().header()));
            assert_eq!(
                open(token, &stranger),
                Err(Error::EncryptionKeyMismatch { alg, found }),
                "{alg} {found}"
            );
        }
    });
}

#[test]
fn what_documents_say_about_encryption_is_honoured() {
    let k = base64url::encode(&[7; 16]);
    let read = |document: Value| DecryptionKey::from_jwk(document.to_string().as_bytes());
    let write =
        |document: Value| EncryptionKey::from_symmetric_jwk(document.to_string().as_bytes());
    for (document, expected) in [
        (
            json!({ "kty": "oct", "k": k, "use": "sig" }),
            Error::KeyRejected(KeyRejected::PublicKeyUse {
                found: "sig".to_owned(),
            }),
        ),
        (
            json!({ "kty": "oct", "k": k, "alg": "A256KW" }),
            Error::KeyRejected(KeyRejected::Length {
                member: "k",
                expected: 32,
                found: 16,
            }),
        ),
        (
            json!({ "kty": "oct", "k": k, "alg": "A256GCM" }),
            Error::KeyRejected(KeyRejected::Length {
                member: "k",
                expected: 32,
                found: 16,
            }),
        ),
        (
            json!({ "kty": "oct", "k": k, "alg": "RSA-OAEP" }),
            Error::EncryptionKeyMismatch {
                alg: KeyManagement::RsaOaep,
                found: KeyFamily::Symmetric,
            },
        ),
        (
            json!({ "kty": "oct", "k": k, "alg": "HS256" }),
            Error::UnknownAlgorithm {
                alg: "HS256".to_owned(),
            },
        ),
        (
            json!({ "kty": "oct", "k": base64url::encode(&[7; 17]) }),
            Error::KeyRejected(KeyRejected::SymmetricLength { found: 17 }),
        ),
        (
            json!({ "kty": "oct" }),
            Error::KeyRejected(KeyRejected::MissingMember { member: "k" }),
        ),
    ] {
        assert_eq!(read(document.clone()).unwrap_err(), expected, "{document}");
        assert_eq!(write(document.clone()).unwrap_err(), expected, "{document}");
    }
    let operations = json!({ "kty": "oct", "k": k, "key_ops": ["sign"] });
    assert_eq!(
        read(operations.clone()).unwrap_err(),
        Error::KeyRejected(KeyRejected::KeyOperations {
            expected: "decrypt"
        })
    );
    assert_eq!(
        write(operations).unwrap_err(),
        Error::KeyRejected(KeyRejected::KeyOperations {
            expected: "encrypt"
        })
    );
    let key = read(json!({ "kty": "oct", "k": k, "alg": "A128GCM", "kid": "x" })).unwrap();
    assert_eq!(
        (key.algorithm(), key.kid()),
        (Some(KeyManagement::Direct), Some("x"))
    );
    let bound = key.with_algorithm(KeyManagement::A128KW).unwrap_err();
    assert_eq!(
        bound,
        Error::EncryptionNotAccepted {
            member: "alg",
            found: "A128KW".to_owned()
        }
    );
    // Ed25519 only signs.
    let ed25519 = DecryptionKey::from_pkcs8_pem(include_str!("../vectors/openssl/ed25519.pem"));
    assert_eq!(
        ed25519.unwrap_err(),
        Error::KeyRejected(KeyRejected::Curve {
            crv: "Ed25519".to_owned()
        })
    );
    let pem = include_bytes!("../vectors/openssl/ed25519.pem");
    assert_eq!(
        DecryptionKey::symmetric(pem).unwrap_err(),
        Error::KeyRejected(KeyRejected::PemAsSecret)
    );
}

#[test]
fn nothing_shows_a_key() {
    let key = DecryptionKey::symmetric(&[7; 16]).unwrap().with_kid("x");
    assert_eq!(
        format!("{key:?}"),
        r#"DecryptionKey { family: Symmetric, binding: None, kid: Some("x"), .. }"#
    );
    assert_eq!(
        format!("{:?}", KeyAnswer::ContentKey(vec![7; 16].into())),
        "ContentKey(..)"
    );
    assert_eq!(
        format!("{:?}", EncryptionKey::symmetric(&[7; 16]).unwrap()),
        "EncryptionKey { family: Symmetric, binding: None, kid: None, .. }"
    );
}

#[test]
fn published_tokens_that_must_be_refused() {
    for (vector, alg) in [
        (vector!("rfc7516/a2.rsa_v15.json"), "RSA1_5"),
        (
            vector!("rfc7520/jwe/5_1.key_encryption_using_rsa_v15_and_aes-hmac-sha2.json"),
            "RSA1_5",
        ),
        (
            vector!("rfc7520/jwe/5_3.key_wrap_using_pbes2-aes-keywrap_with-aes-cbc-hmac-sha2.json"),
            "PBES2-HS512+A256KW",
        ),
    ] {
        let token = vector["output"]["compact"].as_str().unwrap();
        assert_eq!(
            Encrypted::parse(token, EVERYTHING).unwrap_err(),
            Error::EncryptionNotAccepted {
                member: "alg",
                found: alg.to_owned()
            }
        );
    }
    let compressed = vector!("rfc7520/jwe/5_9.compressed_content.json");
    let token = compressed["output"]["compact"].as_str().unwrap();
    assert_eq!(
        Encrypted::parse(token, EVERYTHING).unwrap_err(),
        Error::Header {
            member: "zip",
            expected: "absent",
            found: "string"
        }
    );
}
