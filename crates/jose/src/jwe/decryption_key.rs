use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::backend::{AgreementKey, Gcm, OaepDecryptor};
use crate::json::Limits;
use crate::jwk::{OtherMembers, Parameters, PrivateParameters};
use crate::{
    Error, Jwk, KeyFamily, KeyRejected, Part, PrivateJwk, PrivateKeyFormat, backend, json, jwk,
};

use super::algorithms::Mode;
use super::binding::{Binding, encryption_family};
use super::symmetric_key::SymmetricKey;
use super::{ContentEncryption, Header, KeyAnswer, KeyManagement, KeyOperation};

/// A private or shared key that decrypts, parsed once, for any number of tokens from any number of
/// threads.
///
/// The key belongs to one family of algorithms, and to one algorithm when its document names one.
/// A clone shares the key with the original.
#[derive(Clone)]
pub struct DecryptionKey {
    material: Arc<Material>,
    binding: Binding,
    kid: Option<String>,
    public: Option<Arc<Jwk>>,
}

enum Material {
    Rsa(OaepDecryptor),
    Agreement(AgreementKey),
    Secret(SymmetricKey),
}

impl DecryptionKey {
    /// Reads a private JWK: `RSA` with all of `n e d p q dp dq qi`, `EC`, `OKP` with X25519, or
    /// `oct` of 16, 24, 32, 48 or 64 bytes. The key keeps `kid` and `alg`.
    ///
    /// # Errors
    ///
    /// [`Error::Json`]; [`KeyRejected`] for a missing or ill-typed member, a wrong length, an RSA
    /// modulus that is not 2048 to 4096 bits long, parts that do not belong together, a curve that
    /// cannot agree on secrets, and a `use` or `key_ops` that forbids decrypting;
    /// [`Error::UnknownAlgorithm`] and [`Error::EncryptionKeyMismatch`] for an `alg` that the key
    /// cannot have; [`Error::UnsupportedAlgorithm`] for an algorithm that this build leaves out.
    pub fn from_jwk(document: impl AsRef<[u8]>) -> Result<Self, Error> {
        let document = document.as_ref();
        let object =
            json::parse_object(document, Limits::HEADER).map_err(|reason| Error::Json {
                part: Part::Key,
                reason,
            })?;
        if jwk::text(&object, "kty")? == Some("oct") {
            let (key, binding, kid) = SymmetricKey::from_object(&object, OPERATIONS)?;
            return Ok(Self::shared(key, binding, kid));
        }
        PrivateJwk::parse(document)?.decryption_key()
    }

    /// Reads the first private key in a PEM text, in PKCS#8 (`PRIVATE KEY`), PKCS#1
    /// (`RSA PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`): RSA, a NIST curve, or X25519.
    ///
    /// # Errors
    ///
    /// The errors of [`PrivateJwk::from_pem`] and [`PrivateJwk::decryption_key`].
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        PrivateJwk::from_pem(pem)?.decryption_key()
    }

    /// Reads the first encrypted private key in a PEM text (`ENCRYPTED PRIVATE KEY`), as
    /// [`PrivateJwk::from_encrypted_pem`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`PrivateJwk::from_encrypted_pem`] and [`PrivateJwk::decryption_key`].
    pub fn from_encrypted_pem(pem: &str, passphrase: impl AsRef<[u8]>) -> Result<Self, Error> {
        PrivateJwk::from_encrypted_pem(pem, passphrase)?.decryption_key()
    }

    /// Reads a PEM text like [`from_pem`](Self::from_pem), and accepts only the label `PRIVATE KEY`
    /// (PKCS#8).
    ///
    /// # Errors
    ///
    /// [`KeyRejected`]; [`Error::UnsupportedAlgorithm`] without the feature `aws-lc-rs`.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, Error> {
        Self::read(&jwk::private_from_pem(pem, &[PrivateKeyFormat::Pkcs8])?)
    }

    /// Reads a DER document in PKCS#8, PKCS#1 or SEC 1.
    ///
    /// # Errors
    ///
    /// The errors of [`PrivateJwk::from_der`] and [`PrivateJwk::decryption_key`].
    pub fn from_der(format: PrivateKeyFormat, der: &[u8]) -> Result<Self, Error> {
        Self::read(&jwk::private_from_der(format, der)?)
    }

    /// Reads a DER document in PKCS#8.
    ///
    /// # Errors
    ///
    /// The errors of [`from_pkcs8_pem`](Self::from_pkcs8_pem).
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Error> {
        Self::from_der(PrivateKeyFormat::Pkcs8, der)
    }

    fn read(key: &jwk::PrivateKeyRead) -> Result<Self, Error> {
        Self::new(&key.parameters, &key.members)
    }

    /// Makes a new key for decryption, with randomness from the operating system. An RSA key has
    /// 2048 bits. The private half exists only in this process; make a [`PrivateJwk`] to store it.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`] without the feature `aws-lc-rs`; [`KeyRejected::Symmetric`]
    /// for shared keys, and [`KeyRejected::Curve`] for Ed25519; [`Error::OperationFailed`].
    pub fn generate(family: KeyFamily) -> Result<Self, Error> {
        PrivateJwk::generate(family)?.decryption_key()
    }

    pub(crate) fn new(private: &PrivateParameters, members: &OtherMembers) -> Result<Self, Error> {
        let family = encryption_family(&private.public)?;
        let binding = Binding::read(members, family, OPERATIONS)?;
        let material = Material::new(private)?;
        let public = Jwk {
            parameters: private.public.clone(),
            members: OtherMembers {
                // These are the operations of the private key.
                key_ops: None,
                ..members.clone()
            },
        };
        Ok(Self {
            material: Arc::new(material),
            binding,
            kid: members.kid.clone(),
            public: Some(Arc::new(public)),
        })
    }

    /// A key that both sides share: 16, 24 or 32 bytes for `A*KW` and `A*GCMKW`; as many as
    /// [`key_length`](ContentEncryption::key_length) says for `dir`.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::SymmetricLength`] for a length that no algorithm has;
    /// [`KeyRejected::PemAsSecret`].
    pub fn symmetric(key: &[u8]) -> Result<Self, Error> {
        let key = SymmetricKey::new(key)?;
        Ok(Self::shared(key, Binding::None, None))
    }

    /// The key that OpenID Connect derives from a client secret (OpenID Connect Core section 10.2),
    /// bound to the algorithm: a hash of the secret, cut to the length that `alg` needs, or `enc`
    /// when `alg` is `dir`.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`]; [`Error::EncryptionKeyMismatch`] when `alg` is not
    /// symmetric.
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
            material: Arc::new(Material::Secret(key)),
            binding,
            kid,
            public: None,
        }
    }

    /// Returns the same key with a name, which also appears in [`public_jwk`](Self::public_jwk).
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        let kid = kid.into();
        if let Some(public) = &mut self.public {
            Arc::make_mut(public).members.kid = Some(kid.clone());
        }
        self.kid = Some(kid);
        self
    }

    /// Returns the same key, bound to one algorithm, which also appears in
    /// [`public_jwk`](Self::public_jwk).
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`]; [`Error::EncryptionKeyMismatch`] when the family or the
    /// length does not fit; [`Error::EncryptionNotAccepted`] when the key is bound to another
    /// already.
    pub fn with_algorithm(mut self, alg: KeyManagement) -> Result<Self, Error> {
        alg.require_support()?;
        self.binding.check_alg(alg)?;
        if !alg.fits(self.family()) {
            return Err(self.mismatch(alg));
        }
        let binding = match self.binding {
            Binding::Direct(enc) => Binding::Direct(enc),
            _ => Binding::Alg(alg),
        };
        if let Material::Secret(key) = &*self.material {
            key.check_length(binding)?;
        }
        self.binding = binding;
        if let Some(public) = &mut self.public {
            Arc::make_mut(public).members.alg = Some(alg.as_str().into());
        }
        Ok(self)
    }

    /// The family of the key: RSA, a NIST curve, X25519, or symmetric.
    #[must_use]
    pub fn family(&self) -> KeyFamily {
        match &*self.material {
            Material::Rsa(_) => KeyFamily::Rsa,
            Material::Agreement(key) => key.curve().family(),
            Material::Secret(_) => KeyFamily::Symmetric,
        }
    }

    /// The algorithm that the key is bound to.
    #[must_use]
    pub fn algorithm(&self) -> Option<KeyManagement> {
        self.binding.alg()
    }

    /// The key's name.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The public key, for publication. `None` for a shared key.
    #[must_use]
    pub fn public_jwk(&self) -> Option<Jwk> {
        self.public.as_deref().cloned()
    }

    /// Whether the key fits a token with this header: `alg` fits its family and length, `epk` lies
    /// on its curve, `alg` and `enc` are those that the key is bound to, and `kid`, if present, is
    /// its name. Among several keys, exactly one should fit.
    #[must_use]
    pub fn fits(&self, header: &Header) -> bool {
        let (alg, enc) = (header.alg(), header.enc());
        let epk = header.epk().map(|epk| &epk.parameters);
        self.check(alg, enc, epk).is_ok() && header.kid().is_none_or(|kid| self.kid() == Some(kid))
    }

    /// Performs the operation of a [`PendingDecryption`](super::PendingDecryption).
    ///
    /// # Errors
    ///
    /// [`Error::EncryptionKeyMismatch`] and [`Error::EncryptionNotAccepted`] when the key is not
    /// for this operation. An operation that the key rejects is not an error, but
    /// [`KeyAnswer::Rejected`].
    pub fn perform(&self, operation: &KeyOperation) -> Result<KeyAnswer, Error> {
        let epk = match operation {
            KeyOperation::Agree { epk, .. } => Some(&epk.parameters),
            _ => None,
        };
        let alg = operation.alg();
        self.check(alg, operation.enc(), epk)?;
        let content_key =
            |key: Result<_, _>| key.map_or(KeyAnswer::Rejected, KeyAnswer::ContentKey);
        match (operation, &*self.material) {
            (KeyOperation::Direct { .. }, Material::Secret(key)) => {
                let content_key = Zeroizing::new(key.as_bytes().to_vec());
                Ok(KeyAnswer::ContentKey(content_key))
            }
            (KeyOperation::Unwrap { encrypted_key, .. }, Material::Secret(key)) => Ok(content_key(
                backend::unwrap_key(key.as_bytes(), encrypted_key),
            )),
            (KeyOperation::Unwrap { encrypted_key, .. }, Material::Rsa(key)) => match alg.mode() {
                Mode::Oaep(hash) => Ok(content_key(key.decrypt(hash, encrypted_key))),
                _ => Err(self.mismatch(alg)),
            },
            (
                KeyOperation::GcmUnwrap {
                    encrypted_key,
                    iv,
                    tag,
                    ..
                },
                Material::Secret(key),
            ) => Ok(content_key(gcm_unwrap(
                key.as_bytes(),
                encrypted_key,
                iv,
                tag,
            ))),
            (KeyOperation::Agree { epk, .. }, Material::Agreement(key)) => {
                let (_, public) = epk
                    .parameters
                    .agreement()
                    .ok_or_else(|| self.mismatch(alg))?;
                Ok(key
                    .agree(public)
                    .map_or(KeyAnswer::Rejected, KeyAnswer::SharedSecret))
            }
            _ => Err(self.mismatch(alg)),
        }
    }

    /// Checks that the key fits, before it is used. The result depends only on public data.
    fn check(
        &self,
        alg: KeyManagement,
        enc: ContentEncryption,
        epk: Option<&Parameters>,
    ) -> Result<(), Error> {
        alg.require_support()?;
        enc.require_support()?;
        self.binding.check_alg(alg)?;
        self.binding.check_enc(enc)?;
        let fits = match (&*self.material, alg.mode()) {
            (Material::Rsa(_), Mode::Oaep(_)) => true,
            (Material::Agreement(key), Mode::Agreement(_)) => epk
                .and_then(Parameters::agreement)
                .is_some_and(|(curve, _)| curve == key.curve()),
            (Material::Secret(key), mode) => key.fits(mode, enc),
            _ => false,
        };
        if fits {
            Ok(())
        } else {
            Err(self.mismatch(alg))
        }
    }

    fn mismatch(&self, alg: KeyManagement) -> Error {
        Error::EncryptionKeyMismatch {
            alg,
            found: self.family(),
        }
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionKey")
            .field("family", &self.family())
            .field("binding", &self.binding)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl Material {
    /// Makes the key from its private and public numbers.
    fn new(private: &PrivateParameters) -> Result<Self, Error> {
        let inconsistent = |_| KeyRejected::Inconsistent;
        if let Some(numbers) = private.rsa() {
            return Ok(Self::Rsa(
                OaepDecryptor::new(&numbers).map_err(inconsistent)?,
            ));
        }
        let (curve, public) = private
            .public
            .agreement()
            .ok_or(KeyRejected::Inconsistent)?;
        let scalar = private.scalar().ok_or(KeyRejected::Inconsistent)?;
        let key = AgreementKey::new(curve, scalar).map_err(inconsistent)?;
        if key.public().map_err(inconsistent)? != public {
            return Err(KeyRejected::Inconsistent.into());
        }
        Ok(Self::Agreement(key))
    }
}

/// RFC 7518 section 4.7.
fn gcm_unwrap(
    key: &[u8],
    encrypted_key: &[u8],
    iv: &[u8; 12],
    tag: &[u8; 16],
) -> Result<Zeroizing<Vec<u8>>, backend::Refused> {
    let mut content_key = Zeroizing::new([encrypted_key, tag].concat());
    Gcm::new(key)?.open(iv, &[], &mut content_key)?;
    Ok(content_key)
}

/// The operations of which one allows decrypting (RFC 7517 section 4.3).
const OPERATIONS: &[&str] = &["decrypt", "unwrapKey", "deriveKey", "deriveBits"];
