use jose::SignatureAlgorithm;

use crate::names::KeyName;

/// A reference to a private key, with the data that headers and jobs need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyReference {
    /// The driver's name for the key.
    pub name: KeyName,
    /// The algorithm that the key signs with.
    pub algorithm: SignatureAlgorithm,
    /// The `kid` in the header of the JWTs that it signs (RFC 7515 section 4.1.4).
    pub kid: Option<String>,
}

impl KeyReference {
    /// Creates a reference to the key of this name, which signs with `algorithm`; without a `kid`.
    pub fn new(name: impl Into<String>, algorithm: SignatureAlgorithm) -> Self {
        Self {
            name: KeyName::new(name),
            algorithm,
            kid: None,
        }
    }

    /// Sets the `kid` under which servers know the key.
    #[must_use]
    pub fn kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }
}
