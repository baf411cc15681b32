//! Requests to private keys, which the core never holds: a local key and one in a key management
//! service are used in the same way.

use std::fmt;

use jose::SignatureAlgorithm;

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
}

impl KeyJob {
    /// The key to use.
    pub const fn key(&self) -> &KeyName {
        match self {
            Self::Sign { key, .. } => key,
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
}

impl fmt::Debug for KeyResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature(bytes) => write!(f, "Signature({} bytes)", bytes.len()),
        }
    }
}
