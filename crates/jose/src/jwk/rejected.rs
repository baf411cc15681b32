use crate::escaped::Escaped;

use super::{PrivateKeyFormat, PublicKeyFormat};

/// Why a key was refused.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRejected {
    /// A JWK lacks a member that its type requires. A private RSA key must have `p`, `q`, `dp`,
    /// `dq` and `qi`: primes are not recovered from `n`, `e` and `d`.
    #[error("the JWK has no `{member}`")]
    MissingMember {
        /// The member.
        member: &'static str,
    },
    /// A member of a JWK is of the wrong type.
    #[error("the JWK's `{member}` must be {expected}, found {found}")]
    Member {
        /// The member.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
        /// The kind of value found.
        found: &'static str,
    },
    /// A list in a JWK has more elements than this crate reads.
    #[error("the JWK's `{member}` has {found} elements where at most {limit} are allowed")]
    TooManyElements {
        /// The member.
        member: &'static str,
        /// The number of elements allowed.
        limit: usize,
        /// The number of elements found.
        found: usize,
    },
    /// A member of a JWK is not base64url without padding.
    #[error("the JWK's `{member}` is not base64url without padding")]
    Base64Url {
        /// The member.
        member: &'static str,
    },
    /// A member of a JWK is base64url with padding, which RFC 7515 section 2 forbids.
    /// [`JwkSet::danger_parse_padded`](crate::JwkSet::danger_parse_padded) accepts padding in a
    /// set.
    #[error("the JWK's `{member}` is padded with `=`, where base64url without padding is required")]
    Padding {
        /// The member.
        member: &'static str,
    },
    /// A coordinate or a private key on a curve must be exactly as long as the curve's field (RFC
    /// 7518 section 6.2.1.2, RFC 8037 section 2).
    #[error("the key's `{member}` must be {expected} bytes long, found {found}")]
    Length {
        /// The member.
        member: &'static str,
        /// The length of the field in bytes.
        expected: usize,
        /// The length found in bytes.
        found: usize,
    },
    /// A public document holds a private member. The key is compromised, because its private half
    /// was published.
    #[error("a public JWK holds the private member `{member}`")]
    PrivateMember {
        /// The member.
        member: &'static str,
    },
    /// Error for a shared secret (`oct`) where a public key is required.
    #[error("a symmetric key where a public key is required")]
    Symmetric,
    /// This crate does not know the `kty`.
    #[error("the key type `{}` is not supported", Escaped(kty))]
    KeyType {
        /// The type, as the document spells it.
        kty: String,
    },
    /// This crate does not know the `alg` of an `AKP` key.
    #[error("keys for `{}` are not supported", Escaped(alg))]
    KeyAlgorithm {
        /// The algorithm, as the document spells it.
        alg: String,
    },
    /// This crate does not know the `crv`, or the curve does not support the operation.
    #[error("the curve `{}` is not supported", Escaped(crv))]
    Curve {
        /// The curve, as the document spells it.
        crv: String,
    },
    /// The JWK's `use` forbids the operation: signatures need `sig`, encryption needs `enc`.
    #[error(
        "the JWK's `use` is `{}`, which does not permit this operation",
        Escaped(found)
    )]
    PublicKeyUse {
        /// The value, as the document spells it.
        found: String,
    },
    /// The JWK's `key_ops` does not name the operation.
    #[error("the JWK's `key_ops` does not include `{expected}`")]
    KeyOperations {
        /// The operation required.
        expected: &'static str,
    },
    /// An RSA modulus is too short or too long. A long modulus makes verification slow.
    #[error("an RSA modulus of {found} bits where {minimum} to {maximum} are accepted")]
    ModulusLength {
        /// The shortest accepted, in bits.
        minimum: usize,
        /// The longest accepted, in bits.
        maximum: usize,
        /// The length found, in bits.
        found: usize,
    },
    /// An RSA public exponent is even, too small (below 3; below 65537 in a private key) or longer
    /// than 33 bits.
    #[error("the RSA public exponent is not acceptable")]
    PublicExponent,
    /// The RSA key comes from a faulty generator of Infineon, and its private key can be computed
    /// from the public key (CVE-2017-15361, "ROCA"). The key must be replaced.
    #[error(
        "the RSA key comes from a faulty generator (CVE-2017-15361): its private key can be computed"
    )]
    FaultyGenerator,
    /// The point of an Ed25519 or X25519 key has an order of at most 8. Signatures under such a key
    /// need no private key, and every secret agreed with it is public.
    #[error("the point of the key is of small order")]
    SmallOrder,
    /// The numbers of a key do not fit together: a point off its curve, a private key that is not
    /// that of the public key, RSA factors that disagree.
    #[error("the parts of the key are not consistent")]
    Inconsistent,
    /// A shared secret is shorter than the output of the hash (RFC 7518 section 3.2).
    #[error("an HMAC secret of {found} bytes where at least {minimum} are required")]
    SecretLength {
        /// The length required, in bytes.
        minimum: usize,
        /// The length found, in bytes.
        found: usize,
    },
    /// No algorithm has keys of this length.
    #[error("a shared key of {found} bytes where 16, 24, 32, 48 or 64 are required")]
    SymmetricLength {
        /// The length found, in bytes.
        found: usize,
    },
    /// Error for a PEM document as a shared secret: the document may be a public key, with which
    /// anyone could sign (CVE-2016-10555).
    #[error("a PEM document cannot be a shared secret")]
    PemAsSecret,
    /// The document is not PKCS#8 (RFC 5958).
    #[error("not a PKCS#8 private key")]
    Pkcs8,
    /// The text is not PEM (RFC 7468).
    #[error(
        "not a PEM document: expected a line `-----BEGIN …-----`, base64, and a line `-----END \
         …-----` with the same label"
    )]
    Pem,
    /// The PEM document has another label than the required one. The message gives advice.
    #[error(
        "a PEM document with the label `{}` cannot be used here{}",
        Escaped(found),
        super::pem_label::advice(found)
    )]
    PemLabel {
        /// The label of the first document.
        found: String,
    },
    /// A private key in PKCS#8 is encrypted, and no passphrase was given.
    #[error(
        "the private key is encrypted: `from_encrypted_pem` reads it with its passphrase, and \
         `openssl pkey -in FILE` takes the encryption off"
    )]
    Encrypted,
    /// A private key is encrypted in the form of old versions of OpenSSL (RFC 1421), which derive
    /// the key from the passphrase by a single MD5. This crate does not read it.
    #[error(
        "the private key is encrypted in the traditional form of OpenSSL: convert it with \
         `openssl pkcs8 -topk8 -in FILE`, and read the result with `from_encrypted_pem`"
    )]
    EncryptedTraditional,
    /// An encrypted private key cannot be decrypted: the passphrase is not the right one, or the
    /// document is damaged.
    #[error("the private key cannot be decrypted with this passphrase")]
    Passphrase,
    /// A private key is encrypted with another scheme than PBES2 with PBKDF2 or scrypt, and AES or
    /// triple DES in CBC mode.
    #[error(
        "the private key is encrypted in a way that is not supported: convert it with \
         `openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE`"
    )]
    EncryptionScheme,
    /// Deriving a key from the passphrase takes too long or too much memory: more than 10 million
    /// iterations of PBKDF2, or more than 256 MiB or 2^22 blocks of scrypt.
    #[error(
        "deriving a key from the passphrase would take too long: convert the private key with \
         `openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE`"
    )]
    EncryptionCost,
    /// The key has the parameters of its curve instead of the name, which RFC 5480 section 2.1.1
    /// forbids.
    #[error(
        "the key has explicit parameters where its curve should be named: convert it with \
         `openssl pkey -ec_param_enc named_curve -in FILE`"
    )]
    ExplicitParameters,
    /// The point of a key is compressed (RFC 5480 section 2.2), and this build cannot decompress
    /// it.
    #[error(
        "the point of the key is compressed, which needs the feature `aws-lc-rs` of the crate `jose`"
    )]
    CompressedPoint,
    /// An RSA-PSS key (RFC 4055 section 1.2) is for PS256, PS384 and PS512 alone.
    #[error("an RSA-PSS key is only for PS256, PS384 and PS512")]
    PssOnly,
    /// The parameters of an RSA-PSS key (RFC 4055 section 3.1) allow none of PS256, PS384 and
    /// PS512.
    #[error("the parameters of the RSA-PSS key allow none of PS256, PS384 and PS512")]
    PssParameters,
    /// The document is not DER of the required structure.
    #[error("not a DER-encoded {expected}")]
    Der {
        /// The name of the structure.
        expected: &'static str,
    },
    /// An ML-DSA key in PKCS#8 has no seed, but only its expanded form. It can sign
    /// ([`SigningKey::from_pkcs8_pem`](crate::SigningKey::from_pkcs8_pem)), but cannot become a JWK
    /// or another document.
    #[error("an expanded ML-DSA key without its seed can only sign")]
    ExpandedKey,
    /// An RSA private key with more than two primes.
    #[error("an RSA key with more than two primes")]
    MorePrimes,
    /// The format is not for this type of key.
    #[error("a key of this type cannot be written as `{label}`", label = format.label())]
    PrivateKeyFormat {
        /// The format asked for.
        format: PrivateKeyFormat,
    },
    /// The format is not for this type of key.
    #[error("a key of this type cannot be written as `{label}`", label = format.label())]
    PublicKeyFormat {
        /// The format asked for.
        format: PublicKeyFormat,
    },
    /// This crate does not know the algorithm or the curve of the document.
    #[error("the key is for an algorithm that is not supported: {oid}")]
    AlgorithmIdentifier {
        /// The object identifier, in dotted form.
        oid: String,
    },
    /// A private key on a NIST curve has no public point, and this build cannot compute it.
    #[error(
        "the key comes without its public point, which needs the feature `aws-lc-rs` of the crate `jose`"
    )]
    MissingPublicKey,
}
