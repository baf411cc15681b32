//! Keys that verify: their sizes, and the algorithms that they permit.

use jose::{Error, Jwk, KeyFamily, KeyRejected, SignatureAlgorithm, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use crate::{
    EC, EC_D, jwk_refusal, refused_by_openssl, rsa, rsa_private, signing_refusal,
    verifying_refusal, with,
};

#[test]
fn rsa_moduli_and_exponents_out_of_bounds() {
    let modulus = |maximum, found| KeyRejected::ModulusLength {
        minimum: 2048,
        maximum,
        found,
    };
    assert_eq!(
        jwk_refusal(&refused_by_openssl("rsa1024_public")),
        modulus(8192, 1024)
    );
    assert_eq!(
        signing_refusal(&refused_by_openssl("rsa1024_private")),
        Error::KeyRejected(modulus(8192, 1024))
    );
    let long = jose::base64url::encode(&[0xff; 1025]);
    assert_eq!(
        jwk_refusal(&json!({ "kty": "RSA", "e": "AQAB", "n": long })),
        modulus(8192, 8200)
    );
    // 2047 bits in 256 bytes.
    let mut just_short = vec![0xff; 256];
    just_short[0] = 0x7f;
    let just_short = jose::base64url::encode(&just_short);
    assert_eq!(
        jwk_refusal(&json!({ "kty": "RSA", "e": "AQAB", "n": just_short })),
        modulus(8192, 2047)
    );
    for e in ["", "AA", "AQ", "AA", "BA", "AQAA", "AgAAAAE"] {
        assert_eq!(
            jwk_refusal(&with(&rsa().to_string(), json!({ "e": e }))),
            KeyRejected::PublicExponent,
            "{e:?}"
        );
    }
    let even = jose::base64url::encode(&[&[0xff; 255][..], &[0xfe]].concat());
    assert_eq!(
        jwk_refusal(&json!({ "kty": "RSA", "e": "AQAB", "n": even })),
        KeyRejected::Inconsistent
    );
}

#[test]
fn an_exponent_of_3_verifies_but_does_not_sign() {
    let document = refused_by_openssl("rsa2048_e3_private");
    assert_eq!(
        signing_refusal(&document),
        Error::KeyRejected(KeyRejected::PublicExponent)
    );
    let public = json!({ "kty": "RSA", "n": document["n"], "e": document["e"] });
    assert!(VerifyingKey::from_jwk(&Jwk::parse(public.to_string().as_bytes()).unwrap()).is_ok());
}

#[test]
fn a_sign_byte_before_the_modulus_is_dropped() {
    let n = jose::base64url::decode(rsa()["n"].as_str().unwrap()).unwrap();
    let padded = jose::base64url::encode(&[&[0][..], &n].concat());
    let jwk = Jwk::parse(
        with(&rsa().to_string(), json!({ "n": padded }))
            .to_string()
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(jwk.n().unwrap(), n);
    let plain = Jwk::parse(rsa().to_string().as_bytes()).unwrap();
    assert_eq!(jwk.thumbprint(), plain.thumbprint());
}

#[test]
fn use_and_key_operations_are_honoured() {
    let refused = |public_key_use: &str| {
        Error::KeyRejected(KeyRejected::PublicKeyUse {
            found: public_key_use.to_owned(),
        })
    };
    for value in ["enc", "", "SIG"] {
        assert_eq!(
            verifying_refusal(&with(EC, json!({ "use": value }))),
            refused(value)
        );
        assert_eq!(
            signing_refusal(&with(EC, json!({ "use": value, "d": EC_D }))),
            refused(value)
        );
    }
    let operations = |expected| Error::KeyRejected(KeyRejected::KeyOperations { expected });
    assert_eq!(
        verifying_refusal(&with(EC, json!({ "key_ops": ["sign"] }))),
        operations("verify")
    );
    assert_eq!(
        verifying_refusal(&with(EC, json!({ "key_ops": [] }))),
        operations("verify")
    );
    assert_eq!(
        signing_refusal(&with(EC, json!({ "key_ops": ["verify"], "d": EC_D }))),
        operations("sign")
    );
    let key = SigningKey::from_jwk(
        with(EC, json!({ "key_ops": ["sign"], "d": EC_D }))
            .to_string()
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(key.public_jwk().unwrap().key_ops().unwrap(), ["verify"]);
    assert!(VerifyingKey::from_jwk(&key.public_jwk().unwrap()).is_ok());
}

#[test]
fn a_keys_own_algorithm_binds_it() {
    assert_eq!(
        verifying_refusal(&with(&rsa().to_string(), json!({ "alg": "HS256" }))),
        Error::KeyFamilyMismatch {
            alg: SignatureAlgorithm::HS256,
            found: KeyFamily::Rsa
        }
    );
    assert_eq!(
        verifying_refusal(&with(EC, json!({ "alg": "ES384" }))),
        Error::KeyFamilyMismatch {
            alg: SignatureAlgorithm::ES384,
            found: KeyFamily::P256
        }
    );
    assert_eq!(
        verifying_refusal(&with(EC, json!({ "alg": "none" }))),
        Error::Unsecured
    );
    assert_eq!(
        verifying_refusal(&with(EC, json!({ "alg": "ECDH-ES" }))),
        Error::UnknownAlgorithm {
            alg: "ECDH-ES".to_owned()
        }
    );

    let bound = with(&rsa().to_string(), json!({ "alg": "PS256" }));
    let key = VerifyingKey::from_jwk(&Jwk::parse(bound.to_string().as_bytes()).unwrap()).unwrap();
    assert_eq!(
        key.verify(SignatureAlgorithm::RS256, b"", b"").unwrap_err(),
        Error::AlgorithmMismatch {
            expected: SignatureAlgorithm::PS256,
            found: SignatureAlgorithm::RS256
        }
    );
    let bound = with(&rsa_private().to_string(), json!({ "alg": "PS256" }));
    let key = SigningKey::from_jwk(bound.to_string().as_bytes()).unwrap();
    assert_eq!(
        key.sign(SignatureAlgorithm::RS256, b"").unwrap_err(),
        Error::AlgorithmMismatch {
            expected: SignatureAlgorithm::PS256,
            found: SignatureAlgorithm::RS256
        }
    );
    assert_eq!(
        key.with_algorithm(SignatureAlgorithm::RS256).unwrap_err(),
        Error::AlgorithmMismatch {
            expected: SignatureAlgorithm::PS256,
            found: SignatureAlgorithm::RS256
        }
    );
}

/// For a key on this curve, `EdDSA` has always meant `Ed25519` (RFC 9864 section 2.2). A token must
/// still use the name that the key states.
#[test]
fn an_ed25519_key_signs_under_both_names_of_its_algorithm() {
    for (bound, other) in [
        (SignatureAlgorithm::Ed25519, SignatureAlgorithm::EdDSA),
        (SignatureAlgorithm::EdDSA, SignatureAlgorithm::Ed25519),
    ] {
        let key = SigningKey::generate(bound).unwrap();
        let signature = key.sign(other, b"message").unwrap();
        assert_eq!(signature, key.sign(bound, b"message").unwrap());
        let public = VerifyingKey::from_jwk(&key.public_jwk().unwrap()).unwrap();
        assert_eq!(public.verify(bound, b"message", &signature), Ok(()));
        let mismatch = Error::AlgorithmMismatch {
            expected: bound,
            found: other,
        };
        assert_eq!(
            public.verify(other, b"message", &signature),
            Err(mismatch.clone())
        );
        assert_eq!(key.with_algorithm(other).unwrap_err(), mismatch);
    }
}

/// Such points are refused in every form: JWK, DER, private JWK, and the ephemeral key of a JWE.
#[test]
fn points_of_small_order() {
    use jose::jwe::{Accepted, ContentEncryption, Encrypted, KeyManagement};
    use jose::{PublicKeyFormat, base64url};

    let neutral = [&[1][..], &[0; 31]].concat();
    let x = base64url::encode(&neutral);
    for (crv, last) in [("Ed25519", 0x70), ("X25519", 0x6e)] {
        let document = json!({ "kty": "OKP", "crv": crv, "x": x });
        assert_eq!(jwk_refusal(&document), KeyRejected::SmallOrder);
        let head = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, last, 3, 0x21, 0];
        let spki = [&head[..], &neutral].concat();
        let refused = Jwk::from_der(PublicKeyFormat::Spki, &spki).unwrap_err();
        assert_eq!(refused, KeyRejected::SmallOrder);
        let private = with(&document.to_string(), json!({ "d": x }));
        assert_eq!(signing_refusal(&private), KeyRejected::SmallOrder.into());
    }
    let header = json!({
        "alg": "ECDH-ES", "enc": "A128GCM", "epk": { "kty": "OKP", "crv": "X25519", "x": x }
    });
    let header = base64url::encode(header.to_string().as_bytes());
    let accepted = Accepted {
        alg: &[KeyManagement::EcdhEs],
        enc: &[ContentEncryption::A128GCM],
    };
    let token = format!("{header}..AAAAAAAAAAAAAAAA..AAAAAAAAAAAAAAAAAAAAAA");
    let refused = Encrypted::parse(&token, accepted);
    if KeyManagement::EcdhEs.is_supported() {
        assert_eq!(refused.unwrap_err(), KeyRejected::SmallOrder.into());
    }
}

/// Such keys are refused in every form: public and private, JWK and DER. Numbers that differ
/// slightly from their form are accepted.
#[test]
fn rsa_keys_of_a_faulty_generator() {
    use jose::PublicKeyFormat;

    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/cve-2017-15361/moduli.json")).unwrap();
    let private = vectors["key"].clone();
    let public = |n: &Value| json!({ "kty": "RSA", "e": "AQAB", "n": n });
    assert_eq!(
        jwk_refusal(&public(&private["n"])),
        KeyRejected::FaultyGenerator
    );
    assert_eq!(
        signing_refusal(&private),
        KeyRejected::FaultyGenerator.into()
    );
    let modulus = jose::base64url::decode(private["n"].as_str().unwrap()).unwrap();
    let head = [0x30, 0x82, 1, 0x0a, 2, 0x82, 1, 1, 0];
    let der = [&head[..], &modulus, &[2, 3, 1, 0, 1]].concat();
    let refused = Jwk::from_der(PublicKeyFormat::Pkcs1, &der).unwrap_err();
    assert_eq!(refused, KeyRejected::FaultyGenerator);
    for list in ["other_exponent", "no_power"] {
        for number in vectors[list].as_object().unwrap().values() {
            assert!(Jwk::parse(public(number).to_string().as_bytes()).is_ok());
        }
    }
}
