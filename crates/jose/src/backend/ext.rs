//! Public-key operations of aws-lc-rs: those that ring does not have, and those in which ring is
//! slower.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey, RsaKeyPair, RsaParameters,
    RsaPublicKeyComponents,
};
use aws_lc_rs::{rsa, signature};
use zeroize::Zeroizing;

use super::{Curve, Refused, RsaComponents, RsaPublicKey, RsaScheme};

/// A new private key as a PKCS#8 document, its public half included.
pub(crate) fn generate_ec(curve: Curve) -> Result<Zeroizing<Vec<u8>>, Refused> {
    EcdsaKeyPair::generate(signing(curve))
        .and_then(|key| key.to_pkcs8v1())
        .map(|document| Zeroizing::new(document.as_ref().to_vec()))
        .map_err(|_| Refused)
}

/// A new private RSA key of 2048, 3072 or 4096 bits as a PKCS#8 document.
pub(crate) fn generate_rsa(bits: usize) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let size = match bits {
        2048 => rsa::KeySize::Rsa2048,
        3072 => rsa::KeySize::Rsa3072,
        4096 => rsa::KeySize::Rsa4096,
        _ => return Err(Refused),
    };
    RsaKeyPair::generate(size)
        .and_then(|key| key.as_der())
        .map(|document| Zeroizing::new(document.as_ref().to_vec()))
        .map_err(|_| Refused)
}

/// The parsed forms of a public RSA key. A parsed key belongs to one scheme, so the key is parsed
/// when a scheme is first used, and kept. Most keys are used with at most one scheme.
pub(super) type ParsedRsa = [OnceLock<Box<ParsedPublicKey>>; 6];

/// A public RSA key.
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
        let RsaPublicKey { n, e, parsed } = &*self.0;
        let [slot0, slot1, slot2, slot3, slot4, slot5] = parsed;
        let (slot, parameters): (_, &'static RsaParameters) = match scheme {
            RsaScheme::Pkcs1Sha256 => (slot0, &signature::RSA_PKCS1_2048_8192_SHA256),
            RsaScheme::Pkcs1Sha384 => (slot1, &signature::RSA_PKCS1_2048_8192_SHA384),
            RsaScheme::Pkcs1Sha512 => (slot2, &signature::RSA_PKCS1_2048_8192_SHA512),
            RsaScheme::PssSha256 => (slot3, &signature::RSA_PSS_2048_8192_SHA256),
            RsaScheme::PssSha384 => (slot4, &signature::RSA_PSS_2048_8192_SHA384),
            RsaScheme::PssSha512 => (slot5, &signature::RSA_PSS_2048_8192_SHA512),
        };
        let key = match slot.get() {
            Some(key) => key,
            None => {
                let key = RsaPublicKeyComponents { n, e }
                    .to_parsed_public_key(parameters)
                    .map_err(|_| Refused)?;
                slot.get_or_init(|| Box::new(key))
            }
        };
        key.verify_sig(message, signature).map_err(|_| Refused)
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
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(encoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Refused)?;
        Ok(signature)
    }
}

/// A public key on a NIST curve.
pub(crate) struct EcdsaVerifier(ParsedPublicKey);

impl EcdsaVerifier {
    /// Takes the uncompressed point, which must lie on the curve.
    ///
    /// aws-lc-rs checks a point in a `SubjectPublicKeyInfo` twice, and a bare point three times,
    /// after it has tried to read it as a `SubjectPublicKeyInfo`.
    pub(crate) fn new(curve: Curve, point: &[u8]) -> Result<Self, Refused> {
        let before_point: &[u8] = match curve {
            Curve::P256 => P256_SPKI,
            Curve::P384 => P384_SPKI,
            Curve::P521 => P521_SPKI,
        };
        // The longest is that of P-521, with 158 bytes.
        let mut room = [0; 158];
        let length = before_point.len().saturating_add(point.len());
        let document = room.get_mut(..length).ok_or(Refused)?;
        let (first, second) = document
            .split_at_mut_checked(before_point.len())
            .ok_or(Refused)?;
        first.copy_from_slice(before_point);
        second.copy_from_slice(point);
        parsed(curve, document).map(Self)
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        self.0.verify_sig(message, signature).map_err(|_| Refused)
    }
}

/// Parses a bare point or a `SubjectPublicKeyInfo`.
fn parsed(curve: Curve, bytes: &[u8]) -> Result<ParsedPublicKey, Refused> {
    let algorithm = match curve {
        Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED,
        Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED,
        Curve::P521 => &signature::ECDSA_P521_SHA512_FIXED,
    };
    ParsedPublicKey::new(algorithm, bytes).map_err(|_| Refused)
}

/// What precedes an uncompressed point in a `SubjectPublicKeyInfo` (RFC 5480 section 2).
const P256_SPKI: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const P384_SPKI: &[u8] = &[
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
    0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
];
const P521_SPKI: &[u8] = &[
    0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05,
    0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00,
];

/// Decompresses a point, which must lie on the curve.
pub(crate) fn decompress(curve: Curve, point: &[u8]) -> Result<Vec<u8>, Refused> {
    let key = parsed(curve, point)?;
    let document = key.as_der().map_err(|_| Refused)?;
    // A `SubjectPublicKeyInfo` ends with the point.
    let length = match curve {
        Curve::P256 => 65,
        Curve::P384 => 97,
        Curve::P521 => 133,
    };
    let document = document.as_ref();
    let start = document.len().checked_sub(length).ok_or(Refused)?;
    let point = document.get(start..).ok_or(Refused)?;
    Ok(point.to_vec())
}

/// A private key on a NIST curve.
pub(crate) struct EcdsaSigner(EcdsaKeyPair);

impl EcdsaSigner {
    /// Takes the scalar and the uncompressed point, which must belong together.
    pub(crate) fn new(curve: Curve, d: &[u8], point: &[u8]) -> Result<Self, Refused> {
        EcdsaKeyPair::from_private_key_and_public_key(signing(curve), d, point)
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

fn signing(curve: Curve) -> &'static signature::EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
    }
}

/// A public key of Ed25519.
pub(crate) struct Ed25519Verifier(ParsedPublicKey);

impl Ed25519Verifier {
    /// Takes the encoded point. Whether the bytes are a point is checked when a signature is
    /// verified.
    pub(crate) fn new(public: [u8; 32]) -> Result<Self, Refused> {
        ParsedPublicKey::new(&signature::ED25519, public)
            .map(Self)
            .map_err(|_| Refused)
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        self.0.verify_sig(message, signature).map_err(|_| Refused)
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
        let signature = self.0.try_sign(message).map_err(|_| Refused)?;
        signature.as_ref().try_into().map_err(|_| Refused)
    }
}
