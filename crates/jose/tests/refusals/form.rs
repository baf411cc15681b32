//! Tokens and headers that two parsers could read differently.

use jose::jws::{ProtectedHeader, SigningInput, Unverified};
use jose::{
    Error, JwkSet, KeySelectionError, MAXIMUM_TOKEN_LENGTH, Malformed, Part, SignatureAlgorithm,
    SigningKey, json,
};
use serde_json::json;

use crate::{header_refusal, refusal, token};

#[test]
fn the_wrong_number_of_segments() {
    let segments = |found| Error::Malformed(Malformed::Segments { expected: 3, found });
    let good = token(r#"{"alg":"HS256"}"#, "{}");
    assert_eq!(refusal(""), segments(1));
    assert_eq!(refusal("."), segments(2));
    assert_eq!(refusal(&good[..good.rfind('.').unwrap()]), segments(2));
    assert_eq!(refusal(&format!("{good}.")), segments(4));
    assert_eq!(refusal(&format!("{good}.e30.e30")), segments(5));
    assert_eq!(refusal(&format!("{good}.e30.e30.e30")), segments(6));
    assert_eq!(refusal(&".".repeat(100_000)), segments(6));
}

#[test]
fn length_is_checked_first() {
    let segments = |found| Error::Malformed(Malformed::Segments { expected: 3, found });
    assert_eq!(refusal(&"a".repeat(256 << 10)), segments(1));
    assert_eq!(
        refusal(&"a".repeat((256 << 10) + 1)),
        Error::Malformed(Malformed::Length {
            limit: MAXIMUM_TOKEN_LENGTH,
            found: 262_145,
        })
    );
}

#[test]
fn a_million_dots_are_not_even_counted() {
    assert_eq!(
        refusal(&".".repeat(1_000_000)),
        Error::Malformed(Malformed::Length {
            limit: MAXIMUM_TOKEN_LENGTH,
            found: 1_000_000
        })
    );
}

#[test]
fn base64url_that_is_spelt_in_another_way() {
    let good = token(r#"{"alg":"HS256"}"#, r#"{"a":1}"#);
    let parts: Vec<&str> = good.split('.').collect();
    let join = |index: usize, segment: String| {
        let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        parts[index] = segment;
        parts.join(".")
    };
    for (index, part) in [Part::Header, Part::Payload, Part::Signature]
        .into_iter()
        .enumerate()
    {
        let segment = parts[index];
        let refused = Error::Malformed(Malformed::Base64Url { part });
        for wrong in [
            format!("{segment}="),
            format!("{segment}=="),
            format!(" {segment}"),
            format!("{segment}\n"),
            format!("{segment}+"),
            format!("{segment}é"),
            format!("{segment}\0"),
        ] {
            assert_eq!(refusal(&join(index, wrong.clone())), refused, "{wrong:?}");
        }
    }
    // An HMAC-SHA-256 leaves 4 unused bits in the last of 43 characters. They must be zero.
    let last = good.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let stray = alphabet
        .chars()
        .nth(alphabet.find(last).unwrap() + 1)
        .unwrap();
    assert_eq!(
        refusal(&format!("{}{stray}", &good[..good.len() - 1])),
        Error::Malformed(Malformed::Base64Url {
            part: Part::Signature
        })
    );
}

#[test]
fn headers_that_two_parsers_could_read_differently() {
    let json = |reason| Error::Json {
        part: Part::Header,
        reason,
    };
    let duplicate = |member: &str| {
        json(json::Error::Duplicate {
            member: member.to_owned(),
        })
    };
    assert_eq!(
        header_refusal(r#"{"alg":"HS256","alg":"none"}"#),
        duplicate("alg")
    );
    assert_eq!(
        header_refusal(r#"{"alg":"HS256","\u0061lg":"none"}"#),
        duplicate("alg")
    );
    assert_eq!(
        header_refusal(r#"{"alg":"HS256","jwk":{"kty":"RSA","kty":"EC"}}"#),
        duplicate("kty")
    );
    assert_eq!(
        header_refusal(r#""HS256""#),
        json(json::Error::NotAnObject { found: "string" })
    );
    assert_eq!(
        header_refusal(r#"{"alg":"HS256"}{}"#),
        json(json::Error::Syntax {
            line: 1,
            column: 16
        })
    );
    let deep = format!(
        r#"{{"alg":"HS256","x":{}{}}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    assert_eq!(header_refusal(&deep), json(json::Error::Depth { limit: 8 }));
    let long = format!(r#"{{"alg":"HS256","x":"{}"}}"#, "x".repeat(20_000));
    assert_eq!(
        header_refusal(&long),
        json(json::Error::Size {
            limit: 16 << 10,
            found: long.len()
        })
    );
}

#[test]
fn critical_extensions() {
    for crit in [r#"["b64"]"#, r#"["exp"]"#, "[]", "null", "\"b64\""] {
        assert_eq!(
            header_refusal(&format!(r#"{{"alg":"HS256","crit":{crit}}}"#)),
            Error::Critical,
            "{crit}"
        );
    }
    assert_eq!(
        header_refusal(r#"{"alg":"HS256","b64":false}"#),
        Error::Header {
            member: "b64",
            expected: "absent or true",
            found: "boolean"
        }
    );
}

#[test]
fn header_parameters_of_the_wrong_type() {
    for member in ["kid", "typ", "cty"] {
        assert_eq!(
            header_refusal(&format!(r#"{{"alg":"HS256","{member}":7}}"#)),
            Error::Header {
                member,
                expected: "a string",
                found: "number"
            }
        );
    }
}

/// CVE-2018-0114: a token contains the key that signed it, as a JWK, a certificate or a URL.
#[test]
fn a_key_within_the_token_is_not_used() {
    let pem = include_str!("../vectors/openssl/p256.pem");
    let attacker = SigningKey::from_pkcs8_pem(pem).unwrap().with_kid("k");
    let certificate: String = include_str!("../vectors/openssl/p256_certificate.pem")
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let mut header = ProtectedHeader::new(SignatureAlgorithm::ES256)
        .kid("k")
        .jwk(&attacker.public_jwk().unwrap());
    for (member, value) in [
        ("jku", json!("https://attacker.example/jwks")),
        ("x5u", json!("https://attacker.example/certificate.pem")),
        ("x5c", json!([certificate])),
    ] {
        header = header.member(member, value).unwrap();
    }
    let forged = SigningInput::new(&header, b"{}").sign(&attacker).unwrap();

    let honest = SigningKey::generate(SignatureAlgorithm::ES256)
        .unwrap()
        .with_kid("k");
    let document = json!({ "keys": [honest.public_jwk().unwrap().to_json()] });
    let set = JwkSet::parse(document.to_string().as_bytes()).unwrap();
    let unverified = Unverified::parse(&forged).unwrap();
    let chosen = set.select(unverified.header()).unwrap();
    assert_eq!(
        unverified
            .verify(chosen.verifying_key(), SignatureAlgorithm::ES256)
            .unwrap_err(),
        Error::Signature
    );

    let empty = JwkSet::parse(br#"{"keys":[]}"#).unwrap();
    let refused = empty.select(Unverified::parse(&forged).unwrap().header());
    assert!(matches!(
        refused.unwrap_err(),
        Error::KeySelection(KeySelectionError::None {
            alg: SignatureAlgorithm::ES256,
            keys: 0,
            ..
        })
    ));
}
