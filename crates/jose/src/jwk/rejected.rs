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
    /// A member of a JWK is base64url with padding, which RFC 7515 section 2 rules out.
    /// [`JwkSet::danger_parse_padded`](crate::JwkSet::danger_parse_padded) reads it in a set.
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
    /// A document that should be public holds a private member. Whoever published it has lost the
    /// key.
    #[error("a public JWK holds the private member `{member}`")]
    PrivateMember {
        /// The member.
        member: &'static str,
    },
    /// A shared secret (`oct`) where a public key is required.
    #[error("a symmetric key where a public key is required")]
    Symmetric,
    /// A `kty` that is not known here.
    #[error("the key type `{}` is not supported", Escaped(kty))]
    KeyType {
        /// The type, as the document spells it.
        kty: String,
    },
    /// The `alg` of an `AKP` key is none that is known here.
    #[error("keys for `{}` are not supported", Escaped(alg))]
    KeyAlgorithm {
        /// The algorithm, as the document spells it.
        alg: String,
    },
    /// A `crv` that is not known here, or cannot do what the key is wanted for.
    #[error("the curve `{}` is not supported", Escaped(crv))]
    Curve {
        /// The curve, as the document spells it.
        crv: String,
    },
    /// The JWK's `use` forbids what the key is wanted for: signatures need `sig`, encryption `enc`.
    #[error("the JWK's `use` is `{}`, which is for something else", Escaped(found))]
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
    /// An RSA modulus is too short or too long. Long ones are refused because they cost the
    /// verifier time.
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
    /// need no private key, and secrets agreed with it are known to everybody.
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
    /// A shared key is of a length that no algorithm has.
    #[error("a shared key of {found} bytes where 16, 24, 32, 48 or 64 are required")]
    SymmetricLength {
        /// The length found, in bytes.
        found: usize,
    },
    /// A PEM text was given as a shared secret: a public key must never become one.
    #[error("a PEM document cannot be a shared secret")]
    PemAsSecret,
    /// Not a PKCS#8 document (RFC 5958).
    #[error("not a PKCS#8 private key")]
    Pkcs8,
    /// Not PEM (RFC 7468).
    #[error("not a PEM document")]
    Pem,
    /// A PEM document of another kind than the one required. The message says what helps.
    #[error(
        "a PEM document with the label `{}` cannot be used here{}",
        Escaped(found),
        super::pem_label::advice(found)
    )]
    PemLabel {
        /// The label of the first document, as it is spelt.
        found: String,
    },
    /// A private key in PKCS#8 is encrypted, and no passphrase was given.
    #[error(
        "the private key is encrypted: `from_encrypted_pem` reads it with its passphrase, and \
         `openssl pkey -in FILE` takes the encryption off"
    )]
    Encrypted,
    /// A private key is encrypted as old versions of OpenSSL do it (RFC 1421): the key is derived from
    /// the passphrase by a single MD5. It is read in no form.
    #[error(
        "the private key is encrypted in the traditional form of OpenSSL: convert it with \
         `openssl pkcs8 -topk8 -in FILE`, and read the result with `from_encrypted_pem`"
    )]
    EncryptedTraditional,
    /// An encrypted private key cannot be decrypted: the passphrase is not the right one, or the
    /// document is damaged.
    #[error("the private key cannot be decrypted with this passphrase")]
    Passphrase,
    /// A private key is encrypted with something other than PBES2 with PBKDF2 or scrypt, and AES or
    /// triple DES in CBC mode.
    #[error(
        "the private key is encrypted in a way that is not supported: convert it with \
         `openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE`"
    )]
    EncryptionScheme,
    /// To derive a key from the passphrase would take too long or too much memory: more than 10 million
    /// iterations of PBKDF2, or more than 256 MiB or 2^22 blocks of scrypt.
    #[error(
        "deriving a key from the passphrase would take too long: convert the private key with \
         `openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE`"
    )]
    EncryptionCost,
    /// The curve of a key is spelt out instead of named (RFC 5480 section 2.1.1 forbids it).
    #[error(
        "the key has explicit parameters where its curve should be named: convert it with \
         `openssl pkey -ec_param_enc named_curve -in FILE`"
    )]
    ExplicitParameters,
    /// The point of a key is compressed (RFC 5480 section 2.2), and this build cannot compute the rest.
    #[error("the point of the key is compressed, which needs the feature `aws-lc-rs`")]
    CompressedPoint,
    /// An RSA-PSS key (RFC 4055 section 1.2) is for PS256, PS384 and PS512 alone.
    #[error("an RSA-PSS key is for PS256, PS384 and PS512, and for nothing else")]
    PssOnly,
    /// The parameters of an RSA-PSS key (RFC 4055 section 3.1) allow none of PS256, PS384 and PS512.
    #[error("the parameters of the RSA-PSS key allow none of PS256, PS384 and PS512")]
    PssParameters,
    /// Not a DER document of the structure required.
    #[error("not a DER-encoded {expected}")]
    Der {
        /// The name of the structure.
        expected: &'static str,
    },
    /// An ML-DSA key in PKCS#8 that is nothing but expanded: without its seed it can sign
    /// ([`SigningKey::from_pkcs8_pem`](crate::SigningKey::from_pkcs8_pem)), but be neither a JWK nor
    /// anything that is written.
    #[error("an expanded ML-DSA key without its seed can only sign")]
    ExpandedKey,
    /// An RSA private key with more than two primes.
    #[error("an RSA key with more than two primes")]
    MorePrimes,
    /// The format is not for this type of key.
    #[error("the key cannot be written as {format:?}")]
    PrivateKeyFormat {
        /// The format asked for.
        format: PrivateKeyFormat,
    },
    /// The format is not for this type of key.
    #[error("the key cannot be written as {format:?}")]
    PublicKeyFormat {
        /// The format asked for.
        format: PublicKeyFormat,
    },
    /// A document for an algorithm or a curve that is not known here.
    #[error("the key is for an algorithm that is not supported: {oid}")]
    AlgorithmIdentifier {
        /// The object identifier, in dotted form.
        oid: String,
    },
    /// A private key on a NIST curve comes without its public point, which this build cannot compute.
    #[error("the key comes without its public point, which needs the feature `aws-lc-rs`")]
    MissingPublicKey,
}
