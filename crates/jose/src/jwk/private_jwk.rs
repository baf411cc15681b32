use std::fmt;

use zeroize::Zeroizing;

use crate::json::Limits;
use crate::jwe::DecryptionKey;
use crate::{Error, Jwk, KeyFamily, Part, SigningKey, base64url, json};

use super::parameters::Parameters;
use super::private::{PrivateNumbers, PrivateParameters};
use super::private_der::PrivateKeyFormat;
use super::{OtherMembers, encrypted, generate, private_der};

/// A private key as a document, which can be read, stored and converted. A [`SigningKey`] or a
/// [`DecryptionKey`] is made from it. Those never give their private numbers out.
///
/// ```
/// use jose::{KeyFamily, PrivateJwk, PrivateKeyFormat};
///
/// let document = PrivateJwk::generate(KeyFamily::P256)?.with_kid("2026-01");
/// let stored = document.to_json();
/// let key = PrivateJwk::parse(stored.as_bytes())?.signing_key()?;
/// assert_eq!(key.kid(), Some("2026-01"));
///
/// let pem = document.to_pem(PrivateKeyFormat::Pkcs8)?;
/// assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----"));
/// # Ok::<(), jose::Error>(())
/// ```
pub struct PrivateJwk {
    parameters: PrivateParameters,
    members: OtherMembers,
}

impl PrivateJwk {
    /// Reads a private JWK (RFC 7517 section 4): `RSA` with all of `n e d p q dp dq qi`, `EC`,
    /// `OKP` with Ed25519 or X25519, or `AKP` with the seed of an ML-DSA key.
    ///
    /// Whether the numbers belong together is checked when the document becomes a key.
    ///
    /// # Errors
    ///
    /// [`Error::Json`]; [`KeyRejected`](crate::KeyRejected) for a missing or ill-typed member, a
    /// wrong length, or an RSA modulus that is not 2048 to 4096 bits long.
    pub fn parse(document: &[u8]) -> Result<Self, Error> {
        let object =
            json::parse_object(document, Limits::HEADER).map_err(|reason| Error::Json {
                part: Part::Key,
                reason,
            })?;
        Ok(Self {
            parameters: PrivateParameters::read(Parameters::read(&object)?, &object)?,
            members: OtherMembers::read(&object)?,
        })
    }

    /// Reads the first document in a PEM text with the label `PRIVATE KEY`, `RSA PRIVATE KEY` or
    /// `EC PRIVATE KEY`; the module [`pem`](crate::pem) says how such a text may be laid out.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::Pem`](crate::KeyRejected::Pem);
    /// [`KeyRejected::Encrypted`](crate::KeyRejected::Encrypted) and
    /// [`KeyRejected::EncryptedTraditional`](crate::KeyRejected::EncryptedTraditional);
    /// [`KeyRejected::PemLabel`](crate::KeyRejected::PemLabel) where there are only other labels;
    /// those of [`from_der`](Self::from_der).
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        private_der::from_pem(pem, &PrivateKeyFormat::ALL).map(Self::read)
    }

    /// Reads the first document in a PEM text with the label `ENCRYPTED PRIVATE KEY` (PKCS#8, RFC
    /// 5958 section 3), which the passphrase decrypts: PBES2 with PBKDF2 or scrypt, and AES or
    /// triple DES in CBC mode.
    ///
    /// The document determines how long this takes, up to some seconds.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`] without the feature `encrypted-keys`.
    /// [`KeyRejected`](crate::KeyRejected): `Passphrase`, `EncryptionScheme`, `EncryptionCost`,
    /// `EncryptedTraditional`, `Pem` and `PemLabel`; those of [`from_der`](Self::from_der).
    pub fn from_encrypted_pem(pem: &str, passphrase: impl AsRef<[u8]>) -> Result<Self, Error> {
        let document = encrypted::pkcs8_in_pem(pem, passphrase.as_ref())?;
        Self::from_der(PrivateKeyFormat::Pkcs8, &document)
    }

    /// Reads a DER document.
    ///
    /// # Errors
    ///
    /// [`KeyRejected`](crate::KeyRejected): not the structure named, another type of key or another
    /// curve, a curve with explicit parameters, an RSA key with more than two primes, an RSA-PSS
    /// key for another hash, an ML-DSA key without its seed; without the feature `aws-lc-rs`, a key
    /// on a NIST curve without its public point or with a compressed one.
    /// [`Error::UnsupportedAlgorithm`] for P-521, X25519 and ML-DSA without that feature.
    pub fn from_der(format: PrivateKeyFormat, der: &[u8]) -> Result<Self, Error> {
        private_der::from_der(format, der).map(Self::read)
    }

    /// Makes a new key, with randomness from the operating system. An RSA key has 2048 bits.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`] for RSA, P-521, X25519 and ML-DSA without the feature
    /// `aws-lc-rs`; [`KeyRejected::Symmetric`](crate::KeyRejected::Symmetric) for shared secrets,
    /// which are plain random bytes; [`Error::OperationFailed`].
    pub fn generate(family: KeyFamily) -> Result<Self, Error> {
        generate::new_key(family).map(Self::bare)
    }

    /// Makes a new RSA key of 2048, 3072 or 4096 bits.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::ModulusLength`](crate::KeyRejected::ModulusLength) for any other length;
    /// [`Error::UnsupportedAlgorithm`] without the feature `aws-lc-rs`; [`Error::OperationFailed`].
    pub fn generate_rsa(bits: usize) -> Result<Self, Error> {
        generate::new_rsa_key(bits).map(Self::bare)
    }

    /// Returns the same key with a name.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.members.kid = Some(kid.into());
        self
    }

    /// Returns the same key with an `alg`. Whether the key can have it is checked when the document
    /// becomes a key.
    #[must_use]
    pub fn with_alg(mut self, alg: impl Into<String>) -> Self {
        self.members.alg = Some(alg.into().into());
        self
    }

    /// Returns the public half, for publication. It has no `key_ops`, because those are the
    /// operations of the private key.
    #[must_use]
    pub fn public_jwk(&self) -> Jwk {
        Jwk {
            parameters: self.parameters.public.clone(),
            members: OtherMembers {
                key_ops: None,
                ..self.members.clone()
            },
        }
    }

    /// Returns the key that signs.
    ///
    /// # Errors
    ///
    /// [`KeyRejected`](crate::KeyRejected) when the numbers do not belong together, the curve
    /// cannot sign, or `use` or `key_ops` forbids signing; [`Error::UnknownAlgorithm`],
    /// [`Error::Unsecured`] and [`Error::KeyFamilyMismatch`] for an `alg` that the key cannot have;
    /// [`Error::UnsupportedAlgorithm`].
    pub fn signing_key(&self) -> Result<SigningKey, Error> {
        SigningKey::new(&self.parameters, &self.members)
    }

    /// Returns the key that decrypts.
    ///
    /// # Errors
    ///
    /// [`KeyRejected`](crate::KeyRejected) when the numbers do not belong together, the curve
    /// cannot agree on secrets, or `use` or `key_ops` forbids decrypting;
    /// [`Error::UnknownAlgorithm`] and [`Error::EncryptionKeyMismatch`] for an `alg` that the key
    /// cannot have; [`Error::UnsupportedAlgorithm`].
    pub fn decryption_key(&self) -> Result<DecryptionKey, Error> {
        DecryptionKey::new(&self.parameters, &self.members)
    }

    /// The whole document as JSON, private members included. The text is wiped when it is dropped.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        let public = Jwk {
            parameters: self.parameters.public.clone(),
            members: self.members.clone(),
        };
        let public = serde_json::Value::Object(public.to_json()).to_string();
        let private = self.private_members();
        // The text has room for everything, because growing it would leave a copy behind.
        let length = private
            .iter()
            .map(|(name, number)| name.len().saturating_add(number.len().saturating_mul(2)))
            .fold(public.len(), |sum, length| {
                sum.saturating_add(length).saturating_add(16)
            });
        let mut text = Zeroizing::new(String::with_capacity(length));
        text.push_str(public.strip_suffix('}').unwrap_or(&public));
        for (name, number) in private {
            let number = Zeroizing::new(base64url::encode(number));
            for piece in [",\"", name, "\":\"", &number, "\""] {
                text.push_str(piece);
            }
        }
        text.push('}');
        text
    }

    /// Writes the numbers of the key as a PEM document. The text is wiped when it is dropped. An
    /// RSA-PSS key is written like any other RSA key.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::PrivateKeyFormat`](crate::KeyRejected::PrivateKeyFormat) when the format is
    /// not for this type of key.
    pub fn to_pem(&self, format: PrivateKeyFormat) -> Result<Zeroizing<String>, Error> {
        private_der::to_pem(format, &self.parameters)
    }

    /// The numbers of the key as a DER document. The bytes are wiped when they are dropped.
    ///
    /// # Errors
    ///
    /// The errors of [`to_pem`](Self::to_pem).
    pub fn to_der(&self, format: PrivateKeyFormat) -> Result<Zeroizing<Vec<u8>>, Error> {
        private_der::to_der(format, &self.parameters)
    }

    fn read(key: private_der::Read) -> Self {
        Self {
            parameters: key.parameters,
            members: key.members,
        }
    }

    fn bare(parameters: PrivateParameters) -> Self {
        Self {
            members: OtherMembers::of(&parameters.public),
            parameters,
        }
    }

    /// The private members by name, in the order of RFC 7518 section 6.3.2.
    fn private_members(&self) -> Vec<(&'static str, &[u8])> {
        match &self.parameters.numbers {
            PrivateNumbers::Rsa(numbers) => vec![
                ("d", &numbers.d),
                ("p", &numbers.p),
                ("q", &numbers.q),
                ("dp", &numbers.dp),
                ("dq", &numbers.dq),
                ("qi", &numbers.qi),
            ],
            PrivateNumbers::Curve(scalar) => vec![(self.parameters.scalar_member(), scalar)],
        }
    }
}

impl fmt::Debug for PrivateJwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateJwk")
            .field("kty", &self.parameters.public.kty())
            .field("crv", &self.parameters.public.crv())
            .field("kid", &self.members.kid)
            .finish_non_exhaustive()
    }
}
