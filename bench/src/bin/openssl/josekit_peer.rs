use std::hint::black_box;
use std::time::SystemTime;

use bench::algorithm::Algorithm;
use bench::claims::{AUDIENCE, ISSUER, NONCE, Proof};
use bench::fixture::Fixture;
use bench::jwe;
use bench::jwe::Encrypted;
use bench::key_set::KeySet;
use bench::suite::{Role, Suite};
use josekit::jwe::JweDecrypter;
use josekit::jwk::alg::rsa::RsaKeyPair;
use josekit::jwk::{Jwk, JwkSet};
use josekit::jws::{JwsHeader, JwsSigner, JwsVerifier};
use josekit::jwt::{JwtPayload, JwtPayloadValidator};
use josekit::{jws, jwt};

/// Adds the verification of an ID Token.
pub(crate) fn verify(suite: &mut Suite, fixture: &Fixture) {
    let verifier = verifier(fixture);
    let mut validator = JwtPayloadValidator::new();
    validator.set_issuer(ISSUER);
    validator.set_audience(AUDIENCE);
    validator.set_claim("nonce", NONCE.into());
    let token = fixture.token.clone();
    let group = format!("verify {}", fixture.algorithm.name());
    suite.add(&group, Role::Peer, NAME, move || {
        let (claims, _) =
            jwt::decode_with_verifier(black_box(&token), verifier.as_ref()).expect("a valid token");
        validator.set_base_time(SystemTime::now());
        validator.validate(&claims).expect("acceptable claims");
        black_box(claims);
    });
}

/// Adds the creation of a DPoP proof.
pub(crate) fn sign(suite: &mut Suite, fixture: &Fixture) {
    let signer = signer(fixture);
    let mut header = JwsHeader::new();
    header.set_token_type("dpop+jwt");
    header.set_jwk(Jwk::from_bytes(fixture.public_text()).expect("a JWK"));
    let claims = serde_json::to_value(Proof::new()).expect("claims are JSON");
    let claims = claims.as_object().expect("an object").clone();
    let payload = JwtPayload::from_map(claims).expect("claims");
    let group = format!("sign {}", fixture.algorithm.name());
    suite.add(&group, Role::Peer, NAME, move || {
        let token = jwt::encode_with_signer(black_box(&payload), &header, signer.as_ref());
        black_box(token.expect("the key signs"));
    });
}

/// Adds the decryption of an encrypted ID Token.
pub(crate) fn decrypt(suite: &mut Suite, encrypted: &Encrypted) {
    let decrypter: Box<dyn JweDecrypter> = match encrypted.group {
        jwe::RSA => Box::new(
            josekit::jwe::RSA_OAEP_256
                .decrypter_from_der(&encrypted.private)
                .expect("a key"),
        ),
        _ => Box::new(
            josekit::jwe::ECDH_ES
                .decrypter_from_der(&encrypted.private)
                .expect("a key"),
        ),
    };
    let token = encrypted.token.clone();
    let length = encrypted.plaintext.len();
    suite.add(encrypted.group, Role::Peer, NAME, move || {
        let (plaintext, _) =
            josekit::jwe::deserialize_compact(black_box(&token), decrypter.as_ref())
                .expect("a valid token");
        assert_eq!(black_box(plaintext).len(), length);
    });
}

/// Adds the parsing and the searching of a key set. Parsing every key of the larger set takes
/// josekit too long, so it is omitted.
pub(crate) fn key_set(suite: &mut Suite, set: &KeySet) {
    let document = set.document.clone();
    suite.add(&set.parse_group(), Role::Peer, NAME, move || {
        black_box(JwkSet::from_bytes(black_box(&document)).expect("a key set"));
    });

    if set.keys <= 20 {
        let document = set.document.clone();
        suite.add(&set.ready_group(), Role::Peer, NAME, move || {
            let keys = JwkSet::from_bytes(black_box(&document)).expect("a key set");
            let verifiers: Vec<Box<dyn JwsVerifier>> = keys
                .keys()
                .into_iter()
                .map(|key| verifier_for(key.algorithm().expect("alg"), key).expect("a valid key"))
                .collect();
            black_box(verifiers);
        });
    }

    let keys = JwkSet::from_bytes(&set.document).expect("a key set");
    let kid = set.kid.clone();
    suite.add(&set.select_group(), Role::Peer, NAME, move || {
        let found = keys.get(black_box(&kid));
        assert_eq!(black_box(found).len(), 1);
    });
}

fn verifier(fixture: &Fixture) -> Box<dyn JwsVerifier> {
    if fixture.algorithm == Algorithm::HS256 {
        return Box::new(
            jws::HS256
                .verifier_from_bytes(&fixture.private)
                .expect("a key"),
        );
    }
    let jwk = Jwk::from_bytes(fixture.public_text()).expect("a JWK");
    verifier_for(fixture.algorithm.name(), &jwk).expect("a valid key")
}

fn verifier_for(algorithm: &str, jwk: &Jwk) -> Result<Box<dyn JwsVerifier>, josekit::JoseError> {
    Ok(match algorithm {
        "RS256" => Box::new(jws::RS256.verifier_from_jwk(jwk)?),
        "PS256" => Box::new(jws::PS256.verifier_from_jwk(jwk)?),
        "ES256" => Box::new(jws::ES256.verifier_from_jwk(jwk)?),
        "ES384" => Box::new(jws::ES384.verifier_from_jwk(jwk)?),
        "EdDSA" => Box::new(jws::EdDSA.verifier_from_jwk(jwk)?),
        other => unreachable!("no key is for {other}"),
    })
}

fn signer(fixture: &Fixture) -> Box<dyn JwsSigner> {
    let private = &fixture.private;
    match fixture.algorithm {
        Algorithm::RS256 => Box::new(jws::RS256.signer_from_der(private).expect("a key")),
        Algorithm::PS256 => {
            // A PKCS#8 document would have to mark the key as one for PSS only.
            let jwk = RsaKeyPair::from_der(private).expect("a key");
            let jwk = jwk.to_jwk_private_key();
            Box::new(jws::PS256.signer_from_jwk(&jwk).expect("a key"))
        }
        Algorithm::ES256 => Box::new(jws::ES256.signer_from_der(private).expect("a key")),
        Algorithm::EdDSA => Box::new(jws::EdDSA.signer_from_der(private).expect("a key")),
        Algorithm::ES384 | Algorithm::HS256 => unreachable!("signs no proofs here"),
    }
}

const NAME: &str = "josekit";
