//! Encrypted ID Tokens, and the bare calls that decrypt them.
//!
//! The floor starts with decoded segments and a parsed key, and makes the calls of RFC 7518. The
//! result is the signed token inside.

use std::hint::black_box;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use aws_lc_rs::{agreement, digest, hmac};
use jose::{Jwk, SigningKey, base64url};

use crate::fixture::{ec_key, point, rsa_key};
use crate::suite::{Role, Suite};

/// The names of the groups of this module.
pub const RSA: &str = "decrypt RSA-OAEP-256 + A256GCM";
pub const ECDH: &str = "decrypt ECDH-ES + A128CBC-HS256";

/// An encrypted ID Token.
pub struct Encrypted {
    pub group: &'static str,
    /// The recipient's key in PKCS#8.
    pub private: Vec<u8>,
    /// The token in the compact serialisation.
    pub token: String,
    /// The plaintext, which is a signed ID Token.
    pub plaintext: String,
    /// The sender's point, uncompressed. It is used only with ECDH.
    ephemeral: Vec<u8>,
}

/// The decoded segments of a token, and the header as it is authenticated.
struct Segments {
    header: Vec<u8>,
    encrypted_key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

impl Encrypted {
    /// Encrypts a signed token with RSA-OAEP-256 and A256GCM.
    pub fn with_rsa(plaintext: &str) -> Self {
        let private = rsa_key();
        let key = PrivateDecryptingKey::from_pkcs8(&private).expect("a key");
        let key = OaepPublicEncryptingKey::new(key.public_key()).expect("a key");
        let content_key = [0x5a; 32];
        let mut encrypted_key = vec![0; key.ciphertext_size()];
        key.encrypt(
            &OAEP_SHA256_MGF1SHA256,
            &content_key,
            &mut encrypted_key,
            None,
        )
        .expect("encryption");

        let header = br#"{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT"}"#;
        let header = base64url::encode(header);
        let iv = [0x17; 12];
        let mut content = plaintext.as_bytes().to_vec();
        let content_key = UnboundKey::new(&AES_256_GCM, &content_key).expect("a key");
        let tag = LessSafeKey::new(content_key)
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(iv),
                Aad::from(header.as_bytes()),
                &mut content,
            )
            .expect("encryption");
        Self {
            group: RSA,
            private,
            token: compact(&header, &encrypted_key, &iv, &content, tag.as_ref()),
            plaintext: plaintext.to_owned(),
            ephemeral: Vec::new(),
        }
    }

    /// Encrypts a signed token with ECDH-ES over P-256 and A128CBC-HS256.
    pub fn with_ecdh(plaintext: &str) -> Self {
        let private = ec_key(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let recipient = public(&private);
        let ephemeral_private = ec_key(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let ephemeral = public(&ephemeral_private);
        let sender = agreement_key(&ephemeral_private);
        let keys = agree(&sender, &point(&recipient));

        let epk = serde_json::Value::Object(ephemeral.to_json());
        let header =
            format!(r#"{{"alg":"ECDH-ES","enc":"A128CBC-HS256","cty":"JWT","epk":{epk}}}"#);
        let header = base64url::encode(header.as_bytes());
        let (authentication_key, encryption_key) = keys.split_at(16);
        let iv = [0x17; 16];
        let cipher = UnboundCipherKey::new(&AES_128, encryption_key).expect("a key");
        let mut content = plaintext.as_bytes().to_vec();
        PaddedBlockEncryptingKey::cbc_pkcs7(cipher)
            .and_then(|key| {
                key.less_safe_encrypt(&mut content, EncryptionContext::Iv128((&iv).into()))
            })
            .expect("encryption");
        let tag = authenticate(authentication_key, header.as_bytes(), &iv, &content);
        Self {
            group: ECDH,
            private,
            token: compact(&header, &[], &iv, &content, &tag.as_ref()[..16]),
            plaintext: plaintext.to_owned(),
            ephemeral: point(&ephemeral),
        }
    }

    fn segments(&self) -> Segments {
        let segments: Vec<&str> = self.token.split('.').collect();
        let decode = |index: usize| base64url::decode(segments[index]).expect("base64url");
        Segments {
            header: segments[0].as_bytes().to_vec(),
            encrypted_key: decode(1),
            iv: decode(2),
            ciphertext: decode(3),
            tag: decode(4),
        }
    }
}

/// Adds the bare calls that decrypt a token.
pub fn floor(suite: &mut Suite, encrypted: &Encrypted) {
    let segments = encrypted.segments();
    let expected = encrypted.plaintext.clone().into_bytes();
    let mut decrypt: Box<dyn FnMut() -> Vec<u8>> = match encrypted.group {
        RSA => decrypt_rsa(&encrypted.private, segments),
        _ => decrypt_ecdh(&encrypted.private, encrypted.ephemeral.clone(), segments),
    };
    assert_eq!(decrypt(), expected);
    suite.add(
        encrypted.group,
        Role::Floor,
        "aws-lc-rs by hand",
        move || {
            assert_eq!(black_box(decrypt()).len(), expected.len());
        },
    );
}

fn decrypt_rsa(private: &[u8], segments: Segments) -> Box<dyn FnMut() -> Vec<u8>> {
    let key = PrivateDecryptingKey::from_pkcs8(private).expect("a key");
    let key = OaepPrivateDecryptingKey::new(key).expect("a key");
    Box::new(move || {
        let mut buffer = vec![0; key.min_output_size()];
        let content_key = key
            .decrypt(
                &OAEP_SHA256_MGF1SHA256,
                &segments.encrypted_key,
                &mut buffer,
                None,
            )
            .expect("the key's own message");
        let content_key = UnboundKey::new(&AES_256_GCM, content_key).expect("32 bytes");
        let nonce = Nonce::try_assume_unique_for_key(&segments.iv).expect("12 bytes");
        let mut content = [segments.ciphertext.as_slice(), &segments.tag].concat();
        let length = LessSafeKey::new(content_key)
            .open_in_place(nonce, Aad::from(&segments.header), &mut content)
            .expect("the key's own message")
            .len();
        content.truncate(length);
        content
    })
}

fn decrypt_ecdh(
    private: &[u8],
    ephemeral: Vec<u8>,
    segments: Segments,
) -> Box<dyn FnMut() -> Vec<u8>> {
    let key = agreement_key(private);
    Box::new(move || {
        let keys = agree(&key, &ephemeral);
        let (authentication_key, encryption_key) = keys.split_at(16);
        let tag = authenticate(
            authentication_key,
            &segments.header,
            &segments.iv,
            &segments.ciphertext,
        );
        verify_slices_are_equal(&tag.as_ref()[..16], &segments.tag).expect("the key's own message");
        let iv: [u8; 16] = segments.iv.as_slice().try_into().expect("16 bytes");
        let mut content = segments.ciphertext.clone();
        let cipher = UnboundCipherKey::new(&AES_128, encryption_key).expect("16 bytes");
        let length = PaddedBlockDecryptingKey::cbc_pkcs7(cipher)
            .expect("a key")
            .decrypt(&mut content, DecryptionContext::Iv128((&iv).into()))
            .expect("the key's own message")
            .len();
        content.truncate(length);
        content
    })
}

fn agreement_key(private: &[u8]) -> agreement::PrivateKey {
    agreement::PrivateKey::from_private_key_der(&agreement::ECDH_P256, private).expect("a key")
}

/// Returns the two keys of A128CBC-HS256 from ECDH-ES without `apu` and `apv` (RFC 7518 section
/// 4.6.2).
fn agree(private: &agreement::PrivateKey, point: &[u8]) -> [u8; 32] {
    let peer = agreement::UnparsedPublicKey::new(&agreement::ECDH_P256, point);
    agreement::agree(private, peer, (), |shared_secret| {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(&1_u32.to_be_bytes());
        hash.update(shared_secret);
        hash.update(&13_u32.to_be_bytes());
        hash.update(b"A128CBC-HS256");
        hash.update(&0_u32.to_be_bytes());
        hash.update(&0_u32.to_be_bytes());
        hash.update(&256_u32.to_be_bytes());
        Ok(hash.finish().as_ref().try_into().expect("32 bytes"))
    })
    .expect("a point on the curve")
}

/// Returns the tag of A128CBC-HS256 before it is truncated (RFC 7518 section 5.2.2.1).
fn authenticate(key: &[u8], header: &[u8], iv: &[u8], ciphertext: &[u8]) -> hmac::Tag {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut context = hmac::Context::with_key(&key);
    context.update(header);
    context.update(iv);
    context.update(ciphertext);
    context.update(&(header.len() as u64 * 8).to_be_bytes());
    context.sign()
}

fn public(private: &[u8]) -> Jwk {
    let key = SigningKey::from_pkcs8_der(private).expect("a key");
    key.public_jwk().expect("an asymmetric key")
}

fn compact(header: &str, encrypted_key: &[u8], iv: &[u8], ciphertext: &[u8], tag: &[u8]) -> String {
    let [encrypted_key, iv, ciphertext, tag] =
        [encrypted_key, iv, ciphertext, tag].map(base64url::encode);
    format!("{header}.{encrypted_key}.{iv}.{ciphertext}.{tag}")
}
