//! No input causes a panic in a parser, and every value that is written can be read.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

use jose::json::Limits;
use jose::jwe::{
    Accepted, ContentEncryption, ContentEncryptionKey, DecryptionKey, Encrypted, EncryptionKey,
    KeyAnswer, KeyManagement,
};
use jose::jws::{ProtectedHeader, SigningInput, Unverified};
use jose::{
    Jwk, JwkSet, PrivateJwk, PrivateKeyFormat, PublicKeyFormat, SignatureAlgorithm, SigningKey,
    VerifyingKey, base64url, json, jwe,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value;

const SECRET: &[u8] = b"a secret that both sides share, of sufficient length for SHA-512";
const ACCEPTED: Accepted<'static> = Accepted {
    alg: KeyManagement::ALL,
    enc: ContentEncryption::ALL,
};

/// Generates any JSON value with a few levels.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..8)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Generates an object whose member names are often known ones.
fn object_of(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let value = prop_oneof![
        any_json(),
        "[A-Za-z0-9_-]{0,64}".prop_map(Value::from),
        prop::sample::select(vec![
            "RSA",
            "EC",
            "OKP",
            "oct",
            "P-256",
            "P-384",
            "P-521",
            "Ed25519",
            "X25519",
            "AQAB",
            "RS256",
            "ES256",
            "HS256",
            "none",
            "dir",
            "A256GCM",
            "sig",
            "AKP",
            "ML-DSA-44",
            "ECDH-ES",
            "A128KW",
            "A256GCMKW",
            "RSA-OAEP",
            "A128CBC-HS256",
            "enc",
        ])
        .prop_map(Value::from),
    ];
    btree_map(prop::sample::select(names), value, 0..8).prop_map(|members| {
        let members: serde_json::Map<_, _> = members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Value::Object(members).to_string()
    })
}

const KEY_MEMBERS: &[&str] = &[
    "kty", "crv", "x", "y", "n", "e", "d", "p", "q", "dp", "dq", "qi", "k", "kid", "use",
    "key_ops", "alg", "pub", "priv",
];
const HEADER_MEMBERS: &[&str] = &[
    "alg", "enc", "kid", "typ", "cty", "crit", "b64", "zip", "jwk", "epk", "apu", "apv", "iv",
    "tag",
];
const CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "auth_time",
    "nonce",
];

/// Reads the bytes with every parser of this crate, and ignores the results.
fn read_with_everything(bytes: &[u8]) {
    let _ = json::parse(bytes, Limits::DOCUMENT);
    let _ = Jwk::parse(bytes).map(|jwk| (jwk.thumbprint(), VerifyingKey::from_jwk(&jwk).is_ok()));
    let _ = JwkSet::parse(bytes);
    let _ = SigningKey::from_jwk(bytes);
    let _ = SigningKey::from_pkcs8_der(bytes);
    let _ = VerifyingKey::hmac(bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = base64url::decode(&text);
    let _ = SigningKey::from_pkcs8_pem(&text);
    let _ = text.parse::<SignatureAlgorithm>();
    let _ = Jwk::from_pem(&text);
    let _ = PrivateJwk::from_pem(&text);
    let _ = PrivateJwk::parse(bytes)
        .map(|key| (key.signing_key().is_ok(), key.decryption_key().is_ok()));
    let _ = EncryptionKey::from_symmetric_jwk(bytes);
    let _ = DecryptionKey::from_jwk(bytes);
    for format in [
        PublicKeyFormat::Spki,
        PublicKeyFormat::Pkcs1,
        PublicKeyFormat::Certificate,
    ] {
        let _ = Jwk::from_der(format, bytes);
    }
    for format in [
        PrivateKeyFormat::Pkcs8,
        PrivateKeyFormat::Pkcs1,
        PrivateKeyFormat::Sec1,
    ] {
        let _ = PrivateJwk::from_der(format, bytes);
    }
    if let Ok(encrypted) = Encrypted::parse(&text, ACCEPTED) {
        let key = DecryptionKey::symmetric(&SECRET[..32]).unwrap();
        assert!(encrypted.clone().decrypt(&key).is_err());
        if let Ok(pending) = encrypted.begin() {
            assert!(pending.finish(KeyAnswer::Rejected).is_err());
        }
    }
    if let Ok(unverified) = Unverified::parse(&text) {
        let key = VerifyingKey::hmac(SECRET).unwrap();
        assert!(unverified.verify(&key, SignatureAlgorithm::HS256).is_err());
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..512)) {
        read_with_everything(&bytes);
    }

    #[test]
    fn any_text(text in any::<String>()) {
        read_with_everything(text.as_bytes());
    }

    #[test]
    fn any_json_text(value in any_json()) {
        read_with_everything(value.to_string().as_bytes());
    }

    #[test]
    fn things_that_look_like_keys(document in object_of(KEY_MEMBERS)) {
        read_with_everything(document.as_bytes());
        read_with_everything(format!("{{\"keys\":[{document},{document}]}}").as_bytes());
    }

    #[test]
    fn things_that_look_like_tokens(header in object_of(HEADER_MEMBERS), rest in "[A-Za-z0-9_.=-]{0,128}") {
        read_with_everything(format!("{}.{rest}", base64url::encode(header.as_bytes())).as_bytes());
    }

    #[test]
    fn documents_with_some_bytes_changed(
        which in 0_usize..9,
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut document = match which {
            0 => include_bytes!("vectors/rfc7520/jwk/3_4.rsa_private_key.json").to_vec(),
            1 => include_bytes!("vectors/openssl/p256.pem").to_vec(),
            2 => include_bytes!("vectors/openssl/ed25519.pem").to_vec(),
            3 => include_bytes!("vectors/rfc7520/jwk/3_2.ec_private_key.json").to_vec(),
            4 => include_bytes!("vectors/openssl/p256_certificate.pem").to_vec(),
            5 => include_bytes!("vectors/openssl/rsa2048_pkcs1.pem").to_vec(),
            6 => include_bytes!("vectors/openssl/p384_sec1.pem").to_vec(),
            7 => include_bytes!("vectors/openssl/x25519_public.pem").to_vec(),
            _ => include_bytes!("vectors/openssl/dir_a256gcm.txt").to_vec(),
        };
        for (index, byte) in changes {
            let place = index.index(document.len());
            if let Some(slot) = document.get_mut(place) {
                *slot = byte;
            }
        }
        read_with_everything(&document);
    }

    #[test]
    fn the_strict_reader_agrees_with_serde_json(value in any_json()) {
        let text = value.to_string();
        let expected: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(json::parse(text.as_bytes(), Limits::DOCUMENT).unwrap().to_owned_value(), expected);
    }

    #[test]
    fn what_the_strict_reader_accepts_serde_json_accepts(bytes in "[\\[\\]{}\",:0-9a-c\\\\eu.+ -]{0,24}") {
        if let Ok(value) = json::parse(bytes.as_bytes(), Limits::DOCUMENT) {
            prop_assert_eq!(value.to_owned_value(), serde_json::from_str::<Value>(&bytes).unwrap());
        }
    }

    #[test]
    fn base64url_round_trips(bytes in vec(any::<u8>(), 0..256)) {
        prop_assert_eq!(base64url::decode(&base64url::encode(&bytes)).unwrap(), bytes);
    }

    #[test]
    fn base64url_has_one_spelling(text in "[A-Za-z0-9_=-]{0,12}") {
        if let Ok(bytes) = base64url::decode(&text) {
            prop_assert_eq!(base64url::encode(&bytes), text);
        }
    }

    #[test]
    fn signed_claims_round_trip(claims in object_of(CLAIMS), kid in any::<String>()) {
        let header = ProtectedHeader::new(SignatureAlgorithm::HS384).kid(kid.clone()).typ("JWT");
        let token = SigningInput::new(&header, claims.as_bytes()).sign(&SigningKey::hmac(SECRET).unwrap()).unwrap();
        let key = VerifyingKey::hmac(SECRET).unwrap();
        let verified = Unverified::parse(&token).unwrap().verify(&key, SignatureAlgorithm::HS384).unwrap();
        prop_assert_eq!(verified.payload(), claims.as_bytes());
        prop_assert_eq!(verified.header().kid(), Some(kid.as_str()));
        if let Ok(read) = verified.claims() {
            prop_assert_eq!(Value::Object(read.to_owned_map()), serde_json::from_str::<Value>(&claims).unwrap());
            // Every claim in the text is returned.
            let written: Value = serde_json::from_str(&claims).unwrap();
            prop_assert_eq!(read.exp().is_some(), written.get("exp").is_some());
            prop_assert_eq!(read.aud().is_some(), written.get("aud").is_some());
            prop_assert_eq!(read.sub().is_some(), written.get("sub").is_some());
        }
    }

    /// The two algorithms that every build supports.
    #[test]
    fn wrapped_and_shared_keys_round_trip(
        plaintext in vec(any::<u8>(), 0..256),
        key in any::<[u8; 32]>(),
        direct in any::<bool>(),
    ) {
        let alg = if direct { KeyManagement::Direct } else { KeyManagement::A256GCMKW };
        let header = jwe::ProtectedHeader::new(alg, ContentEncryption::A256GCM);
        let token = jwe::encrypt(&header, &EncryptionKey::symmetric(&key).unwrap(), &plaintext).unwrap();
        let key = DecryptionKey::symmetric(&key).unwrap();
        prop_assert_eq!(Encrypted::parse(&token, ACCEPTED).unwrap().decrypt(&key).unwrap(), plaintext);
    }

    #[test]
    fn sealed_bytes_round_trip(plaintext in vec(any::<u8>(), 0..256), key in any::<[u8; 32]>()) {
        let key = ContentEncryptionKey::new(ContentEncryption::A256GCM, &key).unwrap();
        let header = jwe::ProtectedHeader::new(KeyManagement::Direct, ContentEncryption::A256GCM);
        let token = jwe::encrypt_direct(&header, &key, &plaintext).unwrap();
        prop_assert_eq!(Encrypted::parse(&token, ACCEPTED).unwrap().decrypt_direct(&key).unwrap(), plaintext);
    }
}
