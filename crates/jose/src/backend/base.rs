//! Operations of both libraries, through the API that they share. ring is used when both are
//! compiled in.

#[cfg(not(feature = "ring"))]
use aws_lc_rs as library;
#[cfg(feature = "aws-lc-rs")]
use aws_lc_rs::rand as random;
#[cfg(feature = "ring")]
use ring as library;
#[cfg(not(feature = "aws-lc-rs"))]
use ring::rand as random;

use library::{digest as sha2, hmac};
use random::{SecureRandom, SystemRandom};
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

/// The SHA-256 of several pieces as one message.
pub(crate) fn sha256_pieces(pieces: &[&[u8]]) -> sha2::Digest {
    let mut context = sha2::Context::new(&sha2::SHA256);
    for piece in pieces {
        context.update(piece);
    }
    context.finish()
}

/// An HMAC key for one hash. Its inner and outer blocks are hashed in advance.
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

    /// The MAC of several pieces as one message.
    #[cfg(feature = "aws-lc-rs")]
    pub(crate) fn sign_pieces(&self, pieces: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        for piece in pieces {
            context.update(piece);
        }
        context.sign()
    }

    /// Verifies a MAC in constant time.
    pub(crate) fn verify(&self, message: &[u8], tag: &[u8]) -> Result<(), Refused> {
        hmac::verify(&self.0, message, tag).map_err(|_| Refused)
    }
}

/// Fills bytes at random, for keys, initialisation vectors and replacement keys. aws-lc-rs uses a
/// generator that the operating system seeds. ring uses the operating system each time.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), Refused> {
    SystemRandom::new().fill(bytes).map_err(|_| Refused)
}

/// Random bytes for a private key, from the operating system.
pub(crate) fn random_seed() -> Result<Zeroizing<[u8; 32]>, Refused> {
    let mut seed = Zeroizing::new([0; 32]);
    fill_random(seed.as_mut_slice())?;
    Ok(seed)
}
