//! Keys and tokens of every kind.

use jose::jwe::{
    Accepted, ContentEncryption, DecryptionKey, Encrypted, EncryptionKey, KeyManagement,
    ProtectedHeader, encrypt,
};
use jose::{Error, base64url};
use serde_json::Value;

pub(crate) const EVERYTHING: Accepted<'static> = Accepted {
    alg: KeyManagement::ALL,
    enc: ContentEncryption::ALL,
};

pub(crate) const PLAINTEXT: &[u8] = b"plaintext";

pub(crate) fn rsa() -> DecryptionKey {
    DecryptionKey::from_pkcs8_pem(include_str!("../vectors/openssl/rsa2048.pem")).unwrap()
}

pub(crate) fn curves() -> Vec<DecryptionKey> {
    [
        include_str!("../vectors/openssl/p256.pem"),
        include_str!("../vectors/openssl/p384.pem"),
        include_str!("../vectors/openssl/p521.pem"),
        include_str!("../vectors/openssl/x25519.pem"),
    ]
    .map(|pem| DecryptionKey::from_pkcs8_pem(pem).unwrap())
    .into()
}

pub(crate) fn public(key: &DecryptionKey) -> EncryptionKey {
    EncryptionKey::from_jwk(&key.public_jwk().unwrap()).unwrap()
}

/// Returns the keys with which an algorithm is tested.
pub(crate) fn pairs(
    alg: KeyManagement,
    enc: ContentEncryption,
) -> Vec<(EncryptionKey, DecryptionKey)> {
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

pub(crate) fn every_token(test: impl Fn(&str, &DecryptionKey, KeyManagement, ContentEncryption)) {
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

pub(crate) fn open(token: &str, key: &DecryptionKey) -> Result<Vec<u8>, Error> {
    Encrypted::parse(token, EVERYTHING)?.decrypt(key)
}

pub(crate) fn part(token: &str, index: usize) -> Vec<u8> {
    base64url::decode(token.split('.').nth(index).unwrap()).unwrap()
}

pub(crate) fn with_part(token: &str, index: usize, bytes: &[u8]) -> String {
    let encoded = base64url::encode(bytes);
    let mut parts: Vec<&str> = token.split('.').collect();
    parts[index] = &encoded;
    parts.join(".")
}

pub(crate) fn with_header(token: &str, change: impl Fn(&mut Value)) -> String {
    let mut header: Value = serde_json::from_slice(&part(token, 0)).unwrap();
    change(&mut header);
    with_part(token, 0, header.to_string().as_bytes())
}
