//! Public-key operations of ring, for builds without aws-lc-rs and for the tests that compare the
//! libraries.
//!
//! Callers first check
//! [`SignatureAlgorithm::is_supported`](crate::SignatureAlgorithm::is_supported). The functions
//! here refuse P-521 nevertheless.

use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair, RsaPublicKeyComponents};
use ring::{agreement, rsa, signature};
use zeroize::Zeroizing;

use super::{Curve, Refused, RsaComponents, RsaPublicKey, RsaScheme};

/// A new private key as a PKCS#8 document, its public half included.
pub(crate) fn generate_ec(curve: Curve) -> Result<Zeroizing<Vec<u8>>, Refused> {
    EcdsaKeyPair::generate_pkcs8(signing(curve)?, &SystemRandom::new())
        .map(|document| Zeroizing::new(document.as_ref().to_vec()))
        .map_err(|_| Refused)
}

/// Fails, because ring cannot generate RSA keys.
#[cfg(not(feature = "aws-lc-rs"))]
pub(crate) fn generate_rsa(_: usize) -> Result<Zeroizing<Vec<u8>>, Refused> {
    Err(Refused)
}

/// A public RSA key. ring has no parsed form, so each verification parses the key.
pub(crate) struct RsaVerifier(Arc<RsaPublicKey>);

impl RsaVerifier {
    pub(crate) fn new(public: Arc<RsaPublicKey>) -> Self {
        Self(public)
    }

    pub(crate) fn verify(
        &self,
        scheme: RsaScheme,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Refused> {
        let parameters = match scheme {
            RsaScheme::Pkcs1Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            RsaScheme::Pkcs1Sha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            RsaScheme::Pkcs1Sha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            RsaScheme::PssSha256 => &signature::RSA_PSS_2048_8192_SHA256,
            RsaScheme::PssSha384 => &signature::RSA_PSS_2048_8192_SHA384,
            RsaScheme::PssSha512 => &signature::RSA_PSS_2048_8192_SHA512,
        };
        let RsaPublicKey { n, e, .. } = &*self.0;
        RsaPublicKeyComponents { n, e }
            .verify(parameters, message, signature)
            .map_err(|_| Refused)
    }
}

/// A private RSA key.
pub(crate) struct RsaSigner(RsaKeyPair);

impl RsaSigner {
    pub(crate) fn new(key: &RsaComponents<'_>) -> Result<Self, Refused> {
        RsaKeyPair::from_components(&rsa::KeyPairComponents {
            public_key: RsaPublicKeyComponents { n: key.n, e: key.e },
            d: key.d,
            p: key.p,
            q: key.q,
            dP: key.dp,
            dQ: key.dq,
            qInv: key.qi,
        })
        .map(Self)
        .map_err(|_| Refused)
    }

    pub(crate) fn sign(&self, scheme: RsaScheme, message: &[u8]) -> Result<Vec<u8>, Refused> {
        let encoding: &'static dyn signature::RsaEncoding = match scheme {
            RsaScheme::Pkcs1Sha256 => &signature::RSA_PKCS1_SHA256,
            RsaScheme::Pkcs1Sha384 => &signature::RSA_PKCS1_SHA384,
            RsaScheme::Pkcs1Sha512 => &signature::RSA_PKCS1_SHA512,
            RsaScheme::PssSha256 => &signature::RSA_PSS_SHA256,
            RsaScheme::PssSha384 => &signature::RSA_PSS_SHA384,
            RsaScheme::PssSha512 => &signature::RSA_PSS_SHA512,
        };
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(encoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Refused)?;
        Ok(signature)
    }
}

/// A public key on a NIST curve.
pub(crate) struct EcdsaVerifier(signature::UnparsedPublicKey<Vec<u8>>);

impl EcdsaVerifier {
    /// Takes the uncompressed point. ring checks a point only when it is used, so a temporary key
    /// agrees with it here.
    pub(crate) fn new(curve: Curve, point: &[u8]) -> Result<Self, Refused> {
        let (verification, agreement): (&'static dyn signature::VerificationAlgorithm, _) =
            match curve {
                Curve::P256 => (&signature::ECDSA_P256_SHA256_FIXED, &agreement::ECDH_P256),
                Curve::P384 => (&signature::ECDSA_P384_SHA384_FIXED, &agreement::ECDH_P384),
                Curve::P521 => return Err(Refused),
            };
        let throwaway = agreement::EphemeralPrivateKey::generate(agreement, &SystemRandom::new())
            .map_err(|_| Refused)?;
        agreement::agree_ephemeral(
            throwaway,
            &agreement::UnparsedPublicKey::new(agreement, point),
            |_| (),
        )
        .map_err(|_| Refused)?;
        let key = signature::UnparsedPublicKey::new(verification, point.to_vec());
        Ok(Self(key))
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        self.0.verify(message, signature).map_err(|_| Refused)
    }
}

/// A private key on a NIST curve.
pub(crate) struct EcdsaSigner(EcdsaKeyPair);

impl EcdsaSigner {
    /// Takes the scalar and the uncompressed point, which must belong together.
    pub(crate) fn new(curve: Curve, d: &[u8], point: &[u8]) -> Result<Self, Refused> {
        EcdsaKeyPair::from_private_key_and_public_key(
            signing(curve)?,
            d,
            point,
            &SystemRandom::new(),
        )
        .map(Self)
        .map_err(|_| Refused)
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Refused> {
        self.0
            .sign(&SystemRandom::new(), message)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| Refused)
    }
}

fn signing(curve: Curve) -> Result<&'static signature::EcdsaSigningAlgorithm, Refused> {
    match curve {
        Curve::P256 => Ok(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Curve::P384 => Ok(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        Curve::P521 => Err(Refused),
    }
}

/// A public key of Ed25519.
pub(crate) struct Ed25519Verifier(signature::UnparsedPublicKey<[u8; 32]>);

impl Ed25519Verifier {
    pub(crate) fn new(public: [u8; 32]) -> Result<Self, Refused> {
        Ok(Self(signature::UnparsedPublicKey::new(
            &signature::ED25519,
            public,
        )))
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        self.0.verify(message, signature).map_err(|_| Refused)
    }
}

/// A private key of Ed25519.
pub(crate) struct Ed25519Signer(Ed25519KeyPair);

impl Ed25519Signer {
    pub(crate) fn new(seed: &[u8; 32]) -> Result<Self, Refused> {
        Ed25519KeyPair::from_seed_unchecked(seed)
            .map(Self)
            .map_err(|_| Refused)
    }

    pub(crate) fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<[u8; 64], Refused> {
        let signature = self.0.sign(message);
        signature.as_ref().try_into().map_err(|_| Refused)
    }
}
