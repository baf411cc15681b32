//! Requests to private keys, which the core never holds: a local key and one in a key management
//! service are used in the same way.

use std::fmt;
use std::sync::Arc;

use jose::jwe::{KeyAnswer, KeyOperation};
use jose::jws::SigningInput;
use jose::{SignatureAlgorithm, base64url};
use serde_json::{Map, Value};

use crate::assertion::{ModifyAssertion, signing_input};
use crate::encryption::Encryption;
use crate::error::{Error, KeyFault, Misuse};

/// The name under which the driver knows a private key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName(String);

impl KeyName {
    /// A name; it means what the driver says it means.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the core knows of a private key: enough to name it in a header and to ask for its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyReference {
    /// The driver's name for the key.
    pub name: KeyName,
    /// The algorithm it signs with.
    pub algorithm: SignatureAlgorithm,
    /// The `kid` that goes into the header of what it signs (RFC 7515 section 4.1.4).
    pub key_id: Option<String>,
}

impl KeyReference {
    /// A key of this name, which signs with `algorithm`; without a `kid`.
    pub fn new(name: impl Into<String>, algorithm: SignatureAlgorithm) -> Self {
        Self {
            name: KeyName::new(name),
            algorithm,
            key_id: None,
        }
    }

    /// Sets the `kid` by which others know the key.
    #[must_use]
    pub fn key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }
}

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
        /// What to call the key in a [`KeyFault`]; the driver knows no such key.
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

/// A JWT of the client's own that waits for its signature: a client assertion, a request object, a
/// DPoP proof.
#[derive(Debug)]
pub(crate) struct PendingSignature {
    key: KeyName,
    input: SigningInput,
}

impl PendingSignature {
    /// A JWT with these claims, to be signed with `key`. `alg` is the key's; the header has these
    /// further parameters.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument) when `modify` leaves a
    /// header that cannot be signed.
    pub(crate) fn new(
        key: &KeyReference,
        header: impl IntoIterator<Item = (&'static str, Value)>,
        claims: Map<String, Value>,
        modify: Option<&ModifyAssertion>,
    ) -> Result<Self, Error> {
        Ok(Self {
            key: key.name.clone(),
            input: signing_input(key.algorithm, header, claims, modify)?,
        })
    }

    /// What the key has to do.
    pub(crate) fn job(&self) -> KeyJob {
        KeyJob::Sign {
            key: self.key.clone(),
            algorithm: self.input.algorithm(),
            input: self.input.as_bytes().to_vec(),
        }
    }

    /// The claims as they are signed, after their last change.
    pub(crate) fn claims(&self) -> Map<String, Value> {
        let input = self.input.as_bytes();
        let payload = input.split(|byte| *byte == b'.').nth(1);
        payload
            .and_then(|payload| std::str::from_utf8(payload).ok())
            .and_then(|payload| base64url::decode(payload).ok())
            .and_then(|claims| serde_json::from_slice(&claims).ok())
            .unwrap_or_default()
    }

    /// What it will be signed with.
    pub(crate) fn algorithm(&self) -> SignatureAlgorithm {
        self.input.algorithm()
    }

    /// The JWT in compact form.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] when the signature does not have the form that its algorithm gives it,
    /// [`Error::Misuse`] when it is none.
    pub(crate) fn finish(self, result: KeyResult) -> Result<String, Error> {
        let signature = result.signature()?;
        let jwt = self.input.finish(&signature).map_err(|error| KeyFault {
            key: self.key,
            source: Some(Arc::new(error)),
        })?;
        Ok(jwt)
    }
}
