//! The signature algorithms that are measured.

use jose::SignatureAlgorithm;

/// A signature algorithm, named as in a JOSE header.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    RS256,
    PS256,
    ES256,
    ES384,
    EdDSA,
    HS256,
}

impl Algorithm {
    /// All algorithms, in the order of the report.
    pub const ALL: [Self; 6] = [
        Self::RS256,
        Self::PS256,
        Self::ES256,
        Self::ES384,
        Self::EdDSA,
        Self::HS256,
    ];

    /// Returns the name in a JOSE header.
    pub fn name(self) -> &'static str {
        self.for_jose().as_str()
    }

    /// Returns the algorithm of `jose`.
    pub fn for_jose(self) -> SignatureAlgorithm {
        match self {
            Self::RS256 => SignatureAlgorithm::RS256,
            Self::PS256 => SignatureAlgorithm::PS256,
            Self::ES256 => SignatureAlgorithm::ES256,
            Self::ES384 => SignatureAlgorithm::ES384,
            Self::EdDSA => SignatureAlgorithm::EdDSA,
            Self::HS256 => SignatureAlgorithm::HS256,
        }
    }
}
