//! Reading and writing of PEM and DER. The documents equal those of OpenSSL byte for byte.

use jose::{
    Error, Jwk, KeyRejected, PrivateJwk, PrivateKeyFormat, PublicKeyFormat, SignatureAlgorithm,
    VerifyingKey,
};

macro_rules! openssl {
    ($name:literal) => {
        include_str!(concat!("../vectors/openssl/", $name, ".pem"))
    };
}

/// The documents of a key: PKCS#8, its older format if there is one, its public key and a
/// certificate.
struct Documents {
    family: &'static str,
    pkcs8: &'static str,
    older: Option<(PrivateKeyFormat, &'static str)>,
    spki: &'static str,
    certificate: Option<&'static str>,
    needs_aws_lc_rs: bool,
}

const DOCUMENTS: [Documents; 6] = [
    Documents {
        family: "RSA",
        pkcs8: openssl!("rsa2048"),
        older: Some((PrivateKeyFormat::Pkcs1, openssl!("rsa2048_pkcs1"))),
        spki: openssl!("rsa2048_public"),
        certificate: Some(openssl!("rsa2048_certificate")),
        needs_aws_lc_rs: false,
    },
    Documents {
        family: "P-256",
        pkcs8: openssl!("p256"),
        older: Some((PrivateKeyFormat::Sec1, openssl!("p256_sec1"))),
        spki: openssl!("p256_public"),
        certificate: Some(openssl!("p256_certificate")),
        needs_aws_lc_rs: false,
    },
    Documents {
        family: "P-384",
        pkcs8: openssl!("p384"),
        older: Some((PrivateKeyFormat::Sec1, openssl!("p384_sec1"))),
        spki: openssl!("p384_public"),
        certificate: None,
        needs_aws_lc_rs: false,
    },
    Documents {
        family: "P-521",
        pkcs8: openssl!("p521"),
        older: Some((PrivateKeyFormat::Sec1, openssl!("p521_sec1"))),
        spki: openssl!("p521_public"),
        certificate: Some(openssl!("p521_certificate")),
        needs_aws_lc_rs: true,
    },
    Documents {
        family: "Ed25519",
        pkcs8: openssl!("ed25519"),
        older: None,
        spki: openssl!("ed25519_public"),
        certificate: Some(openssl!("ed25519_certificate")),
        needs_aws_lc_rs: false,
    },
    Documents {
        family: "X25519",
        pkcs8: openssl!("x25519"),
        older: None,
        spki: openssl!("x25519_public"),
        certificate: None,
        needs_aws_lc_rs: true,
    },
];

#[test]
fn private_keys_are_written_as_they_were_read() {
    for documents in DOCUMENTS {
        let family = documents.family;
        if documents.needs_aws_lc_rs && !cfg!(feature = "aws-lc-rs") {
            let error = PrivateJwk::from_pem(documents.pkcs8).unwrap_err();
            assert!(
                matches!(error, Error::UnsupportedAlgorithm { .. }),
                "{family}: {error}"
            );
            continue;
        }
        let key = PrivateJwk::from_pem(documents.pkcs8).unwrap();
        assert_eq!(
            *key.to_pem(PrivateKeyFormat::Pkcs8).unwrap(),
            documents.pkcs8,
            "{family}"
        );
        let der = key.to_der(PrivateKeyFormat::Pkcs8).unwrap();
        let again = PrivateJwk::from_der(PrivateKeyFormat::Pkcs8, &der).unwrap();
        assert_eq!(*again.to_json(), *key.to_json(), "{family}");
        if let Some((format, text)) = documents.older {
            assert_eq!(*key.to_pem(format).unwrap(), text, "{family}");
            let older = PrivateJwk::from_pem(text).unwrap();
            assert_eq!(*older.to_json(), *key.to_json(), "{family}");
        }
        for format in [PrivateKeyFormat::Pkcs1, PrivateKeyFormat::Sec1] {
            if documents.older.is_none_or(|(older, _)| older != format) {
                assert_eq!(
                    key.to_pem(format).unwrap_err(),
                    Error::KeyRejected(KeyRejected::PrivateKeyFormat { format }),
                    "{family}"
                );
            }
        }
        // The key is written as JSON and read again.
        let parsed = PrivateJwk::parse(key.to_json().as_bytes()).unwrap();
        assert_eq!(
            *parsed.to_pem(PrivateKeyFormat::Pkcs8).unwrap(),
            documents.pkcs8,
            "{family}"
        );
        assert_eq!(
            key.public_jwk(),
            Jwk::from_pem(documents.spki).unwrap(),
            "{family}"
        );
    }
}

#[test]
fn public_keys_are_written_as_they_were_read() {
    for documents in DOCUMENTS {
        let family = documents.family;
        let key = Jwk::from_pem(documents.spki).unwrap();
        assert_eq!(key.to_pem(PublicKeyFormat::Spki).unwrap(), documents.spki);
        let der = key.to_der(PublicKeyFormat::Spki).unwrap();
        assert_eq!(
            Jwk::from_der(PublicKeyFormat::Spki, &der).unwrap(),
            key,
            "{family}"
        );
        if let Some(certificate) = documents.certificate {
            assert_eq!(Jwk::from_pem(certificate).unwrap(), key, "{family}");
        }
        if family == "RSA" {
            let pkcs1 = openssl!("rsa2048_public_pkcs1");
            assert_eq!(Jwk::from_pem(pkcs1).unwrap(), key);
            assert_eq!(key.to_pem(PublicKeyFormat::Pkcs1).unwrap(), pkcs1);
        } else {
            let format = PublicKeyFormat::Pkcs1;
            assert_eq!(
                key.to_pem(format).unwrap_err(),
                Error::KeyRejected(KeyRejected::PublicKeyFormat { format })
            );
        }
        let format = PublicKeyFormat::Certificate;
        assert_eq!(
            key.to_der(format).unwrap_err(),
            Error::KeyRejected(KeyRejected::PublicKeyFormat { format })
        );
    }
}

#[test]
fn a_certificates_key_verifies() {
    let signer = PrivateJwk::from_pem(openssl!("p256")).unwrap();
    let signature = signer
        .signing_key()
        .unwrap()
        .sign(SignatureAlgorithm::ES256, b"message")
        .unwrap();
    let key = Jwk::from_pem(openssl!("p256_certificate")).unwrap();
    let key = VerifyingKey::from_jwk(&key).unwrap();
    assert_eq!(
        key.verify(SignatureAlgorithm::ES256, b"message", &signature),
        Ok(())
    );
}

#[test]
fn private_documents_that_are_refused() {
    let refusal = |pem: &str| match PrivateJwk::from_pem(pem).unwrap_err() {
        Error::KeyRejected(reason) => reason,
        other => panic!("{other}"),
    };
    let label = |found: &str| KeyRejected::PemLabel {
        found: found.to_owned(),
    };
    assert_eq!(
        refusal(openssl!("ed25519_encrypted")),
        KeyRejected::Encrypted
    );
    assert_eq!(refusal(openssl!("p256_public")), label("PUBLIC KEY"));
    assert_eq!(refusal(openssl!("p256_certificate")), label("CERTIFICATE"));
    assert_eq!(
        refusal(openssl!("rsa2048_three_primes")),
        KeyRejected::MorePrimes
    );
    assert_eq!(
        refusal(openssl!("p256_explicit")),
        KeyRejected::ExplicitParameters
    );
    // A document with the label of another type.
    let relabelled = openssl!("p256_sec1").replace("EC PRIVATE", "RSA PRIVATE");
    assert_eq!(
        refusal(&relabelled),
        KeyRejected::Der {
            expected: "RSAPrivateKey"
        }
    );
    let relabelled = openssl!("rsa2048_pkcs1").replace("RSA PRIVATE", "EC PRIVATE");
    assert_eq!(
        refusal(&relabelled),
        KeyRejected::Der {
            expected: "ECPrivateKey"
        }
    );
    let relabelled = openssl!("rsa2048_pkcs1").replace("RSA PRIVATE", "PRIVATE");
    assert_eq!(refusal(&relabelled), KeyRejected::Pkcs8);
    // A byte follows the document.
    let mut der = PrivateJwk::from_pem(openssl!("p256"))
        .unwrap()
        .to_der(PrivateKeyFormat::Pkcs8)
        .unwrap();
    der.push(0);
    assert_eq!(
        PrivateJwk::from_der(PrivateKeyFormat::Pkcs8, &der).unwrap_err(),
        Error::KeyRejected(KeyRejected::Pkcs8)
    );
}

#[test]
fn public_documents_that_are_refused() {
    let refusal = |pem: &str| Jwk::from_pem(pem).unwrap_err();
    assert_eq!(refusal(""), KeyRejected::Pem);
    assert_eq!(
        refusal(openssl!("p256")),
        KeyRejected::PemLabel {
            found: "PRIVATE KEY".to_owned()
        }
    );
    assert_eq!(
        refusal(openssl!("ed448_public")),
        KeyRejected::AlgorithmIdentifier {
            oid: "1.3.101.113".to_owned()
        }
    );
    for (format, expected) in [
        (PublicKeyFormat::Spki, "SubjectPublicKeyInfo"),
        (PublicKeyFormat::Pkcs1, "RSAPublicKey"),
        (PublicKeyFormat::Certificate, "certificate"),
    ] {
        let certificate = openssl!("p256_certificate").replace("CERTIFICATE", "PUBLIC KEY");
        assert_eq!(
            refusal(&certificate),
            KeyRejected::Der {
                expected: "SubjectPublicKeyInfo"
            }
        );
        for der in [&b""[..], b"\x30\x00", b"\x30\x80\x00\x00", &[0x30; 64]] {
            assert_eq!(
                Jwk::from_der(format, der).unwrap_err(),
                KeyRejected::Der { expected },
                "{der:?}"
            );
        }
    }
    // The last byte of the point is missing.
    let key = Jwk::from_pem(openssl!("p256_public")).unwrap();
    let mut der = key.to_der(PublicKeyFormat::Spki).unwrap();
    der.pop();
    der[1] -= 1;
    der[24] -= 1;
    assert_eq!(
        Jwk::from_der(PublicKeyFormat::Spki, &der).unwrap_err(),
        KeyRejected::Inconsistent
    );
    let spki = openssl!("p256_public").replace("PUBLIC KEY", "CERTIFICATE");
    assert_eq!(
        refusal(&spki),
        KeyRejected::Der {
            expected: "certificate"
        }
    );
}

/// A curve may be named outside the key and inside it, if both are the same.
#[test]
fn a_curve_named_twice() {
    let key = PrivateJwk::from_pem(openssl!("p256")).unwrap();
    let within = key.to_der(PrivateKeyFormat::Sec1).unwrap();
    let read = |around: &[u8], within: &[u8]| {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
        let body = [&[2, 1, 0], around, &[4, length(within)], within].concat();
        let document = [&[0x30, 0x81, length(&body)], &body[..]].concat();
        PrivateJwk::from_der(PrivateKeyFormat::Pkcs8, &document)
    };
    // The identifiers of id-ecPublicKey with prime256v1 and with secp384r1 (RFC 5480 section
    // 2.1.1).
    let p256 =
        b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    let p384 = b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";
    let same = read(p256, &within).unwrap();
    assert_eq!(same.public_jwk(), key.public_jwk());
    let inconsistent = Error::KeyRejected(KeyRejected::Inconsistent);
    assert_eq!(read(p384, &within).unwrap_err(), inconsistent);
    // The inner curve is prime192v1. The key fits the outer curve, so only the comparison can
    // refuse it.
    let mut renamed = within.to_vec();
    let name = &p256[13..];
    let place = renamed.windows(name.len()).position(|bytes| bytes == name);
    renamed[place.unwrap() + name.len() - 1] = 1;
    assert_eq!(read(p256, &renamed).unwrap_err(), inconsistent);
}

/// The second version of the format contains the public key (RFC 5958 section 2).
#[test]
fn a_public_key_with_a_private_key_must_belong_to_it() {
    let key = PrivateJwk::from_pem(openssl!("ed25519")).unwrap();
    let first = key.to_der(PrivateKeyFormat::Pkcs8).unwrap();
    let second = |public: &[u8]| {
        let mut document = [&first[..], &[0x81, 0x21, 0], public].concat();
        document[1] += 35;
        document[4] = 1;
        PrivateJwk::from_der(PrivateKeyFormat::Pkcs8, &document)
    };
    let public = key.public_jwk();
    let public = public.x().unwrap();
    assert_eq!(second(public).unwrap().public_jwk(), key.public_jwk());
    assert_eq!(
        second(&[7; 32]).unwrap_err(),
        Error::KeyRejected(KeyRejected::Inconsistent)
    );
}

/// The parameters must be absent (RFC 8410 section 3). `NULL`, as for RSA, is refused.
#[test]
fn ed25519_has_no_parameters() {
    let private = PrivateJwk::from_pem(openssl!("ed25519")).unwrap();
    let private = private.to_der(PrivateKeyFormat::Pkcs8).unwrap();
    let public = Jwk::from_pem(openssl!("ed25519_public")).unwrap();
    let public = public.to_der(PublicKeyFormat::Spki).unwrap();
    // Inserts NULL after the identifier, and increases the lengths of the document and of the
    // identifier.
    let with_null = |document: &[u8], identifier: usize| {
        let mut changed = document.to_vec();
        changed[1] += 2;
        changed[identifier + 1] += 2;
        let end = identifier + 7;
        changed.splice(end..end, [5, 0]);
        changed
    };
    assert_eq!(
        PrivateJwk::from_der(PrivateKeyFormat::Pkcs8, &with_null(&private, 5)).unwrap_err(),
        Error::KeyRejected(KeyRejected::Pkcs8)
    );
    assert_eq!(
        Jwk::from_der(PublicKeyFormat::Spki, &with_null(&public, 2)).unwrap_err(),
        KeyRejected::Der {
            expected: "SubjectPublicKeyInfo"
        }
    );
}

/// Without the feature, public ML-DSA keys are read, but private ones are refused in every form.
#[cfg(not(feature = "aws-lc-rs"))]
#[test]
fn private_ml_dsa_keys_need_their_feature() {
    let unsupported = Error::UnsupportedAlgorithm {
        alg: "ML-DSA-44",
        feature: "aws-lc-rs",
    };
    for pem in [
        include_str!("../vectors/rfc9881/ml_dsa_44_seed.pem"),
        include_str!("../vectors/rfc9881/ml_dsa_44_expanded.pem"),
        include_str!("../vectors/rfc9881/ml_dsa_44_both.pem"),
    ] {
        let refused = jose::SigningKey::from_pkcs8_pem(pem).unwrap_err();
        assert_eq!(refused, unsupported);
    }
    let public = include_str!("../vectors/rfc9881/ml_dsa_44_public.pem");
    let public = Jwk::from_pem(public).unwrap();
    assert_eq!(public.alg(), Some("ML-DSA-44"));
    assert_eq!(VerifyingKey::from_jwk(&public).unwrap_err(), unsupported);
}
