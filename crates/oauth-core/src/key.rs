//! Requests to private keys, which the core never holds: a local key and one in a key management
//! service are used in the same way.

use std::fmt;
use std::iter;
use std::sync::Arc;

use jose::SignatureAlgorithm;
use jose::jws::SigningInput;
use serde_json::Map;
use serde_json::Value;

use crate::assertion::ModifyAssertion;
use crate::assertion::protected_header;
use crate::error::Error;
use crate::error::KeyFault;

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
        mut claims: Map<String, Value>,
        modify: Option<&ModifyAssertion>,
    ) -> Result<Self, Error> {
        let alg = ("alg", Value::from(key.algorithm.as_str()));
        let mut members: Map<String, Value> = iter::once(alg)
            .chain(header)
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        if let Some(modify) = modify {
            modify.apply(&mut members, &mut claims);
        }
        let header = protected_header(members)?;
        Ok(Self {
            key: key.name.clone(),
            input: SigningInput::new(&header, Value::Object(claims).to_string().as_bytes()),
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

    /// The JWT in compact form.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] when the signature does not have the form that its algorithm gives it.
    pub(crate) fn finish(self, result: KeyResult) -> Result<String, Error> {
        let KeyResult::Signature(signature) = result;
        let jwt = self.input.finish(&signature).map_err(|error| KeyFault {
            key: self.key,
            source: Some(Arc::new(error)),
        })?;
        Ok(jwt)
    }
}
