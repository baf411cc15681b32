//! ML-DSA (FIPS 204), in its pure form with an empty context (RFC 9964 section 3).

use aws_lc_rs::encoding::AsRawBytes;
use aws_lc_rs::signature;
use aws_lc_rs::signature::{KeyPair, ParsedPublicKey, PqdsaKeyPair};
use zeroize::Zeroizing;

use super::{MlDsa, Refused};

/// A public key.
pub(crate) struct MlDsaVerifier {
    set: MlDsa,
    key: ParsedPublicKey,
}

impl MlDsaVerifier {
    pub(crate) fn new(set: MlDsa, public: &[u8]) -> Result<Self, Refused> {
        let algorithm = match set {
            MlDsa::MlDsa44 => &signature::ML_DSA_44,
            MlDsa::MlDsa65 => &signature::ML_DSA_65,
            MlDsa::MlDsa87 => &signature::ML_DSA_87,
        };
        ParsedPublicKey::new(algorithm, public)
            .map(|key| Self { set, key })
            .map_err(|_| Refused)
    }

    pub(crate) fn set(&self) -> MlDsa {
        self.set
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        self.key.verify_sig(message, signature).map_err(|_| Refused)
    }
}

/// A private key.
pub(crate) struct MlDsaSigner {
    set: MlDsa,
    key: PqdsaKeyPair,
}

impl MlDsaSigner {
    /// Takes the seed of 32 bytes.
    pub(crate) fn new(set: MlDsa, seed: &[u8]) -> Result<Self, Refused> {
        PqdsaKeyPair::from_seed(signing(set), seed)
            .map(|key| Self { set, key })
            .map_err(|_| Refused)
    }

    /// Takes the expanded key.
    pub(crate) fn from_expanded(set: MlDsa, expanded: &[u8]) -> Result<Self, Refused> {
        PqdsaKeyPair::from_raw_private_key(signing(set), expanded)
            .map(|key| Self { set, key })
            .map_err(|_| Refused)
    }

    /// The expanded key.
    pub(crate) fn expanded(&self) -> Result<Zeroizing<Vec<u8>>, Refused> {
        self.key
            .private_key()
            .as_raw_bytes()
            .map(|bytes| Zeroizing::new(bytes.as_ref().to_vec()))
            .map_err(|_| Refused)
    }

    pub(crate) fn set(&self) -> MlDsa {
        self.set
    }

    pub(crate) fn public(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Refused> {
        let mut signature = vec![0; signing(self.set).signature_len()];
        let length = self
            .key
            .sign(message, &mut signature)
            .map_err(|_| Refused)?;
        signature.truncate(length);
        Ok(signature)
    }
}

fn signing(set: MlDsa) -> &'static signature::PqdsaSigningAlgorithm {
    match set {
        MlDsa::MlDsa44 => &signature::ML_DSA_44_SIGNING,
        MlDsa::MlDsa65 => &signature::ML_DSA_65_SIGNING,
        MlDsa::MlDsa87 => &signature::ML_DSA_87_SIGNING,
    }
}
