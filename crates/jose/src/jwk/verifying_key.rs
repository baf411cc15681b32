use std::fmt;

use crate::backend::{EcdsaVerifier, Ed25519Verifier, Hmac, MlDsaVerifier, RsaScheme, RsaVerifier};
use crate::{
    Error, HashAlgorithm, Jwk, KeyFamily, KeyRejected, PublicKeyFormat, SignatureAlgorithm,
};

use super::OtherMembers;
use super::parameters::Parameters;

/// A key that verifies signatures, parsed once, for any number of signatures from any number of
/// threads.
///
/// The key belongs to one family of algorithms, and to one algorithm when its document names one.
pub struct VerifyingKey {
    material: Material,
    algorithm: Option<SignatureAlgorithm>,
    pss_only: bool,
}

enum Material {
    Rsa(RsaVerifier),
    Ecdsa(EcdsaKey),
    Ed25519(Ed25519Verifier),
    MlDsa(MlDsaVerifier),
    Hmac(Box<HmacKeys>),
}

/// As members of a variant of [`Material`], these would take longer to move: the family would share
/// a word with the tag.
struct EcdsaKey {
    family: KeyFamily,
    key: EcdsaVerifier,
}

impl VerifyingKey {
    /// Makes the key of a document.
    ///
    /// # Errors
    ///
    /// [`KeyRejected::PublicKeyUse`] or [`KeyRejected::KeyOperations`] when `use` or `key_ops`
    /// forbids verifying; [`Error::UnknownAlgorithm`], [`Error::Unsecured`] or
    /// [`Error::KeyFamilyMismatch`] for an `alg` that is not one of the key's family;
    /// [`Error::UnsupportedAlgorithm`] for P-521 without its feature; [`KeyRejected::Curve`] for
    /// X25519, which cannot sign; [`KeyRejected::Inconsistent`] for a point that is not on its
    /// curve.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, Error> {
        let algorithm = permitted_algorithm(jwk, "verify")?;
        let inconsistent = |_| KeyRejected::Inconsistent;
        let material = match &jwk.parameters {
            Parameters::Rsa(key) => Material::Rsa(RsaVerifier::new(key.clone())),
            Parameters::Ec { curve, point } => {
                let family = signature_family(jwk)?;
                Material::Ecdsa(EcdsaKey {
                    family,
                    key: EcdsaVerifier::new(*curve, point).map_err(inconsistent)?,
                })
            }
            Parameters::Akp { set, public } => {
                Material::MlDsa(MlDsaVerifier::new(*set, public).map_err(inconsistent)?)
            }
            Parameters::Okp { x, .. } => {
                Material::Ed25519(Ed25519Verifier::new(**x).map_err(inconsistent)?)
            }
        };
        Ok(Self {
            material,
            algorithm,
            pss_only: jwk.members.pss_only,
        })
    }

    /// Reads the key of the first document in a PEM text with the label `PUBLIC KEY`, `RSA PUBLIC
    /// KEY` or `CERTIFICATE`. Only the key of a certificate is read.
    ///
    /// # Errors
    ///
    /// The errors of [`Jwk::from_pem`] and [`from_jwk`](Self::from_jwk).
    ///
    /// ```
    /// use jose::{PublicKeyFormat, SignatureAlgorithm, SigningKey, VerifyingKey};
    ///
    /// let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// # let public = key.public_jwk().ok_or(jose::KeyRejected::Symmetric)?;
    /// # let pem = public.to_pem(PublicKeyFormat::Spki)?;
    /// let verifying_key = VerifyingKey::from_pem(&pem)?;
    /// let signature = key.sign(SignatureAlgorithm::ES256, b"message")?;
    /// verifying_key.verify(SignatureAlgorithm::ES256, b"message", &signature)?;
    /// # Ok::<(), jose::Error>(())
    /// ```
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        Self::from_jwk(&Jwk::from_pem(pem)?)
    }

    /// Reads the key of a DER document. Only the key of a certificate is read.
    ///
    /// # Errors
    ///
    /// The errors of [`Jwk::from_der`] and [`from_jwk`](Self::from_jwk).
    pub fn from_der(format: PublicKeyFormat, der: &[u8]) -> Result<Self, Error> {
        Self::from_jwk(&Jwk::from_der(format, der)?)
    }

    /// Makes a key from a shared secret. It must be at least as long as the hash of each algorithm
    /// that uses it: 32 bytes for `HS256`, 48 for `HS384`, 64 for `HS512` (RFC 7518 section 3.2).
    ///
    /// # Errors
    ///
    /// [`KeyRejected::SecretLength`] for fewer than 32 bytes; [`KeyRejected::PemAsSecret`].
    pub fn hmac(secret: &[u8]) -> Result<Self, Error> {
        Ok(Self {
            material: Material::Hmac(Box::new(HmacKeys::new(secret)?)),
            algorithm: None,
            pss_only: false,
        })
    }

    /// The family of the key.
    #[must_use]
    pub fn family(&self) -> KeyFamily {
        match &self.material {
            Material::Rsa(_) => KeyFamily::Rsa,
            Material::Ecdsa(key) => key.family,
            Material::Ed25519(_) => KeyFamily::Ed25519,
            Material::MlDsa(key) => key.set().algorithm().key_family(),
            Material::Hmac(_) => KeyFamily::Hmac,
        }
    }

    /// Verifies a signature over a message.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedAlgorithm`], [`Error::KeyFamilyMismatch`] and
    /// [`Error::AlgorithmMismatch`], all before the signature is read; [`KeyRejected::PssOnly`];
    /// [`KeyRejected::SecretLength`] for an HMAC secret that is too short for this algorithm;
    /// [`Error::Signature`].
    pub fn verify(
        &self,
        alg: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        check_algorithm(alg, self.family(), self.algorithm)?;
        check_pss(alg, self.pss_only)?;
        match &self.material {
            Material::Rsa(key) => match rsa_scheme(alg) {
                Some(scheme) => key.verify(scheme, message, signature),
                None => {
                    return Err(Error::KeyFamilyMismatch {
                        alg,
                        found: self.family(),
                    });
                }
            },
            Material::Ecdsa(key) => key.key.verify(message, signature),
            Material::Ed25519(key) => key.verify(message, signature),
            Material::MlDsa(key) => key.verify(message, signature),
            Material::Hmac(keys) => keys.for_algorithm(alg)?.verify(message, signature),
        }
        .map_err(|_| Error::Signature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("family", &self.family())
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// A shared secret, prepared for each hash for which it is long enough.
pub(super) struct HmacKeys {
    length: usize,
    sha256: Hmac,
    sha384: Option<Hmac>,
    sha512: Option<Hmac>,
}

impl HmacKeys {
    pub(super) fn new(secret: &[u8]) -> Result<Self, KeyRejected> {
        // A public key must not become an HMAC secret, because anyone could sign with it
        // (CVE-2016-10555).
        if secret.trim_ascii_start().starts_with(b"-----BEGIN") {
            return Err(KeyRejected::PemAsSecret);
        }
        let prepare = |hash: HashAlgorithm| {
            let minimum = hash.output_length();
            if secret.len() < minimum {
                return Err(KeyRejected::SecretLength {
                    minimum,
                    found: secret.len(),
                });
            }
            Ok(Hmac::new(hash, secret))
        };
        Ok(Self {
            length: secret.len(),
            sha256: prepare(HashAlgorithm::Sha256)?,
            sha384: prepare(HashAlgorithm::Sha384).ok(),
            sha512: prepare(HashAlgorithm::Sha512).ok(),
        })
    }

    pub(super) fn for_algorithm(&self, alg: SignatureAlgorithm) -> Result<&Hmac, Error> {
        let (hash, key) = match alg {
            SignatureAlgorithm::HS256 => (HashAlgorithm::Sha256, Some(&self.sha256)),
            SignatureAlgorithm::HS384 => (HashAlgorithm::Sha384, self.sha384.as_ref()),
            SignatureAlgorithm::HS512 => (HashAlgorithm::Sha512, self.sha512.as_ref()),
            _ => {
                return Err(Error::KeyFamilyMismatch {
                    alg,
                    found: KeyFamily::Hmac,
                });
            }
        };
        let too_short = || KeyRejected::SecretLength {
            minimum: hash.output_length(),
            found: self.length,
        };
        Ok(key.ok_or_else(too_short)?)
    }
}

/// Checks that a key may be used with an algorithm, before a signature is read or made.
pub(super) fn check_algorithm(
    alg: SignatureAlgorithm,
    family: KeyFamily,
    bound_to: Option<SignatureAlgorithm>,
) -> Result<(), Error> {
    alg.require_support()?;
    if alg.key_family() != family {
        return Err(Error::KeyFamilyMismatch { alg, found: family });
    }
    match bound_to {
        Some(expected) if expected != alg => Err(Error::AlgorithmMismatch {
            expected,
            found: alg,
        }),
        _ => Ok(()),
    }
}

/// Checks that an RSA-PSS key is used only with PS algorithms (RFC 4055 section 1.2).
pub(super) fn check_pss(alg: SignatureAlgorithm, pss_only: bool) -> Result<(), KeyRejected> {
    match alg {
        SignatureAlgorithm::PS256 | SignatureAlgorithm::PS384 | SignatureAlgorithm::PS512 => Ok(()),
        _ if pss_only => Err(KeyRejected::PssOnly),
        _ => Ok(()),
    }
}

/// Checks that `use` and `key_ops`, where present, allow the operation: `sign` or `verify` (RFC
/// 7517 sections 4.2 and 4.3).
pub(super) fn check_purpose(
    members: &OtherMembers,
    operation: &'static str,
) -> Result<(), KeyRejected> {
    let public_key_use = members.public_key_use.as_deref();
    if let Some(found) = public_key_use.filter(|found| *found != "sig") {
        return Err(KeyRejected::PublicKeyUse {
            found: found.to_owned(),
        });
    }
    match &members.key_ops {
        Some(operations) if !operations.iter().any(|name| name == operation) => {
            Err(KeyRejected::KeyOperations {
                expected: operation,
            })
        }
        _ => Ok(()),
    }
}

/// The `alg` of a document whose `use`, `key_ops` and family allow the operation (`sign` or
/// `verify`).
pub(super) fn permitted_algorithm(
    jwk: &Jwk,
    operation: &'static str,
) -> Result<Option<SignatureAlgorithm>, Error> {
    check_purpose(&jwk.members, operation)?;
    let family = signature_family(jwk)?;
    let Some(name) = jwk.alg() else {
        return Ok(None);
    };
    let algorithm = name.parse()?;
    check_algorithm(algorithm, family, None)?;
    check_pss(algorithm, jwk.members.pss_only)?;
    Ok(Some(algorithm))
}

fn signature_family(jwk: &Jwk) -> Result<KeyFamily, Error> {
    let family = jwk.parameters.family().ok_or_else(|| KeyRejected::Curve {
        crv: jwk.crv().unwrap_or_default().to_owned(),
    })?;
    match family {
        KeyFamily::P521 => SignatureAlgorithm::ES512.require_support()?,
        KeyFamily::MlDsa44 => SignatureAlgorithm::MlDsa44.require_support()?,
        KeyFamily::MlDsa65 => SignatureAlgorithm::MlDsa65.require_support()?,
        KeyFamily::MlDsa87 => SignatureAlgorithm::MlDsa87.require_support()?,
        _ => {}
    }
    Ok(family)
}

pub(super) const fn rsa_scheme(alg: SignatureAlgorithm) -> Option<RsaScheme> {
    match alg {
        SignatureAlgorithm::RS256 => Some(RsaScheme::Pkcs1Sha256),
        SignatureAlgorithm::RS384 => Some(RsaScheme::Pkcs1Sha384),
        SignatureAlgorithm::RS512 => Some(RsaScheme::Pkcs1Sha512),
        SignatureAlgorithm::PS256 => Some(RsaScheme::PssSha256),
        SignatureAlgorithm::PS384 => Some(RsaScheme::PssSha384),
        SignatureAlgorithm::PS512 => Some(RsaScheme::PssSha512),
        _ => None,
    }
}
