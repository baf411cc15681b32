use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::backend::{AgreementCurve, AgreementKey, ContentKey, Gcm, concat_kdf, fill_random};
use crate::jwk::Parameters;
use crate::{Error, Jwk, backend, base64url};

use super::algorithms::Mode;
use super::encryption_key::Material;
use super::{
    ContentEncryption, ContentEncryptionKey, EncryptionKey, KeyManagement, ProtectedHeader,
};

/// Encrypts to a key (RFC 7516 section 5.1), and returns the compact serialisation. All random
/// values come from the operating system.
///
/// To nest a signed token, encrypt its text with `cty` set to `JWT` (RFC 7519 section 5.2).
///
/// # Errors
///
/// [`Error::UnsupportedAlgorithm`] for what this build leaves out;
/// [`Error::EncryptionKeyMismatch`] and [`Error::EncryptionNotAccepted`] when the key is not for
/// the header's `alg` or `enc`; [`Error::OperationFailed`] without randomness, or when the
/// plaintext is longer than the algorithm allows (64 GiB).
pub fn encrypt(
    header: &ProtectedHeader,
    key: &EncryptionKey,
    plaintext: &[u8],
) -> Result<String, Error> {
    key.check(header.alg, header.enc)?;
    let fresh = Fresh::draw(header.alg, header.enc, key)?;
    encrypt_with(header, key, &fresh, plaintext)
}

/// Encrypts with a prepared key that the recipient shares (`dir`, RFC 7516 section 5.1), and
/// returns the compact serialisation.
///
/// The initialisation vector is random and never comes from the caller. An attacker who sees two
/// messages with the same vector and key can read both and forge more. Random vectors serve up to
/// 2^32 messages with one key of `A*GCM` (NIST SP 800-38D section 8.3).
///
/// # Errors
///
/// [`Error::EncryptionNotAccepted`] when the header's `alg` is not `dir`, or its `enc` differs from
/// that of the key; [`Error::OperationFailed`] without randomness, or when the plaintext is longer
/// than the algorithm allows (64 GiB).
pub fn encrypt_direct(
    header: &ProtectedHeader,
    key: &ContentEncryptionKey,
    plaintext: &[u8],
) -> Result<String, Error> {
    if header.alg != KeyManagement::Direct {
        return Err(Error::EncryptionNotAccepted {
            member: "alg",
            found: header.alg.to_string(),
        });
    }
    if header.enc != key.enc() {
        return Err(Error::EncryptionNotAccepted {
            member: "enc",
            found: header.enc.to_string(),
        });
    }
    let mut iv = vec![0; header.enc.iv_length()];
    fill_random(&mut iv).map_err(|_| Error::OperationFailed)?;
    seal(header, Map::new(), &[], &key.key, &iv, plaintext)
}

/// The random values of an encryption.
pub(super) struct Fresh {
    /// The content encryption key, if it is not agreed upon or shared.
    pub(super) content_key: Zeroizing<Vec<u8>>,
    pub(super) iv: Vec<u8>,
    /// The initialisation vector of the key's own encryption, for `A*GCMKW`.
    pub(super) key_iv: [u8; 12],
    /// The ephemeral key, for `ECDH-ES*`.
    pub(super) ephemeral: Option<AgreementKey>,
}

impl Fresh {
    fn draw(
        alg: KeyManagement,
        enc: ContentEncryption,
        key: &EncryptionKey,
    ) -> Result<Self, Error> {
        let mut fresh = Self {
            content_key: Zeroizing::new(vec![0; enc.key_length()]),
            iv: vec![0; enc.iv_length()],
            key_iv: [0; 12],
            ephemeral: None,
        };
        for bytes in [
            fresh.content_key.as_mut_slice(),
            fresh.iv.as_mut_slice(),
            fresh.key_iv.as_mut_slice(),
        ] {
            fill_random(bytes).map_err(|_| Error::OperationFailed)?;
        }
        if let (Mode::Agreement(_), Material::Agreement(curve, _)) = (alg.mode(), &key.material) {
            let ephemeral = AgreementKey::generate(*curve).map_err(|_| Error::OperationFailed)?;
            fresh.ephemeral = Some(ephemeral);
        }
        Ok(fresh)
    }
}

/// Encrypts with given values, for the test vectors.
pub(super) fn encrypt_with(
    header: &ProtectedHeader,
    key: &EncryptionKey,
    fresh: &Fresh,
    plaintext: &[u8],
) -> Result<String, Error> {
    let (alg, enc) = (header.alg, header.enc);
    let failed = |_| Error::OperationFailed;
    let mut added = Map::new();
    let mut content_key = fresh.content_key.clone();
    let encrypted_key = match (alg.mode(), &key.material) {
        (Mode::Direct, Material::Secret(shared)) => {
            content_key = Zeroizing::new(shared.as_bytes().to_vec());
            Vec::new()
        }
        (Mode::KeyWrap(_), Material::Secret(shared)) => {
            backend::wrap_key(shared.as_bytes(), &content_key).map_err(failed)?
        }
        (Mode::GcmKeyWrap(_), Material::Secret(shared)) => {
            let mut sealed = content_key.to_vec();
            Gcm::new(shared.as_bytes())
                .and_then(|key| key.seal(&fresh.key_iv, &[], &mut sealed))
                .map_err(failed)?;
            let tag = sealed.split_off(content_key.len());
            added.insert("iv".to_owned(), base64url::encode(&fresh.key_iv).into());
            added.insert("tag".to_owned(), base64url::encode(&tag).into());
            sealed
        }
        (Mode::Oaep(hash), Material::Rsa(key)) => {
            key.encrypt(hash, &content_key).map_err(failed)?
        }
        (Mode::Agreement(wrapping), Material::Agreement(curve, public)) => {
            let ephemeral = fresh.ephemeral.as_ref().ok_or(Error::OperationFailed)?;
            let z = ephemeral.agree(public).map_err(failed)?;
            added.insert("epk".to_owned(), ephemeral_document(*curve, ephemeral)?);
            let (apu, apv) = (header.party("apu"), header.party("apv"));
            match wrapping {
                None => {
                    content_key = concat_kdf(&z, enc.as_str(), &apu, &apv, enc.key_length());
                    Vec::new()
                }
                Some(length) => {
                    let wrapping_key = concat_kdf(&z, alg.as_str(), &apu, &apv, length);
                    backend::wrap_key(&wrapping_key, &content_key).map_err(failed)?
                }
            }
        }
        _ => {
            return Err(Error::EncryptionKeyMismatch {
                alg,
                found: key.family(),
            });
        }
    };
    let content_key = ContentKey::new(enc, &content_key).map_err(failed)?;
    seal(
        header,
        added,
        &encrypted_key,
        &content_key,
        &fresh.iv,
        plaintext,
    )
}

/// Encrypts the content and joins the five segments.
fn seal(
    header: &ProtectedHeader,
    added: Map<String, Value>,
    encrypted_key: &[u8],
    key: &ContentKey,
    iv: &[u8],
    plaintext: &[u8],
) -> Result<String, Error> {
    let mut token = base64url::encode_public(header.to_json(added).as_bytes());
    let mut content = Vec::with_capacity(plaintext.len().saturating_add(LONGEST_ADDITION));
    content.extend_from_slice(plaintext);
    key.seal(iv, token.as_bytes(), &mut content)
        .map_err(|_| Error::OperationFailed)?;
    let ciphertext_length = content.len().saturating_sub(header.enc.tag_length());
    let (ciphertext, tag) = content
        .split_at_checked(ciphertext_length)
        .ok_or(Error::OperationFailed)?;
    for segment in [encrypted_key, iv, ciphertext, tag] {
        token.push('.');
        token.push_str(&base64url::encode_public(segment));
    }
    Ok(token)
}

/// The public half of an ephemeral key, with only the members of its type.
fn ephemeral_document(curve: AgreementCurve, key: &AgreementKey) -> Result<Value, Error> {
    let public = key.public().map_err(|_| Error::OperationFailed)?;
    let parameters = Parameters::from_agreement(curve, &public)?;
    Ok(Value::Object(Jwk::bare(parameters).to_json()))
}

/// The longest padding and the longest tag, in bytes.
const LONGEST_ADDITION: usize = 16 + 32;
