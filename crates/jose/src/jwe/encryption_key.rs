use std::fmt;

use crate::backend::{AgreementCurve, OaepEncryptor};
use crate::json::Limits;
use crate::jwk::Parameters;
use crate::{Error, Jwk, KeyFamily, KeyRejected, Part, backend, json, jwk};

use super::algorithms::Mode;
use super::binding::{Binding, encryption_family};
use super::symmetric_key::SymmetricKey;
use super::{ContentEncryption, KeyManagement};

/// A recipient's public key, or a shared key, that encrypts. It is parsed once, for any number of
/// tokens from any number of threads.
///
/// The key belongs to one family of algorithms, and to one algorithm when its document names one.
pub struct EncryptionKey {
    pub(super) material: Material,
    binding: Binding,
    kid: Option<String>,
}

pub(super) enum Material {
    Rsa(OaepEncryptor),
    /// The encoded point.
    Agreement(AgreementCurve, Vec<u8>),
    Secret(SymmetricKey),
}

impl EncryptionKey {
    /// Makes the key of a public document: `RSA`, `EC`, or `OKP` with X25519. The key keeps `kid`
    /// and `alg`.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::PublicKeyUse`] or [`KeyRejected::KeyOperations`] when `use` or `key_ops`
    /// forbids encrypting; [`Error::UnknownAlgorithm`] or [`Error::EncryptionKeyMismatch`] for an
    /// `alg` that is not one of the key's family; [`KeyRejected::Curve`] for Ed25519, which can
    /// only sign; [`KeyRejected::Inconsistent`] for a point that is not on its curve;
    /// [`Error::UnsupportedAlgorithm`] without the feature `aws-lc-rs`.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, Error> {
        let family = encryption_family(&jwk.parameters)?;
        let binding = Binding::read(&jwk.members, family, OPERATIONS)?;
        let inconsistent = |_| KeyRejected::Inconsistent;
        let material = match &jwk.parameters {
            Parameters::Rsa(key) => {
                Material::Rsa(OaepEncryptor::new(&key.n, &key.e).map_err(inconsistent)?)
            }
            other => {
                let (curve, point) = other.agreement().ok_or(KeyRejected::Inconsistent)?;
                backend::check_agreement_point(curve, point).map_err(inconsistent)?;
                Material::Agreement(curve, point.to_vec())
            }
        };
        Ok(Self {
            material,
            binding,
            kid: jwk.kid().map(str::to_owned),
        })
    }

    /// Reads a shared key from a JWK of the type `oct`.
    ///
    /// # Errors
    ///
    /// [`Error::Json`]; [`KeyRejected`]; those of [`from_jwk`](Self::from_jwk).
    pub fn from_symmetric_jwk(document: &[u8]) -> Result<Self, Error> {
        let object =
            json::parse_object(document, Limits::HEADER).map_err(|reason| Error::Json {
                part: Part::Key,
                reason,
            })?;
        let kty = jwk::text(&object, "kty")?.ok_or(KeyRejected::MissingMember { member: "kty" })?;
        if kty != "oct" {
            return Err(KeyRejected::KeyType {
                kty: kty.to_owned(),
            }
            .into());
        }
        let (key, binding, kid) = SymmetricKey::from_object(&object, OPERATIONS)?;
        Ok(Self::shared(key, binding, kid))
    }

    /// A key that both sides share: 16, 24 or 32 bytes for `A*KW` and `A*GCMKW`; as many as
    /// [`key_length`](ContentEncryption::key_length) says for `dir`.
    ///
    /// With one key, `A*GCMKW` and `dir` with `A*GCM` serve up to 2^32 messages, because their
    /// random initialisation vectors must not repeat (NIST SP 800-38D section 8.3).
    ///
    /// # Errors
    ///
    /// [`KeyRejected::SymmetricLength`] for a length that no algorithm has;
    /// [`KeyRejected::PemAsSecret`].
    pub fn symmetric(key: &[u8]) -> Result<Self, Error> {
        let key = SymmetricKey::new(key)?;
        Ok(Self::shared(key, Binding::None, None))
    }

    /// The key that OpenID Connect derives from a client secret, as
    /// [`DecryptionKey::from_client_secret`](super::DecryptionKey::from_client_secret) does.
    ///
    /// # Errors
    ///
    /// The errors of the same function.
    pub fn from_client_secret(
        secret: &str,
        alg: KeyManagement,
        enc: ContentEncryption,
    ) -> Result<Self, Error> {
        let (key, binding) = SymmetricKey::from_client_secret(secret, alg, enc)?;
        Ok(Self::shared(key, binding, None))
    }

    fn shared(key: SymmetricKey, binding: Binding, kid: Option<String>) -> Self {
        Self {
            material: Material::Secret(key),
            binding,
            kid,
        }
    }

    /// The family of the key: RSA, a NIST curve, X25519, or symmetric.
    #[must_use]
    pub fn family(&self) -> KeyFamily {
        match &self.material {
            Material::Rsa(_) => KeyFamily::Rsa,
            Material::Agreement(curve, _) => curve.family(),
            Material::Secret(_) => KeyFamily::Symmetric,
        }
    }

    /// The algorithm that the key is bound to.
    #[must_use]
    pub fn algorithm(&self) -> Option<KeyManagement> {
        self.binding.alg()
    }

    /// The key's name, for the header.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether a public key can be used with an algorithm.
    pub(crate) fn fits(&self, alg: KeyManagement) -> bool {
        alg.fits(self.family()) && self.binding.check_alg(alg).is_ok()
    }

    /// Checks that the key fits, before it is used.
    pub(super) fn check(&self, alg: KeyManagement, enc: ContentEncryption) -> Result<(), Error> {
        alg.require_support()?;
        enc.require_support()?;
        self.binding.check_alg(alg)?;
        self.binding.check_enc(enc)?;
        let fits = match (&self.material, alg.mode()) {
            (Material::Rsa(_), Mode::Oaep(_)) | (Material::Agreement(..), Mode::Agreement(_)) => {
                true
            }
            (Material::Secret(key), mode) => key.fits(mode, enc),
            _ => false,
        };
        if fits {
            return Ok(());
        }
        Err(Error::EncryptionKeyMismatch {
            alg,
            found: self.family(),
        })
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey")
            .field("family", &self.family())
            .field("binding", &self.binding)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// The operations of which one allows encrypting (RFC 7517 section 4.3). The public key of an
/// agreement has no operations.
const OPERATIONS: &[&str] = &["encrypt", "wrapKey", "deriveKey", "deriveBits"];
