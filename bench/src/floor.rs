//! The floor: the bare libraries with decoded bytes and parsed keys.

use std::hint::black_box;

use jose::Jwk;
use jose::jws::{ProtectedHeader, SigningInput};

use crate::algorithm::Algorithm;
use crate::claims::Proof;
use crate::fixture::Fixture;
use crate::suite::{Role, Suite};

/// Adds the verification of the fixture's token with each library.
pub fn verify(suite: &mut Suite, fixture: &Fixture) {
    let group = format!("verify {}", fixture.algorithm.name());
    let (message, signature) = fixture.signed();
    let inputs = (message, signature);
    let mut ring = verify_with_ring(fixture, inputs.clone());
    let mut aws_lc_rs = verify_with_aws_lc_rs(fixture, inputs);
    suite.add(&group, Role::Floor, "ring", move || {
        assert!(black_box(ring()));
    });
    suite.add(&group, Role::Floor, "aws-lc-rs", move || {
        assert!(black_box(aws_lc_rs()));
    });
}

fn verify_with_ring(
    fixture: &Fixture,
    (message, signature): (Vec<u8>, Vec<u8>),
) -> Box<dyn FnMut() -> bool> {
    use ring::{hmac, signature as library};

    match fixture.algorithm {
        Algorithm::RS256 | Algorithm::PS256 => {
            let key = library::RsaPublicKeyComponents {
                n: fixture.public().n().expect("an RSA key").to_vec(),
                e: fixture.public().e().expect("an RSA key").to_vec(),
            };
            let parameters = match fixture.algorithm {
                Algorithm::PS256 => &library::RSA_PSS_2048_8192_SHA256,
                _ => &library::RSA_PKCS1_2048_8192_SHA256,
            };
            Box::new(move || key.verify(parameters, &message, &signature).is_ok())
        }
        Algorithm::ES256 | Algorithm::ES384 => {
            let algorithm: &dyn library::VerificationAlgorithm = match fixture.algorithm {
                Algorithm::ES384 => &library::ECDSA_P384_SHA384_FIXED,
                _ => &library::ECDSA_P256_SHA256_FIXED,
            };
            let key = library::UnparsedPublicKey::new(algorithm, fixture.point());
            Box::new(move || key.verify(&message, &signature).is_ok())
        }
        Algorithm::EdDSA => {
            let point = fixture.public().x().expect("an Ed25519 key").to_vec();
            let key = library::UnparsedPublicKey::new(&library::ED25519, point);
            Box::new(move || key.verify(&message, &signature).is_ok())
        }
        Algorithm::HS256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &fixture.private);
            Box::new(move || hmac::verify(&key, &message, &signature).is_ok())
        }
    }
}

fn verify_with_aws_lc_rs(
    fixture: &Fixture,
    (message, signature): (Vec<u8>, Vec<u8>),
) -> Box<dyn FnMut() -> bool> {
    use aws_lc_rs::hmac;

    if fixture.algorithm == Algorithm::HS256 {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &fixture.private);
        return Box::new(move || hmac::verify(&key, &message, &signature).is_ok());
    }
    let key = parsed_key(fixture.algorithm, fixture.public());
    Box::new(move || key.verify_sig(&message, &signature).is_ok())
}

/// Returns a public key that aws-lc-rs has parsed.
pub fn parsed_key(algorithm: Algorithm, jwk: &Jwk) -> aws_lc_rs::signature::ParsedPublicKey {
    use aws_lc_rs::signature as library;

    let rsa = |parameters| {
        library::RsaPublicKeyComponents {
            n: jwk.n().expect("an RSA key"),
            e: jwk.e().expect("an RSA key"),
        }
        .to_parsed_public_key(parameters)
    };
    let parsed = |algorithm, bytes: Vec<u8>| library::ParsedPublicKey::new(algorithm, bytes);
    let point = || crate::fixture::point(jwk);
    match algorithm {
        Algorithm::RS256 => rsa(&library::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::PS256 => rsa(&library::RSA_PSS_2048_8192_SHA256),
        Algorithm::ES256 => parsed(&library::ECDSA_P256_SHA256_FIXED, point()),
        Algorithm::ES384 => parsed(&library::ECDSA_P384_SHA384_FIXED, point()),
        Algorithm::EdDSA => parsed(&library::ED25519, jwk.x().expect("a key").to_vec()),
        Algorithm::HS256 => unreachable!("a shared secret is not a public key"),
    }
    .expect("a valid key")
}

/// Adds the signing of a DPoP proof with each library. The signing input is created in advance.
pub fn sign(suite: &mut Suite, fixture: &Fixture) {
    let group = format!("sign {}", fixture.algorithm.name());
    let message = proof_input(fixture);
    sign_with_ring(suite, &group, fixture, message.clone());
    sign_with_aws_lc_rs(suite, &group, fixture, message);
}

/// Returns the bytes that the signature of a DPoP proof covers.
fn proof_input(fixture: &Fixture) -> Vec<u8> {
    let header = ProtectedHeader::new(fixture.algorithm.for_jose())
        .typ("dpop+jwt")
        .jwk(fixture.public());
    let claims = serde_json::to_vec(&Proof::new()).expect("claims are JSON");
    SigningInput::new(&header, &claims).as_bytes().to_vec()
}

/// Defines the signing with one library. The two APIs differ only in how they return a signature.
macro_rules! sign_with {
    ($function:ident, $library:ident, $name:literal, $modulus_length:expr) => {
        fn $function(suite: &mut Suite, group: &str, fixture: &Fixture, message: Vec<u8>) {
            use $library::rand::SystemRandom;
            use $library::signature as library;

            let random = SystemRandom::new();
            match fixture.algorithm {
                Algorithm::RS256 | Algorithm::PS256 => {
                    let key = library::RsaKeyPair::from_pkcs8(&fixture.private).expect("a key");
                    let padding: &'static dyn library::RsaEncoding = match fixture.algorithm {
                        Algorithm::PS256 => &library::RSA_PSS_SHA256,
                        _ => &library::RSA_PKCS1_SHA256,
                    };
                    let mut signature = vec![0; $modulus_length(&key)];
                    suite.add(group, Role::Floor, $name, move || {
                        key.sign(padding, &random, &message, &mut signature)
                            .expect("the key signs");
                        black_box(&signature);
                    });
                }
                Algorithm::EdDSA => {
                    let key = library::Ed25519KeyPair::from_pkcs8_maybe_unchecked(&fixture.private)
                        .expect("a key");
                    suite.add(group, Role::Floor, $name, move || {
                        black_box(key.sign(&message));
                    });
                }
                Algorithm::ES256 => {
                    let key = p256!($library, library, fixture, random);
                    suite.add(group, Role::Floor, $name, move || {
                        black_box(key.sign(&random, &message).expect("the key signs"));
                    });
                }
                Algorithm::ES384 | Algorithm::HS256 => unreachable!("signs no proofs here"),
            }
        }
    };
}

macro_rules! p256 {
    (ring, $signature:ident, $fixture:ident, $random:ident) => {
        $signature::EcdsaKeyPair::from_pkcs8(
            &$signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            &$fixture.private,
            &$random,
        )
        .expect("a key")
    };
    (aws_lc_rs, $signature:ident, $fixture:ident, $random:ident) => {
        $signature::EcdsaKeyPair::from_pkcs8(
            &$signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            &$fixture.private,
        )
        .expect("a key")
    };
}

sign_with!(sign_with_ring, ring, "ring", |key: &library::RsaKeyPair| {
    key.public().modulus_len()
});
sign_with!(
    sign_with_aws_lc_rs,
    aws_lc_rs,
    "aws-lc-rs",
    library::RsaKeyPair::public_modulus_len
);
