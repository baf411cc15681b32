use jose::{Jwk, SignatureAlgorithm, SigningKey};
use serde_json::json;

use super::*;
use crate::error::{Error, Misuse};

#[test]
fn the_key_of_rfc_9449() {
    // The key in RFC 9449 section 4.2, and its thumbprint in section 6.1.
    let public = Jwk::parse(
        json!({
            "kty": "EC",
            "crv": "P-256",
            "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
            "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
        })
        .to_string()
        .as_bytes(),
    )
    .unwrap();
    let key = DPoPKey::new(reference(SignatureAlgorithm::ES256), &public).unwrap();
    assert_eq!(
        key.thumbprint(),
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    );
}

#[test]
fn the_numbers_alone_are_sent() {
    let mut document = KEY.public_jwk().unwrap().to_json();
    document.insert("kid".to_owned(), "employee 7".into());
    document.insert("use".to_owned(), "sig".into());
    document.insert("key_ops".to_owned(), json!(["verify"]));
    document.insert("x5c".to_owned(), json!(["MII"]));
    let document = Value::Object(document).to_string();
    let public = Jwk::parse(document.as_bytes()).unwrap();
    let key = DPoPKey::new(reference(SignatureAlgorithm::ES256), &public).unwrap();
    let sent = key.public_jwk().to_json();
    let mut members: Vec<_> = sent.keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["crv", "kty", "x", "y"]);
    assert_eq!(key, dpop_key());
}

#[test]
fn a_key_has_to_fit_its_algorithm() {
    let p256 = KEY.public_jwk().unwrap();
    let ed25519 = SigningKey::generate(SignatureAlgorithm::Ed25519).unwrap();
    let ed25519 = ed25519.public_jwk().unwrap();
    let asymmetric = "a key with an asymmetric algorithm of this build";
    let fitting = "a key that fits the algorithm";
    for (algorithm, public, argument, expected, found) in [
        (SignatureAlgorithm::HS256, &p256, "key", asymmetric, "HS256"),
        (
            SignatureAlgorithm::ES384,
            &p256,
            "public",
            fitting,
            "P-256 for ES384",
        ),
        (
            SignatureAlgorithm::PS256,
            &ed25519,
            "public",
            fitting,
            "Ed25519 for PS256",
        ),
        (
            SignatureAlgorithm::EdDSA,
            &p256,
            "public",
            fitting,
            "P-256 for EdDSA",
        ),
    ] {
        let error = DPoPKey::new(reference(algorithm), public).unwrap_err();
        let Error::Misuse(misuse) = error else {
            panic!("{error}");
        };
        assert_eq!(
            misuse,
            Misuse::InvalidArgument {
                argument,
                expected,
                found: found.to_owned()
            }
        );
    }
}

#[test]
fn a_point_off_its_curve_is_no_key() {
    let mut document = KEY.public_jwk().unwrap().to_json();
    let x = document["x"].clone();
    document.insert("y".to_owned(), x);
    let document = Value::Object(document).to_string();
    let public = Jwk::parse(document.as_bytes()).unwrap();
    let error = DPoPKey::new(reference(SignatureAlgorithm::ES256), &public).unwrap_err();
    assert!(
        matches!(
            &error,
            Error::Misuse(Misuse::InvalidArgument {
                argument: "public",
                expected: "a valid public key",
                ..
            })
        ),
        "{error}"
    );
}
