//! What either library gives, through the API they share. ring serves when both are compiled in.

#[cfg(not(feature = "ring"))]
use aws_lc_rs as library;
#[cfg(feature = "ring")]
use ring as library;

use library::rand::{SecureRandom, SystemRandom};
use library::{aead, digest as sha2, hmac, signature};
use zeroize::Zeroizing;

use super::Refused;
use crate::HashAlgorithm;

pub(crate) fn digest(hash: HashAlgorithm, bytes: &[u8]) -> Vec<u8> {
    let algorithm = match hash {
        HashAlgorithm::Sha256 => &sha2::SHA256,
        HashAlgorithm::Sha384 => &sha2::SHA384,
        HashAlgorithm::Sha512 => &sha2::SHA512,
    };
    sha2::digest(algorithm, bytes).as_ref().to_vec()
}

/// An HMAC key for one hash, its inner and outer blocks hashed in advance.
pub(crate) struct Hmac(hmac::Key);

impl Hmac {
    pub(crate) fn new(hash: HashAlgorithm, secret: &[u8]) -> Self {
        let algorithm = match hash {
            HashAlgorithm::Sha256 => hmac::HMAC_SHA256,
            HashAlgorithm::Sha384 => hmac::HMAC_SHA384,
            HashAlgorithm::Sha512 => hmac::HMAC_SHA512,
        };
        Self(hmac::Key::new(algorithm, secret))
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        hmac::sign(&self.0, message).as_ref().to_vec()
    }

    /// Compares in constant time.
    pub(crate) fn verify(&self, message: &[u8], tag: &[u8]) -> Result<(), Refused> {
        hmac::verify(&self.0, message, tag).map_err(|_| Refused)
    }
}

/// A public key of Ed25519.
pub(crate) struct Ed25519Verifier(signature::UnparsedPublicKey<[u8; 32]>);

impl Ed25519Verifier {
    pub(crate) fn new(public: [u8; 32]) -> Self {
        Self(signature::UnparsedPublicKey::new(
            &signature::ED25519,
            public,
        ))
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        self.0.verify(message, signature).map_err(|_| Refused)
    }
}

/// A key of AES-256-GCM.
pub(crate) struct ContentKey(aead::LessSafeKey);

impl ContentKey {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, Refused> {
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, key).map_err(|_| Refused)?;
        Ok(Self(aead::LessSafeKey::new(key)))
    }

    /// Encrypts in place and returns the tag, 16 bytes.
    pub(crate) fn seal(
        &self,
        iv: [u8; 12],
        additional: &[u8],
        content: &mut [u8],
    ) -> Result<Vec<u8>, Refused> {
        self.0
            .seal_in_place_separate_tag(
                aead::Nonce::assume_unique_for_key(iv),
                aead::Aad::from(additional),
                content,
            )
            .map(|tag| tag.as_ref().to_vec())
            .map_err(|_| Refused)
    }

    /// Decrypts `ciphertext || tag` in place and returns the plaintext at its start.
    pub(crate) fn open<'c>(
        &self,
        iv: [u8; 12],
        additional: &[u8],
        content: &'c mut [u8],
    ) -> Result<&'c mut [u8], Refused> {
        self.0
            .open_in_place(
                aead::Nonce::assume_unique_for_key(iv),
                aead::Aad::from(additional),
                content,
            )
            .map_err(|_| Refused)
    }
}

/// Fresh bytes for a private key, from the operating system.
pub(crate) fn random_seed() -> Result<Zeroizing<[u8; 32]>, Refused> {
    let mut seed = Zeroizing::new([0; 32]);
    SystemRandom::new()
        .fill(seed.as_mut_slice())
        .map_err(|_| Refused)?;
    Ok(seed)
}
