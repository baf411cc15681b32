use jose::SignatureAlgorithm;

use crate::names::KeyName;

/// What the core knows of a private key: enough to name it in a header and to ask for its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyReference {
    /// The driver's name for the key.
    pub name: KeyName,
    /// The algorithm it signs with.
    pub algorithm: SignatureAlgorithm,
    /// The `kid` that goes into the header of what it signs (RFC 7515 section 4.1.4).
    pub kid: Option<String>,
}

impl KeyReference {
    /// A key of this name, which signs with `algorithm`; without a `kid`.
    pub fn new(name: impl Into<String>, algorithm: SignatureAlgorithm) -> Self {
        Self {
            name: KeyName::new(name),
            algorithm,
            kid: None,
        }
    }

    /// Sets the `kid` by which others know the key.
    #[must_use]
    pub fn kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }
}
