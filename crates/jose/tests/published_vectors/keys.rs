//! Published keys and thumbprints.

use jose::jwe::{DecryptionKey, KeyManagement};
use jose::{
    Error, Jwk, JwkSet, KeyFamily, KeyRejected, PrivateJwk, SignatureAlgorithm, SigningKey,
    VerifyingKey,
};
use serde_json::Value;

use super::private_key;

#[test]
fn rfc_7517_appendix_a() {
    let public = vector!("rfc7517/a1.public_keys.json");
    let private = vector!("rfc7517/a2.private_keys.json");
    let set = JwkSet::parse(public.to_string().as_bytes()).unwrap();
    assert_eq!(set.keys().len(), 1, "the other one is for encryption");
    assert_eq!(
        set.keys()[0].jwk().thumbprint(),
        vector!("rfc7638/3_1.rsa_thumbprint.json")["thumbprint"]
    );
    assert_eq!(
        set.skipped()[0].reason(),
        &Error::KeyRejected(KeyRejected::PublicKeyUse {
            found: "enc".to_owned()
        })
    );
    let keys = [&private["keys"][0], &private["keys"][1]];
    for (private, public) in keys.iter().zip(public["keys"].as_array().unwrap()) {
        let key = PrivateJwk::parse(private.to_string().as_bytes()).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&key.to_json()).unwrap(),
            **private
        );
        assert_eq!(Value::Object(key.public_jwk().to_json()), *public);
    }
    let [ec, rsa] = keys.map(|key| PrivateJwk::parse(key.to_string().as_bytes()).unwrap());
    assert!(rsa.signing_key().is_ok());
    assert_eq!(
        ec.decryption_key().is_ok(),
        cfg!(feature = "aws-lc-rs"),
        "for encryption"
    );
    assert_eq!(
        ec.signing_key().unwrap_err(),
        Error::KeyRejected(KeyRejected::PublicKeyUse {
            found: "enc".to_owned()
        })
    );

    let shared = vector!("rfc7517/a3.symmetric_keys.json");
    let [wrapping, mac] = [0, 1].map(|index| shared["keys"][index].to_string());
    let wrapping = DecryptionKey::from_jwk(wrapping.as_bytes());
    if cfg!(feature = "aws-lc-rs") {
        assert_eq!(wrapping.unwrap().algorithm(), Some(KeyManagement::A128KW));
    } else {
        assert_eq!(
            wrapping.unwrap_err(),
            Error::UnsupportedAlgorithm {
                alg: "A128KW",
                feature: "aws-lc-rs"
            }
        );
    }
    let mac = SigningKey::from_jwk(mac.as_bytes()).unwrap();
    assert_eq!(
        mac.kid(),
        Some("HMAC key used in JWS spec Appendix A.1 example")
    );
}

/// The certificate is kept and not read. The members of the JWK verify signatures, and here they
/// are the key of the certificate.
#[test]
fn rfc_7517_appendix_b() {
    let vector = vector!("rfc7517/b.x5c.json");
    let jwk = Jwk::parse(vector.to_string().as_bytes()).unwrap();
    assert_eq!(Value::Object(jwk.to_json()), vector);
    assert_eq!(jwk.kid(), Some("1b94c"));
    assert!(VerifyingKey::from_jwk(&jwk).is_ok());

    let mut certificate = vector["x5c"][0].as_str().unwrap().to_owned();
    for line in (64..certificate.len()).step_by(64).rev() {
        certificate.insert(line, '\n');
    }
    let pem = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
    let certified = Jwk::from_pem(&pem).unwrap();
    assert_eq!(certified.thumbprint(), jwk.thumbprint());

    let mut swapped = vector.clone();
    swapped["x5c"][0] = "bm90IGEgY2VydGlmaWNhdGU=".into();
    let swapped = Jwk::parse(swapped.to_string().as_bytes()).unwrap();
    assert_eq!(swapped.thumbprint(), jwk.thumbprint());
}

#[test]
fn rfc_7520_keys_are_read_and_written_back() {
    for vector in [
        vector!("rfc7520/jwk/3_1.ec_public_key.json"),
        vector!("rfc7520/jwk/3_3.rsa_public_key.json"),
    ] {
        let jwk = Jwk::parse(vector.to_string().as_bytes()).unwrap();
        assert_eq!(Value::Object(jwk.to_json()), vector);
    }
    for vector in [
        vector!("rfc7520/jwk/3_2.ec_private_key.json"),
        vector!("rfc7520/jwk/3_4.rsa_private_key.json"),
    ] {
        let jwk = PrivateJwk::parse(vector.to_string().as_bytes()).unwrap();
        let written: Value = serde_json::from_str(&jwk.to_json()).unwrap();
        assert_eq!(written, vector);
    }
    let mac = vector!("rfc7520/jwk/3_5.symmetric_key_mac_computation.json");
    let mac = private_key(&mac).unwrap();
    assert_eq!(mac.algorithm_default(), SignatureAlgorithm::HS256);
    let shared = vector!("rfc7520/jwk/3_6.symmetric_key_encryption.json").to_string();
    let shared = DecryptionKey::from_jwk(shared.as_bytes()).unwrap();
    assert_eq!(shared.family(), KeyFamily::Symmetric);
    assert_eq!(shared.kid(), Some("1e571774-2e08-40da-8308-e8d68773842d"));
}

#[test]
fn thumbprints() {
    for vector in [
        vector!("rfc7638/3_1.rsa_thumbprint.json"),
        vector!("rfc8037/a3.ed25519_thumbprint.json"),
    ] {
        let jwk = Jwk::parse(vector["key"].to_string().as_bytes()).unwrap();
        assert_eq!(
            jwk.thumbprint(),
            vector["thumbprint"].as_str().unwrap(),
            "{}",
            vector["title"]
        );
    }
}
