//! Every change of a token causes the same error.

use jose::jwe::{ContentEncryption, Encrypted, KeyAnswer, KeyManagement, ProtectedHeader, encrypt};
use jose::{Error, KeyFamily, base64url};

use crate::every_kind::*;

#[test]
fn any_change_is_the_one_error() {
    every_token(|token, key, alg, enc| {
        for index in 1..5 {
            let bytes = part(token, index);
            let mut changes = vec![
                [bytes.as_slice(), &[0]].concat(),
                [&[0], bytes.as_slice()].concat(),
            ];
            for position in [0, bytes.len() / 2, bytes.len().saturating_sub(1)] {
                let mut changed = bytes.clone();
                if let Some(byte) = changed.get_mut(position) {
                    *byte ^= 1;
                    changes.push(changed);
                }
            }
            for changed in changes {
                assert_eq!(
                    open(&with_part(token, index, &changed), key),
                    Err(Error::Decryption),
                    "{alg} {enc} {index}"
                );
            }
        }
    });
}

#[test]
fn parts_of_every_wrong_length_are_the_one_error() {
    every_token(|token, key, alg, enc| {
        // P-384 and P-521 are slow. RSA is slow too, so its encrypted keys are tested below.
        if matches!(key.family(), KeyFamily::P384 | KeyFamily::P521) {
            return;
        }
        let indices: &[usize] = if alg.as_str().starts_with("RSA") {
            &[2, 4]
        } else {
            &[1, 2, 4]
        };
        for index in indices {
            let bytes = part(token, *index);
            for length in (0..=72).filter(|length| *length != bytes.len()) {
                let mut wrong = bytes.clone();
                wrong.resize(length, 0);
                assert_eq!(
                    open(&with_part(token, *index, &wrong), key),
                    Err(Error::Decryption),
                    "{alg} {enc} {index} {length}"
                );
            }
        }
    });
    let header = ProtectedHeader::new(KeyManagement::RsaOaep256, ContentEncryption::A256GCM);
    let token = encrypt(&header, &public(&rsa()), PLAINTEXT).unwrap();
    for length in [0, 1, 255, 257, 512] {
        assert_eq!(
            open(&with_part(&token, 1, &vec![1; length]), &rsa()),
            Err(Error::Decryption),
            "{length}"
        );
    }
}

#[test]
fn a_content_key_of_another_length_is_the_one_error() {
    // Anyone can encrypt a key of a wrong length with a public key.
    let token = |enc| {
        encrypt(
            &ProtectedHeader::new(KeyManagement::RsaOaep, enc),
            &public(&rsa()),
            PLAINTEXT,
        )
        .unwrap()
    };
    let short = token(ContentEncryption::A128GCM);
    let long = token(ContentEncryption::A256GCM);
    let mixed = with_part(&long, 1, &part(&short, 1));
    assert_eq!(open(&mixed, &rsa()), Err(Error::Decryption));
}

#[test]
fn the_sha_1_variant_is_not_the_sha_256_one() {
    for (alg, claimed) in [
        ("RSA-OAEP", "RSA-OAEP-256"),
        ("RSA-OAEP-256", "RSA-OAEP"),
        ("RSA-OAEP-384", "RSA-OAEP-512"),
        ("A128KW", "A128GCMKW"),
    ] {
        let alg: KeyManagement = alg.parse().unwrap();
        let (encryption, decryption) = pairs(alg, ContentEncryption::A256GCM).remove(0);
        let header = ProtectedHeader::new(alg, ContentEncryption::A256GCM);
        let token = encrypt(&header, &encryption, PLAINTEXT).unwrap();
        let changed = with_header(&token, |header| {
            header["alg"] = claimed.into();
            header["iv"] = base64url::encode(&[0; 12]).into();
            header["tag"] = base64url::encode(&[0; 16]).into();
        });
        assert_eq!(
            open(&changed, &decryption),
            Err(Error::Decryption),
            "{claimed}"
        );
    }
}

#[test]
fn answers_from_elsewhere_that_are_refused() {
    every_token(|token, key, alg, enc| {
        let pending = Encrypted::parse(token, EVERYTHING)
            .unwrap()
            .begin()
            .unwrap();
        let right = key.perform(pending.operation()).unwrap();
        let zeros = |length: usize| vec![0; length].into();
        let mut wrong = vec![
            KeyAnswer::Rejected,
            KeyAnswer::ContentKey(zeros(enc.key_length())),
            KeyAnswer::ContentKey(zeros(0)),
            KeyAnswer::ContentKey(zeros(65)),
            KeyAnswer::SharedSecret(zeros(0)),
        ];
        match &right {
            KeyAnswer::SharedSecret(z) => {
                // A secret of zeros, one that is too long, one that is too short, and the secret in
                // place of the derived key.
                wrong.push(KeyAnswer::SharedSecret(zeros(z.len())));
                wrong.push(KeyAnswer::SharedSecret(
                    [z.as_slice(), &[0]].concat().into(),
                ));
                wrong.push(KeyAnswer::SharedSecret(z[1..].to_vec().into()));
                wrong.push(KeyAnswer::ContentKey(z.clone()));
            }
            KeyAnswer::ContentKey(content_key) => {
                wrong.push(KeyAnswer::SharedSecret(content_key.clone()));
                wrong.push(KeyAnswer::ContentKey(content_key[1..].to_vec().into()));
            }
            other => panic!("{other:?}"),
        }
        for answer in wrong {
            assert_eq!(
                pending.clone().finish(answer.clone()),
                Err(Error::Decryption),
                "{alg} {enc} {answer:?}"
            );
        }
        assert_eq!(pending.finish(right).unwrap(), PLAINTEXT);
    });
}
