//! Keys for encryption: their family, the algorithm to which they are bound, and the agreement of
//! their private and public parts.

use jose::jwe::{
    ContentEncryption, DecryptionKey, Encrypted, EncryptionKey, KeyManagement, ProtectedHeader,
    encrypt,
};
use jose::{Error, Jwk, KeyFamily, KeyRejected, PrivateJwk, base64url};
use serde_json::{Value, json};

use crate::every_kind::*;

const ENC: ContentEncryption = ContentEncryption::A256GCM;

fn refusal(alg: KeyManagement, enc: ContentEncryption, key: &EncryptionKey) -> Error {
    encrypt(&ProtectedHeader::new(alg, enc), key, PLAINTEXT).unwrap_err()
}

fn not_accepted(member: &'static str, found: &str) -> Error {
    Error::EncryptionNotAccepted {
        member,
        found: found.to_owned(),
    }
}

#[test]
fn nothing_is_encrypted_with_a_key_of_another_family() {
    // No algorithm with this content encryption accepts a secret of 48 bytes.
    let strangers = [
        public(&rsa()),
        public(&curves()[0]),
        EncryptionKey::symmetric(&[1; 48]).unwrap(),
    ];
    for alg in KeyManagement::ALL {
        for stranger in &strangers {
            let found = stranger.family();
            let fits = pairs(*alg, ENC)
                .iter()
                .any(|(key, _)| key.family() == found);
            if fits && found != KeyFamily::Symmetric {
                continue;
            }
            assert_eq!(
                refusal(*alg, ENC, stranger),
                Error::EncryptionKeyMismatch { alg: *alg, found },
                "{alg}"
            );
        }
    }
}

#[test]
fn a_bound_key_serves_nothing_else() {
    let other = ContentEncryption::A128CbcHs256;
    let document = json!({ "kty": "oct", "k": base64url::encode(&[7; 32]), "alg": "A256GCM" });
    let document = document.to_string();
    let encryption = EncryptionKey::from_symmetric_jwk(document.as_bytes()).unwrap();
    let decryption = DecryptionKey::from_jwk(document.as_bytes()).unwrap();
    let direct = |enc| ProtectedHeader::new(KeyManagement::Direct, enc);
    let token = encrypt(&direct(ENC), &encryption, PLAINTEXT).unwrap();
    assert_eq!(open(&token, &decryption).unwrap(), PLAINTEXT);
    assert_eq!(
        refusal(KeyManagement::Direct, other, &encryption),
        not_accepted("enc", "A128CBC-HS256")
    );
    assert_eq!(
        refusal(KeyManagement::A256KW, ENC, &encryption),
        not_accepted("alg", "A256KW")
    );
    let unbound = EncryptionKey::symmetric(&[7; 32]).unwrap();
    let token = encrypt(&direct(other), &unbound, PLAINTEXT).unwrap();
    assert_eq!(
        open(&token, &decryption),
        Err(not_accepted("enc", "A128CBC-HS256"))
    );

    let key = curves().swap_remove(0);
    let bound = key.with_algorithm(KeyManagement::EcdhEs).unwrap();
    let published = bound.public_jwk().unwrap();
    assert_eq!(published.alg(), Some("ECDH-ES"));
    let published = EncryptionKey::from_jwk(&published).unwrap();
    assert_eq!(
        refusal(KeyManagement::EcdhEsA128KW, ENC, &published),
        not_accepted("alg", "ECDH-ES+A128KW")
    );
}

#[test]
fn a_key_is_bound_only_where_it_fits() {
    let key = curves().swap_remove(0);
    assert_eq!(
        key.with_algorithm(KeyManagement::RsaOaep256).unwrap_err(),
        Error::EncryptionKeyMismatch {
            alg: KeyManagement::RsaOaep256,
            found: KeyFamily::P256,
        }
    );
    let key = DecryptionKey::symmetric(&[7; 16]).unwrap();
    assert_eq!(
        key.with_algorithm(KeyManagement::A256KW).unwrap_err(),
        Error::KeyRejected(KeyRejected::Length {
            member: "k",
            expected: 32,
            found: 16,
        })
    );
}

#[test]
fn a_document_of_another_type_is_no_shared_key() {
    let document = json!({ "kty": "EC", "k": base64url::encode(&[7; 32]) }).to_string();
    assert_eq!(
        EncryptionKey::from_symmetric_jwk(document.as_bytes()).unwrap_err(),
        Error::KeyRejected(KeyRejected::KeyType {
            kty: "EC".to_owned()
        })
    );
}

/// Key agreement with such points reveals a private key bit by bit.
#[test]
fn nothing_is_encrypted_to_a_point_off_its_curve() {
    for key in curves() {
        let mut document = key.public_jwk().unwrap().to_json();
        // X25519 has one coordinate and no curve check.
        let Some(y) = document.get_mut("y") else {
            continue;
        };
        let mut coordinate = base64url::decode(y.as_str().unwrap()).unwrap();
        *coordinate.last_mut().unwrap() ^= 1;
        *y = base64url::encode(&coordinate).into();
        let jwk = Jwk::parse(Value::Object(document).to_string().as_bytes()).unwrap();
        assert_eq!(
            EncryptionKey::from_jwk(&jwk).unwrap_err(),
            Error::KeyRejected(KeyRejected::Inconsistent)
        );
    }
}

#[test]
fn private_parts_must_belong_to_the_public_ones() {
    for family in [
        KeyFamily::P256,
        KeyFamily::P384,
        KeyFamily::P521,
        KeyFamily::X25519,
    ] {
        let [mut document, other] = [0; 2].map(|_| -> Value {
            let key = PrivateJwk::generate(family).unwrap();
            serde_json::from_str(&key.to_json()).unwrap()
        });
        let read = |document: &Value| DecryptionKey::from_jwk(document.to_string().as_bytes());
        assert!(read(&document).is_ok());
        document["d"] = other["d"].clone();
        assert_eq!(
            read(&document).unwrap_err(),
            Error::KeyRejected(KeyRejected::Inconsistent),
            "{family}"
        );
    }
}

#[test]
fn header_parameters_that_are_not_set_by_hand() {
    let header = || ProtectedHeader::new(KeyManagement::Direct, ENC);
    for name in [
        "alg", "enc", "kid", "typ", "cty", "apu", "apv", "epk", "iv", "tag", "crit", "zip",
    ] {
        assert_eq!(
            header().member(name, json!("x")).unwrap_err(),
            Error::ReservedHeader {
                member: name.to_owned()
            }
        );
    }
    // RFC 7519 section 5.3 permits claims as header parameters.
    let header = header().member("iss", json!("https://a.example")).unwrap();
    let key = EncryptionKey::symmetric(&[7; 32]).unwrap();
    let token = encrypt(&header, &key, PLAINTEXT).unwrap();
    let sent: Value = serde_json::from_slice(&part(&token, 0)).unwrap();
    assert_eq!(sent["iss"], "https://a.example");
    assert!(Encrypted::parse(&token, EVERYTHING).is_ok());
}
