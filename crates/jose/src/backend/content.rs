//! Content encryption (RFC 7518 section 5): AES-GCM, and AES-CBC with HMAC.

#[cfg(feature = "aws-lc-rs")]
use aws_lc_rs::aead;
#[cfg(not(feature = "aws-lc-rs"))]
use ring::aead;

use super::Refused;
#[cfg(feature = "aws-lc-rs")]
use super::cbc::CbcHmac;
use crate::jwe::ContentEncryption;

/// A key for the content of a JWE.
pub(crate) enum ContentKey {
    Gcm(Box<Gcm>),
    #[cfg(feature = "aws-lc-rs")]
    CbcHmac(Box<CbcHmac>),
}

impl ContentKey {
    /// Takes a key, which must have exactly the length of the algorithm.
    pub(crate) fn new(enc: ContentEncryption, key: &[u8]) -> Result<Self, Refused> {
        if key.len() != enc.key_length() {
            return Err(Refused);
        }
        match enc {
            ContentEncryption::A128GCM
            | ContentEncryption::A192GCM
            | ContentEncryption::A256GCM => Ok(Self::Gcm(Box::new(Gcm::new(key)?))),
            #[cfg(feature = "aws-lc-rs")]
            ContentEncryption::A128CbcHs256
            | ContentEncryption::A192CbcHs384
            | ContentEncryption::A256CbcHs512 => Ok(Self::CbcHmac(Box::new(CbcHmac::new(key)?))),
            #[cfg(not(feature = "aws-lc-rs"))]
            _ => Err(Refused),
        }
    }

    /// Encrypts in place and appends the tag.
    pub(crate) fn seal(
        &self,
        iv: &[u8],
        additional: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        match self {
            Self::Gcm(key) => key.seal(iv, additional, content),
            #[cfg(feature = "aws-lc-rs")]
            Self::CbcHmac(key) => key.seal(iv, additional, content),
        }
    }

    /// Decrypts `ciphertext || tag` in place and leaves the plaintext. The tag is verified before
    /// or during the decryption.
    pub(crate) fn open(
        &self,
        iv: &[u8],
        additional: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        match self {
            Self::Gcm(key) => key.open(iv, additional, content),
            #[cfg(feature = "aws-lc-rs")]
            Self::CbcHmac(key) => key.open(iv, additional, content),
        }
    }
}

/// A key of AES-GCM: 16 or 32 bytes, or 24 with aws-lc-rs. Nonces have 12 bytes, tags 16.
pub(crate) struct Gcm(aead::LessSafeKey);

impl Gcm {
    pub(crate) fn new(key: &[u8]) -> Result<Self, Refused> {
        let algorithm = match key.len() {
            16 => &aead::AES_128_GCM,
            #[cfg(feature = "aws-lc-rs")]
            24 => &aead::AES_192_GCM,
            32 => &aead::AES_256_GCM,
            _ => return Err(Refused),
        };
        let key = aead::UnboundKey::new(algorithm, key).map_err(|_| Refused)?;
        Ok(Self(aead::LessSafeKey::new(key)))
    }

    pub(crate) fn seal(
        &self,
        iv: &[u8],
        additional: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        let nonce = aead::Nonce::try_assume_unique_for_key(iv).map_err(|_| Refused)?;
        self.0
            .seal_in_place_append_tag(nonce, aead::Aad::from(additional), content)
            .map_err(|_| Refused)
    }

    pub(crate) fn open(
        &self,
        iv: &[u8],
        additional: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        let nonce = aead::Nonce::try_assume_unique_for_key(iv).map_err(|_| Refused)?;
        let length = self
            .0
            .open_in_place(nonce, aead::Aad::from(additional), content)
            .map_err(|_| Refused)?
            .len();
        content.truncate(length);
        Ok(())
    }
}
