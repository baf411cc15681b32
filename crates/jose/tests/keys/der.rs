//! Special keys in PEM documents: absent or compressed points, explicit parameters, and RSA keys
//! that are only for PSS.

#[cfg(feature = "aws-lc-rs")]
use jose::jwe::DecryptionKey;
use jose::{Error, Jwk, KeyRejected, PrivateJwk, SignatureAlgorithm, SigningKey, VerifyingKey};
#[cfg(feature = "aws-lc-rs")]
use jose::{PrivateKeyFormat, PublicKeyFormat};

macro_rules! case {
    ($name:literal) => {
        include_str!(concat!("../cases/", $name, ".pem"))
    };
}

macro_rules! openssl {
    ($name:literal) => {
        include_str!(concat!("../vectors/openssl/", $name, ".pem"))
    };
}

fn refusal(pem: &str) -> KeyRejected {
    rejected(PrivateJwk::from_pem(pem).map(|_| ()))
}

fn rejected(result: Result<(), Error>) -> KeyRejected {
    match result.unwrap_err() {
        Error::KeyRejected(reason) => reason,
        other => panic!("{other}"),
    }
}

fn thumbprint(pem: &str) -> String {
    PrivateJwk::from_pem(pem).unwrap().public_jwk().thumbprint()
}

/// Signs with the key, and verifies with its public key.
fn works(key: &SigningKey, alg: SignatureAlgorithm) {
    let signature = key.sign(alg, b"message").unwrap();
    let public = VerifyingKey::from_jwk(&key.public_jwk().unwrap()).unwrap();
    assert_eq!(public.verify(alg, b"message", &signature), Ok(()));
}

#[test]
fn a_missing_feature_is_named_with_its_crate() {
    for reason in [KeyRejected::MissingPublicKey, KeyRejected::CompressedPoint] {
        let text = reason.to_string();
        assert!(
            text.ends_with("needs the feature `aws-lc-rs` of the crate `jose`"),
            "{text}"
        );
    }
}

/// RFC 5915 section 3 and RFC 5480 section 2.2 permit such points.
#[test]
fn a_point_that_is_absent_or_compressed_is_computed() {
    let whole = [
        (openssl!("p256_without_public"), Some(openssl!("p256"))),
        (openssl!("p256_private_compressed"), Some(openssl!("p256"))),
        (openssl!("p384_sec1_compressed"), Some(openssl!("p384"))),
        (case!("pem-java-ec-no-public-key"), None),
    ];
    let points = [
        (openssl!("p256_compressed"), openssl!("p256_public")),
        (openssl!("p521_compressed"), openssl!("p521_public")),
    ];
    if !cfg!(feature = "aws-lc-rs") {
        assert_eq!(refusal(whole[0].0), KeyRejected::MissingPublicKey);
        assert_eq!(refusal(whole[1].0), KeyRejected::CompressedPoint);
        assert_eq!(
            Jwk::from_pem(points[0].0),
            Err(KeyRejected::CompressedPoint)
        );
        for message in [KeyRejected::MissingPublicKey, KeyRejected::CompressedPoint] {
            assert!(message.to_string().contains("`aws-lc-rs`"));
        }
        return;
    }
    for (pem, whole) in whole {
        let key = SigningKey::from_pem(pem).unwrap();
        works(&key, key.algorithm_default());
        if let Some(whole) = whole {
            assert_eq!(thumbprint(pem), thumbprint(whole));
        }
    }
    for (pem, whole) in points {
        assert_eq!(Jwk::from_pem(pem), Jwk::from_pem(whole));
    }
}

#[cfg(feature = "aws-lc-rs")]
#[test]
fn a_compressed_point_must_be_one_of_the_curve_and_of_the_key() {
    let whole = Jwk::from_pem(openssl!("p256_public")).unwrap();
    let x = &whole.x().unwrap().to_vec();
    let spki = |point: &[u8]| {
        let head = b"\x30\x39\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x22\x00";
        Jwk::from_der(PublicKeyFormat::Spki, &[&head[..], point].concat())
    };
    let compressed = |tag: u8, x: &[u8]| spki(&[&[tag], x].concat());
    let tag = 2 | (whole.y().unwrap()[31] & 1);
    assert_eq!(compressed(tag, x), Ok(whole.clone()));
    assert_ne!(compressed(tag ^ 1, x), Ok(whole));
    assert_eq!(compressed(tag, &[0xff; 32]), Err(KeyRejected::Inconsistent));
    for tag in [0, 5, 6, 7] {
        assert_eq!(compressed(tag, x), Err(KeyRejected::Inconsistent));
    }
    // Like a whole point, the point of another key is refused when the key is made.
    let mut der = PrivateJwk::from_pem(openssl!("p256"))
        .unwrap()
        .to_der(PrivateKeyFormat::Pkcs8)
        .unwrap();
    let place = der
        .windows(4)
        .position(|bytes| bytes == [0x6b, 2, 1, 1])
        .unwrap()
        + 6;
    der[place + 5] ^= 1;
    let changed = PrivateJwk::from_der(PrivateKeyFormat::Pkcs8, &der).unwrap();
    assert_eq!(
        rejected(changed.signing_key().map(|_| ())),
        KeyRejected::Inconsistent
    );
    let pem = openssl!("p256_private_compressed");
    let der = jose::pem::documents(pem.as_bytes())
        .next()
        .unwrap()
        .der()
        .unwrap();
    let mut der = der.to_vec();
    let last = der.len() - 33;
    der[last] ^= 1;
    let changed = PrivateJwk::from_der(PrivateKeyFormat::Pkcs8, &der).unwrap();
    assert_eq!(
        rejected(changed.signing_key().map(|_| ())),
        KeyRejected::Inconsistent
    );
}

/// Some programs omit the leading zeros of a private key.
#[cfg(feature = "aws-lc-rs")]
#[test]
fn a_scalar_without_its_leading_zeros_is_read() {
    // The scalar 1 as one byte. Its public point is the base point.
    let sec1 = |scalar: &[u8]| {
        let curve = b"\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
        let length = |more: usize| u8::try_from(scalar.len() + more).unwrap();
        let head = [0x30, length(17), 2, 1, 1, 4, length(0)];
        let document = [&head[..], scalar, curve].concat();
        PrivateJwk::from_der(PrivateKeyFormat::Sec1, &document)
    };
    let key = sec1(&[1]).unwrap();
    assert_eq!(key.public_jwk().x().unwrap()[..4], [0x6b, 0x17, 0xd1, 0xf2]);
    assert!(key.signing_key().is_ok());
    for wrong in [&[][..], &[0], &[0xff; 32], &[1; 33]] {
        assert_eq!(rejected(sec1(wrong).map(|_| ())), KeyRejected::Inconsistent);
    }
}

/// RFC 5480 section 2.1.1 forbids explicit parameters.
#[test]
fn explicit_parameters_are_refused_as_such() {
    let explicit = KeyRejected::ExplicitParameters;
    assert_eq!(refusal(case!("pem-ec-explicit-parameters")), explicit);
    assert_eq!(refusal(openssl!("p256_explicit")), explicit);
    assert_eq!(refusal(openssl!("p256_sec1_explicit")), explicit);
    assert_eq!(
        Jwk::from_pem(openssl!("p256_public_explicit")),
        Err(explicit.clone())
    );
    let message = explicit.to_string();
    assert!(message.contains("explicit parameters"), "{message}");
    assert!(
        message.contains("openssl pkey -ec_param_enc named_curve"),
        "{message}"
    );
}

/// RFC 4055 sections 1.2 and 3.1 restrict such keys.
#[test]
fn an_rsa_pss_key_is_for_ps_algorithms_alone() {
    use SignatureAlgorithm::{PS256, PS384, PS512, RS256};
    let key = SigningKey::from_pem(openssl!("rsa_pss")).unwrap();
    let public = VerifyingKey::from_pem(openssl!("rsa_pss_public")).unwrap();
    assert_eq!(key.algorithm_default(), PS256);
    for alg in [PS256, PS384, PS512] {
        works(&key, alg);
        let signature = key.sign(alg, b"message").unwrap();
        assert_eq!(public.verify(alg, b"message", &signature), Ok(()));
    }
    let only = Error::KeyRejected(KeyRejected::PssOnly);
    assert_eq!(key.sign(RS256, b"message"), Err(only.clone()));
    assert_eq!(
        public.verify(RS256, b"message", &[0; 256]),
        Err(only.clone())
    );
    assert_eq!(key.with_algorithm(RS256).unwrap_err(), only);
    let document = PrivateJwk::from_pem(openssl!("rsa_pss")).unwrap();
    assert_eq!(document.with_alg("RS256").signing_key().unwrap_err(), only);
    #[cfg(feature = "aws-lc-rs")]
    {
        let refused = DecryptionKey::from_pem(openssl!("rsa_pss")).unwrap_err();
        assert_eq!(refused, only);
        let jwk = Jwk::from_pem(openssl!("rsa_pss_public")).unwrap();
        let refused = jose::jwe::EncryptionKey::from_jwk(&jwk).unwrap_err();
        assert_eq!(refused, only);
    }
    // The public key has the same restriction until it is written as JSON.
    let half = VerifyingKey::from_jwk(
        &PrivateJwk::from_pem(openssl!("rsa_pss"))
            .unwrap()
            .public_jwk(),
    );
    assert_eq!(
        half.unwrap().verify(RS256, b"message", &[0; 256]),
        Err(only)
    );
}

#[test]
fn the_parameters_of_an_rsa_pss_key_select_one_algorithm() {
    use SignatureAlgorithm::{PS256, PS384, PS512, RS256};
    for (pem, expected, other) in [
        (openssl!("rsa_pss_sha256"), PS256, PS384),
        (openssl!("rsa_pss_sha384"), PS384, PS512),
        (openssl!("rsa_pss_sha512"), PS512, PS256),
    ] {
        let key = SigningKey::from_pem(pem).unwrap();
        assert_eq!(key.algorithm_default(), expected);
        assert_eq!(key.public_jwk().unwrap().alg(), Some(expected.as_str()));
        works(&key, expected);
        for found in [other, RS256] {
            let mismatch = Error::AlgorithmMismatch { expected, found };
            assert_eq!(key.sign(found, b"message"), Err(mismatch));
        }
    }
    for pem in [
        openssl!("rsa_pss_sha256_public"),
        openssl!("rsa_pss_sha256_certificate"),
    ] {
        let jwk = Jwk::from_pem(pem).unwrap();
        assert_eq!(jwk.alg(), Some("PS256"));
        assert_eq!(jwk.thumbprint(), thumbprint(openssl!("rsa_pss_sha256")));
    }
    for pem in [
        openssl!("rsa_pss_sha1"),
        openssl!("rsa_pss_mixed"),
        openssl!("rsa_pss_long_salt"),
    ] {
        assert_eq!(refusal(pem), KeyRejected::PssParameters);
    }
}
