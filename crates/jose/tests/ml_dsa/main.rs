//! ML-DSA (RFC 9964): the published samples, keys and refusals.

#![cfg(feature = "aws-lc-rs")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod documents;

use jose::jws::{ProtectedHeader, SigningInput, Unverified};
use jose::{
    Error, Jwk, JwkSet, KeyFamily, KeyRejected, PrivateJwk, SignatureAlgorithm, SigningKey,
    VerifyingKey,
};
use serde_json::{Value, json};

const ALGORITHMS: [SignatureAlgorithm; 3] = [
    SignatureAlgorithm::MlDsa44,
    SignatureAlgorithm::MlDsa65,
    SignatureAlgorithm::MlDsa87,
];

fn samples() -> [Value; 3] {
    [
        include_str!("../vectors/rfc9964/ml_dsa_44.json"),
        include_str!("../vectors/rfc9964/ml_dsa_65.json"),
        include_str!("../vectors/rfc9964/ml_dsa_87.json"),
    ]
    .map(|text| serde_json::from_str(text).unwrap())
}

fn public(jwk: &Value) -> Result<VerifyingKey, Error> {
    let mut jwk = jwk.clone();
    jwk.as_object_mut().unwrap().remove("priv");
    VerifyingKey::from_jwk(&Jwk::parse(jwk.to_string().as_bytes())?)
}

#[test]
fn published_samples() {
    for (sample, alg) in samples().iter().zip(ALGORITHMS) {
        let token = sample["jws"].as_str().unwrap();
        let jwk = &sample["key"];
        let verified = Unverified::parse(token)
            .unwrap()
            .verify(&public(jwk).unwrap(), alg)
            .unwrap();
        assert!(
            verified
                .payload()
                .starts_with("It’s a dangerous".as_bytes())
        );

        // The public key is calculated from the seed, and the `kid` is its thumbprint.
        let private = PrivateJwk::parse(jwk.to_string().as_bytes()).unwrap();
        assert_eq!(private.public_jwk().thumbprint(), jwk["kid"]);
        assert_eq!(
            serde_json::from_str::<Value>(&private.to_json()).unwrap(),
            *jwk
        );
        let signer = private.signing_key().unwrap();
        assert_eq!(signer.algorithm_default(), alg);
        let (signing_input, _) = token.rsplit_once('.').unwrap();
        let again = signer.sign(alg, signing_input.as_bytes()).unwrap();
        let verifier = public(jwk).unwrap();
        assert_eq!(verifier.family(), alg.key_family());
        assert_eq!(
            verifier.verify(alg, signing_input.as_bytes(), &again),
            Ok(())
        );
    }
}

#[test]
fn any_change_is_found() {
    for (sample, alg) in samples().iter().zip(ALGORITHMS) {
        let key = public(&sample["key"]).unwrap();
        let (input, signature) = sample["jws"].as_str().unwrap().rsplit_once('.').unwrap();
        let signature = jose::base64url::decode(signature).unwrap();
        for position in (0..signature.len()).step_by(97) {
            let mut changed = signature.clone();
            changed[position] ^= 1;
            assert_eq!(
                key.verify(alg, input.as_bytes(), &changed),
                Err(Error::Signature),
                "{alg} {position}"
            );
        }
        for length in [0, 64, signature.len() - 1, signature.len() + 1] {
            let mut changed = signature.clone();
            changed.resize(length, 0);
            assert_eq!(
                key.verify(alg, input.as_bytes(), &changed),
                Err(Error::Signature),
                "{alg} {length}"
            );
        }
        let other = format!("{input}A");
        assert_eq!(
            key.verify(alg, other.as_bytes(), &signature),
            Err(Error::Signature)
        );
    }
}

#[test]
fn one_parameter_set_is_not_another() {
    let samples = samples();
    for (sample, alg) in samples.iter().zip(ALGORITHMS) {
        for other in ALGORITHMS.into_iter().filter(|other| *other != alg) {
            let key = public(&sample["key"]).unwrap();
            assert_eq!(
                key.verify(other, b"", b"").unwrap_err(),
                Error::KeyFamilyMismatch {
                    alg: other,
                    found: alg.key_family()
                }
            );
            let token = Unverified::parse(sample["jws"].as_str().unwrap()).unwrap();
            assert_eq!(
                token.verify(&key, other).unwrap_err(),
                Error::AlgorithmMismatch {
                    expected: other,
                    found: alg
                }
            );
        }
    }
}

#[test]
fn keys_that_are_refused() {
    let jwk = samples()[0]["key"].clone();
    let refusal = |changes: Value| {
        let mut jwk = jwk.clone();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => jwk.as_object_mut().unwrap().remove(name),
                other => jwk
                    .as_object_mut()
                    .unwrap()
                    .insert(name.clone(), other.clone()),
            };
        }
        SigningKey::from_jwk(jwk.to_string().as_bytes()).unwrap_err()
    };
    let rejected = Error::KeyRejected;
    assert_eq!(
        refusal(json!({ "alg": null })),
        rejected(KeyRejected::MissingMember { member: "alg" })
    );
    for alg in ["ML-DSA-99", "EdDSA", "ml-dsa-44", "SLH-DSA-SHA2-128s"] {
        assert_eq!(
            refusal(json!({ "alg": alg })),
            rejected(KeyRejected::KeyAlgorithm {
                alg: alg.to_owned()
            })
        );
    }
    assert_eq!(
        refusal(json!({ "alg": "ML-DSA-65" })),
        rejected(KeyRejected::Length {
            member: "pub",
            expected: 1952,
            found: 1312
        })
    );
    assert_eq!(
        refusal(json!({ "priv": null })),
        rejected(KeyRejected::MissingMember { member: "priv" })
    );
    assert_eq!(
        refusal(json!({ "priv": "AAAA" })),
        rejected(KeyRejected::Length {
            member: "priv",
            expected: 32,
            found: 3
        })
    );
    assert_eq!(
        refusal(json!({ "priv": jose::base64url::encode(&[1; 32]) })),
        rejected(KeyRejected::Inconsistent)
    );
    assert_eq!(
        Jwk::parse(jwk.to_string().as_bytes()).unwrap_err(),
        rejected(KeyRejected::PrivateMember { member: "priv" })
    );
    let private = PrivateJwk::parse(jwk.to_string().as_bytes()).unwrap();
    assert_eq!(
        private.decryption_key().unwrap_err(),
        rejected(KeyRejected::KeyType {
            kty: "AKP".to_owned()
        })
    );
}

#[test]
fn a_generated_key_is_published_in_a_set() {
    for (family, alg) in [
        (KeyFamily::MlDsa44, SignatureAlgorithm::MlDsa44),
        (KeyFamily::MlDsa65, SignatureAlgorithm::MlDsa65),
        (KeyFamily::MlDsa87, SignatureAlgorithm::MlDsa87),
    ] {
        let key = PrivateJwk::generate(family).unwrap().with_kid("k");
        let set = json!({ "keys": [key.public_jwk().to_json()] }).to_string();
        let set = JwkSet::parse(set.as_bytes()).unwrap();
        let header = ProtectedHeader::new(alg).kid("k").jwk(&key.public_jwk());
        let token = SigningInput::new(&header, b"{}")
            .sign(&key.signing_key().unwrap())
            .unwrap();
        let unverified = Unverified::parse(&token).unwrap();
        let selected = set.select(unverified.header()).unwrap();
        assert!(
            unverified
                .clone()
                .verify(selected.verifying_key(), alg)
                .is_ok()
        );
        let signer = SigningKey::generate(alg).unwrap();
        assert_eq!(signer.public_jwk().unwrap().alg(), Some(alg.as_str()));
    }
}
