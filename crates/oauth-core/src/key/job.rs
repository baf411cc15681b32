//! One use of one private key.

use std::fmt;

use jose::SignatureAlgorithm;
use jose::jwe::{KeyAnswer, KeyOperation};

use crate::error::Misuse;
use crate::key::Encryption;
use crate::names::KeyName;

/// One use of one private key.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyJob {
    /// Sign `input`; answer with [`KeyResult::Signature`].
    Sign {
        /// The key to use.
        key: KeyName,
        /// The algorithm to use it with.
        algorithm: SignatureAlgorithm,
        /// The bytes to sign: a JWS signing input (RFC 7515 section 5.1), not a digest.
        input: Vec<u8>,
    },
    /// Perform the key operation of a JWE; answer with [`KeyResult::Decryption`].
    Decrypt {
        /// The key to use.
        key: KeyName,
        /// The operation: unwrap a content encryption key or agree on a shared secret. The sender
        /// of the token chooses all of it except the algorithm, which is one that the key was given
        /// for.
        operation: KeyOperation,
    },
    /// Encrypt to a public key, which is part of the job. Answer with [`KeyResult::Encryption`] and
    /// the result of [`Encryption::perform`].
    Encrypt {
        /// The name of the key in a [`KeyFault`](crate::error::KeyFault); the driver has no key of
        /// this name.
        key: KeyName,
        /// The encryption to perform.
        encryption: Encryption,
    },
}

impl KeyJob {
    /// The key to use.
    pub const fn key(&self) -> &KeyName {
        match self {
            Self::Sign { key, .. } | Self::Decrypt { key, .. } | Self::Encrypt { key, .. } => key,
        }
    }
}

impl fmt::Debug for KeyJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sign {
                key,
                algorithm,
                input,
            } => f
                .debug_struct("Sign")
                .field("key", key)
                .field("algorithm", algorithm)
                .field("input", &format_args!("{} bytes", input.len()))
                .finish(),
            Self::Decrypt { key, operation } => f
                .debug_struct("Decrypt")
                .field("key", key)
                .field("operation", operation)
                .finish(),
            Self::Encrypt { key, encryption } => f
                .debug_struct("Encrypt")
                .field("key", key)
                .field("encryption", encryption)
                .finish(),
        }
    }
}

/// The result of one use of a key.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyResult {
    /// A signature in the JWS form of its algorithm (RFC 7518 section 3): for ECDSA the
    /// fixed-length concatenation of r and s, not DER.
    Signature(Vec<u8>),
    /// The result of [`KeyJob::Decrypt`]. If the key refuses the ciphertext, the result is
    /// [`KeyAnswer::Rejected`]: the token is then refused like any other that cannot be decrypted,
    /// without a cause. If the key cannot be reached, the event is
    /// [`Event::KeyUnavailable`](crate::operation::Event::KeyUnavailable) instead.
    Decryption(KeyAnswer),
    /// The result of [`KeyJob::Encrypt`]: a JWE in the compact serialisation.
    Encryption(String),
}

impl KeyResult {
    /// Returns the signature.
    ///
    /// # Errors
    ///
    /// [`Misuse::UnexpectedEvent`] for any other result.
    pub(crate) fn signature(self) -> Result<Vec<u8>, Misuse> {
        match self {
            Self::Signature(signature) => Ok(signature),
            other => Err(other.unexpected("KeyUsed with a signature")),
        }
    }

    /// Returns the result of the decryption.
    ///
    /// # Errors
    ///
    /// [`Misuse::UnexpectedEvent`] for any other result.
    pub(crate) fn decryption(self) -> Result<KeyAnswer, Misuse> {
        match self {
            Self::Decryption(answer) => Ok(answer),
            other => Err(other.unexpected("KeyUsed with a decryption")),
        }
    }

    /// Returns the encrypted text.
    ///
    /// # Errors
    ///
    /// [`Misuse::UnexpectedEvent`] for any other result.
    pub(crate) fn encryption(self) -> Result<String, Misuse> {
        match self {
            Self::Encryption(jwe) => Ok(jwe),
            other => Err(other.unexpected("KeyUsed with an encryption")),
        }
    }

    const fn unexpected(&self, expected: &'static str) -> Misuse {
        Misuse::UnexpectedEvent {
            expected,
            found: match self {
                Self::Signature(_) => "KeyUsed with a signature",
                Self::Decryption(_) => "KeyUsed with a decryption",
                Self::Encryption(_) => "KeyUsed with an encryption",
            },
        }
    }
}

impl fmt::Debug for KeyResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature(bytes) => write!(f, "Signature({} bytes)", bytes.len()),
            Self::Decryption(answer) => f.debug_tuple("Decryption").field(answer).finish(),
            Self::Encryption(jwe) => write!(f, "Encryption({} bytes)", jwe.len()),
        }
    }
}
