use crate::escaped::Escaped;
use crate::jwe::KeyManagement;
use crate::{KeyFamily, KeyRejected, KeySelectionError, SignatureAlgorithm, json};

/// Why a token, a key or a claim was refused.
///
/// No variant carries a key, a token, a signature or the value of a claim.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not a compact serialisation.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A header or a payload is not acceptable JSON.
    #[error("the {part} is refused: {reason}")]
    Json {
        /// Which JSON text.
        part: Part,
        /// Why the text is refused.
        reason: json::Error,
    },
    /// A header parameter is missing or of the wrong type (RFC 7515 section 4.1).
    #[error("the header parameter `{member}` must be {expected}, found {found}")]
    Header {
        /// The parameter.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
        /// The kind of value found, or `nothing`.
        found: &'static str,
    },
    /// The header has `crit`: it names extensions that must be understood, and none is (RFC 7515
    /// section 4.1.11).
    #[error("the header has `crit`, and no critical extension is supported")]
    Critical,
    /// The token claims no protection at all: `alg` is `none` (RFC 7515 appendix A.5).
    #[error("the token is unsecured (`alg` is `none`)")]
    Unsecured,
    /// The name does not belong to an algorithm that this crate knows.
    #[error("unknown algorithm `{}`", Escaped(alg))]
    UnknownAlgorithm {
        /// The name, as the peer wrote it.
        alg: String,
    },
    /// This build does not contain the algorithm.
    #[error("the algorithm {alg} needs the feature `{feature}` of the crate `jose`")]
    UnsupportedAlgorithm {
        /// The algorithm.
        alg: &'static str,
        /// The Cargo feature of this crate that adds the algorithm.
        feature: &'static str,
    },
    /// The header names an algorithm other than the expected one, or one outside the accepted list.
    #[error("expected the algorithm {expected}, found {found}")]
    AlgorithmMismatch {
        /// The algorithm that the caller, or the key's own `alg`, requires.
        expected: SignatureAlgorithm,
        /// The algorithm that was found.
        found: SignatureAlgorithm,
    },
    /// The key is of a family that the algorithm cannot use.
    #[error("the algorithm {alg} needs a key of the family {expected}, found one of {found}", expected = alg.key_family())]
    KeyFamilyMismatch {
        /// The algorithm.
        alg: SignatureAlgorithm,
        /// The family of the key.
        found: KeyFamily,
    },
    /// The key cannot be used with the key management algorithm of a JWE: it is of another family,
    /// on another curve than the sender's key, or of another length.
    #[error("a key of the family {found} does not fit a JWE with {alg}")]
    EncryptionKeyMismatch {
        /// The algorithm of the JWE.
        alg: KeyManagement,
        /// The family of the key.
        found: KeyFamily,
    },
    /// A key was refused.
    #[error(transparent)]
    KeyRejected(#[from] KeyRejected),
    /// A set holds no key for a token, or more than one.
    #[error(transparent)]
    KeySelection(#[from] KeySelectionError),
    /// A key set is too large to be parsed.
    #[error("{found} keys in a set where at most {limit} are allowed")]
    TooManyKeys {
        /// The number of keys allowed.
        limit: usize,
        /// The number of keys given.
        found: usize,
    },
    /// The claim `aud` has too many members.
    #[error("the claim `aud` has {found} members where at most {limit} are allowed")]
    TooManyAudiences {
        /// The number of members allowed.
        limit: usize,
        /// The number of members found.
        found: usize,
    },
    /// The signature is not valid for this key and these bytes.
    #[error("the signature is not valid")]
    Signature,
    /// A signature made elsewhere has a length that its algorithm never produces.
    #[error("a signature of {alg} cannot have {found} bytes")]
    SignatureLength {
        /// The algorithm.
        alg: SignatureAlgorithm,
        /// The length given, in bytes.
        found: usize,
    },
    /// The cryptography library could not sign or generate a key: it had no randomness, or found
    /// the key inconsistent.
    #[error("the cryptography library could not complete the operation")]
    OperationFailed,
    /// The JWE cannot be decrypted. Every cause has the same error, so that an attacker cannot
    /// learn the cause (RFC 7516 section 11.5).
    #[error("the JWE cannot be decrypted")]
    Decryption,
    /// A JWE names a key management or content encryption algorithm outside the accepted list.
    #[error("the JWE's `{member}` is `{}`, which is not accepted", Escaped(found))]
    EncryptionNotAccepted {
        /// `alg` or `enc`.
        member: &'static str,
        /// The name, as the header spells it.
        found: String,
    },
    /// A claim is present, but has another type than its definition requires.
    #[error("the claim `{}` must be {expected}, found {found}", Escaped(claim))]
    Claim {
        /// The claim.
        claim: String,
        /// What it must be.
        expected: &'static str,
        /// The kind of value found.
        found: &'static str,
    },
    /// The caller set a header parameter that the builder sets itself, or that it never sets.
    #[error("the header parameter `{}` cannot be set by hand", Escaped(member))]
    ReservedHeader {
        /// The parameter.
        member: String,
    },
}

/// Why a text is not a compact serialisation (RFC 7515 section 7.1, RFC 7516 section 7.1).
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The token is too long.
    #[error("the token is {found} bytes long where at most {limit} are allowed")]
    Length {
        /// The number of bytes allowed.
        limit: usize,
        /// The number of bytes given.
        found: usize,
    },
    /// The token has the wrong number of segments. Counting stops at 6.
    #[error("the token has {found} segments where {expected} are required")]
    Segments {
        /// 3 for a JWS, 5 for a JWE.
        expected: usize,
        /// The number of segments; 6 means 6 or more.
        found: usize,
    },
    /// A segment is not base64url without padding.
    #[error("the {part} is not base64url without padding")]
    Base64Url {
        /// Which segment.
        part: Part,
    },
}

/// A part of a token or a document.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The protected header.
    Header,
    /// The payload of a JWS.
    Payload,
    /// The signature of a JWS.
    Signature,
    /// The encrypted key, initialisation vector, ciphertext or authentication tag of a JWE.
    Encrypted,
    /// A JWK.
    Key,
    /// A JWK Set.
    KeySet,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
            Self::Encrypted => "encrypted content",
            Self::Key => "JWK",
            Self::KeySet => "JWK Set",
        })
    }
}
