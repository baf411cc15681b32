//! The restrictions in the document of a key (RFC 7517 sections 4.2 to 4.4).

use crate::jwk::{OkpCurve, OtherMembers, Parameters};
use crate::{Error, KeyFamily, KeyRejected};

use super::algorithms::Mode;
use super::{ContentEncryption, KeyManagement};

/// The algorithm that a key is bound to, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    None,
    Alg(KeyManagement),
    /// `dir` with one `enc`. The `alg` of such a key names its `enc` (RFC 7520 section 5.6.1).
    Direct(ContentEncryption),
}

impl Binding {
    /// Reads `use`, `key_ops` and `alg`. `key_ops`, if present, must contain one of `operations`.
    pub(super) fn read(
        members: &OtherMembers,
        family: KeyFamily,
        operations: &'static [&'static str],
    ) -> Result<Self, Error> {
        if members.pss_only {
            return Err(KeyRejected::PssOnly.into());
        }
        if let Some(found) = members
            .public_key_use
            .as_deref()
            .filter(|found| *found != "enc")
        {
            return Err(KeyRejected::PublicKeyUse {
                found: found.to_owned(),
            }
            .into());
        }
        if let Some(found) = &members.key_ops
            && !found.iter().any(|name| operations.contains(&name.as_str()))
        {
            let expected = operations.first().copied().unwrap_or_default();
            return Err(KeyRejected::KeyOperations { expected }.into());
        }
        let Some(name) = members.alg.as_deref() else {
            return Ok(Self::None);
        };
        if family == KeyFamily::Symmetric
            && let Ok(enc) = name.parse::<ContentEncryption>()
        {
            enc.require_support()?;
            return Ok(Self::Direct(enc));
        }
        let alg = name.parse::<KeyManagement>()?;
        alg.require_support()?;
        if !alg.fits(family) {
            return Err(Error::EncryptionKeyMismatch { alg, found: family });
        }
        Ok(Self::Alg(alg))
    }

    pub(super) fn alg(self) -> Option<KeyManagement> {
        match self {
            Self::None => None,
            Self::Alg(alg) => Some(alg),
            Self::Direct(_) => Some(KeyManagement::Direct),
        }
    }

    pub(super) fn check_alg(self, alg: KeyManagement) -> Result<(), Error> {
        match self.alg() {
            Some(bound_to) if bound_to != alg => Err(Error::EncryptionNotAccepted {
                member: "alg",
                found: alg.to_string(),
            }),
            _ => Ok(()),
        }
    }

    pub(super) fn check_enc(self, enc: ContentEncryption) -> Result<(), Error> {
        match self {
            Self::Direct(bound_to) if bound_to != enc => Err(Error::EncryptionNotAccepted {
                member: "enc",
                found: enc.to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// The length in bytes that a shared key must have, if it is known.
    pub(super) fn key_length(self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::Direct(enc) => Some(enc.key_length()),
            Self::Alg(alg) => match alg.mode() {
                Mode::KeyWrap(length) | Mode::GcmKeyWrap(length) => Some(length),
                Mode::Direct | Mode::Oaep(_) | Mode::Agreement(_) => None,
            },
        }
    }
}

/// The family of a key for encryption, if this build can encrypt with it.
pub(super) fn encryption_family(parameters: &Parameters) -> Result<KeyFamily, Error> {
    match parameters {
        Parameters::Rsa(_) => {
            KeyManagement::RsaOaep256.require_support()?;
            Ok(KeyFamily::Rsa)
        }
        Parameters::Okp {
            curve: OkpCurve::Ed25519,
            ..
        } => Err(KeyRejected::Curve {
            crv: "Ed25519".to_owned(),
        }
        .into()),
        Parameters::Akp { .. } => Err(KeyRejected::KeyType {
            kty: "AKP".to_owned(),
        }
        .into()),
        other => {
            KeyManagement::EcdhEs.require_support()?;
            let (curve, _) = other.agreement().ok_or(KeyRejected::Inconsistent)?;
            Ok(curve.family())
        }
    }
}

impl KeyManagement {
    /// Whether keys of this family can be used with it.
    pub(super) fn fits(self, family: KeyFamily) -> bool {
        match family {
            KeyFamily::Rsa => matches!(self.mode(), Mode::Oaep(_)),
            KeyFamily::P256 | KeyFamily::P384 | KeyFamily::P521 | KeyFamily::X25519 => {
                matches!(self.mode(), Mode::Agreement(_))
            }
            KeyFamily::Symmetric => self.is_symmetric(),
            KeyFamily::Ed25519
            | KeyFamily::MlDsa44
            | KeyFamily::MlDsa65
            | KeyFamily::MlDsa87
            | KeyFamily::Hmac => false,
        }
    }
}
