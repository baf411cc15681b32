//! A wrong signature is refused with every algorithm, for the right reason.

use jose::{Error, KeySelectionError, Malformed, Part, VerifyingKey, json};

use super::*;
use crate::{ClientAuthentication, Misbehaviour};

const SECRET: &str = "a client secret of at least thirty-two bytes";

/// Logs in and verifies the ID Token as a strict client would.
fn log_in(algorithm: SignatureAlgorithm, misbehaviour: Option<Misbehaviour>) -> Result<(), Error> {
    let provider = Provider::new(ISSUER);
    let authentication = ClientAuthentication::ClientSecretPost(SECRET.to_owned());
    let client = ClientRegistration::new(CLIENT_ID, authentication)
        .redirect_uri(REDIRECT_URI)
        .id_token_signed_response_alg(algorithm);
    provider.register(client);
    misbehaviour
        .into_iter()
        .for_each(|misbehaviour| provider.misbehave(misbehaviour));
    let code = code(&provider, NOW);
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("client_secret", SECRET),
        ("redirect_uri", REDIRECT_URI),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let tokens = json(&post(&provider, Endpoint::Token, &pairs, NOW));
    let id_token = text(&tokens, "id_token");
    if !algorithm.is_symmetric() {
        return match verify(&provider, &id_token, algorithm) {
            // The number of keys that were tried is not part of the test.
            Err(Error::KeySelection(KeySelectionError::None { alg, .. })) => {
                let search = Box::default();
                Err(KeySelectionError::None {
                    alg,
                    keys: 0,
                    search,
                }
                .into())
            }
            verified => verified.map(|_| ()),
        };
    }
    let key = VerifyingKey::hmac(SECRET.as_bytes())?;
    jws::Unverified::parse(&id_token)?
        .verify(&key, algorithm)?
        .claims()
        .map(|_| ())
}

#[test]
fn a_good_token_is_good() {
    for algorithm in ASYMMETRIC.into_iter().chain([SignatureAlgorithm::HS256]) {
        assert_eq!(log_in(algorithm, None), Ok(()), "{algorithm}");
    }
}

#[test]
fn forms_are_refused_for_their_reason() {
    use Misbehaviour as M;
    for algorithm in ASYMMETRIC.into_iter().chain([SignatureAlgorithm::HS256]) {
        let duplicate = |part, member: &str| Error::Json {
            part,
            reason: json::Error::Duplicate {
                member: member.to_owned(),
            },
        };
        let base64url = Error::Malformed(Malformed::Base64Url {
            part: Part::Payload,
        });
        let segments = |found| Error::Malformed(Malformed::Segments { expected: 3, found });
        let alternate = if algorithm == SignatureAlgorithm::ES256 {
            SignatureAlgorithm::RS256
        } else {
            SignatureAlgorithm::ES256
        };
        let cases = [
            (M::IdTokenAlgorithmNone, Error::Unsecured),
            (M::IdTokenAlgorithmNoneMixedCase, Error::Unsecured),
            (
                M::IdTokenAlgorithmUnknown,
                Error::UnknownAlgorithm {
                    alg: "RS257".to_owned(),
                },
            ),
            (
                M::IdTokenAlternateAlgorithm,
                Error::AlgorithmMismatch {
                    expected: algorithm,
                    found: alternate,
                },
            ),
            (M::IdTokenSignatureBroken, Error::Signature),
            (M::IdTokenSignatureMissing, Error::Signature),
            (M::IdTokenSignatureZero, Error::Signature),
            (M::IdTokenSignedByStranger, Error::Signature),
            (M::IdTokenCritical, Error::Critical),
            (M::IdTokenCriticalEmpty, Error::Critical),
            (M::IdTokenCriticalUnencoded, Error::Critical),
            (M::IdTokenDuplicateAlgorithm, duplicate(Part::Header, "alg")),
            (M::IdTokenDuplicateExpiry, duplicate(Part::Payload, "exp")),
            (M::IdTokenDuplicateSubject, duplicate(Part::Payload, "sub")),
            (M::IdTokenTrailingBits, base64url.clone()),
            (M::IdTokenPadding, base64url),
            (M::IdTokenEncrypted, segments(5)),
            (M::IdTokenTwoSegments, segments(2)),
        ];
        for (misbehaviour, expected) in cases {
            assert_eq!(
                log_in(algorithm, Some(misbehaviour)),
                Err(expected),
                "{algorithm}, {misbehaviour:?}"
            );
        }
    }
}

#[test]
fn keys_are_refused_for_their_reason() {
    use Misbehaviour as M;
    for algorithm in ASYMMETRIC {
        let symmetric = KeySelectionError::Symmetric {
            alg: SignatureAlgorithm::HS256,
        };
        let several = KeySelectionError::Several {
            alg: algorithm,
            candidates: 2,
        };
        let none = Error::KeySelection(KeySelectionError::None {
            alg: algorithm,
            keys: 0,
            search: Box::default(),
        });
        let cases = [
            (M::IdTokenHmacWithPublicKeyPem, symmetric.clone().into()),
            (M::IdTokenHmacWithModulus, symmetric.clone().into()),
            (M::KeySetSymmetricKey, symmetric.into()),
            (M::IdTokenKidUnknown, none.clone()),
            (M::IdTokenEmbeddedKey, Error::Signature),
            (M::IdTokenKeySetUrl, Error::Signature),
            (M::KeySetDuplicateKid, several.clone().into()),
            (M::KeySetKidAbsentSeveralKeys, several.into()),
            (M::KeySetEmpty, none.clone()),
            (M::KeySetEncryptionUse, none.clone()),
            (M::KeySetOperationsWithoutVerify, none.clone()),
            (M::KeySetAlgorithmMismatch, none.clone()),
            (M::KeySetWrongCurve, none.clone()),
            (M::KeySetWeakRsa, none.clone()),
            (M::KeySetPrivateMember, none.clone()),
        ];
        for (misbehaviour, expected) in cases {
            assert_eq!(
                log_in(algorithm, Some(misbehaviour)),
                Err(expected),
                "{algorithm}, {misbehaviour:?}"
            );
        }
        for misbehaviour in [
            M::IdTokenKidAbsent,
            M::KeySetKidAbsent,
            M::KeySetDuplicateKidOtherAlgorithm,
            M::KeySetUnknownKeyType,
            M::KeySetMalformedKey,
            M::KeySetRotatedBeforeSigning,
        ] {
            assert_eq!(
                log_in(algorithm, Some(misbehaviour)),
                Ok(()),
                "{algorithm}, {misbehaviour:?}"
            );
        }
    }
}

#[test]
fn a_published_secret_and_a_stranger_s_key_do_not_replace_the_client_s_secret() {
    use Misbehaviour as M;
    let hs256 = SignatureAlgorithm::HS256;
    let rs256 = SignatureAlgorithm::RS256;
    for misbehaviour in [
        M::KeySetSymmetricKey,
        M::IdTokenHmacWithPublicKeyPem,
        M::IdTokenHmacWithModulus,
    ] {
        assert_eq!(
            log_in(hs256, Some(misbehaviour)),
            Err(Error::Signature),
            "{misbehaviour:?}"
        );
    }
    for misbehaviour in [M::IdTokenEmbeddedKey, M::IdTokenKeySetUrl] {
        let expected = Error::AlgorithmMismatch {
            expected: hs256,
            found: rs256,
        };
        assert_eq!(
            log_in(hs256, Some(misbehaviour)),
            Err(expected),
            "{misbehaviour:?}"
        );
    }
}

/// One algorithm of each family, and both names of Ed25519.
const ASYMMETRIC: [SignatureAlgorithm; 7] = [
    SignatureAlgorithm::RS256,
    SignatureAlgorithm::PS384,
    SignatureAlgorithm::ES256,
    SignatureAlgorithm::ES384,
    SignatureAlgorithm::ES512,
    SignatureAlgorithm::Ed25519,
    SignatureAlgorithm::EdDSA,
];
