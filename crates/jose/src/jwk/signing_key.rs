use std::fmt;
use std::sync::Arc;

use crate::backend::{Curve, EcdsaSigner, Ed25519Signer, MlDsaSigner, RsaSigner};
use crate::json::Limits;
use crate::{Error, Jwk, KeyFamily, KeyRejected, Part, SignatureAlgorithm, json};

use super::parameters::{OkpCurve, Parameters, fixed, secret_bytes, text};
use super::private::PrivateParameters;
use super::private_der::PrivateKeyFormat;
use super::verifying_key::{
    HmacKeys, check_algorithm, check_pss, check_purpose, permitted_algorithm, rsa_scheme,
};
use super::{OtherMembers, PrivateJwk, encrypted, ml_dsa_der, private_der};

/// A key that signs, parsed once, for any number of signatures from any number of threads.
///
/// The key belongs to one family of algorithms, and to one algorithm when its document names one.
/// A clone shares the private key with the original. The bytes that the key is read from are
/// wiped. The copy that the cryptography library keeps is wiped by aws-lc-rs, but not by ring.
#[derive(Clone)]
pub struct SigningKey {
    material: Arc<Material>,
    algorithm: Option<SignatureAlgorithm>,
    pss_only: bool,
    kid: Option<String>,
    public: Option<Arc<Jwk>>,
}

pub(super) enum Material {
    Rsa(RsaSigner),
    Ecdsa(Curve, EcdsaSigner),
    Ed25519(Ed25519Signer),
    MlDsa(MlDsaSigner),
    Hmac(Box<HmacKeys>),
}

impl Material {
    /// Makes the key from its private and public numbers.
    fn new(private: &PrivateParameters) -> Result<Self, KeyRejected> {
        let inconsistent = |_| KeyRejected::Inconsistent;
        match &private.public {
            Parameters::Rsa(_) => {
                let numbers = private.rsa().ok_or(KeyRejected::Inconsistent)?;
                RsaSigner::new(&numbers)
                    .map(Self::Rsa)
                    .map_err(inconsistent)
            }
            Parameters::Ec { curve, point } => {
                let d = private.scalar().ok_or(KeyRejected::Inconsistent)?;
                EcdsaSigner::new(*curve, d, point)
                    .map(|key| Self::Ecdsa(*curve, key))
                    .map_err(inconsistent)
            }
            Parameters::Okp {
                curve: OkpCurve::Ed25519,
                x,
            } => {
                let seed = private.scalar().ok_or(KeyRejected::Inconsistent)?;
                let seed = zeroize::Zeroizing::new(fixed("d", seed)?);
                let key = Ed25519Signer::new(&seed).map_err(inconsistent)?;
                if key.public() != x.as_slice() {
                    return Err(KeyRejected::Inconsistent);
                }
                Ok(Self::Ed25519(key))
            }
            Parameters::Akp { set, public } => {
                let seed = private.scalar().ok_or(KeyRejected::Inconsistent)?;
                let key = MlDsaSigner::new(*set, seed).map_err(inconsistent)?;
                if key.public() != public {
                    return Err(KeyRejected::Inconsistent);
                }
                Ok(Self::MlDsa(key))
            }
            Parameters::Okp {
                curve: OkpCurve::X25519,
                ..
            } => Err(KeyRejected::Curve {
                crv: "X25519".to_owned(),
            }),
        }
    }
}

impl SigningKey {
    /// Reads a private JWK: `RSA` with all of `n e d p q dp dq qi`, `EC`, `OKP` with Ed25519, `AKP`
    /// with the seed of an ML-DSA key, or `oct`. The key keeps `kid` and `alg`.
    ///
    /// # Errors
    ///
    /// [`Error::Json`]; [`KeyRejected`] for a missing or ill-typed member, a wrong length, an RSA
    /// modulus that is not 2048 to 4096 bits long, parts that do not belong together, and a `use`
    /// or `key_ops` that forbids signing; [`Error::UnknownAlgorithm`], [`Error::Unsecured`] and
    /// [`Error::KeyFamilyMismatch`] for an `alg` that the key cannot have;
    /// [`Error::UnsupportedAlgorithm`] for P-521 without its feature.
    pub fn from_jwk(document: impl AsRef<[u8]>) -> Result<Self, Error> {
        let document = document.as_ref();
        let object =
            json::parse_object(document, Limits::HEADER).map_err(|reason| Error::Json {
                part: Part::Key,
                reason,
            })?;
        if text(&object, "kty")? == Some("oct") {
            let key = Self::hmac(&secret_bytes(&object, "k")?)?;
            let members = OtherMembers::read(&object)?;
            check_purpose(&members, "sign")?;
            let key = match members.alg {
                Some(alg) => key.with_algorithm(alg.parse()?)?,
                None => key,
            };
            return Ok(Self {
                kid: members.kid,
                ..key
            });
        }
        PrivateJwk::parse(document)?.signing_key()
    }

    /// Reads the first private key in a PEM text, in PKCS#8 (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE
    /// KEY`) or SEC 1 (`EC PRIVATE KEY`): RSA, a NIST curve, Ed25519, or ML-DSA in each form of RFC
    /// 9881 section 6. The module [`pem`](crate::pem) says how such a text may be laid out.
    ///
    /// # Errors
    ///
    /// The errors of [`PrivateJwk::from_pem`] and [`PrivateJwk::signing_key`].
    ///
    /// ```
    /// use jose::{PrivateKeyFormat, SignatureAlgorithm, SigningKey};
    ///
    /// # let pem = jose::PrivateJwk::generate(jose::KeyFamily::P256)?.to_pem(PrivateKeyFormat::Sec1)?;
    /// let key = SigningKey::from_pem(&pem)?.with_kid("2026-01");
    /// assert_eq!(key.algorithm_default(), SignatureAlgorithm::ES256);
    /// # Ok::<(), jose::Error>(())
    /// ```
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        let (format, document) = private_der::document_in_pem(pem, &PrivateKeyFormat::ALL)?;
        Self::from_der(format, &document)
    }

    /// Reads the first encrypted private key in a PEM text (`ENCRYPTED PRIVATE KEY`), as
    /// [`PrivateJwk::from_encrypted_pem`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`PrivateJwk::from_encrypted_pem`] and [`PrivateJwk::signing_key`].
    pub fn from_encrypted_pem(pem: &str, passphrase: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::from_pkcs8_der(&encrypted::pkcs8_in_pem(pem, passphrase.as_ref())?)
    }

    /// Reads a PEM text like [`from_pem`](Self::from_pem), and accepts only the label `PRIVATE KEY`
    /// (PKCS#8).
    ///
    /// # Errors
    ///
    /// [`KeyRejected`]; [`Error::UnsupportedAlgorithm`] for P-521 and ML-DSA without the feature
    /// `aws-lc-rs`.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, Error> {
        let (_, document) = private_der::document_in_pem(pem, &[PrivateKeyFormat::Pkcs8])?;
        Self::from_pkcs8_der(&document)
    }

    /// Reads a DER document in PKCS#8, PKCS#1 or SEC 1.
    ///
    /// # Errors
    ///
    /// The errors of [`PrivateJwk::from_der`] and [`PrivateJwk::signing_key`].
    pub fn from_der(format: PrivateKeyFormat, der: &[u8]) -> Result<Self, Error> {
        match format {
            PrivateKeyFormat::Pkcs8 => Self::from_pkcs8_der(der),
            _ => Self::read(&private_der::from_der(format, der)?),
        }
    }

    /// Reads a DER document in PKCS#8.
    ///
    /// # Errors
    ///
    /// The errors of [`from_pkcs8_pem`](Self::from_pkcs8_pem).
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Error> {
        if let Some(key) = ml_dsa_der::expanded_from_pkcs8(der)? {
            let public = Jwk::bare(Parameters::akp(key.set(), key.public().to_vec())?);
            return Ok(Self {
                algorithm: Some(key.set().algorithm()),
                material: Arc::new(Material::MlDsa(key)),
                pss_only: false,
                kid: None,
                public: Some(Arc::new(public)),
            });
        }
        Self::read(&private_der::from_der(PrivateKeyFormat::Pkcs8, der)?)
    }

    fn read(key: &private_der::Read) -> Result<Self, Error> {
        Self::new(&key.parameters, &key.members)
    }

    pub(super) fn new(private: &PrivateParameters, members: &OtherMembers) -> Result<Self, Error> {
        let mut public = Jwk {
            parameters: private.public.clone(),
            members: members.clone(),
        };
        let algorithm = permitted_algorithm(&public, "sign")?;
        let material = Material::new(private)?;
        if public.members.key_ops.is_some() {
            public.members.key_ops = Some(vec!["verify".to_owned()]);
        }
        Ok(Self {
            material: Arc::new(material),
            algorithm,
            pss_only: members.pss_only,
            kid: public.members.kid.clone(),
            public: Some(Arc::new(public)),
        })
    }

    /// Makes a key from a shared secret: at least 32 bytes for `HS256`, 48 for `HS384`, 64 for
    /// `HS512` (RFC 7518 section 3.2).
    ///
    /// # Errors
    ///
    /// [`KeyRejected::SecretLength`] for fewer than 32 bytes; [`KeyRejected::PemAsSecret`].
    pub fn hmac(secret: &[u8]) -> Result<Self, Error> {
        Ok(Self {
            material: Arc::new(Material::Hmac(Box::new(HmacKeys::new(secret)?))),
            algorithm: None,
            pss_only: false,
            kid: None,
            public: None,
        })
    }

    /// Makes a new key for one algorithm, with randomness from the operating system. An RSA key has
    /// 2048 bits.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`] for `ES512` and RSA without the feature `aws-lc-rs`;
    /// [`KeyRejected::Symmetric`] for `HS*`, because both sides must know the secret;
    /// [`Error::OperationFailed`].
    pub fn generate(alg: SignatureAlgorithm) -> Result<Self, Error> {
        alg.require_support()?;
        PrivateJwk::generate(alg.key_family())?
            .signing_key()?
            .with_algorithm(alg)
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
    /// [`Error::UnsupportedAlgorithm`]; [`Error::KeyFamilyMismatch`]; [`Error::AlgorithmMismatch`]
    /// when the key is already bound to another algorithm; [`KeyRejected::PssOnly`];
    /// [`KeyRejected::SecretLength`].
    pub fn with_algorithm(mut self, alg: SignatureAlgorithm) -> Result<Self, Error> {
        check_algorithm(alg, self.family(), self.algorithm)?;
        check_pss(alg, self.pss_only)?;
        if let Material::Hmac(keys) = &*self.material {
            keys.for_algorithm(alg)?;
        }
        if let Some(public) = &mut self.public {
            Arc::make_mut(public).members.alg = Some(alg.as_str().into());
        }
        self.algorithm = Some(alg);
        Ok(self)
    }

    /// The default algorithm: the one that the key is bound to, or else the first of its family
    /// (`RS256`, `ES256`, `ES384`, `ES512`, `Ed25519`, `HS256`; `PS256` for an RSA-PSS key).
    #[must_use]
    pub fn algorithm_default(&self) -> SignatureAlgorithm {
        self.algorithm.unwrap_or(match &*self.material {
            Material::Rsa(_) if self.pss_only => SignatureAlgorithm::PS256,
            Material::Rsa(_) => SignatureAlgorithm::RS256,
            Material::Ecdsa(Curve::P256, _) => SignatureAlgorithm::ES256,
            Material::Ecdsa(Curve::P384, _) => SignatureAlgorithm::ES384,
            Material::Ecdsa(Curve::P521, _) => SignatureAlgorithm::ES512,
            Material::Ed25519(_) => SignatureAlgorithm::Ed25519,
            Material::MlDsa(key) => key.set().algorithm(),
            Material::Hmac(_) => SignatureAlgorithm::HS256,
        })
    }

    /// The family of the key.
    #[must_use]
    pub fn family(&self) -> KeyFamily {
        match &*self.material {
            Material::Rsa(_) => KeyFamily::Rsa,
            Material::Ecdsa(Curve::P256, _) => KeyFamily::P256,
            Material::Ecdsa(Curve::P384, _) => KeyFamily::P384,
            Material::Ecdsa(Curve::P521, _) => KeyFamily::P521,
            Material::Ed25519(_) => KeyFamily::Ed25519,
            Material::MlDsa(key) => key.set().algorithm().key_family(),
            Material::Hmac(_) => KeyFamily::Hmac,
        }
    }

    /// The key's name.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The public key, for publication. `None` for a shared secret.
    #[must_use]
    pub fn public_jwk(&self) -> Option<Jwk> {
        self.public.as_deref().cloned()
    }

    /// Signs a message. An ECDSA signature is `r` followed by `s` (RFC 7518 section 3.4). An
    /// Ed25519 key signs as `Ed25519` and as `EdDSA`, the older name of the same algorithm, even if
    /// it is bound to one of them (RFC 9864 section 2.2).
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`], [`Error::KeyFamilyMismatch`], [`Error::AlgorithmMismatch`];
    /// [`KeyRejected::PssOnly`]; [`KeyRejected::SecretLength`] for an HMAC secret too short for
    /// this algorithm; [`Error::OperationFailed`].
    pub fn sign(&self, alg: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.signature(alg, message)
            .map(|signature| match signature {
                Signature::Ed25519(bytes) => bytes.to_vec(),
                Signature::Other(bytes) => bytes,
            })
    }

    /// Signs like [`sign`](Self::sign), without an allocation for Ed25519.
    pub(crate) fn signature(
        &self,
        alg: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Signature, Error> {
        let bound = match self.family() {
            KeyFamily::Ed25519 => None,
            _ => self.algorithm,
        };
        check_algorithm(alg, self.family(), bound)?;
        check_pss(alg, self.pss_only)?;
        match &*self.material {
            Material::Rsa(key) => match rsa_scheme(alg) {
                Some(scheme) => key.sign(scheme, message),
                None => {
                    return Err(Error::KeyFamilyMismatch {
                        alg,
                        found: self.family(),
                    });
                }
            },
            Material::Ecdsa(_, key) => key.sign(message),
            Material::Ed25519(key) => {
                let signature = key.sign(message).map_err(|_| Error::OperationFailed)?;
                return Ok(Signature::Ed25519(signature));
            }
            Material::MlDsa(key) => key.sign(message),
            Material::Hmac(keys) => Ok(keys.for_algorithm(alg)?.sign(message)),
        }
        .map(Signature::Other)
        .map_err(|_| Error::OperationFailed)
    }
}

/// A signature that was just made.
pub(crate) enum Signature {
    Ed25519([u8; 64]),
    Other(Vec<u8>),
}

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Ed25519(bytes) => bytes,
            Self::Other(bytes) => bytes,
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("family", &self.family())
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
