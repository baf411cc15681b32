use std::collections::HashSet;
use std::hint::black_box;

use bench::algorithm::Algorithm;
use bench::claims::{AUDIENCE, ISSUER, NONCE, Proof};
use bench::fixture::{Fixture, point};
use bench::suite::{Role, Suite};
use jwt_simple::prelude::*;

/// The claims of an ID Token that jwt-simple does not define.
#[derive(Serialize, Deserialize)]
struct MoreOfIdToken {
    auth_time: u64,
    email: String,
}

/// Adds the verification of an ID Token.
pub(crate) fn verify(suite: &mut Suite, fixture: &Fixture) {
    let jwk = fixture.public.as_ref();
    let bytes = |part: Option<&[u8]>| part.expect("a public key").to_vec();
    let n = || bytes(jwk.and_then(|jwk| jwk.n()));
    let e = || bytes(jwk.and_then(|jwk| jwk.e()));
    let x = || bytes(jwk.and_then(|jwk| jwk.x()));
    let point = || point(fixture.public());
    match fixture.algorithm {
        Algorithm::RS256 => {
            let key = RS256PublicKey::from_components(&n(), &e()).expect("a key");
            add(suite, fixture, move |token, options| {
                key.verify_token(token, Some(options))
            });
        }
        Algorithm::PS256 => {
            let key = PS256PublicKey::from_components(&n(), &e()).expect("a key");
            add(suite, fixture, move |token, options| {
                key.verify_token(token, Some(options))
            });
        }
        Algorithm::ES256 => {
            let key = ES256PublicKey::from_bytes(&point()).expect("a key");
            add(suite, fixture, move |token, options| {
                key.verify_token(token, Some(options))
            });
        }
        Algorithm::ES384 => {
            let key = ES384PublicKey::from_bytes(&point()).expect("a key");
            add(suite, fixture, move |token, options| {
                key.verify_token(token, Some(options))
            });
        }
        Algorithm::EdDSA => {
            let key = Ed25519PublicKey::from_bytes(&x()).expect("a key");
            add(suite, fixture, move |token, options| {
                key.verify_token(token, Some(options))
            });
        }
        Algorithm::HS256 => {
            let key = HS256Key::from_bytes(&fixture.private);
            add(suite, fixture, move |token, options| {
                key.verify_token(token, Some(options))
            });
        }
    }
}

fn add(
    suite: &mut Suite,
    fixture: &Fixture,
    verify: impl Fn(&str, VerificationOptions) -> Result<JWTClaims<MoreOfIdToken>, jwt_simple::Error>
    + 'static,
) {
    let options = VerificationOptions {
        allowed_issuers: Some(HashSet::from([ISSUER.to_owned()])),
        allowed_audiences: Some(HashSet::from([AUDIENCE.to_owned()])),
        required_nonce: Some(NONCE.to_owned()),
        time_tolerance: None,
        ..VerificationOptions::default()
    };
    let token = fixture.token.clone();
    let group = format!("verify {}", fixture.algorithm.name());
    suite.add(&group, Role::Peer, NAME, move || {
        let claims = verify(black_box(&token), options.clone()).expect("a valid token");
        assert!(claims.expires_at.is_some());
        black_box(claims);
    });
}

/// Adds the creation of a DPoP proof without its public key, which jwt-simple cannot put into the
/// header.
pub(crate) fn sign(suite: &mut Suite, fixture: &Fixture) {
    let private = &fixture.private;
    match fixture.algorithm {
        Algorithm::RS256 => {
            let key = RS256KeyPair::from_der(&fixture.pkcs1()).expect("a key");
            add_signer(suite, fixture, move |claims, header| {
                key.sign_with_options(claims, header)
            });
        }
        Algorithm::PS256 => {
            let key = PS256KeyPair::from_der(&fixture.pkcs1()).expect("a key");
            add_signer(suite, fixture, move |claims, header| {
                key.sign_with_options(claims, header)
            });
        }
        Algorithm::ES256 => {
            let key = ES256KeyPair::from_der(private).expect("a key");
            add_signer(suite, fixture, move |claims, header| {
                key.sign_with_options(claims, header)
            });
        }
        Algorithm::EdDSA => {
            let key = Ed25519KeyPair::from_der(private).expect("a key");
            add_signer(suite, fixture, move |claims, header| {
                key.sign_with_options(claims, header)
            });
        }
        Algorithm::ES384 | Algorithm::HS256 => unreachable!("signs no proofs here"),
    }
}

fn add_signer(
    suite: &mut Suite,
    fixture: &Fixture,
    sign: impl Fn(JWTClaims<Proof>, &HeaderOptions) -> Result<String, jwt_simple::Error> + 'static,
) {
    let header = HeaderOptions {
        content_type: None,
        signature_type: Some("dpop+jwt".to_owned()),
    };
    let proof = Proof::new();
    let group = format!("sign {}", fixture.algorithm.name());
    suite.add(&group, Role::Peer, NAME, move || {
        let mut claims =
            Claims::with_custom_claims(black_box(&proof).clone(), Duration::from_secs(0));
        claims.issued_at = None;
        claims.expires_at = None;
        claims.invalid_before = None;
        black_box(sign(claims, &header).expect("the key signs"));
    });
}

const NAME: &str = "jwt-simple";
