//! PKCS#8, SPKI and certificates of ML-DSA (RFC 9881).

use jose::{
    Error, Jwk, KeyFamily, KeyRejected, PrivateJwk, PrivateKeyFormat, PublicKeyFormat,
    SignatureAlgorithm, SigningKey, VerifyingKey,
};

use super::ALGORITHMS;

/// The documents of one key.
struct Documents {
    alg: SignatureAlgorithm,
    seed: &'static str,
    expanded: &'static str,
    both: &'static str,
    public: &'static str,
}

macro_rules! documents {
    ($alg:expr, $number:literal) => {
        Documents {
            alg: $alg,
            seed: include_str!(concat!("../vectors/rfc9881/ml_dsa_", $number, "_seed.pem")),
            expanded: include_str!(concat!(
                "../vectors/rfc9881/ml_dsa_",
                $number,
                "_expanded.pem"
            )),
            both: include_str!(concat!("../vectors/rfc9881/ml_dsa_", $number, "_both.pem")),
            public: include_str!(concat!(
                "../vectors/rfc9881/ml_dsa_",
                $number,
                "_public.pem"
            )),
        }
    };
}

const DOCUMENTS: [Documents; 3] = [
    documents!(ALGORITHMS[0], "44"),
    documents!(ALGORITHMS[1], "65"),
    documents!(ALGORITHMS[2], "87"),
];

const PKCS8: PrivateKeyFormat = PrivateKeyFormat::Pkcs8;

fn rejected<T: std::fmt::Debug>(result: Result<T, Error>) -> KeyRejected {
    match result.unwrap_err() {
        Error::KeyRejected(reason) => reason,
        other => panic!("{other}"),
    }
}

/// Returns a DER element.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let mut der = vec![tag];
    match length {
        [0, short @ 0..=127] => der.push(short),
        [0, long] => der.extend([0x81, long]),
        [high, low] => der.extend([0x82, high, low]),
    }
    der.extend_from_slice(content);
    der
}

/// Returns the `AlgorithmIdentifier` of ML-DSA-44 with these parameters.
fn algorithm(parameters: &[u8]) -> Vec<u8> {
    let oid = element(6, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17]);
    element(0x30, &[oid.as_slice(), parameters].concat())
}

/// Returns a PKCS#8 document of ML-DSA-44 with this private key.
fn pkcs8(parameters: &[u8], private_key: &[u8], after: &[u8]) -> Vec<u8> {
    let members = [
        element(2, &[u8::from(!after.is_empty())]),
        algorithm(parameters),
        element(4, private_key),
        after.to_vec(),
    ];
    element(0x30, &members.concat())
}

fn seed() -> Vec<u8> {
    (0..32).collect()
}

/// Returns the expanded key of the seed.
fn expanded() -> Vec<u8> {
    let pem = DOCUMENTS[0].expanded;
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let base64url = base64.replace('+', "-").replace('/', "_");
    let der = jose::base64url::decode(base64url.trim_end_matches('=')).unwrap();
    der.last_chunk::<2560>().unwrap().to_vec()
}

fn public() -> Vec<u8> {
    let der = Jwk::from_pem(DOCUMENTS[0].public)
        .unwrap()
        .to_der(PublicKeyFormat::Spki)
        .unwrap();
    der.last_chunk::<1312>().unwrap().to_vec()
}

#[test]
fn the_forms_with_a_seed_are_one_key() {
    for documents in DOCUMENTS {
        let alg = documents.alg;
        let key = PrivateJwk::from_pem(documents.seed).unwrap();
        assert_eq!(key.public_jwk(), Jwk::from_pem(documents.public).unwrap());
        assert_eq!(key.public_jwk().alg(), Some(alg.as_str()));
        assert_eq!(*key.to_pem(PKCS8).unwrap(), documents.seed, "{alg}");
        let jwk: serde_json::Value = serde_json::from_str(&key.to_json()).unwrap();
        assert_eq!(jwk["priv"], jose::base64url::encode(&seed()));

        let both = PrivateJwk::from_pem(documents.both).unwrap();
        assert_eq!(*both.to_json(), *key.to_json(), "{alg}");
        // Every form is written as the seed.
        assert_eq!(*both.to_pem(PKCS8).unwrap(), documents.seed, "{alg}");
        let parsed = PrivateJwk::parse(key.to_json().as_bytes()).unwrap();
        assert!(parsed.public_jwk().extra().is_empty());
        assert_eq!(*parsed.to_pem(PKCS8).unwrap(), documents.seed, "{alg}");
    }
}

#[test]
fn public_keys_are_written_as_they_were_read() {
    for documents in DOCUMENTS {
        let key = Jwk::from_pem(documents.public).unwrap();
        let pem = key.to_pem(PublicKeyFormat::Spki).unwrap();
        assert_eq!(pem, documents.public);
        let format = PublicKeyFormat::Pkcs1;
        assert_eq!(
            rejected(key.to_der(format)),
            KeyRejected::PublicKeyFormat { format }
        );
    }
}

#[test]
fn every_form_signs_for_the_published_public_key() {
    for documents in DOCUMENTS {
        let alg = documents.alg;
        let public = Jwk::from_pem(documents.public).unwrap();
        let verifier = VerifyingKey::from_jwk(&public).unwrap();
        for pem in [documents.seed, documents.expanded, documents.both] {
            let key = SigningKey::from_pkcs8_pem(pem).unwrap();
            assert_eq!(key.public_jwk().as_ref(), Some(&public), "{alg}");
            assert_eq!(key.algorithm_default(), alg);
            assert_eq!(key.family(), alg.key_family());
            let signature = key.sign(alg, b"message").unwrap();
            assert_eq!(verifier.verify(alg, b"message", &signature), Ok(()));
        }
    }
}

/// An expanded key has no seed, and only seeds are written.
#[test]
fn an_expanded_key_is_not_a_document() {
    for documents in DOCUMENTS {
        let refused = PrivateJwk::from_pem(documents.expanded);
        assert_eq!(rejected(refused), KeyRejected::ExpandedKey);
    }
    let key = SigningKey::from_pkcs8_pem(DOCUMENTS[1].expanded).unwrap();
    let refused = key.with_algorithm(SignatureAlgorithm::MlDsa44).unwrap_err();
    assert!(
        matches!(
            refused,
            Error::KeyFamilyMismatch {
                alg: SignatureAlgorithm::MlDsa44,
                found: KeyFamily::MlDsa65,
            }
        ),
        "{refused:?}"
    );
    for format in [PrivateKeyFormat::Pkcs1, PrivateKeyFormat::Sec1] {
        let key = PrivateJwk::from_pem(DOCUMENTS[0].seed).unwrap();
        assert_eq!(
            rejected(key.to_der(format)),
            KeyRejected::PrivateKeyFormat { format }
        );
    }
}

#[test]
fn the_key_of_a_certificate_is_read() {
    let spki = Jwk::from_pem(DOCUMENTS[0].public)
        .unwrap()
        .to_der(PublicKeyFormat::Spki)
        .unwrap();
    let name = element(0x30, &[]);
    let to_be_signed = [
        element(0xa0, &element(2, &[2])),
        element(2, &[1]),
        algorithm(&[]),
        name.clone(),
        element(0x30, &[]),
        name,
        spki,
    ];
    let certificate = [
        element(0x30, &to_be_signed.concat()),
        algorithm(&[]),
        element(3, &[0; 2421]),
    ];
    let certificate = element(0x30, &certificate.concat());
    assert_eq!(
        Jwk::from_der(PublicKeyFormat::Certificate, &certificate).unwrap(),
        Jwk::from_pem(DOCUMENTS[0].public).unwrap()
    );
}

#[test]
fn private_keys_that_are_refused() {
    let form = || KeyRejected::Der {
        expected: "ML-DSA-PrivateKey",
    };
    let length = |member, expected, found| KeyRejected::Length {
        member,
        expected,
        found,
    };
    let both = |seed: &[u8], expanded: &[u8]| {
        element(0x30, &[element(4, seed), element(4, expanded)].concat())
    };
    let changed = |position: usize| {
        let mut changed = expanded();
        changed[position] ^= 1;
        changed
    };
    for (private_key, reason) in [
        // A bare seed, as in an earlier draft, another tag, and a constructed element.
        (seed(), form()),
        (element(0x81, &seed()), form()),
        (element(0xa0, &element(4, &seed())), form()),
        (element(3, &seed()), form()),
        (Vec::new(), form()),
        ([element(0x80, &seed()), vec![0]].concat(), form()),
        (element(0x80, &seed()[1..]), length("seed", 32, 31)),
        (element(0x80, &[0; 33]), length("seed", 32, 33)),
        (element(0x80, &[]), length("seed", 32, 0)),
        (element(4, &seed()), length("expandedKey", 2560, 32)),
        (
            element(4, &expanded()[1..]),
            length("expandedKey", 2560, 2559),
        ),
        (element(4, &[0; 4032]), length("expandedKey", 2560, 4032)),
        (element(4, &[0xff; 2560]), KeyRejected::Inconsistent),
        (both(&seed()[1..], &expanded()), length("seed", 32, 31)),
        (both(&seed(), &expanded()[1..]), KeyRejected::Inconsistent),
        (both(&[7; 32], &expanded()), KeyRejected::Inconsistent),
        // A change in each part: `rho`, `K`, `tr`, `s1` and `t0`.
        (both(&seed(), &changed(0)), KeyRejected::Inconsistent),
        (both(&seed(), &changed(32)), KeyRejected::Inconsistent),
        (both(&seed(), &changed(64)), KeyRejected::Inconsistent),
        (both(&seed(), &changed(128)), KeyRejected::Inconsistent),
        (both(&seed(), &changed(2559)), KeyRejected::Inconsistent),
        (
            element(
                0x30,
                &[element(4, &seed()), element(4, &expanded()), vec![5, 0]].concat(),
            ),
            form(),
        ),
        (element(0x30, &element(4, &seed())), form()),
    ] {
        let document = pkcs8(&[], &private_key, &[]);
        let refused = rejected(SigningKey::from_pkcs8_der(&document));
        assert_eq!(refused, reason, "{} bytes", private_key.len());
    }
}

/// An expanded key is compared with the hash of its public key (`tr`) and with the lower half of
/// `t`.
#[test]
fn an_expanded_key_that_was_changed_is_refused() {
    for position in [0, 64, 127, 128, 2000, 2559] {
        let mut changed = expanded();
        changed[position] ^= 1;
        let document = pkcs8(&[], &element(4, &changed), &[]);
        assert_eq!(
            rejected(SigningKey::from_pkcs8_der(&document)),
            KeyRejected::Inconsistent,
            "{position}"
        );
    }
}

#[test]
fn the_public_part_of_a_private_key_is_checked() {
    let form = element(0x80, &seed());
    let key = |bits: &[u8]| element(0x81, &[&[0], bits].concat());
    for form in [form.clone(), element(4, &expanded())] {
        let good = pkcs8(&[], &form, &key(&public()));
        assert!(SigningKey::from_pkcs8_der(&good).is_ok());
        let mut other = public();
        other[0] ^= 1;
        for other in [&other, &public()[1..], &[]] {
            let document = pkcs8(&[], &form, &key(other));
            assert_eq!(
                rejected(SigningKey::from_pkcs8_der(&document)),
                KeyRejected::Inconsistent
            );
        }
        // The parameters must be absent. `NULL` is refused too.
        let document = pkcs8(&[5, 0], &form, &[]);
        assert_eq!(
            rejected(SigningKey::from_pkcs8_der(&document)),
            KeyRejected::Pkcs8
        );
    }
}

#[test]
fn public_keys_that_are_refused() {
    let spki = |parameters: &[u8], key: &[u8]| {
        let key = element(3, &[&[0], key].concat());
        let document = element(0x30, &[algorithm(parameters), key].concat());
        Jwk::from_der(PublicKeyFormat::Spki, &document)
    };
    assert!(spki(&[], &public()).is_ok());
    assert_eq!(
        spki(&[5, 0], &public()).unwrap_err(),
        KeyRejected::Der {
            expected: "SubjectPublicKeyInfo"
        }
    );
    for found in [0, 1311, 1313, 1952, 2592] {
        assert_eq!(
            spki(&[], &vec![0; found]).unwrap_err(),
            KeyRejected::Length {
                member: "pub",
                expected: 1312,
                found
            }
        );
    }
}
