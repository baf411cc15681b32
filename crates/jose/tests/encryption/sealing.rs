//! Decryption reverses encryption.

use jose::jwe::{
    ContentEncryption, DecryptionKey, Encrypted, EncryptionKey, KeyManagement, KeyOperation,
    ProtectedHeader, encrypt,
};
use jose::jws::{SigningInput, Unverified};
use jose::{Error, KeyFamily, SignatureAlgorithm, SigningKey, base64url, jws};
use serde_json::Value;

use crate::every_kind::*;

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
    // Another party gives another content key, although the key is the same. The authenticated
    // header is thus not the only protection.
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

/// The keys of OpenID Connect Core section 10.2, computed with Python's hashlib.
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
        // The key itself decrypts the token too.
        let spelled = DecryptionKey::symmetric(&base64url::decode(expected).unwrap()).unwrap();
        assert_eq!(open(&token, &spelled).unwrap(), PLAINTEXT);
        // A key that is derived for one algorithm is refused by others.
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

macro_rules! vector {
    ($path:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../vectors/", $path))).unwrap()
    };
}

/// The token of RFC 7520 section 6, which is signed and then encrypted.
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
