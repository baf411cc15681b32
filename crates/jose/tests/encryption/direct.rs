//! Direct encryption with a shared key: round trips, a token by OpenSSL, and refusals.

use jose::jwe::{
    Accepted, ContentEncryption, ContentEncryptionKey, Encrypted, KeyManagement, ProtectedHeader,
    encrypt_direct,
};
use jose::{Error, KeyRejected, MAXIMUM_TOKEN_LENGTH, Malformed, Part, base64url, json};

const ACCEPTED: Accepted<'static> = Accepted {
    alg: &[KeyManagement::Direct],
    enc: &[ContentEncryption::A256GCM],
};

fn key() -> ContentEncryptionKey {
    ContentEncryptionKey::new(ContentEncryption::A256GCM, &[7; 32]).unwrap()
}

fn header() -> ProtectedHeader {
    ProtectedHeader::new(KeyManagement::Direct, ContentEncryption::A256GCM)
}

fn seal(plaintext: &[u8]) -> String {
    encrypt_direct(&header(), &key(), plaintext).unwrap()
}

fn open(token: &str) -> Result<Vec<u8>, Error> {
    Encrypted::parse(token, ACCEPTED)?.decrypt_direct(&key())
}

/// Returns the token with one segment replaced.
fn with_segment(token: &str, index: usize, segment: &str) -> String {
    let mut parts: Vec<&str> = token.split('.').collect();
    parts[index] = segment;
    parts.join(".")
}

fn with_header(header: &str) -> String {
    with_segment(&seal(b"x"), 0, &base64url::encode(header.as_bytes()))
}

#[test]
fn what_is_sealed_is_opened() {
    for plaintext in [&b""[..], b"x", &[0; 5000]] {
        assert_eq!(open(&seal(plaintext)).unwrap(), plaintext);
    }
    let header = header().typ("JOSE").cty("JWT").kid("k");
    let token = encrypt_direct(&header, &key(), b"plaintext").unwrap();
    let encrypted = Encrypted::parse(&token, ACCEPTED).unwrap();
    let parsed = encrypted.header();
    assert_eq!(
        (parsed.alg(), parsed.enc()),
        (KeyManagement::Direct, ContentEncryption::A256GCM)
    );
    assert_eq!(
        (parsed.typ(), parsed.cty(), parsed.kid()),
        (Some("JOSE"), Some("JWT"), Some("k"))
    );
    assert_eq!(encrypted.decrypt_direct(&key()).unwrap(), b"plaintext");
}

/// The token was made with Node's `crypto` and OpenSSL 3.0. The key is 32 bytes 07, and the
/// initialisation vector is 12 bytes 01.
#[test]
fn what_openssl_sealed_is_opened() {
    let token = include_str!("../vectors/openssl/dir_a256gcm.txt").trim_end();
    assert_eq!(open(token).unwrap(), "café".as_bytes());
}

/// An initialisation vector that repeats with the same key reveals both plaintexts.
#[test]
fn every_token_has_another_initialisation_vector() {
    let [first, second] = [seal(b"plaintext"), seal(b"plaintext")];
    let iv = |token: &str| base64url::decode(token.split('.').nth(2).unwrap()).unwrap();
    assert_eq!(iv(&first).len(), 12);
    assert_ne!(iv(&first), iv(&second));
    assert_ne!(first, second);
}

#[cfg(feature = "aws-lc-rs")]
#[test]
fn every_content_encryption_has_a_form_with_a_prepared_key() {
    for (enc, length, iv_length) in [
        (ContentEncryption::A128GCM, 16, 12),
        (ContentEncryption::A192GCM, 24, 12),
        (ContentEncryption::A256GCM, 32, 12),
        (ContentEncryption::A128CbcHs256, 32, 16),
        (ContentEncryption::A192CbcHs384, 48, 16),
        (ContentEncryption::A256CbcHs512, 64, 16),
    ] {
        let key = ContentEncryptionKey::new(enc, &vec![7; length]).unwrap();
        let header = ProtectedHeader::new(KeyManagement::Direct, enc);
        let token = encrypt_direct(&header, &key, b"plaintext").unwrap();
        let iv = base64url::decode(token.split('.').nth(2).unwrap()).unwrap();
        assert_eq!(iv.len(), iv_length, "{enc}");
        let accepted = Accepted {
            alg: &[KeyManagement::Direct],
            enc: &[enc],
        };
        let encrypted = Encrypted::parse(&token, accepted).unwrap();
        assert_eq!(
            encrypted.decrypt_direct(&key).unwrap(),
            b"plaintext",
            "{enc}"
        );
    }
}

#[test]
fn only_what_the_key_is_for_is_sealed() {
    let refused = |member, found: &str| {
        Err(Error::EncryptionNotAccepted {
            member,
            found: found.to_owned(),
        })
    };
    let header = |alg, enc| ProtectedHeader::new(alg, enc);
    let wrapped = header(KeyManagement::A256GCMKW, ContentEncryption::A256GCM);
    assert_eq!(
        encrypt_direct(&wrapped, &key(), b""),
        refused("alg", "A256GCMKW")
    );
    let other = header(KeyManagement::Direct, ContentEncryption::A128GCM);
    assert_eq!(
        encrypt_direct(&other, &key(), b""),
        refused("enc", "A128GCM")
    );
}

#[test]
fn every_changed_bit_is_found() {
    let token = seal(b"plaintext");
    for index in [0, 2, 3, 4] {
        let segment = base64url::decode(token.split('.').nth(index).unwrap()).unwrap();
        for position in 0..segment.len() {
            for bit in 0..8 {
                let mut changed = segment.clone();
                changed[position] ^= 1 << bit;
                let changed = with_segment(&token, index, &base64url::encode(&changed));
                let error = open(&changed).unwrap_err();
                // A changed header may be refused as a header. Every other change causes the same
                // error.
                assert!(
                    index == 0 || error == Error::Decryption,
                    "{index} {position} {bit}: {error}"
                );
            }
        }
    }
}

#[test]
fn the_header_is_authenticated() {
    let changed = with_header(r#"{"alg":"dir","enc":"A256GCM","typ":"JWT"}"#);
    assert_eq!(open(&changed), Err(Error::Decryption));
    // An additional space has no meaning, but is authenticated too.
    assert_eq!(
        open(&with_header(r#"{"alg": "dir","enc":"A256GCM"}"#)),
        Err(Error::Decryption)
    );
}

#[test]
fn parts_of_every_wrong_length_look_alike() {
    let token = seal(b"plaintext");
    let zeros = |length: usize| base64url::encode(&vec![0; length]);
    for length in (0..=32).filter(|length| *length != 12) {
        assert_eq!(
            open(&with_segment(&token, 2, &zeros(length))),
            Err(Error::Decryption),
            "iv {length}"
        );
    }
    let tag = base64url::decode(token.split('.').nth(4).unwrap()).unwrap();
    for length in 0..16 {
        let truncated = base64url::encode(&tag[..length]);
        assert_eq!(
            open(&with_segment(&token, 4, &truncated)),
            Err(Error::Decryption),
            "tag {length}"
        );
    }
    let extended = base64url::encode(&[tag.as_slice(), &[0]].concat());
    assert_eq!(
        open(&with_segment(&token, 4, &extended)),
        Err(Error::Decryption)
    );
    for length in [1, 16, 32, 40] {
        assert_eq!(
            open(&with_segment(&token, 1, &zeros(length))),
            Err(Error::Decryption),
            "key {length}"
        );
    }
    // A byte of the tag is moved to the ciphertext. The segments contain the same bytes as before.
    let ciphertext = base64url::decode(token.split('.').nth(3).unwrap()).unwrap();
    let moved = with_segment(
        &token,
        3,
        &base64url::encode(&[&ciphertext[..], &tag[..1]].concat()),
    );
    let moved = with_segment(&moved, 4, &base64url::encode(&tag[1..]));
    assert_eq!(open(&moved), Err(Error::Decryption));
}

#[test]
fn swapped_segments_and_another_key() {
    let token = seal(b"sixteen bytes...");
    let parts: Vec<&str> = token.split('.').collect();
    let swapped = [parts[0], parts[1], parts[2], parts[4], parts[3]].join(".");
    assert_eq!(open(&swapped), Err(Error::Decryption));
    let other = ContentEncryptionKey::new(ContentEncryption::A256GCM, &[8; 32]).unwrap();
    let encrypted = Encrypted::parse(&token, ACCEPTED).unwrap();
    assert_eq!(encrypted.decrypt_direct(&other), Err(Error::Decryption));
}

#[test]
fn only_what_is_accepted_is_looked_at() {
    let refused = |member, found: &str| {
        Err(Error::EncryptionNotAccepted {
            member,
            found: found.to_owned(),
        })
    };
    for alg in [
        "RSA1_5",
        "RSA-OAEP",
        "PBES2-HS256+A128KW",
        "A256KW",
        "ECDH-ES",
        "none",
        "DIR",
    ] {
        assert_eq!(
            open(&with_header(&format!(
                r#"{{"alg":"{alg}","enc":"A256GCM"}}"#
            ))),
            refused("alg", alg)
        );
    }
    for enc in ["A128GCM", "A256CBC-HS512", "a256gcm", ""] {
        assert_eq!(
            open(&with_header(&format!(r#"{{"alg":"dir","enc":"{enc}"}}"#))),
            refused("enc", enc)
        );
    }
    let nothing = Accepted { alg: &[], enc: &[] };
    assert_eq!(
        Encrypted::parse(&seal(b""), nothing).unwrap_err(),
        refused("alg", "dir").unwrap_err()
    );
}

#[test]
fn headers_that_are_refused() {
    let ill_typed = |member, found| {
        Err(Error::Header {
            member,
            expected: "a string",
            found,
        })
    };
    assert_eq!(
        open(&with_header(r#"{"enc":"A256GCM"}"#)),
        ill_typed("alg", "nothing")
    );
    assert_eq!(
        open(&with_header(r#"{"alg":"dir"}"#)),
        ill_typed("enc", "nothing")
    );
    assert_eq!(
        open(&with_header(r#"{"alg":"dir","enc":["A256GCM"]}"#)),
        ill_typed("enc", "array")
    );
    assert_eq!(
        open(&with_header(r#"{"alg":"dir","enc":"A256GCM","typ":1}"#)),
        ill_typed("typ", "number")
    );
    assert_eq!(
        open(&with_header(
            r#"{"alg":"dir","enc":"A256GCM","crit":["exp"]}"#
        )),
        Err(Error::Critical)
    );
    assert_eq!(
        open(&with_header(r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#)),
        Err(Error::Header {
            member: "zip",
            expected: "absent",
            found: "string"
        })
    );
    assert_eq!(
        open(&with_header(r#"{"alg":"dir","alg":"dir","enc":"A256GCM"}"#)),
        Err(Error::Json {
            part: Part::Header,
            reason: json::Error::Duplicate {
                member: "alg".to_owned()
            }
        })
    );
}

#[test]
fn tokens_that_are_malformed() {
    let token = seal(b"x");
    let segments = |found| Err(Error::Malformed(Malformed::Segments { expected: 5, found }));
    assert_eq!(open(&token[..token.rfind('.').unwrap()]), segments(4));
    assert_eq!(open(&format!("{token}.")), segments(6));
    assert_eq!(open(&format!("{token}.a.b.c")), segments(6));
    assert_eq!(
        open(&".".repeat(1_000_000)),
        Err(Error::Malformed(Malformed::Length {
            limit: MAXIMUM_TOKEN_LENGTH,
            found: 1_000_000
        }))
    );
    for index in 0..5 {
        let part = if index == 0 {
            Part::Header
        } else {
            Part::Encrypted
        };
        assert_eq!(
            open(&with_segment(&token, index, "AA=")),
            Err(Error::Malformed(Malformed::Base64Url { part }))
        );
    }
}

#[test]
fn keys_of_another_length() {
    for found in [0, 16, 31, 33, 64] {
        assert_eq!(
            ContentEncryptionKey::new(ContentEncryption::A256GCM, &vec![7; found]).unwrap_err(),
            Error::KeyRejected(KeyRejected::Length {
                member: "k",
                expected: 32,
                found
            })
        );
    }
    assert_eq!(
        format!("{:?}", key()),
        "ContentEncryptionKey { enc: A256GCM, .. }"
    );
}
