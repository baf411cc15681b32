//! Operations that ring does not have. Callers first check whether an algorithm is supported. The
//! key types here therefore have no values.

use zeroize::Zeroizing;

use super::{AgreementCurve, Curve, MlDsa, OaepHash, Refused, RsaComponents};

pub(crate) fn decompress(_: Curve, _: &[u8]) -> Result<Vec<u8>, Refused> {
    Err(Refused)
}

pub(crate) enum AgreementKey {}

impl AgreementKey {
    pub(crate) fn new(_: AgreementCurve, _: &[u8]) -> Result<Self, Refused> {
        Err(Refused)
    }

    pub(crate) fn generate(_: AgreementCurve) -> Result<Self, Refused> {
        Err(Refused)
    }

    pub(crate) fn curve(&self) -> AgreementCurve {
        match *self {}
    }

    pub(crate) fn public(&self) -> Result<Vec<u8>, Refused> {
        match *self {}
    }

    pub(crate) fn agree(&self, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
        match *self {}
    }
}

pub(crate) fn check_agreement_point(_: AgreementCurve, _: &[u8]) -> Result<(), Refused> {
    Err(Refused)
}

pub(crate) enum MlDsaVerifier {}

impl MlDsaVerifier {
    pub(crate) fn new(_: MlDsa, _: &[u8]) -> Result<Self, Refused> {
        Err(Refused)
    }

    pub(crate) fn set(&self) -> MlDsa {
        match *self {}
    }

    pub(crate) fn verify(&self, _: &[u8], _: &[u8]) -> Result<(), Refused> {
        match *self {}
    }
}

pub(crate) enum MlDsaSigner {}

impl MlDsaSigner {
    pub(crate) fn new(_: MlDsa, _: &[u8]) -> Result<Self, Refused> {
        Err(Refused)
    }

    pub(crate) fn from_expanded(_: MlDsa, _: &[u8]) -> Result<Self, Refused> {
        Err(Refused)
    }

    pub(crate) fn expanded(&self) -> Result<Zeroizing<Vec<u8>>, Refused> {
        match *self {}
    }

    pub(crate) fn set(&self) -> MlDsa {
        match *self {}
    }

    pub(crate) fn public(&self) -> &[u8] {
        match *self {}
    }

    pub(crate) fn sign(&self, _: &[u8]) -> Result<Vec<u8>, Refused> {
        match *self {}
    }
}

pub(crate) enum OaepDecryptor {}

impl OaepDecryptor {
    pub(crate) fn new(_: &RsaComponents<'_>) -> Result<Self, Refused> {
        Err(Refused)
    }

    pub(crate) fn decrypt(&self, _: OaepHash, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
        match *self {}
    }
}

pub(crate) enum OaepEncryptor {}

impl OaepEncryptor {
    pub(crate) fn new(_: &[u8], _: &[u8]) -> Result<Self, Refused> {
        Err(Refused)
    }

    pub(crate) fn encrypt(&self, _: OaepHash, _: &[u8]) -> Result<Vec<u8>, Refused> {
        match *self {}
    }
}

pub(crate) fn wrap_key(_: &[u8], _: &[u8]) -> Result<Vec<u8>, Refused> {
    Err(Refused)
}

pub(crate) fn unwrap_key(_: &[u8], _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
    Err(Refused)
}
