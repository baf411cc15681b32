//! Verification accepts what was signed, and nothing else.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use jose::jws::{ProtectedHeader, SigningInput, Unverified};
use jose::{Error, JwkSet, KeyFamily, SignatureAlgorithm, SigningKey, VerifyingKey};

/// Returns a key for every algorithm for which this build can generate one.
fn generated_keys() -> Vec<(SignatureAlgorithm, SigningKey)> {
    SignatureAlgorithm::ALL
        .iter()
        .filter(|alg| !alg.is_symmetric())
        .filter(|alg| alg.is_supported())
        .filter(|alg| alg.key_family() != KeyFamily::Rsa || cfg!(feature = "aws-lc-rs"))
        .map(|alg| (*alg, SigningKey::generate(*alg).unwrap()))
        .collect()
}

fn sign(alg: SignatureAlgorithm, key: &SigningKey, payload: &str) -> String {
    let header = ProtectedHeader::new(alg).typ("JWT").kid("k");
    SigningInput::new(&header, payload.as_bytes())
        .sign(key)
        .unwrap()
}

#[test]
fn a_generated_key_signs_what_its_published_half_verifies() {
    for (alg, key) in generated_keys() {
        let key = key.with_kid("k");
        let token = sign(alg, &key, r#"{"iss":"https://id.example.com"}"#);
        let document = serde_json::json!({ "keys": [key.public_jwk().unwrap().to_json()] });
        let set = JwkSet::parse(document.to_string().as_bytes()).unwrap();
        let unverified = Unverified::parse(&token).unwrap();
        let chosen = set.select(unverified.header()).unwrap();
        let verified = unverified.verify(chosen.verifying_key(), alg).unwrap();
        assert_eq!(
            verified.claims().unwrap().iss(),
            Some("https://id.example.com")
        );
        assert_eq!(verified.header().typ(), Some("JWT"));
    }
}

#[test]
fn a_changed_bit_is_found_wherever_it_is() {
    let secret = [7; 64];
    let mut keys: Vec<_> = generated_keys()
        .into_iter()
        .map(|(alg, key)| {
            let verifying_key = VerifyingKey::from_jwk(&key.public_jwk().unwrap()).unwrap();
            (alg, key, verifying_key)
        })
        .collect();
    for alg in [
        SignatureAlgorithm::HS256,
        SignatureAlgorithm::HS384,
        SignatureAlgorithm::HS512,
    ] {
        keys.push((
            alg,
            SigningKey::hmac(&secret).unwrap(),
            VerifyingKey::hmac(&secret).unwrap(),
        ));
    }
    for (alg, key, verifying_key) in keys {
        let message = b"header.payload";
        let signature = key.sign(alg, message).unwrap();
        assert_eq!(
            verifying_key.verify(alg, message, &signature),
            Ok(()),
            "{alg}"
        );
        for index in 0..signature.len() {
            let mut changed = signature.clone();
            changed[index] ^= 1;
            assert_eq!(
                verifying_key.verify(alg, message, &changed),
                Err(Error::Signature),
                "{alg}"
            );
        }
        assert_eq!(
            verifying_key.verify(alg, b"header.payloae", &signature),
            Err(Error::Signature),
            "{alg}"
        );
    }
}

#[test]
fn a_key_of_another_family_or_algorithm_is_refused_by_name() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let public = VerifyingKey::from_jwk(&key.public_jwk().unwrap()).unwrap();
    assert_eq!(
        public.verify(SignatureAlgorithm::HS256, b"", b""),
        Err(Error::KeyFamilyMismatch {
            alg: SignatureAlgorithm::HS256,
            found: KeyFamily::P256
        })
    );
    let token = sign(SignatureAlgorithm::ES256, &key, "{}");
    assert_eq!(
        Unverified::parse(&token)
            .unwrap()
            .verify(&public, SignatureAlgorithm::RS256)
            .unwrap_err(),
        Error::AlgorithmMismatch {
            expected: SignatureAlgorithm::RS256,
            found: SignatureAlgorithm::ES256
        }
    );
}

/// RFC 7519 section 4.1.3 permits both forms.
#[test]
fn an_audience_is_one_string_or_several() {
    let key = SigningKey::hmac(&[7; 32]).unwrap();
    let verifying_key = VerifyingKey::hmac(&[7; 32]).unwrap();
    let alg = SignatureAlgorithm::HS256;
    for (aud, members) in [
        (r#""a""#, &["a"][..]),
        (r#"["a","b"]"#, &["a", "b"]),
        ("[]", &[]),
    ] {
        let token = sign(alg, &key, &format!(r#"{{"aud":{aud}}}"#));
        let verified = Unverified::parse(&token).unwrap();
        let verified = verified.verify(&verifying_key, alg).unwrap();
        let claims = verified.claims().unwrap();
        let audience = claims.aud().unwrap();
        assert_eq!(audience.iter().collect::<Vec<_>>(), members);
        assert_eq!(audience.len(), members.len());
        assert_eq!(audience.is_empty(), members.is_empty());
        for other in ["a", "b", "A", "ab", ""] {
            assert_eq!(audience.contains(other), members.contains(&other), "{aud}");
        }
    }
    let token = sign(alg, &key, "{}");
    let verified = Unverified::parse(&token).unwrap();
    let verified = verified.verify(&verifying_key, alg).unwrap();
    assert!(verified.claims().unwrap().aud().is_none());
}

#[test]
fn headers_are_equal_that_say_the_same() {
    let header = || ProtectedHeader::new(SignatureAlgorithm::ES256).typ("JWT");
    assert_eq!(header(), header());
    assert_ne!(header(), header().kid("k"));
    assert_ne!(
        header(),
        ProtectedHeader::new(SignatureAlgorithm::ES384).typ("JWT")
    );
}
