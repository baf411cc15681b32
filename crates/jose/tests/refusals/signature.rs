//! Signatures that could be mistaken for valid ones.

use jose::jws::Unverified;
use jose::{Error, SignatureAlgorithm, VerifyingKey, base64url};

use crate::{SECRET, published, published_key, refused_by_openssl, token};

/// CVE-2022-21449: `r` and `s` must be greater than zero and less than the order of the curve.
#[test]
fn ecdsa_signatures_out_of_range() {
    // The orders of FIPS 186-4 D.1.2.3 to D.1.2.5, which equal zero as scalars.
    for (alg, order) in [
        (
            SignatureAlgorithm::ES256,
            "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE",
        ),
        (
            SignatureAlgorithm::ES384,
            "________________________________x2NNgfQ3Ld9YGg2ySLCneuzsGWrMxSlz",
        ),
        (
            SignatureAlgorithm::ES512,
            "Af__________________________________________-lGGh4O_L5Zrf8wBSPcJpdA7tcm4iZxHrrtvtx6ROGQJ",
        ),
    ] {
        if !alg.is_supported() {
            continue;
        }
        let entry = published(alg.as_str());
        let token = entry["compact"].as_str().unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = base64url::decode(signature).unwrap();
        let length = signature.len() / 2;
        let (r, s) = signature.split_at(length);
        let key = published_key(alg.as_str());
        assert_eq!(key.verify(alg, input.as_bytes(), &signature), Ok(()));
        let order = base64url::decode(order).unwrap();
        let mut above = order.clone();
        above[length - 1] += 1;
        let zero = vec![0; length];
        let most = vec![0xff; length];
        for wrong in [&zero, &order, &above, &most] {
            for signature in [
                [wrong, s].concat(),
                [r, wrong].concat(),
                [wrong.as_slice(), wrong].concat(),
            ] {
                assert_eq!(
                    key.verify(alg, input.as_bytes(), &signature),
                    Err(Error::Signature),
                    "{alg}"
                );
            }
        }
    }
}

#[test]
fn ecdsa_signatures_in_another_form() {
    let entry = published("ES256");
    let token = entry["compact"].as_str().unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = base64url::decode(signature).unwrap();
    let (r, s) = signature.split_at(32);
    let key = published_key("ES256");
    for wrong in [[&[0], r, &[0], s].concat(), [s, r].concat(), r.to_vec()] {
        assert_eq!(
            key.verify(SignatureAlgorithm::ES256, input.as_bytes(), &wrong),
            Err(Error::Signature)
        );
    }
    let der = refused_by_openssl("der_ecdsa");
    let der = Unverified::parse(der.as_str().unwrap()).unwrap();
    assert_eq!(
        der.verify(&key, SignatureAlgorithm::ES256).unwrap_err(),
        Error::Signature
    );
}

/// Signatures that are too short or too long. Each begins like the valid one.
#[test]
fn signatures_of_every_wrong_length() {
    for alg in SignatureAlgorithm::ALL {
        // Separate tests cover the lengths of ML-DSA signatures.
        if !alg.is_supported() || alg.as_str().starts_with("ML-DSA") {
            continue;
        }
        let entry = published(alg.as_str());
        let token = entry["compact"].as_str().unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = base64url::decode(signature).unwrap();
        let key = match entry["secret"].as_str() {
            Some(secret) => VerifyingKey::hmac(&base64url::decode(secret).unwrap()).unwrap(),
            None => published_key(alg.as_str()),
        };
        let most = signature.len() + 9;
        for length in (0..most).filter(|length| *length != signature.len()) {
            let mut wrong = signature.clone();
            wrong.resize(length, 0);
            assert_eq!(
                key.verify(*alg, input.as_bytes(), &wrong),
                Err(Error::Signature),
                "{alg} {length}"
            );
            let token = format!("{input}.{}", base64url::encode(&wrong));
            let result = Unverified::parse(&token).unwrap().verify(&key, *alg);
            assert_eq!(result.unwrap_err(), Error::Signature, "{alg} {length}");
        }
    }
}

/// The same bytes are split elsewhere, so that the signature begins in the payload.
#[test]
fn a_signature_that_begins_in_the_payload() {
    let key = VerifyingKey::hmac(SECRET).unwrap();
    let header = r#"{"alg":"HS256"}"#;
    let begins_with_brace = |token: &String| {
        let (_, signature) = token.rsplit_once('.').unwrap();
        base64url::decode(signature).unwrap().first() == Some(&b'}')
    };
    let good = (0..10_000)
        .map(|number| token(header, &format!("{{\"number\":{number}}}")))
        .find(begins_with_brace)
        .unwrap();
    let verify = |token: &str| {
        let token = Unverified::parse(token).unwrap();
        token.verify(&key, SignatureAlgorithm::HS256).map(drop)
    };
    assert_eq!(verify(&good), Ok(()));
    let (input, signature) = good.rsplit_once('.').unwrap();
    let shortened = base64url::encode(&base64url::decode(signature).unwrap()[1..]);
    assert_eq!(
        verify(&format!("{input}.{shortened}")),
        Err(Error::Signature)
    );
}

#[test]
fn swapped_segments() {
    let entry = published("HS256");
    let token = entry["compact"].as_str().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let secret = base64url::decode(entry["secret"].as_str().unwrap()).unwrap();
    let key = VerifyingKey::hmac(&secret).unwrap();
    // The claims are not a header, because they name no algorithm.
    let claims_first = [parts[1], parts[0], parts[2]].join(".");
    assert_eq!(
        Unverified::parse(&claims_first).unwrap_err(),
        Error::Header {
            member: "alg",
            expected: "a string",
            found: "nothing"
        }
    );
    for swapped in [
        [parts[0], parts[2], parts[1]],
        [parts[0], parts[0], parts[2]],
        [parts[0], parts[1], parts[1]],
    ] {
        let swapped = swapped.join(".");
        let swapped = Unverified::parse(&swapped).unwrap();
        assert_eq!(
            swapped.verify(&key, SignatureAlgorithm::HS256).unwrap_err(),
            Error::Signature
        );
    }
}

#[test]
fn a_pss_salt_of_another_length() {
    let token = refused_by_openssl("pss_salt_20");
    let unverified = Unverified::parse(token.as_str().unwrap()).unwrap();
    assert_eq!(
        unverified
            .verify(&published_key("PS256"), SignatureAlgorithm::PS256)
            .unwrap_err(),
        Error::Signature
    );
}

#[test]
fn one_rsa_scheme_does_not_pass_for_another() {
    let entry = published("RS256");
    let (input, signature) = entry["compact"].as_str().unwrap().rsplit_once('.').unwrap();
    let signature = base64url::decode(signature).unwrap();
    let key = published_key("RS256");
    assert_eq!(
        key.verify(SignatureAlgorithm::RS256, input.as_bytes(), &signature),
        Ok(())
    );
    for alg in ["RS384", "RS512", "PS256", "PS384", "PS512"] {
        assert_eq!(
            key.verify(alg.parse().unwrap(), input.as_bytes(), &signature),
            Err(Error::Signature),
            "{alg}"
        );
    }
}
