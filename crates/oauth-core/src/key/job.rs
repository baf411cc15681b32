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
    /// Do what a JWE asks of the key; answer with [`KeyResult::Decryption`].
    Decrypt {
        /// The key to use.
        key: KeyName,
        /// What to do: unwrap a content encryption key or agree on a shared secret. All of it is the
        /// sender's choice, but for the algorithm, which is one that the key was given for.
        operation: KeyOperation,
    },
    /// Encrypt to a public key, which the job brings along; answer with what
    /// [`Encryption::perform`] gives, as [`KeyResult::Encryption`].
    Encrypt {
        /// What to call the key in a [`KeyFault`](crate::error::KeyFault); the driver knows no such key.
        key: KeyName,
        /// What to do.
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

/// What a private key answered.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyResult {
    /// A signature in the JWS form of its algorithm (RFC 7518 section 3): for ECDSA the fixed-length
    /// concatenation of r and s, not DER.
    Signature(Vec<u8>),
    /// What came of [`KeyJob::Decrypt`]. A key that refuses the ciphertext answers
    /// [`KeyAnswer::Rejected`]: the token is then refused like any other that cannot be decrypted,
    /// without telling why. A key that cannot be reached is
    /// [`Event::KeyUnavailable`](crate::operation::Event::KeyUnavailable) instead.
    Decryption(KeyAnswer),
    /// What came of [`KeyJob::Encrypt`]: a JWE in the compact serialisation.
    Encryption(String),
}

impl KeyResult {
    /// The signature that was asked for.
    ///
    /// # Errors
    ///
    /// [`Misuse::UnexpectedEvent`] for anything else.
    pub(crate) fn signature(self) -> Result<Vec<u8>, Misuse> {
        match self {
            Self::Signature(signature) => Ok(signature),
            other => Err(other.unexpected("KeyUsed with a signature")),
        }
    }

    /// The decryption that was asked for.
    ///
    /// # Errors
    ///
    /// [`Misuse::UnexpectedEvent`] for anything else.
    pub(crate) fn decryption(self) -> Result<KeyAnswer, Misuse> {
        match self {
            Self::Decryption(answer) => Ok(answer),
            other => Err(other.unexpected("KeyUsed with a decryption")),
        }
    }

    /// The encryption that was asked for.
    ///
    /// # Errors
    ///
    /// [`Misuse::UnexpectedEvent`] for anything else.
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
