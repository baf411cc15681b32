//! Attacks by class: each token, key or claims set is refused, and for the reason that was meant.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use jose::json;
use jose::jws::{ProtectedHeader, SigningInput, Unverified};
use jose::{
    Error, Jwk, JwkSet, KeyFamily, KeyRejected, KeySelectionError, MAXIMUM_TOKEN_LENGTH, Malformed,
    Part, SignatureAlgorithm, SigningKey, VerifyingKey, base64url,
};
use serde_json::{Value, json};

const SECRET: &[u8] = b"a secret that both sides share, of sufficient length for SHA-512";

/// A token with this header, word for word, and a good signature under [`SECRET`].
fn token(header: &str, payload: &str) -> String {
    let input = format!(
        "{}.{}",
        base64url::encode(header.as_bytes()),
        base64url::encode(payload.as_bytes())
    );
    let key = SigningKey::hmac(SECRET).unwrap();
    let signature = key
        .sign(SignatureAlgorithm::HS256, input.as_bytes())
        .unwrap();
    format!("{input}.{}", base64url::encode(&signature))
}

fn refusal(token: &str) -> Error {
    Unverified::parse(token).unwrap_err()
}

fn header_refusal(header: &str) -> Error {
    refusal(&token(header, "{}"))
}

/// What becomes of a claims set whose signature is good.
fn claims_refusal(payload: &str) -> Error {
    let token = token(r#"{"alg":"HS256"}"#, payload);
    let key = VerifyingKey::hmac(SECRET).unwrap();
    let verified = Unverified::parse(&token)
        .unwrap()
        .verify(&key, SignatureAlgorithm::HS256)
        .unwrap();
    verified.claims().unwrap_err()
}

fn refused_by_openssl(name: &str) -> Value {
    let vectors: Value =
        serde_json::from_str(include_str!("vectors/openssl/refused.json")).unwrap();
    vectors[name].clone()
}

fn published(alg: &str) -> Value {
    let vectors: Value =
        serde_json::from_str(include_str!("vectors/openssl/accepted.json")).unwrap();
    vectors["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["alg"] == alg)
        .unwrap()
        .clone()
}

fn published_key(alg: &str) -> VerifyingKey {
    VerifyingKey::from_jwk(&Jwk::parse(published(alg)["jwk"].to_string().as_bytes()).unwrap())
        .unwrap()
}

#[test]
fn the_token_that_the_attacks_start_from_is_good() {
    let token = token(r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"iss":"a"}"#);
    let key = VerifyingKey::hmac(SECRET).unwrap();
    let verified = Unverified::parse(&token)
        .unwrap()
        .verify(&key, SignatureAlgorithm::HS256)
        .unwrap();
    assert_eq!(verified.claims().unwrap().iss(), Some("a"));
}

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

/// CVE-2016-10555: the verifier's own RSA public key, used as an HMAC secret.
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
    // HMAC-SHA-256 leaves 4 bits over in the last of 43 characters; they must be zero.
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

/// CVE-2018-0114: a token that brings the key it was signed with.
#[test]
fn a_key_within_the_token_is_not_used() {
    let attacker = SigningKey::generate(SignatureAlgorithm::ES256)
        .unwrap()
        .with_kid("k");
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256)
        .kid("k")
        .jwk(&attacker.public_jwk().unwrap())
        .member("jku", "https://attacker.example/jwks".into())
        .unwrap();
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
    assert_eq!(
        empty
            .select(Unverified::parse(&forged).unwrap().header())
            .unwrap_err(),
        Error::KeySelection(KeySelectionError::None {
            alg: SignatureAlgorithm::ES256,
            keys: 0
        })
    );
}

/// CVE-2022-21449, and signatures that are not `r` and `s` side by side.
#[test]
fn ecdsa_signatures_of_the_wrong_shape() {
    let entry = published("ES256");
    let token = entry["compact"].as_str().unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = base64url::decode(signature).unwrap();
    let (r, s) = signature.split_at(32);
    let key = published_key("ES256");
    // The order of P-256 (FIPS 186-4 D.1.2.3): equal to zero as a scalar.
    let n = base64url::decode("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE").unwrap();
    for wrong in [
        [&[0; 32], s].concat(),
        [r, &[0; 32]].concat(),
        [0; 64].to_vec(),
        [&n, s].concat(),
        [r, &n].concat(),
        [&[0xff; 32], s].concat(),
        [&[0], r, &[0], s].concat(),
        r.to_vec(),
    ] {
        assert_eq!(
            key.verify(SignatureAlgorithm::ES256, input.as_bytes(), &wrong),
            Err(Error::Signature)
        );
    }
    let der = refused_by_openssl("der_ecdsa");
    let der = Unverified::parse(der.as_str().unwrap()).unwrap();
    assert_eq!(
        der.verify(&key, SignatureAlgorithm::ES256).unwrap_err(),
        Error::Signature
    );
}

#[test]
fn a_pss_salt_of_another_length() {
    let token = refused_by_openssl("pss_salt_20");
    let unverified = Unverified::parse(token.as_str().unwrap()).unwrap();
    assert_eq!(
        unverified
            .verify(&published_key("PS256"), SignatureAlgorithm::PS256)
            .unwrap_err(),
        Error::Signature
    );
}

#[test]
fn one_rsa_scheme_does_not_pass_for_another() {
    let entry = published("RS256");
    let (input, signature) = entry["compact"].as_str().unwrap().rsplit_once('.').unwrap();
    let signature = base64url::decode(signature).unwrap();
    let key = published_key("RS256");
    assert_eq!(
        key.verify(SignatureAlgorithm::RS256, input.as_bytes(), &signature),
        Ok(())
    );
    for alg in ["RS384", "RS512", "PS256", "PS384", "PS512"] {
        assert_eq!(
            key.verify(alg.parse().unwrap(), input.as_bytes(), &signature),
            Err(Error::Signature),
            "{alg}"
        );
    }
}

#[test]
fn claims_of_the_wrong_type() {
    let claim = |claim: &str, expected, found| Error::Claim {
        claim: claim.to_owned(),
        expected,
        found,
    };
    for name in ["exp", "nbf", "iat", "auth_time"] {
        for (value, found) in [
            ("\"1300819380\"", "string"),
            ("null", "null"),
            ("[1]", "array"),
            ("true", "boolean"),
        ] {
            assert_eq!(
                claims_refusal(&format!(r#"{{"{name}":{value}}}"#)),
                claim(name, "a number", found)
            );
        }
    }
    for name in ["iss", "sub", "jti"] {
        for (value, found) in [
            ("7", "number"),
            ("null", "null"),
            ("[\"a\"]", "array"),
            ("{}", "object"),
        ] {
            assert_eq!(
                claims_refusal(&format!(r#"{{"{name}":{value}}}"#)),
                claim(name, "a string", found)
            );
        }
    }
    for (value, found) in [
        ("7", "number"),
        ("null", "null"),
        ("{}", "object"),
        (r#"["a",7]"#, "array"),
        (r#"[["a"]]"#, "array"),
    ] {
        assert_eq!(
            claims_refusal(&format!(r#"{{"aud":{value}}}"#)),
            claim("aud", "a string or an array of strings", found)
        );
    }
}

#[test]
fn claims_sets_that_are_not_strict_json() {
    let json = |reason| Error::Json {
        part: Part::Payload,
        reason,
    };
    assert_eq!(
        claims_refusal("[]"),
        json(json::Error::NotAnObject { found: "array" })
    );
    assert_eq!(
        claims_refusal(r#"{"sub":"a","sub":"b"}"#),
        json(json::Error::Duplicate {
            member: "sub".to_owned()
        })
    );
    assert_eq!(
        claims_refusal(r#"{"exp":1e999}"#),
        json(json::Error::Syntax {
            line: 1,
            column: 12
        })
    );
    assert_eq!(
        claims_refusal(&"[".repeat(1000)),
        json(json::Error::Depth { limit: 32 })
    );
}

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
    let printed = format!("{printed} {verified:?}");
    for hidden in [
        "correct horse",
        "the-nonce",
        &token[token.rfind('.').unwrap() + 1..],
    ] {
        assert!(!printed.contains(hidden), "{printed}");
    }
    // Lists of bytes would hide text from the search above.
    assert!(!printed.contains("99, 111, 114"), "{printed}");
}
