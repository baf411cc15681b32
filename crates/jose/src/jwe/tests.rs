//! Tests that need private functions: published tokens that are made again with their random
//! values, and tokens that are forged with keys that an attacker could know.

#![cfg(feature = "aws-lc-rs")]

use serde_json::Value;
use zeroize::Zeroizing;

use super::encrypt::{Fresh, encrypt_with};
use super::{
    Accepted, ContentEncryption, DecryptionKey, Encrypted, EncryptionKey, KeyAnswer, KeyManagement,
    ProtectedHeader,
};
use crate::backend::{AgreementCurve, AgreementKey, ContentKey, concat_kdf};
use crate::{Error, Jwk, base64url};

macro_rules! vector {
    ($path:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../tests/vectors/", $path))).unwrap()
    };
}

fn decoded(value: &Value) -> Vec<u8> {
    base64url::decode(value.as_str().unwrap()).unwrap()
}

/// Decrypts the token, makes it again, and compares the key, the content and the tag. The header is
/// taken from the published text, because its members come in another order.
fn both_directions(vector: &Value) {
    let alg: KeyManagement = vector["input"]["alg"].as_str().unwrap().parse().unwrap();
    let enc: ContentEncryption = vector["input"]["enc"].as_str().unwrap().parse().unwrap();
    let plaintext = vector["input"]["plaintext"].as_str().unwrap().as_bytes();
    let token = vector["output"]["compact"].as_str().unwrap();
    let jwk = vector["input"]["key"].to_string();
    let key = DecryptionKey::from_jwk(jwk.as_bytes()).unwrap();
    let accepted = Accepted {
        alg: &[alg],
        enc: &[enc],
    };
    let encrypted = Encrypted::parse(token, accepted).unwrap();
    assert!(key.fits(encrypted.header()));
    assert_eq!(encrypted.clone().decrypt(&key).unwrap(), plaintext);
    // The same in two steps.
    let pending = encrypted.begin().unwrap();
    let answer = key.perform(pending.operation()).unwrap();
    assert_eq!(pending.finish(answer).unwrap(), plaintext);

    let encryption_key = match key.public_jwk() {
        Some(public) => EncryptionKey::from_jwk(&public).unwrap(),
        None => EncryptionKey::from_symmetric_jwk(jwk.as_bytes()).unwrap(),
    };
    let mut header = ProtectedHeader::new(alg, enc);
    let published = &vector["encrypting_content"]["protected"];
    if let Some(kid) = published["kid"].as_str() {
        header = header.kid(kid);
    }
    for (name, set) in [
        (
            "apu",
            ProtectedHeader::apu as fn(ProtectedHeader, &[u8]) -> _,
        ),
        ("apv", ProtectedHeader::apv),
    ] {
        if !published[name].is_null() {
            header = set(header, &decoded(&published[name]));
        }
    }
    let content_key = match &vector["generated"]["cek"] {
        Value::Null => vec![0; enc.key_length()],
        key => decoded(key),
    };
    let fresh = Fresh {
        content_key: Zeroizing::new(content_key),
        iv: decoded(&vector["generated"]["iv"]),
        key_iv: match &vector["encrypting_key"]["iv"] {
            Value::Null => [0; 12],
            iv => decoded(iv).try_into().unwrap(),
        },
        ephemeral: ephemeral(&vector["encrypting_key"]["epk"]),
    };
    let again = encrypt_with(&header, &encryption_key, &fresh, plaintext).unwrap();
    let (published_parts, parts) = (
        token.split('.').collect::<Vec<_>>(),
        again.split('.').collect::<Vec<_>>(),
    );
    // The members come in another order. The bytes of the header and the tag therefore differ, and
    // everything else is compared.
    let headers = [parts[0], published_parts[0]]
        .map(|part| serde_json::from_slice::<Value>(&base64url::decode(part).unwrap()).unwrap());
    assert_eq!(headers[0], headers[1]);
    if !matches!(alg.mode(), super::algorithms::Mode::Oaep(_)) {
        assert_eq!(parts[1], published_parts[1], "encrypted key");
    }
    assert_eq!(parts[2], published_parts[2]);
    assert_eq!(parts[3], published_parts[3], "ciphertext");
    if parts[0] == published_parts[0] {
        assert_eq!(parts[4], published_parts[4]);
    }
    assert_eq!(
        Encrypted::parse(&again, accepted)
            .unwrap()
            .decrypt(&key)
            .unwrap(),
        plaintext
    );
}

fn ephemeral(epk: &Value) -> Option<AgreementKey> {
    let curve = match epk["crv"].as_str()? {
        "P-256" => AgreementCurve::P256,
        "P-384" => AgreementCurve::P384,
        "P-521" => AgreementCurve::P521,
        _ => AgreementCurve::X25519,
    };
    Some(AgreementKey::new(curve, &decoded(&epk["d"])).unwrap())
}

#[test]
fn rfc_7516_appendix_a() {
    both_directions(&vector!("rfc7516/a1.rsa_oaep.json"));
    both_directions(&vector!("rfc7516/a3.aes_key_wrap.json"));
}

#[test]
fn rfc_7520_sections_5_2_to_5_8() {
    both_directions(&vector!(
        "rfc7520/jwe/5_2.key_encryption_using_rsa-oaep_with_aes-gcm.json"
    ));
    both_directions(&vector!(
        "rfc7520/jwe/5_4.key_agreement_with_key_wrapping_using_ecdh-es_and_aes-keywrap_with_aes-gcm.json"
    ));
    both_directions(&vector!(
        "rfc7520/jwe/5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2.json"
    ));
    both_directions(&vector!(
        "rfc7520/jwe/5_6.direct_encryption_using_aes-gcm.json"
    ));
    both_directions(&vector!(
        "rfc7520/jwe/5_7.key_wrap_using_aes-gcm_keywrap_with_aes-cbc-hmac-sha2.json"
    ));
    both_directions(&vector!(
        "rfc7520/jwe/5_8.key_wrap_using_aes-keywrap_with_aes-gcm.json"
    ));
}

/// Made once with Node's `crypto` over OpenSSL 3.0: key of 32 bytes 07, initialisation vector of 12
/// bytes 01.
#[test]
fn a_token_of_openssl_is_made_again() {
    let token = include_str!("../../tests/vectors/openssl/dir_a256gcm.txt").trim_end();
    let header = ProtectedHeader::new(KeyManagement::Direct, ContentEncryption::A256GCM);
    let fresh = Fresh {
        content_key: Zeroizing::new(Vec::new()),
        iv: vec![1; 12],
        key_iv: [0; 12],
        ephemeral: None,
    };
    let key = EncryptionKey::symmetric(&[7; 32]).unwrap();
    let again = encrypt_with(&header, &key, &fresh, "café".as_bytes()).unwrap();
    assert_eq!(again, token);
}

/// Alice's ephemeral key, Bob's own, and what they derive.
#[test]
fn rfc_7518_appendix_c() {
    agreement(&vector!("rfc7518/c.ecdh_es.json"));
}

#[test]
fn rfc_8037_appendix_a_6() {
    agreement(&vector!("rfc8037/a6.x25519.json"));
}

fn agreement(vector: &Value) {
    let alice = ephemeral(&vector["alice"]).unwrap();
    let bob = ephemeral(&vector["bob"]).unwrap();
    let public = |key: &AgreementKey| key.public().unwrap();
    let z = decoded(&vector["z"]);
    assert_eq!(*alice.agree(&public(&bob)).unwrap(), z);
    assert_eq!(*bob.agree(&public(&alice)).unwrap(), z);
    let key = DecryptionKey::from_jwk(vector["bob"].to_string().as_bytes()).unwrap();
    let epk = Jwk::parse(vector["header"]["epk"].to_string().as_bytes()).unwrap();
    let header = &vector["header"];
    let party = |name: &str| header.get(name).map(decoded).unwrap_or_default();
    let answer = key.perform(&super::KeyOperation::Agree {
        alg: header["alg"].as_str().unwrap().parse().unwrap(),
        enc: header["enc"].as_str().unwrap().parse().unwrap(),
        epk: Box::new(epk),
        apu: party("apu"),
        apv: party("apv"),
    });
    assert_eq!(
        answer,
        Ok(super::KeyAnswer::SharedSecret(Zeroizing::new(z)))
    );
}

const FORGED: &[u8] = b"forged";

/// A token for `A256GCM` under this content encryption key.
fn forged(header: &Value, encrypted_key: &[u8], content_key: &[u8]) -> String {
    let header = base64url::encode(header.to_string().as_bytes());
    let iv = [0; 12];
    let mut content = FORGED.to_vec();
    ContentKey::new(ContentEncryption::A256GCM, content_key)
        .unwrap()
        .seal(&iv, header.as_bytes(), &mut content)
        .unwrap();
    let (content, tag) = content.split_at(FORGED.len());
    let parts = [encrypted_key, &iv, content, tag].map(base64url::encode);
    format!("{header}.{}", parts.join("."))
}

fn accepted(token: &str) -> Encrypted<'_> {
    let accepted = Accepted {
        alg: KeyManagement::ALL,
        enc: ContentEncryption::ALL,
    };
    Encrypted::parse(token, accepted).unwrap()
}

/// A key that could not be unwrapped is replaced by a key that an attacker cannot know.
#[test]
fn nothing_opens_without_its_encrypted_key() {
    let header = serde_json::json!({ "alg": "A256KW", "enc": "A256GCM" });
    for content_key in [[0; 32], [7; 32]] {
        let token = forged(&header, &[0; 40], &content_key);
        let key = DecryptionKey::symmetric(&[7; 32]).unwrap();
        assert_eq!(accepted(&token).decrypt(&key), Err(Error::Decryption));
        let pending = || accepted(&token).begin().unwrap();
        assert_eq!(
            pending().finish(KeyAnswer::Rejected),
            Err(Error::Decryption)
        );
        // Its own key would open it.
        let answer = KeyAnswer::ContentKey(content_key.to_vec().into());
        assert_eq!(pending().finish(answer).unwrap(), FORGED);
    }
}

/// A point of small order gives a secret of zeros. A secret of another length belongs to another
/// curve.
#[test]
fn a_shared_secret_that_cannot_be_is_refused() {
    let key = AgreementKey::generate(AgreementCurve::X25519).unwrap();
    let x = base64url::encode(&key.public().unwrap());
    let header = serde_json::json!({
        "alg": "ECDH-ES", "enc": "A256GCM", "epk": { "kty": "OKP", "crv": "X25519", "x": x },
    });
    for (z, opened) in [
        (vec![1; 32], Ok(FORGED.to_vec())),
        (vec![0; 32], Err(Error::Decryption)),
        (vec![1; 31], Err(Error::Decryption)),
        (vec![1; 33], Err(Error::Decryption)),
        (Vec::new(), Err(Error::Decryption)),
    ] {
        let content_key = concat_kdf(&z, "A256GCM", &[], &[], 32);
        let token = forged(&header, &[], &content_key);
        let pending = accepted(&token).begin().unwrap();
        let answer = KeyAnswer::SharedSecret(Zeroizing::new(z.clone()));
        assert_eq!(pending.finish(answer), opened, "{z:?}");
    }
}

/// AES accepts keys of other lengths, which would be other algorithms.
#[test]
fn content_keys_of_another_length_are_refused() {
    for enc in ContentEncryption::ALL {
        for length in 0..=72 {
            let key = ContentKey::new(*enc, &vec![7; length]);
            assert_eq!(key.is_ok(), length == enc.key_length(), "{enc} {length}");
        }
    }
}
