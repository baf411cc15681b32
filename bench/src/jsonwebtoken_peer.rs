//! jsonwebtoken, with each of its two cryptography libraries.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils, aws_lc, rust_crypto};
use jsonwebtoken::errors::Error;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{
    Algorithm as JwtAlgorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode,
};

use crate::algorithm::Algorithm;
use crate::claims::{AUDIENCE, ISSUER, IdToken, Proof};
use crate::fixture::Fixture;
use crate::suite::{Role, Suite};

/// The cryptography library of a case.
#[derive(Clone, Copy)]
enum Library {
    AwsLcRs,
    RustCrypto,
}

/// The provider of the process. jsonwebtoken permits only one, so this one uses the library of the
/// running case.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    // These functions only read the parts of keys, which no case does.
    key_utils: KeyUtils::new_unimplemented(),
};

static RUST_CRYPTO: AtomicBool = AtomicBool::new(false);

impl Library {
    const ALL: [(Self, &'static str); 2] = [
        (Self::AwsLcRs, "jsonwebtoken, aws_lc_rs"),
        (Self::RustCrypto, "jsonwebtoken, rust_crypto"),
    ];

    fn choose(self) {
        RUST_CRYPTO.store(matches!(self, Self::RustCrypto), Ordering::Relaxed);
    }
}

fn chosen() -> &'static CryptoProvider {
    if RUST_CRYPTO.load(Ordering::Relaxed) {
        &rust_crypto::DEFAULT_PROVIDER
    } else {
        &aws_lc::DEFAULT_PROVIDER
    }
}

fn signer(algorithm: &JwtAlgorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    (chosen().signer_factory)(algorithm, key)
}

fn verifier(algorithm: &JwtAlgorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    (chosen().verifier_factory)(algorithm, key)
}

/// Installs the provider for the process. It must be called once, before the cases are added.
pub fn install() {
    PROVIDER.install_default().expect("no other provider");
}

/// Adds the verification of an ID Token with both libraries.
pub fn verify(suite: &mut Suite, fixture: &Fixture) {
    let group = format!("verify {}", fixture.algorithm.name());
    for (library, name) in Library::ALL {
        let key = match fixture.algorithm {
            Algorithm::HS256 => DecodingKey::from_secret(&fixture.private),
            _ => DecodingKey::from_jwk(&jwk(fixture)).expect("a valid key"),
        };
        let mut validation = Validation::new(algorithm(fixture.algorithm));
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.leeway = 0;
        let token = fixture.token.clone();
        suite.add(&group, Role::Peer, name, move || {
            library.choose();
            let token = decode::<IdToken>(black_box(&token), &key, &validation);
            token.expect("a valid token").claims.accept();
        });
    }
}

/// Adds the creation of a DPoP proof with both libraries.
pub fn sign(suite: &mut Suite, fixture: &Fixture) {
    let group = format!("sign {}", fixture.algorithm.name());
    for (library, name) in Library::ALL {
        let key = encoding_key(fixture);
        let mut header = Header::new(algorithm(fixture.algorithm));
        header.typ = Some("dpop+jwt".to_owned());
        header.jwk = Some(jwk(fixture));
        let proof = Proof::new();
        suite.add(&group, Role::Peer, name, move || {
            library.choose();
            black_box(encode(&header, black_box(&proof), &key).expect("the key signs"));
        });
    }
}

fn encoding_key(fixture: &Fixture) -> EncodingKey {
    match fixture.algorithm {
        Algorithm::RS256 | Algorithm::PS256 => EncodingKey::from_rsa_der(&fixture.pkcs1()),
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_der(&fixture.private),
        Algorithm::EdDSA => EncodingKey::from_ed_der(&fixture.private),
        Algorithm::HS256 => EncodingKey::from_secret(&fixture.private),
    }
}

fn jwk(fixture: &Fixture) -> Jwk {
    serde_json::from_str(&fixture.public_text()).expect("a JWK")
}

fn algorithm(algorithm: Algorithm) -> JwtAlgorithm {
    match algorithm {
        Algorithm::RS256 => JwtAlgorithm::RS256,
        Algorithm::PS256 => JwtAlgorithm::PS256,
        Algorithm::ES256 => JwtAlgorithm::ES256,
        Algorithm::ES384 => JwtAlgorithm::ES384,
        Algorithm::EdDSA => JwtAlgorithm::EdDSA,
        Algorithm::HS256 => JwtAlgorithm::HS256,
    }
}
