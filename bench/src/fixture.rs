//! Keys and tokens, generated for each run.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, RsaKeyPair,
};
use jose::jws::{ProtectedHeader, SigningInput};
use jose::{Jwk, SigningKey, base64url};
use pkcs8::PrivateKeyInfoRef;

use crate::algorithm::Algorithm;
use crate::claims::IdToken;

/// A key for one algorithm, and an ID Token signed with it.
pub struct Fixture {
    pub algorithm: Algorithm,
    /// The private key in PKCS#8, or the secret for HMAC.
    pub private: Vec<u8>,
    /// The public key, or `None` for HMAC.
    pub public: Option<Jwk>,
    /// An ID Token in the compact serialisation.
    pub token: String,
}

impl Fixture {
    /// Generates a key and a token. RSA keys have 2048 bits.
    pub fn new(algorithm: Algorithm) -> Self {
        let private = match algorithm {
            Algorithm::RS256 | Algorithm::PS256 => rsa_key(),
            Algorithm::ES256 => ec_key(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::ES384 => ec_key(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::EdDSA => ed25519_key(),
            Algorithm::HS256 => b"7-Vqkd9tTqJ2Q0sX4nB8yL1wZ5rC3mGe".to_vec(),
        };
        let signing_key = match algorithm {
            Algorithm::HS256 => SigningKey::hmac(&private),
            _ => SigningKey::from_pkcs8_der(&private),
        }
        .expect("a key that was just made is readable");
        let header = ProtectedHeader::new(algorithm.for_jose())
            .typ("JWT")
            .kid("2026-11-23-signing-key");
        let claims = serde_json::to_vec(&IdToken::new()).expect("claims are JSON");
        Self {
            algorithm,
            public: signing_key.public_jwk(),
            token: SigningInput::new(&header, &claims)
                .sign(&signing_key)
                .expect("the key signs"),
            private,
        }
    }

    /// Whether the benchmarks sign DPoP proofs with this algorithm.
    pub fn signs_proofs(&self) -> bool {
        !matches!(self.algorithm, Algorithm::ES384 | Algorithm::HS256)
    }

    /// Returns the public key.
    pub fn public(&self) -> &Jwk {
        self.public.as_ref().expect("an asymmetric key")
    }

    /// Returns the public key as JSON text.
    pub fn public_text(&self) -> String {
        serde_json::Value::Object(self.public().to_json()).to_string()
    }

    /// Returns the private RSA key in PKCS#1, which some libraries need.
    pub fn pkcs1(&self) -> Vec<u8> {
        let key = PrivateKeyInfoRef::try_from(self.private.as_slice()).expect("PKCS#8");
        key.private_key.as_bytes().to_vec()
    }

    /// Returns the signing input and the decoded signature of the token.
    pub fn signed(&self) -> (Vec<u8>, Vec<u8>) {
        let (input, signature) = self.token.rsplit_once('.').expect("a compact token");
        let signature = base64url::decode(signature).expect("base64url");
        (input.as_bytes().to_vec(), signature)
    }

    /// Returns the curve point, uncompressed (SEC 1 section 2.3.3).
    pub fn point(&self) -> Vec<u8> {
        point(self.public())
    }
}

/// Returns the curve point of a key, uncompressed.
pub fn point(jwk: &Jwk) -> Vec<u8> {
    let x = jwk.x().expect("a curve point");
    let y = jwk.y().expect("a curve point");
    [&[4], x, y].concat()
}

/// Generates an RSA key of 2048 bits in PKCS#8.
pub fn rsa_key() -> Vec<u8> {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("randomness");
    key.as_der().expect("a key").as_ref().to_vec()
}

/// Generates a key on a NIST curve in PKCS#8.
pub fn ec_key(algorithm: &'static EcdsaSigningAlgorithm) -> Vec<u8> {
    EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new())
        .expect("randomness")
        .as_ref()
        .to_vec()
}

/// Generates an Ed25519 key in PKCS#8.
pub fn ed25519_key() -> Vec<u8> {
    Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new())
        .expect("randomness")
        .as_ref()
        .to_vec()
}
