//! Published tokens, keys and thumbprints. Each is accepted. If the algorithm is deterministic, it
//! is also reproduced.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

#[cfg(feature = "aws-lc-rs")]
use jose::jwe::{Accepted, ContentEncryption, DecryptionKey, Encrypted, KeyManagement};
use jose::jws::Unverified;
use jose::{Error, Jwk, Malformed, SignatureAlgorithm, SigningKey, VerifyingKey, base64url};
use serde_json::Value;

macro_rules! vector {
    ($path:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../vectors/", $path))).unwrap()
    };
}

mod keys;

fn private_key(jwk: &Value) -> Result<SigningKey, Error> {
    SigningKey::from_jwk(jwk.to_string().as_bytes())
}

fn public_key(jwk: &Value) -> Result<VerifyingKey, Error> {
    if jwk["kty"] == "oct" {
        return VerifyingKey::hmac(&base64url::decode(jwk["k"].as_str().unwrap()).unwrap());
    }
    let mut public = jwk.as_object().unwrap().clone();
    public.retain(|name, _| !["d", "p", "q", "dp", "dq", "qi"].contains(&name.as_str()));
    VerifyingKey::from_jwk(&Jwk::parse(Value::Object(public).to_string().as_bytes())?)
}

/// Verifies the token, signs its input again, and verifies the new token.
fn both_directions(vector: &Value) {
    let title = vector["title"].as_str().unwrap();
    let alg: SignatureAlgorithm = vector["input"]["alg"].as_str().unwrap().parse().unwrap();
    let token = vector["output"]["compact"].as_str().unwrap();
    let jwk = &vector["input"]["key"];
    if !alg.is_supported() {
        let unsupported = Error::UnsupportedAlgorithm {
            alg: alg.as_str(),
            feature: "aws-lc-rs",
        };
        assert_eq!(public_key(jwk).unwrap_err(), unsupported, "{title}");
        assert_eq!(private_key(jwk).unwrap_err(), unsupported, "{title}");
        return;
    }

    let unverified = Unverified::parse(token).unwrap();
    assert_eq!(unverified.header().alg(), alg, "{title}");
    let verified = unverified.verify(&public_key(jwk).unwrap(), alg).unwrap();
    if let Some(payload) = vector["input"]["payload"].as_str() {
        assert_eq!(verified.payload(), payload.as_bytes(), "{title}");
    }

    let (signing_input, signature) = token.rsplit_once('.').unwrap();
    let again = private_key(jwk)
        .unwrap()
        .sign(alg, signing_input.as_bytes())
        .unwrap();
    if vector["reproducible"] == true {
        assert_eq!(base64url::encode(&again), signature, "{title}");
    } else {
        assert_ne!(
            base64url::encode(&again),
            signature,
            "{title}: expected a randomised signature"
        );
        let key = public_key(jwk).unwrap();
        assert_eq!(
            key.verify(alg, signing_input.as_bytes(), &again),
            Ok(()),
            "{title}"
        );
    }
}

#[test]
fn rfc_7515_appendix_a() {
    both_directions(&vector!("rfc7515/a1.hmac_sha256.json"));
    both_directions(&vector!("rfc7515/a2.rsa_v15_signature.json"));
    both_directions(&vector!("rfc7515/a3.ecdsa_p256.json"));
    both_directions(&vector!("rfc7515/a4.ecdsa_p521.json"));
}

#[test]
fn rfc_7515_a_1_holds_these_claims() {
    let vector = vector!("rfc7515/a1.hmac_sha256.json");
    let key = public_key(&vector["input"]["key"]).unwrap();
    let token = vector["output"]["compact"].as_str().unwrap();
    let verified = Unverified::parse(token)
        .unwrap()
        .verify(&key, SignatureAlgorithm::HS256)
        .unwrap();
    let claims = verified.claims().unwrap();
    assert_eq!(verified.header().typ(), Some("JWT"));
    assert_eq!(claims.iss(), Some("joe"));
    assert_eq!(claims.exp().unwrap().seconds(), 1_300_819_380);
    assert_eq!(
        claims.get("http://example.com/is_root").unwrap().as_bool(),
        Some(true)
    );
    assert_eq!(
        (claims.sub(), claims.nbf(), claims.aud().is_none()),
        (None, None, true)
    );
}

#[test]
fn rfc_7515_a_5_is_refused() {
    let vector = vector!("rfc7515/a5.unsecured.json");
    let token = vector["output"]["compact"].as_str().unwrap();
    assert_eq!(Unverified::parse(token).unwrap_err(), Error::Unsecured);
}

#[test]
fn rfc_7520_sections_4_1_to_4_4() {
    both_directions(&vector!("rfc7520/jws/4_1.rsa_v15_signature.json"));
    both_directions(&vector!("rfc7520/jws/4_2.rsa-pss_signature.json"));
    both_directions(&vector!("rfc7520/jws/4_3.ecdsa_signature.json"));
    both_directions(&vector!(
        "rfc7520/jws/4_4.hmac-sha2_integrity_protection.json"
    ));
}

/// A token with detached content is not read as a token with an empty payload. With its payload
/// inserted, it is an ordinary token.
#[test]
fn rfc_7520_section_4_5_is_refused_as_it_is() {
    let vector = vector!("rfc7520/jws/4_5.signature_with_detached_content.json");
    let key = public_key(&vector["input"]["key"]).unwrap();
    let verify = |token: &str| {
        let token = Unverified::parse(token).unwrap();
        token.verify(&key, SignatureAlgorithm::HS256).map(|_| ())
    };
    let detached = vector["output"]["compact"].as_str().unwrap();
    assert_eq!(verify(detached), Err(Error::Signature));
    let signing_input = vector["signing"]["sig-input"].as_str().unwrap();
    let signature = vector["signing"]["sig"].as_str().unwrap();
    assert_eq!(verify(&format!("{signing_input}.{signature}")), Ok(()));
}

#[test]
fn rfc_7797_is_refused() {
    let vector = vector!("rfc7797/hmac-sha2_b64_false.json");
    let token = vector["output"]["compact"].as_str().unwrap();
    assert_eq!(Unverified::parse(token).unwrap_err(), Error::Critical);

    // The other example lacks `crit`, and its payload contains a full stop.
    let vector = vector!("rfc7797/4.2.hmac-sha2_b64_false.json");
    let parts = &vector["output"]["json_flat"];
    let [header, payload, signature] =
        ["protected", "payload", "signature"].map(|name| parts[name].as_str().unwrap());
    assert_eq!(
        Unverified::parse(&format!("{header}.{payload}.{signature}")).unwrap_err(),
        Error::Malformed(Malformed::Segments {
            expected: 3,
            found: 4
        })
    );
    assert_eq!(
        Unverified::parse(&format!("{header}.e30.{signature}")).unwrap_err(),
        Error::Header {
            member: "b64",
            expected: "absent or true",
            found: "boolean"
        }
    );
}

#[cfg(feature = "aws-lc-rs")]
#[test]
fn the_x25519_example_of_the_cookbook_is_opened() {
    let vector = vector!("rfc8037/x25519_ecdh_es.json");
    let key = DecryptionKey::from_jwk(vector["input"]["key"].to_string().as_bytes()).unwrap();
    let accepted = Accepted {
        alg: &[KeyManagement::EcdhEs],
        enc: &[ContentEncryption::A128GCM],
    };
    let token = vector["output"]["compact"].as_str().unwrap();
    let token = Encrypted::parse(token, accepted).unwrap();
    assert_eq!(
        token.decrypt(&key).unwrap(),
        vector["input"]["plaintext"].as_str().unwrap().as_bytes()
    );
}

#[test]
fn rfc_8037_appendix_a_4() {
    both_directions(&vector!("rfc8037/a4.ed25519_signature.json"));
}

#[test]
fn every_algorithm_reads_what_openssl_signed() {
    let vectors = vector!("openssl/accepted.json");
    let tokens = vectors["tokens"].as_array().unwrap();
    // OpenSSL 3.0 does not support ML-DSA.
    let algorithms = SignatureAlgorithm::ALL
        .iter()
        .filter(|alg| !alg.as_str().starts_with("ML-DSA"));
    assert_eq!(tokens.len(), algorithms.count());
    for entry in tokens {
        let alg: SignatureAlgorithm = entry["alg"].as_str().unwrap().parse().unwrap();
        if !alg.is_supported() {
            continue;
        }
        let token = entry["compact"].as_str().unwrap();
        let (signing_input, signature) = token.rsplit_once('.').unwrap();
        let (signing_key, verifying_key) = match entry["secret"].as_str() {
            Some(secret) => {
                let secret = base64url::decode(secret).unwrap();
                (
                    SigningKey::hmac(&secret).unwrap(),
                    VerifyingKey::hmac(&secret).unwrap(),
                )
            }
            None => {
                let key = SigningKey::from_pkcs8_pem(pem(entry["pem"].as_str().unwrap())).unwrap();
                // The public key of the PKCS#8 document equals the one that Node exported.
                let published = Value::Object(key.public_jwk().unwrap().to_json());
                assert_eq!(published, entry["jwk"], "{alg}");
                (key, public_key(&entry["jwk"]).unwrap())
            }
        };
        let verified = Unverified::parse(token)
            .unwrap()
            .verify(&verifying_key, alg)
            .unwrap();
        assert_eq!(verified.claims().unwrap().sub(), Some("café"), "{alg}");
        let again = signing_key.sign(alg, signing_input.as_bytes()).unwrap();
        let same = base64url::encode(&again) == signature;
        assert_eq!(same, entry["reproducible"] == true, "{alg}");
        assert_eq!(
            verifying_key.verify(alg, signing_input.as_bytes(), &again),
            Ok(()),
            "{alg}"
        );
    }
}

fn pem(name: &str) -> &'static str {
    match name {
        "rsa2048.pem" => include_str!("../vectors/openssl/rsa2048.pem"),
        "p256.pem" => include_str!("../vectors/openssl/p256.pem"),
        "p384.pem" => include_str!("../vectors/openssl/p384.pem"),
        "p521.pem" => include_str!("../vectors/openssl/p521.pem"),
        "ed25519.pem" => include_str!("../vectors/openssl/ed25519.pem"),
        other => panic!("no such key: {other}"),
    }
}

/// The key comes from the header, as in a check of a DPoP proof.
#[test]
fn rfc_9449_proofs() {
    let vector = vector!("rfc9449/proofs.json");
    for proof in vector["proofs"].as_array().unwrap() {
        let token = Unverified::parse(proof["jws"].as_str().unwrap()).unwrap();
        assert_eq!(token.header().typ(), Some("dpop+jwt"));
        let jwk = token.header().extra()["jwk"].to_string();
        let jwk = Jwk::parse(jwk.as_bytes()).unwrap();
        assert_eq!(jwk.thumbprint(), vector["thumbprint"]);
        let key = VerifyingKey::from_jwk(&jwk).unwrap();
        let verified = token.verify(&key, SignatureAlgorithm::ES256).unwrap();
        let claims = verified.claims().unwrap();
        assert_eq!(claims.iat().unwrap().seconds(), proof["iat"]);
        for claim in ["htm", "htu"] {
            assert_eq!(
                claims.get_string(claim).unwrap(),
                proof[claim].as_str(),
                "{claim}"
            );
        }
    }
}
