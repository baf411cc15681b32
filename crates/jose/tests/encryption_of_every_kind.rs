//! Every key management algorithm with every content encryption: what one side seals, the other
//! opens, at once and in two steps; and what is refused on the way.

#![cfg(feature = "aws-lc-rs")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use jose::jwe::{
    Accepted, ContentEncryption, DecryptionKey, Encrypted, EncryptionKey, KeyAnswer, KeyManagement,
    KeyOperation, ProtectedHeader, encrypt,
};
use jose::jws::{SigningInput, Unverified};
use jose::{Error, KeyFamily, KeyRejected, SignatureAlgorithm, SigningKey, base64url, jws};
use serde_json::{Value, json};

const EVERYTHING: Accepted<'static> = Accepted {
    alg: KeyManagement::ALL,
    enc: ContentEncryption::ALL,
};
const PLAINTEXT: &[u8] = b"plaintext";

fn rsa() -> DecryptionKey {
    DecryptionKey::from_pkcs8_pem(include_str!("vectors/openssl/rsa2048.pem")).unwrap()
}

fn curves() -> Vec<DecryptionKey> {
    [
        include_str!("vectors/openssl/p256.pem"),
        include_str!("vectors/openssl/p384.pem"),
        include_str!("vectors/openssl/p521.pem"),
        include_str!("vectors/openssl/x25519.pem"),
    ]
    .map(|pem| DecryptionKey::from_pkcs8_pem(pem).unwrap())
    .into()
}

fn public(key: &DecryptionKey) -> EncryptionKey {
    EncryptionKey::from_jwk(&key.public_jwk().unwrap()).unwrap()
}

/// The keys that an algorithm can be tried with.
fn pairs(alg: KeyManagement, enc: ContentEncryption) -> Vec<(EncryptionKey, DecryptionKey)> {
    let name = alg.as_str();
    if name.starts_with("RSA") {
        return vec![(public(&rsa()), rsa())];
    }
    if name.starts_with("ECDH") {
        return curves()
            .into_iter()
            .map(|key| (public(&key), key))
            .collect();
    }
    let length = match name {
        "dir" => enc.key_length(),
        _ => name[1..4].parse::<usize>().unwrap() / 8,
    };
    let secret = vec![7; length];
    vec![(
        EncryptionKey::symmetric(&secret).unwrap(),
        DecryptionKey::symmetric(&secret).unwrap(),
    )]
}

fn every_token(test: impl Fn(&str, &DecryptionKey, KeyManagement, ContentEncryption)) {
    for alg in KeyManagement::ALL {
        for enc in ContentEncryption::ALL {
            for (encryption, decryption) in pairs(*alg, *enc) {
                let header = ProtectedHeader::new(*alg, *enc);
                let token = encrypt(&header, &encryption, PLAINTEXT).unwrap();
                test(&token, &decryption, *alg, *enc);
            }
        }
    }
}

fn open(token: &str, key: &DecryptionKey) -> Result<Vec<u8>, Error> {
    Encrypted::parse(token, EVERYTHING)?.decrypt(key)
}

fn part(token: &str, index: usize) -> Vec<u8> {
    base64url::decode(token.split('.').nth(index).unwrap()).unwrap()
}

fn with_part(token: &str, index: usize, bytes: &[u8]) -> String {
    let encoded = base64url::encode(bytes);
    let mut parts: Vec<&str> = token.split('.').collect();
    parts[index] = &encoded;
    parts.join(".")
}

fn with_header(token: &str, change: impl Fn(&mut Value)) -> String {
    let mut header: Value = serde_json::from_slice(&part(token, 0)).unwrap();
    change(&mut header);
    with_part(token, 0, header.to_string().as_bytes())
}

#[test]
fn what_is_sealed_is_opened() {
    every_token(|token, key, alg, enc| {
        assert_eq!(open(token, key).unwrap(), PLAINTEXT, "{alg} {enc}");
        let pending = Encrypted::parse(token, EVERYTHING)
            .unwrap()
            .begin()
            .unwrap();
        assert_eq!(
            (pending.operation().alg(), pending.operation().enc()),
            (alg, enc)
        );
        let answer = key.perform(pending.operation()).unwrap();
        assert_eq!(pending.finish(answer).unwrap(), PLAINTEXT, "{alg} {enc}");
    });
}

#[test]
fn nothing_repeats() {
    every_token(|token, key, alg, enc| {
        let encryption = match key.public_jwk() {
            Some(public) => EncryptionKey::from_jwk(&public).unwrap(),
            None => pairs(alg, enc).remove(0).0,
        };
        let again = encrypt(&ProtectedHeader::new(alg, enc), &encryption, PLAINTEXT).unwrap();
        for index in [2, 3, 4] {
            assert_ne!(
                part(token, index),
                part(&again, index),
                "{alg} {enc} {index}"
            );
        }
        if alg != KeyManagement::Direct && alg != KeyManagement::EcdhEs {
            assert_ne!(part(token, 1), part(&again, 1), "{alg} {enc}");
        }
    });
}

#[test]
fn any_change_is_the_one_error() {
    every_token(|token, key, alg, enc| {
        for index in 1..5 {
            let bytes = part(token, index);
            let mut changes = vec![
                [bytes.as_slice(), &[0]].concat(),
                [&[0], bytes.as_slice()].concat(),
            ];
            for position in [0, bytes.len() / 2, bytes.len().saturating_sub(1)] {
                let mut changed = bytes.clone();
                if let Some(byte) = changed.get_mut(position) {
                    *byte ^= 1;
                    changes.push(changed);
                }
            }
            for changed in changes {
                assert_eq!(
                    open(&with_part(token, index, &changed), key),
                    Err(Error::Decryption),
                    "{alg} {enc} {index}"
                );
            }
        }
    });
}

#[test]
fn parts_of_every_wrong_length_are_the_one_error() {
    every_token(|token, key, alg, enc| {
        // The long curves and RSA cost time; RSA's encrypted keys are tried below.
        if matches!(key.family(), KeyFamily::P384 | KeyFamily::P521) {
            return;
        }
        let indices: &[usize] = if alg.as_str().starts_with("RSA") {
            &[2, 4]
        } else {
            &[1, 2, 4]
        };
        for index in indices {
            let bytes = part(token, *index);
            for length in (0..=72).filter(|length| *length != bytes.len()) {
                let mut wrong = bytes.clone();
                wrong.resize(length, 0);
                assert_eq!(
                    open(&with_part(token, *index, &wrong), key),
                    Err(Error::Decryption),
                    "{alg} {enc} {index} {length}"
                );
            }
        }
    });
    let header = ProtectedHeader::new(KeyManagement::RsaOaep256, ContentEncryption::A256GCM);
    let token = encrypt(&header, &public(&rsa()), PLAINTEXT).unwrap();
    for length in [0, 1, 255, 257, 512] {
        assert_eq!(
            open(&with_part(&token, 1, &vec![1; length]), &rsa()),
            Err(Error::Decryption),
            "{length}"
        );
    }
}

#[test]
fn a_content_key_of_another_length_is_the_one_error() {
    // Anybody can encrypt a key of a wrong length under a public key.
    let token = |enc| {
        encrypt(
            &ProtectedHeader::new(KeyManagement::RsaOaep, enc),
            &public(&rsa()),
            PLAINTEXT,
        )
        .unwrap()
    };
    let short = token(ContentEncryption::A128GCM);
    let long = token(ContentEncryption::A256GCM);
    let mixed = with_part(&long, 1, &part(&short, 1));
    assert_eq!(open(&mixed, &rsa()), Err(Error::Decryption));
}

#[test]
fn the_sha_1_variant_is_not_the_sha_256_one() {
    for (alg, claimed) in [
        ("RSA-OAEP", "RSA-OAEP-256"),
        ("RSA-OAEP-256", "RSA-OAEP"),
        ("RSA-OAEP-384", "RSA-OAEP-512"),
        ("A128KW", "A128GCMKW"),
    ] {
        let alg: KeyManagement = alg.parse().unwrap();
        let (encryption, decryption) = pairs(alg, ContentEncryption::A256GCM).remove(0);
        let header = ProtectedHeader::new(alg, ContentEncryption::A256GCM);
        let token = encrypt(&header, &encryption, PLAINTEXT).unwrap();
        let changed = with_header(&token, |header| {
            header["alg"] = claimed.into();
            header["iv"] = base64url::encode(&[0; 12]).into();
            header["tag"] = base64url::encode(&[0; 16]).into();
        });
        assert_eq!(
            open(&changed, &decryption),
            Err(Error::Decryption),
            "{claimed}"
        );
    }
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
fn ephemeral_keys_that_are_refused() {
    for key in curves() {
        let header = ProtectedHeader::new(KeyManagement::EcdhEsA128KW, ContentEncryption::A128GCM);
        let token = encrypt(&header, &public(&key), PLAINTEXT).unwrap();
        let header_error = |found| Error::Header {
            member: "epk",
            expected: "a public key of P-256, P-384, P-521 or X25519",
            found,
        };
        let refusal = |epk: Value| {
            open(
                &with_header(&token, |header| header["epk"] = epk.clone()),
                &key,
            )
            .unwrap_err()
        };
        assert_eq!(refusal(Value::Null), header_error("null"));
        assert_eq!(refusal("x".into()), header_error("string"));
        let mut own: Value = Value::Object(rsa().public_jwk().unwrap().to_json());
        assert_eq!(refusal(own), header_error("a key of another kind"));
        own = json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url::encode(&[9; 32]) });
        assert_eq!(refusal(own), header_error("a key of another kind"));
        let published = Value::Object(key.public_jwk().unwrap().to_json());
        let mut private = published.clone();
        private["d"] = "AAAA".into();
        assert_eq!(
            refusal(private),
            Error::KeyRejected(KeyRejected::PrivateMember { member: "d" })
        );
        let missing = with_header(&token, |header| {
            header.as_object_mut().unwrap().remove("epk");
        });
        assert_eq!(open(&missing, &key).unwrap_err(), header_error("nothing"));
        for member in ["apu", "apv"] {
            let changed = with_header(&token, |header| header[member] = "a+b".into());
            assert_eq!(
                open(&changed, &key).unwrap_err(),
                Error::Header {
                    member,
                    expected: "base64url",
                    found: "something else"
                }
            );
        }
        if key.family() == KeyFamily::X25519 {
            continue;
        }
        // Off the curve: the other coordinate, and zero.
        let mut off = published.clone();
        off["y"] = off["x"].clone();
        let mut zero = published;
        let length = key.public_jwk().unwrap().x().unwrap().len();
        zero["x"] = base64url::encode(&vec![0; length]).into();
        zero["y"] = zero["x"].clone();
        for epk in [off, zero] {
            assert_eq!(refusal(epk.clone()), Error::Decryption);
            let changed = with_header(&token, |header| header["epk"] = epk.clone());
            assert_eq!(
                Encrypted::parse(&changed, EVERYTHING)
                    .unwrap()
                    .begin()
                    .unwrap_err(),
                Error::KeyRejected(KeyRejected::Inconsistent)
            );
        }
    }
}

/// All points of small order on Curve25519 and its twist, in every spelling (RFC 7748 section 6.1:
/// each gives a shared secret of zeros).
#[test]
fn points_of_small_order_are_refused() {
    let key = curves().remove(3);
    assert_eq!(key.family(), KeyFamily::X25519);
    let header = ProtectedHeader::new(KeyManagement::EcdhEs, ContentEncryption::A128GCM);
    let token = encrypt(&header, &public(&key), PLAINTEXT).unwrap();
    let p_minus = |less: u8| {
        let mut bytes = [0xff; 32];
        bytes[0] = 0xed - less;
        bytes[31] = 0x7f;
        bytes
    };
    let small = |value: u8| {
        let mut bytes = [0; 32];
        bytes[0] = value;
        bytes
    };
    let order_8 = [
        [
            0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f,
            0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16,
            0x5f, 0x49, 0xb8, 0x00,
        ],
        [
            0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83,
            0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd,
            0xd0, 0x9f, 0x11, 0x57,
        ],
    ];
    let mut points = vec![small(0), small(1), p_minus(1), p_minus(0)];
    let mut p_plus_1 = p_minus(0);
    p_plus_1[0] = 0xee;
    points.push(p_plus_1);
    points.extend(order_8);
    for point in points {
        for top_bit in [0, 0x80] {
            let mut point = point;
            point[31] |= top_bit;
            let epk = json!({ "kty": "OKP", "crv": "X25519", "x": base64url::encode(&point) });
            let changed = with_header(&token, |header| header["epk"] = epk.clone());
            let encrypted = Encrypted::parse(&changed, EVERYTHING).unwrap();
            let pending = encrypted.clone().begin().unwrap();
            assert_eq!(key.perform(pending.operation()), Ok(KeyAnswer::Rejected));
            assert_eq!(encrypted.decrypt(&key), Err(Error::Decryption));
        }
    }
}

#[test]
fn answers_from_elsewhere_that_are_refused() {
    every_token(|token, key, alg, enc| {
        let pending = Encrypted::parse(token, EVERYTHING)
            .unwrap()
            .begin()
            .unwrap();
        let right = key.perform(pending.operation()).unwrap();
        let zeros = |length: usize| vec![0; length].into();
        let mut wrong = vec![
            KeyAnswer::Rejected,
            KeyAnswer::ContentKey(zeros(enc.key_length())),
            KeyAnswer::ContentKey(zeros(0)),
            KeyAnswer::ContentKey(zeros(65)),
            KeyAnswer::SharedSecret(zeros(0)),
        ];
        match &right {
            KeyAnswer::SharedSecret(z) => {
                // The secret of zeros, one that is too long, too short, and not derived from.
                wrong.push(KeyAnswer::SharedSecret(zeros(z.len())));
                wrong.push(KeyAnswer::SharedSecret(
                    [z.as_slice(), &[0]].concat().into(),
                ));
                wrong.push(KeyAnswer::SharedSecret(z[1..].to_vec().into()));
                wrong.push(KeyAnswer::ContentKey(z.clone()));
            }
            KeyAnswer::ContentKey(content_key) => {
                wrong.push(KeyAnswer::SharedSecret(content_key.clone()));
                wrong.push(KeyAnswer::ContentKey(content_key[1..].to_vec().into()));
            }
            other => panic!("{other:?}"),
        }
        for answer in wrong {
            assert_eq!(
                pending.clone().finish(answer.clone()),
                Err(Error::Decryption),
                "{alg} {enc} {answer:?}"
            );
        }
        assert_eq!(pending.finish(right).unwrap(), PLAINTEXT);
    });
}

#[test]
fn the_parties_are_part_of_the_derivation() {
    let key = curves().remove(0);
    let header = ProtectedHeader::new(KeyManagement::EcdhEs, ContentEncryption::A256GCM)
        .apu(b"Alice")
        .apv(b"Bob");
    let token = encrypt(&header, &public(&key), PLAINTEXT).unwrap();
    let pending = Encrypted::parse(&token, EVERYTHING)
        .unwrap()
        .begin()
        .unwrap();
    let KeyOperation::Agree { apu, apv, epk, .. } = pending.operation() else {
        panic!()
    };
    assert_eq!(
        (apu.as_slice(), apv.as_slice()),
        (&b"Alice"[..], &b"Bob"[..])
    );
    assert_eq!(epk.crv(), Some("P-256"));
    assert_eq!(open(&token, &key).unwrap(), PLAINTEXT);
    // The same key and another party: another content key, so that the authenticated header is not
    // all that holds.
    let answer = key.perform(pending.operation()).unwrap();
    for member in ["apu", "apv"] {
        let changed = with_header(&token, |header| {
            header[member] = base64url::encode(b"Eve").into()
        });
        let other = Encrypted::parse(&changed, EVERYTHING)
            .unwrap()
            .begin()
            .unwrap();
        assert_eq!(other.finish(answer.clone()), Err(Error::Decryption));
    }
}

#[test]
fn a_signed_token_is_nested() {
    let signer = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let signed = SigningInput::new(
        &jws::ProtectedHeader::new(SignatureAlgorithm::ES256),
        br#"{"iss":"https://id.example.com"}"#,
    )
    .sign(&signer)
    .unwrap();
    let key = rsa()
        .with_kid("2026")
        .with_algorithm(KeyManagement::RsaOaep256)
        .unwrap();
    let header = ProtectedHeader::new(KeyManagement::RsaOaep256, ContentEncryption::A128CbcHs256)
        .cty("JWT")
        .kid("2026");
    let token = encrypt(&header, &public(&key), signed.as_bytes()).unwrap();
    let encrypted = Encrypted::parse(&token, EVERYTHING).unwrap();
    assert_eq!(encrypted.header().cty(), Some("JWT"));
    assert!(key.fits(encrypted.header()));
    assert!(!rsa().with_kid("2025").fits(encrypted.header()));
    let plaintext = String::from_utf8(encrypted.decrypt(&key).unwrap()).unwrap();
    let verified = Unverified::parse(&plaintext)
        .unwrap()
        .verify(
            &jose::VerifyingKey::from_jwk(&signer.public_jwk().unwrap()).unwrap(),
            SignatureAlgorithm::ES256,
        )
        .unwrap();
    assert_eq!(
        verified.claims().unwrap().iss(),
        Some("https://id.example.com")
    );
}

/// OpenID Connect Core section 10.2, computed with Python's hashlib.
#[test]
fn keys_come_from_a_client_secret() {
    let secret = "a client secret";
    for (alg, enc, expected) in DERIVED {
        let alg: KeyManagement = alg.parse().unwrap();
        let enc: ContentEncryption = enc.parse().unwrap();
        let encryption = EncryptionKey::from_client_secret(secret, alg, enc).unwrap();
        let decryption = DecryptionKey::from_client_secret(secret, alg, enc).unwrap();
        assert_eq!(decryption.algorithm(), Some(alg));
        let token = encrypt(&ProtectedHeader::new(alg, enc), &encryption, PLAINTEXT).unwrap();
        assert_eq!(open(&token, &decryption).unwrap(), PLAINTEXT);
        // The key spelled out opens it too.
        let spelled = DecryptionKey::symmetric(&base64url::decode(expected).unwrap()).unwrap();
        assert_eq!(open(&token, &spelled).unwrap(), PLAINTEXT);
        // A key that is derived for one algorithm serves no other.
        if alg == KeyManagement::A256KW {
            let other = encrypt(
                &ProtectedHeader::new(KeyManagement::A256GCMKW, enc),
                &EncryptionKey::from_client_secret(secret, KeyManagement::A256GCMKW, enc).unwrap(),
                PLAINTEXT,
            )
            .unwrap();
            assert_eq!(
                open(&other, &decryption),
                Err(Error::EncryptionNotAccepted {
                    member: "alg",
                    found: "A256GCMKW".to_owned()
                })
            );
        }
    }
    for alg in [KeyManagement::RsaOaep256, KeyManagement::EcdhEs] {
        assert_eq!(
            DecryptionKey::from_client_secret(secret, alg, ContentEncryption::A256GCM).unwrap_err(),
            Error::EncryptionKeyMismatch {
                alg,
                found: KeyFamily::Symmetric
            }
        );
    }
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
    // Ed25519 signs and does nothing else.
    let ed25519 = DecryptionKey::from_pkcs8_pem(include_str!("vectors/openssl/ed25519.pem"));
    assert_eq!(
        ed25519.unwrap_err(),
        Error::KeyRejected(KeyRejected::Curve {
            crv: "Ed25519".to_owned()
        })
    );
    let pem = include_bytes!("vectors/openssl/ed25519.pem");
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

macro_rules! vector {
    ($path:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("vectors/", $path))).unwrap()
    };
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

/// RFC 7520 section 6: signed, then encrypted.
#[test]
fn the_published_nested_token() {
    let vector = vector!("rfc7520/6.nesting_signatures_and_encryption.json");
    let key = vector["encrypt"]["input"]["key"].to_string();
    let key = DecryptionKey::from_jwk(key.as_bytes()).unwrap();
    let token = vector["encrypt"]["output"]["compact"].as_str().unwrap();
    let encrypted = Encrypted::parse(token, EVERYTHING).unwrap();
    assert_eq!(encrypted.header().cty(), Some("JWT"));
    let signed = String::from_utf8(encrypted.decrypt(&key).unwrap()).unwrap();
    let signer = vector["sign"]["input"]["key"].to_string();
    let signer = SigningKey::from_jwk(signer.as_bytes()).unwrap();
    let public = jose::VerifyingKey::from_jwk(&signer.public_jwk().unwrap()).unwrap();
    let verified = Unverified::parse(&signed)
        .unwrap()
        .verify(&public, SignatureAlgorithm::PS256)
        .unwrap();
    assert_eq!(verified.claims().unwrap().iss(), Some("hobbiton.example"));
}

const DERIVED: &[(&str, &str, &str)] = &[
    ("dir", "A128GCM", "0WaTEOXsBcO4b14DnB1v2w"),
    ("dir", "A192GCM", "0WaTEOXsBcO4b14DnB1v22PeRGk-k5Rk"),
    (
        "dir",
        "A256GCM",
        "0WaTEOXsBcO4b14DnB1v22PeRGk-k5RkMyrU9MBbdhk",
    ),
    (
        "dir",
        "A128CBC-HS256",
        "0WaTEOXsBcO4b14DnB1v22PeRGk-k5RkMyrU9MBbdhk",
    ),
    (
        "dir",
        "A192CBC-HS384",
        "VQzuIG47EdT_AQFyxEde1TeUQN1aukt1p0jZ2X0SQZJcVH1yN-HuRU2xT_bDCDjD",
    ),
    (
        "dir",
        "A256CBC-HS512",
        "01AGk-QeqFnY17wF7xz90jTqYJ5LHh6Jhw8GOXtI_RGiFyspD5-OhR520oup4gWQPlv9BPsNlUr6wbSCjheKIA",
    ),
    ("A128KW", "A256GCM", "0WaTEOXsBcO4b14DnB1v2w"),
    ("A192KW", "A256GCM", "0WaTEOXsBcO4b14DnB1v22PeRGk-k5Rk"),
    (
        "A256KW",
        "A256CBC-HS512",
        "0WaTEOXsBcO4b14DnB1v22PeRGk-k5RkMyrU9MBbdhk",
    ),
    ("A128GCMKW", "A128GCM", "0WaTEOXsBcO4b14DnB1v2w"),
];
