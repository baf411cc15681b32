use std::fmt;

/// How the content encryption key reaches the recipient: the `alg` of a JWE (RFC 7518 section 4.1).
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyManagement {
    /// `dir`: the recipient has it already (section 4.5).
    Direct,
}

impl KeyManagement {
    /// The name as `alg` spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "dir",
        }
    }
}

impl fmt::Display for KeyManagement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the content is encrypted: the `enc` of a JWE (RFC 7518 section 5.1).
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContentEncryption {
    /// `A256GCM`: AES-256 in Galois/Counter Mode, a nonce of 12 bytes, a tag of 16 (section 5.3).
    A256GCM,
}

impl ContentEncryption {
    /// The name as `enc` spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A256GCM => "A256GCM",
        }
    }

    /// The length of its key in bytes.
    #[must_use]
    pub const fn key_length(self) -> usize {
        match self {
            Self::A256GCM => 32,
        }
    }
}

impl fmt::Display for ContentEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
