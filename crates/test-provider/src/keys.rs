//! The provider's signing keys. They are fixed and public, and only for tests (see
//! `keys/README.md`).

use std::sync::OnceLock;

use jose::jwe::DecryptionKey;
use jose::{KeyFamily, SignatureAlgorithm, SigningKey};
use serde_json::json;

use crate::members::Members;

/// Returns the key that signs with `algorithm` in this generation. There are two keys of each
/// family, which alternate from generation to generation.
///
/// # Panics
/// If the algorithm is HMAC, whose key is the client's secret.
pub(crate) fn signing_key(algorithm: SignatureAlgorithm, generation: u64) -> &'static SigningKey {
    static KEYS: OnceLock<Vec<(KeyFamily, [SigningKey; 2])>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let read = |(family, pem): (KeyFamily, [&str; 2])| {
            let pair =
                pem.map(|pem| SigningKey::from_pkcs8_pem(pem).expect("the test keys can be read"));
            (family, pair)
        };
        PEM.map(read).into()
    });
    let (_, pair) = keys
        .iter()
        .find(|(family, _)| *family == algorithm.key_family())
        .expect("an asymmetric algorithm");
    &pair[turn(generation)]
}

/// Returns the `kid` of the key for `algorithm` in this generation. It is unique to the generation.
pub(crate) fn kid(algorithm: SignatureAlgorithm, generation: u64) -> String {
    format!("{algorithm}-{}", generation + 1)
}

/// Returns the public key as it is in the key set, restricted to `algorithm`.
pub(crate) fn public_jwk(algorithm: SignatureAlgorithm, generation: u64) -> Members {
    let key = signing_key(algorithm, generation)
        .public_jwk()
        .expect("an asymmetric key");
    let mut jwk = Members::default();
    for (name, value) in key.to_json() {
        jwk.set(&name, value);
    }
    jwk.set("kid", json!(kid(algorithm, generation)));
    jwk.set("use", json!("sig"));
    jwk.set("alg", json!(algorithm.as_str()));
    jwk
}

/// Returns the RSA and the P-256 key that decrypt request objects. For lack of more keys, they are
/// the signing keys of the other generation. A real provider must use separate keys.
pub(crate) fn decryption_keys(generation: u64) -> Vec<DecryptionKey> {
    [KeyFamily::Rsa, KeyFamily::P256]
        .into_iter()
        .map(|family| {
            let (_, pair) = PEM
                .iter()
                .find(|(it, _)| *it == family)
                .expect("each family has a test key");
            DecryptionKey::from_pkcs8_pem(pair[1 - turn(generation)])
                .expect("the test keys can be read")
                .with_kid(format!("encryption-{family}-{}", generation + 1))
        })
        .collect()
}

/// Returns the public key for encryption as it is in the key set.
pub(crate) fn encryption_jwk(key: &DecryptionKey) -> Members {
    let mut jwk = Members::default();
    for (name, value) in key.public_jwk().expect("an asymmetric key").to_json() {
        jwk.set(&name, value);
    }
    jwk.set("use", json!("enc"));
    jwk
}

/// Returns the RSA key of this generation as a SubjectPublicKeyInfo in PEM (RFC 7468 section 13).
pub(crate) fn rsa_public_key_pem(generation: u64) -> &'static str {
    [
        include_str!("keys/rsa-2048-first.public.pem"),
        include_str!("keys/rsa-2048-second.public.pem"),
    ][turn(generation)]
}

fn turn(generation: u64) -> usize {
    usize::from(generation % 2 == 1)
}

const PEM: [(KeyFamily, [&str; 2]); 8] = [
    (
        KeyFamily::Rsa,
        [
            include_str!("keys/rsa-2048-first.pem"),
            include_str!("keys/rsa-2048-second.pem"),
        ],
    ),
    (
        KeyFamily::P256,
        [
            include_str!("keys/p256-first.pem"),
            include_str!("keys/p256-second.pem"),
        ],
    ),
    (
        KeyFamily::P384,
        [
            include_str!("keys/p384-first.pem"),
            include_str!("keys/p384-second.pem"),
        ],
    ),
    (
        KeyFamily::P521,
        [
            include_str!("keys/p521-first.pem"),
            include_str!("keys/p521-second.pem"),
        ],
    ),
    (
        KeyFamily::Ed25519,
        [
            include_str!("keys/ed25519-first.pem"),
            include_str!("keys/ed25519-second.pem"),
        ],
    ),
    (
        KeyFamily::MlDsa44,
        [
            include_str!("keys/ml-dsa-44-first.pem"),
            include_str!("keys/ml-dsa-44-second.pem"),
        ],
    ),
    (
        KeyFamily::MlDsa65,
        [
            include_str!("keys/ml-dsa-65-first.pem"),
            include_str!("keys/ml-dsa-65-second.pem"),
        ],
    ),
    (
        KeyFamily::MlDsa87,
        [
            include_str!("keys/ml-dsa-87-first.pem"),
            include_str!("keys/ml-dsa-87-second.pem"),
        ],
    ),
];
