//! PEM files as users have them: those that are read, and the error messages for the others.

#[cfg(feature = "aws-lc-rs")]
use jose::jwe::DecryptionKey;
use jose::{Error, Jwk, KeyRejected, PrivateJwk, SignatureAlgorithm, SigningKey, VerifyingKey};

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
fn every_layout_that_people_have_is_read() {
    let plain = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg8dLk+k+n0BbUJ3lW
PaoDdHAyjAK89atqxzzjFuohLbShRANCAARsQs4lGsDTg1+YTtyrCHgiaH8qquQ/
EqIWKNgcbKRtTogR2YQ8kQp3RZCzKEXTbgGotBhTKV61SGdJwAYb0+/K
-----END PRIVATE KEY-----
";
    let one_line = plain
        .replace("-----BEGIN PRIVATE KEY-----\n", "\n")
        .replace('\n', "");
    let one_line = one_line.replace("-----END PRIVATE KEY-----", "");
    let certificate = openssl!("p256_certificate");
    for pem in [
        plain.to_owned(),
        case!("pem-blank-line-at-end").to_owned(),
        case!("pem-blank-line-after-begin").to_owned(),
        case!("pem-text-after").to_owned(),
        case!("pem-key-then-certificate").to_owned(),
        format!("{certificate}{plain}"),
        format!("Bag Attributes\n    friendlyName: x\nKey Attributes: <No Attributes>\n{plain}"),
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "  \t\n"),
        plain.replace('\n', "\n    "),
        plain.replace('\n', "\\n"),
        plain.replace('\n', "\\r\\n"),
        format!("-----BEGIN PRIVATE KEY-----\n{one_line}\n-----END PRIVATE KEY-----"),
        format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n{}\n-----END PRIVATE KEY-----",
            &one_line[..76],
            &one_line[76..]
        ),
    ] {
        assert_eq!(thumbprint(&pem), thumbprint(plain), "{pem}");
        works(
            &SigningKey::from_pem(&pem).unwrap(),
            SignatureAlgorithm::ES256,
        );
        works(
            &SigningKey::from_pkcs8_pem(&pem).unwrap(),
            SignatureAlgorithm::ES256,
        );
    }
    let with_parameters = case!("pem-ec-parameters-block");
    works(
        &SigningKey::from_pem(with_parameters).unwrap(),
        SignatureAlgorithm::ES256,
    );
    // The same text around a public key is accepted.
    let public = format!(
        "\u{feff}x\n{}",
        openssl!("p256_public").replace('\n', "\n\n  ")
    );
    let read = Jwk::from_pem(&public).unwrap();
    assert_eq!(read, Jwk::from_pem(openssl!("p256_public")).unwrap());
    assert!(VerifyingKey::from_pem(&public).is_ok());
    let read = Jwk::from_pem(case!("pem-key-then-certificate")).unwrap();
    assert_eq!(read.thumbprint(), thumbprint(plain));
    for label in ["X509 CERTIFICATE", "X.509 CERTIFICATE"] {
        let older = certificate.replace("CERTIFICATE", label);
        assert_eq!(Jwk::from_pem(&older), Jwk::from_pem(certificate));
    }
}

#[test]
fn each_format_makes_a_key_by_the_name_that_one_would_guess() {
    for (pem, alg) in [
        (openssl!("rsa2048"), SignatureAlgorithm::RS256),
        (openssl!("rsa2048_pkcs1"), SignatureAlgorithm::RS256),
        (openssl!("p256"), SignatureAlgorithm::ES256),
        (openssl!("p256_sec1"), SignatureAlgorithm::ES256),
        (openssl!("ed25519"), SignatureAlgorithm::Ed25519),
    ] {
        let key = SigningKey::from_pem(pem).unwrap();
        assert_eq!(key.algorithm_default(), alg);
        works(&key, alg);
    }
    #[cfg(feature = "aws-lc-rs")]
    for pem in [
        openssl!("rsa2048_pkcs1"),
        openssl!("p256_sec1"),
        openssl!("x25519"),
    ] {
        assert!(DecryptionKey::from_pem(pem).is_ok());
    }
}

#[test]
fn an_encrypted_key_without_its_passphrase_is_refused_as_encrypted() {
    for pem in [
        case!("pem-encrypted-pkcs8"),
        openssl!("ed25519_encrypted"),
        &format!(
            "{}{}",
            openssl!("p256_certificate"),
            case!("pem-encrypted-pkcs8")
        ),
    ] {
        assert_eq!(refusal(pem), KeyRejected::Encrypted);
        assert_eq!(
            rejected(SigningKey::from_pem(pem).map(|_| ())),
            KeyRejected::Encrypted
        );
    }
    let message = KeyRejected::Encrypted.to_string();
    assert!(message.contains("encrypted") && message.contains("`from_encrypted_pem`"));
    let traditional = case!("pem-encrypted-traditional");
    assert_eq!(refusal(traditional), KeyRejected::EncryptedTraditional);
    let result = PrivateJwk::from_encrypted_pem(traditional, "test");
    assert_eq!(
        rejected(result.map(|_| ())),
        KeyRejected::EncryptedTraditional
    );
    let message = KeyRejected::EncryptedTraditional.to_string();
    assert!(message.contains("openssl pkcs8 -topk8"), "{message}");
}

#[cfg(feature = "encrypted-keys")]
#[test]
fn a_passphrase_decrypts() {
    let case = case!("pem-encrypted-pkcs8");
    works(
        &SigningKey::from_encrypted_pem(case, "test").unwrap(),
        SignatureAlgorithm::ES256,
    );
    for pem in [
        openssl!("p256_encrypted_scrypt"),
        openssl!("p256_encrypted_des3"),
    ] {
        let key = PrivateJwk::from_encrypted_pem(pem, "test").unwrap();
        assert_eq!(key.public_jwk().thumbprint(), thumbprint(openssl!("p256")));
    }
    #[cfg(feature = "aws-lc-rs")]
    assert!(DecryptionKey::from_encrypted_pem(case, b"test").is_ok());
    let refusal = |pem: &str, passphrase: &str| {
        rejected(PrivateJwk::from_encrypted_pem(pem, passphrase).map(|_| ()))
    };
    for passphrase in ["", "Test", "test "] {
        assert_eq!(refusal(case, passphrase), KeyRejected::Passphrase);
    }
    for pem in [
        openssl!("p256_encrypted_pbes1"),
        openssl!("p256_encrypted_camellia"),
        &openssl!("p256").replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
    ] {
        assert_eq!(refusal(pem, "test"), KeyRejected::EncryptionScheme);
    }
    assert_eq!(refusal("", "test"), KeyRejected::Pem);
    assert_eq!(
        refusal(openssl!("p256"), "test"),
        KeyRejected::PemLabel {
            found: "PRIVATE KEY".to_owned()
        }
    );
}

/// The cost is calculated from the document before anything is decrypted.
#[cfg(feature = "encrypted-keys")]
#[test]
fn a_document_that_would_take_too_long_is_refused() {
    let refusal = |pem: &str| rejected(PrivateJwk::from_encrypted_pem(pem, "test").map(|_| ()));
    let costly = KeyRejected::EncryptionCost;
    assert_eq!(refusal(openssl!("p256_encrypted_costly")), costly);
    // The cost N is increased from 2^14 to 127 * 2^8, and r from 8 to 127, which needs half a GiB.
    let scrypt = openssl!("p256_encrypted_scrypt");
    let der = jose::pem::documents(scrypt.as_bytes())
        .next()
        .unwrap()
        .der()
        .unwrap();
    let mut der = der.to_vec();
    let place = der
        .windows(7)
        .position(|it| it == [2, 2, 0x40, 0, 2, 1, 8])
        .unwrap();
    der[place + 2] = 0x7f;
    der[place + 6] = 0x7f;
    let pem = format!(
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n{}\n-----END ENCRYPTED PRIVATE KEY-----",
        base64(&der)
    );
    assert_eq!(refusal(&pem), costly);
}

#[cfg(feature = "encrypted-keys")]
fn base64(bytes: &[u8]) -> String {
    let text = jose::base64url::encode(bytes)
        .replace('-', "+")
        .replace('_', "/");
    let padding = text.len().next_multiple_of(4).saturating_sub(text.len());
    text + &"=".repeat(padding)
}

#[cfg(not(feature = "encrypted-keys"))]
#[test]
fn a_passphrase_needs_its_feature() {
    let result = SigningKey::from_encrypted_pem(case!("pem-encrypted-pkcs8"), "test");
    assert_eq!(
        result.unwrap_err(),
        Error::UnsupportedAlgorithm {
            alg: "PBES2",
            feature: "encrypted-keys"
        }
    );
}

/// Each message names a solution.
#[test]
fn each_label_that_is_not_accepted_says_what_to_do() {
    for (label, help) in [
        ("PUBLIC KEY", "`Jwk::from_pem`"),
        ("RSA PUBLIC KEY", "`VerifyingKey::from_pem`"),
        ("CERTIFICATE", "`Jwk::from_pem`"),
        ("TRUSTED CERTIFICATE", "`openssl x509 -in FILE`"),
        (
            "CERTIFICATE REQUEST",
            "`openssl req -noout -pubkey -in FILE`",
        ),
        ("PKCS7", "`openssl pkcs7 -print_certs -in FILE`"),
        ("OPENSSH PRIVATE KEY", "`ssh-keygen -p -m PKCS8 -f FILE`"),
        ("EC PARAMETERS", "holds no key"),
        ("DH PARAMETERS", "it holds no key"),
        ("DSA PRIVATE KEY", "no algorithm of JOSE"),
        ("PGP PRIVATE KEY BLOCK", "not supported"),
    ] {
        let pem = format!("-----BEGIN {label}-----\nAA==\n-----END {label}-----\n");
        let reason = refusal(&pem);
        let found = label.to_owned();
        assert_eq!(reason, KeyRejected::PemLabel { found });
        assert!(reason.to_string().contains(help), "{reason}");
    }
    for (pem, help) in [
        (openssl!("p256"), "`SigningKey::from_pem`"),
        (openssl!("p256_sec1"), "`PrivateJwk::from_pem`"),
        (
            case!("pem-encrypted-pkcs8"),
            "`PrivateJwk::from_encrypted_pem`",
        ),
    ] {
        let reason = Jwk::from_pem(pem).unwrap_err();
        assert!(matches!(reason, KeyRejected::PemLabel { .. }));
        assert!(reason.to_string().contains(help), "{reason}");
    }
    // The error names the private key, and not the document before it.
    let openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----\n";
    let found = "OPENSSH PRIVATE KEY".to_owned();
    let text = format!("{}{openssh}", openssl!("p256_certificate"));
    assert_eq!(refusal(&text), KeyRejected::PemLabel { found });
    let found = "EC PRIVATE KEY".to_owned();
    let result = SigningKey::from_pkcs8_pem(case!("pem-ec-parameters-block"));
    assert_eq!(
        rejected(result.map(|_| ())),
        KeyRejected::PemLabel { found }
    );
}
