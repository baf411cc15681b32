//! Refusals while a token is made.

use jose::jws::{ProtectedHeader, SigningInput, Unverified};
use jose::{Error, KeyRejected, SignatureAlgorithm, SigningKey, VerifyingKey, base64url};
use serde_json::json;

use crate::{SECRET, token};

#[test]
fn secrets_that_are_too_short() {
    let short = |minimum, found| Error::KeyRejected(KeyRejected::SecretLength { minimum, found });
    assert_eq!(VerifyingKey::hmac(b"").unwrap_err(), short(32, 0));
    assert_eq!(SigningKey::hmac(&SECRET[..31]).unwrap_err(), short(32, 31));
    let key = SigningKey::hmac(&SECRET[..32]).unwrap();
    assert!(key.sign(SignatureAlgorithm::HS256, b"").is_ok());
    assert_eq!(
        key.sign(SignatureAlgorithm::HS384, b"").unwrap_err(),
        short(48, 32)
    );
    let key = VerifyingKey::hmac(&SECRET[..48]).unwrap();
    assert_eq!(
        key.verify(SignatureAlgorithm::HS512, b"", b"").unwrap_err(),
        short(64, 48)
    );
}

#[test]
fn header_parameters_that_are_not_set_by_hand() {
    for name in ["alg", "crit", "b64"] {
        assert_eq!(
            ProtectedHeader::new(SignatureAlgorithm::HS256)
                .member(name, json!("none"))
                .unwrap_err(),
            Error::ReservedHeader {
                member: name.to_owned()
            }
        );
    }
}

#[test]
fn foreign_signatures_of_a_length_that_cannot_be() {
    let lengths = [
        (SignatureAlgorithm::ES256, 64),
        (SignatureAlgorithm::ES384, 96),
        (SignatureAlgorithm::ES512, 132),
        (SignatureAlgorithm::Ed25519, 64),
        (SignatureAlgorithm::HS384, 48),
        (SignatureAlgorithm::RS256, 256),
    ];
    for (alg, length) in lengths {
        let finish = |found: usize| {
            SigningInput::new(&ProtectedHeader::new(alg), b"{}").finish(&vec![1; found])
        };
        assert!(finish(length).is_ok(), "{alg}");
        assert_eq!(
            finish(length - 1),
            Err(Error::SignatureLength {
                alg,
                found: length - 1
            })
        );
    }
    let alg = SignatureAlgorithm::ES256;
    let finish =
        |found: usize| SigningInput::new(&ProtectedHeader::new(alg), b"{}").finish(&vec![1; found]);
    for der in 70..=72 {
        assert_eq!(finish(der), Err(Error::SignatureLength { alg, found: der }));
    }
}

#[test]
fn nothing_secret_is_printed() {
    let secret = "correct horse battery staple, and then some more of it";
    let signing = SigningKey::hmac(secret.as_bytes()).unwrap().with_kid("k");
    let verifying = VerifyingKey::hmac(secret.as_bytes()).unwrap();
    let token = token(r#"{"alg":"HS256"}"#, r#"{"nonce":"the-nonce"}"#);
    let unverified = Unverified::parse(&token).unwrap();
    let printed = format!("{signing:?} {verifying:?} {unverified:?}");
    let verified = unverified
        .verify(
            &VerifyingKey::hmac(SECRET).unwrap(),
            SignatureAlgorithm::HS256,
        )
        .unwrap();
    let input = SigningInput::new(
        &ProtectedHeader::new(SignatureAlgorithm::HS256),
        verified.payload(),
    );
    let printed = format!("{printed} {verified:?} {input:?}");
    for hidden in [
        "correct horse",
        "the-nonce",
        &base64url::encode(verified.payload()),
        &token[token.rfind('.').unwrap() + 1..],
    ] {
        assert!(!printed.contains(hidden), "{printed}");
    }
    // A list of bytes could contain text that the search above does not find.
    assert!(!printed.contains("99, 111, 114"), "{printed}");
}
